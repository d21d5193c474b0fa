"""The chart of two results: the match rates before and after, of the deals that the filters leave."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, number, percent
from ctnb.results.compare import compare
from ctnb.results.group_order import largest_first
from ctnb.results.pairing import NO_ROW, Pairing
from ctnb.views.charts.comparison import comparison
from ctnb.views.dashboard.chart_view import ChartView
from ctnb.views.html.comparison import after_label, before_label, points, points_interval
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.results.compare import Comparison
    from ctnb.views.dashboard.chart_rows import ChartRows, Grouping
    from ctnb.views.dashboard.filters import ChosenFilters
    from ctnb.views.dashboard.rows import ResultRows

_MOST_BARS: Final = 20


class BeforeAfter:
    """Draws the match rates of two results of the same deals.

    Parameters
    ----------
    results : ResultRows
        Those after.
    before : DataFrame
        Those before.
    key : str or None
        What pairs the rows; see `ctnb.compare`.

    Raises
    ------
    ConfigError, ColumnNotFoundError
        As `ctnb.compare`.
    """

    def __init__(self, results: ResultRows, before: pd.DataFrame, key: str | None) -> None:
        self._results = results
        self._whole = compare(results.frame, before, key, prefix=results.prefix)

    def draw(self, rows: ChartRows, selection: ChosenFilters, by: Grouping | None, width: float) -> ChartView:
        """Draw all pairs together, or in groups by type or by a column."""
        column = None if by is None else rows.column(by)
        pairs = self._pairs(rows.rows(selection, column))
        compared, table = pairs.summary, pairs.rates(by)
        if not compared.rates["pairs"]:
            return ChartView(gettext("No deal of these rows is answered both before and after."))
        shown = largest_first(table, "pairs").head(_MOST_BARS)
        codes = [None if column is None else rows.code(column, group) for group in shown.index]
        names = [
            gettext("all pairs") if column is None
            else kind_label(str(group)) if by == "type"
            else str(group) if code is None
            else self._results.coded(column).text(code)
            for group, code in zip(shown.index, codes, strict=True)
        ]  # fmt: skip
        groups = shown.to_dict("records")
        bars = [
            (_text(name, group), () if column is None else rows.choosing((column, code)))
            for name, group, code in zip(names, groups, codes, strict=True)
        ]
        draw = partial(_on, compared, table, grouped=by is not None)

        def numbers() -> Table:
            headings = (
                gettext("Group"),
                gettext("Pairs"),
                before_label(predicted=compared.predicted_before),
                after_label(predicted=compared.predicted_after),
                gettext("Difference"),
                gettext("95 % interval"),
            )
            found = [_row(name, group) for name, group in zip(names, groups, strict=True)]
            return Table(headings, found, frozenset({1, 2, 3, 4, 5}))

        return rows.bars(draw, bars, numbers, selection=selection, width=width)

    def _pairs(self, wanted: Any) -> Comparison:
        """Return the pairs of some rows after."""
        lines = self._whole.pairing
        kept = lines.paired & (lines.after != NO_ROW)
        kept &= np.asarray(wanted)[lines.after]
        return replace(
            self._whole,
            pairing=Pairing(
                lines.before[kept],
                lines.after[kept],
                lines.rows_before[kept],
                lines.rows_after[kept],
                lines.reason[kept],
            ),
        )


def _on(compared: Any, table: pd.DataFrame, axes: Axes, /, *, grouped: bool) -> Axes:
    return comparison(compared, table, grouped=grouped, ax=axes)


def _text(group: str, row: dict[Any, Any]) -> str:
    """Say the rates of a group, for its button."""
    return gettext(
        "{name}: {before} → {after}, {difference} ({interval}, 95 % interval), {pairs} pairs",
        name=group,
        before=percent(row["rate_before"]),
        after=percent(row["rate_after"]),
        difference=points(row["difference"]),
        interval=points_interval(row["low"], row["high"]),
        pairs=number(row["pairs"]),
    )


def _row(group: str, row: dict[Any, Any]) -> tuple[str, ...]:
    return (
        group,
        number(row["pairs"]),
        percent(row["rate_before"]),
        percent(row["rate_after"]),
        points(row["difference"]),
        points_interval(row["low"], row["high"]),
    )
