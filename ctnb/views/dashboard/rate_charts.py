"""The charts of match rates: by one grouping, as a funnel, and by two groupings at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, number
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS, shown_groups
from ctnb.views import summary
from ctnb.views.charts import funnel, plots
from ctnb.views.charts.heatmap import draw_map, map_height
from ctnb.views.charts.rate_map import RateMap
from ctnb.views.dashboard.bar_texts import rate_cells, rule_name
from ctnb.views.dashboard.chart_rows import buttons_of, on_axes
from ctnb.views.dashboard.chart_sentences import one_value, without_rates
from ctnb.views.dashboard.chart_view import ChartView, drawn
from ctnb.views.dashboard.overlay import cell_boxes
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.views.charts.rate_map import MapSide
    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.chart_rows import ChartRows, Grouping
    from ctnb.views.dashboard.filters import ChosenFilters, ValueFilter
    from ctnb.views.dashboard.overlay import BarButton
    from ctnb.views.dashboard.shown_cells import Mask

    Bar = tuple[str, tuple[ValueFilter, ...]]


def rates_chart(
    rows: ChartRows, selection: ChosenFilters, by: Grouping, width: float, *, sort: str | None = None
) -> ChartView:
    """Draw the match rates by type, by rule or by a column; the groups of a column in an order."""
    own, column = isinstance(by, list), rows.column(by)
    part = rows.part(selection, column, groups=by if own else ())
    answers = rows.answers(part)
    if not answers.matched or (answers.matched == answers.answered and own):
        return ChartView(without_rates(len(part), answers))
    table = rates.match_rates(part, by, prefix=rows.prefix)
    order = sort if own else None
    shown = shown_groups(table, sort=order) if own else table[table.index.notna()]
    if own and len(shown) < 2:
        return ChartView(one_value(str(column), _name(rows, column, shown.index[0], {}), answers))
    say = rows.texts.answered if own else rows.texts.reached
    bars = _bars(rows, by, shown, lambda name, row: say(name, int(row["matched"]), row["reached"]))
    draw = partial(on_axes, plots.match_rates, part, by=by, sort=order, prefix=rows.prefix)
    numbers = partial(summary.rates_table, part, by, sort=order, prefix=rows.prefix)
    return rows.bars(draw, bars, numbers, selection=selection, width=width)


def funnel_chart(
    rows: ChartRows, selection: ChosenFilters, by: Grouping, width: float, *, sort: str | None = None
) -> ChartView:
    """Draw how many rows are offered or there, reached or answered, and matched."""
    own, column = isinstance(by, list), rows.column(by)
    part = rows.part(selection, column, groups=by if own else ())
    answers = rows.answers(part)
    if not answers.answered:
        return ChartView(without_rates(len(part), answers))
    table = funnel.funnel_table(part, by, rows.prefix)
    order = sort if own else None
    shown = shown_groups(table, sort=order) if own else table.head(MOST_GROUPS)
    bars = _bars(rows, by, shown, partial(rows.texts.funnel, own=own))
    draw = partial(on_axes, funnel.funnel, part, by=by, sort=order, prefix=rows.prefix)

    def numbers() -> Table:
        if not own:
            return summary.rates_table(part, by, prefix=rows.prefix)
        headings = (rows.results.label_of(column), gettext("Rows"), *rows.texts.headings())
        found = [
            (_name(rows, column, key, {}), number(there), *rate_cells(int(matched), int(reached)))
            for key, there, matched, reached in zip(
                shown.index, shown["offered"], shown["matched"], shown["reached"], strict=True
            )
        ]
        return Table(headings, found, frozenset(range(1, len(headings))))

    return rows.bars(draw, bars, numbers, selection=selection, width=width, above=funnel.KEY)


def heatmap_chart(
    rows: ChartRows, selection: ChosenFilters, by: list[Hashable], across: Grouping, width: float
) -> ChartView:
    """Draw the match rates of each combination of a column and another grouping."""
    groups = [*by, *(across if isinstance(across, list) else [])]
    columns = (rows.column(by), rows.column(across))
    part = rows.part(selection, *columns, groups=groups)
    answers = rows.answers(part)
    if not answers.matched:
        return ChartView(without_rates(len(part), answers))
    found = RateMap.of(part, by, across, prefix=rows.prefix)
    shown = rows.rows(selection, *columns)
    cells = [bar for line in _cells(rows, found, columns, shown, own=isinstance(across, list)) for bar in line]

    def buttons(axes: Axes, picture: Picture) -> Sequence[BarButton]:
        boxes = cell_boxes(axes, len(found.down.labels), len(found.along.labels), picture)
        return buttons_of(cells, boxes, selection)

    wanted: list[Any] = groups
    numbered = part
    if not isinstance(across, list):
        # The word means the type or the rule, whatever the column is called.
        wanted, numbered = [part[by[0]], across], part.drop(columns=by)
    return drawn(
        lambda axes: draw_map(axes, found, part, prefix=rows.prefix),
        name=rows.name,
        size=(width, map_height(len(found.down.labels)) + 0.1),
        table=partial(summary.rates_table, numbered, wanted, prefix=rows.prefix),
        buttons=buttons,
        cells=True,
    )


def _bars(rows: ChartRows, by: Grouping, shown: pd.DataFrame, say: Callable[[str, dict[Any, Any]], str]) -> list[Bar]:
    """Return the words of each group's bar, and the filter by it."""
    column = rows.column(by)
    return [
        (say(_name(rows, column, key, row, by), row), rows.choosing((column, rows.code(column, key))))
        for key, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]


def _cells(
    rows: ChartRows, found: RateMap, columns: tuple[Hashable, Hashable], shown: Mask, *, own: bool
) -> list[list[Bar]]:
    """Return the words of each cell, blank where it has no rows, and the filters by both of its values.

    `shown` are the rows of the map, and `own` tells whether both groupings are by columns.
    """
    down, along = (
        [(rows.code(column, key), name) for key, name in zip(side.index, _names(rows, column, side), strict=True)]
        for column, side in zip(columns, (found.down, found.along), strict=True)
    )
    first, second = (rows.results.coded(column).codes[shown] for column in columns)
    # A number for each pair of codes, of which a missing value's is -1.
    span = len(rows.results.coded(columns[1]).values) + 1
    there = set(np.unique(first * span + second).tolist())
    say = rows.texts.answered if own else rows.texts.reached
    return [
        [
            (
                say(f"{name} · {other}", cell.matched, cell.rows) if cell is not None else "",
                rows.choosing((columns[0], code), (columns[1], other_code))
                if code is not None and other_code is not None and code * span + other_code in there
                else (),
            )
            for (other_code, other), cell in zip(along, line, strict=True)
        ]
        for (code, name), line in zip(down, found.cells, strict=True)
    ]


def _names(rows: ChartRows, column: Hashable, side: MapSide) -> list[str]:
    return side.labels if side.word else [_name(rows, column, key, {}) for key in side.index]


def _name(rows: ChartRows, column: Hashable, key: Any, row: dict[Any, Any], by: Grouping | None = None) -> str:
    """Name a group as the chips do."""
    if by == "type":
        return kind_label(key)
    if by == "rule":
        return rule_name(key, row["type"])
    coded = rows.results.coded(column)
    return coded.text(coded.code(key))
