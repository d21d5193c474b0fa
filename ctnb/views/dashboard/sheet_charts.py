"""The charts of the sheet: rates, what rules add, errors, time. Where a chart would say nothing, a sentence does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.advice import advice_for
from ctnb.i18n.labels import kind_label, reason_label
from ctnb.i18n.language import gettext, ngettext, number, percent
from ctnb.results import rates
from ctnb.results.group_order import shown_groups
from ctnb.views import summary
from ctnb.views.charts import heatmap, plots, timeline
from ctnb.views.dashboard.bar_texts import rate_text, rule_name, share_text
from ctnb.views.dashboard.chart_view import ChartView, drawn, height_of
from ctnb.views.dashboard.filters import DateFilter, ValueFilter
from ctnb.views.dashboard.overlay import BarButton, period_boxes, row_boxes
from ctnb.views.dashboard.periods import Periods

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.chart_view import Draw
    from ctnb.views.dashboard.filters import ChosenFilters
    from ctnb.views.dashboard.rows import ResultRows
    from ctnb.views.dashboard.shown_cells import Mask
    from ctnb.views.html.table import Table

    Bar = tuple[int | None, str]

_MOST_BARS: Final = 20
_TIMELINE: Final = 3.6
_RESULT: Final = {"type": "matched_by", "rule": "rule"}
"""What the two words of ``by=`` group by."""


class SheetCharts:
    """Draws the charts of the rows that filters leave.

    A filter of the very column that a chart is grouped by leaves its other bars there, so that they can be compared
    and chosen too.

    Parameters
    ----------
    results : ResultRows
    name : str
        Begins every id in the pictures, another for each sheet of a page.
    """

    def __init__(self, results: ResultRows, name: str) -> None:
        self._results, self._prefix, self._name = results, results.prefix, name

    def rates(
        self, selection: ChosenFilters, by: str | list[Hashable], width: float, *, sort: str | None = None
    ) -> ChartView:
        """Draw the match rates by type, by rule or by a column; the groups of a column in an order."""
        own = isinstance(by, list)
        column = by[0] if own else self._prefix + _RESULT[str(by)]
        part = self._results.part(self.rows(selection, column), groups=[column] if own else [])
        answered, matched = self.answers(part)
        if not matched or (matched == answered and own):
            return ChartView(_without_rates(len(part), answered, matched))
        table = rates.match_rates(part, by, prefix=self._prefix)
        order = sort if own else None
        shown = shown_groups(table, sort=order) if own else table[table.index.notna()]
        coded = self._results.coded(column)
        if own and len(shown) < 2:
            value = coded.text(coded.code(shown.index[0]))
            return ChartView(
                gettext(
                    "All {answered} answered rows have one value of {column}: {value}. {rate} of them match.",
                    answered=number(answered), column=column, value=value, rate=percent(matched / answered),
                )
            )  # fmt: skip
        bars = [
            (self.code(column, key), rate_text(_group_name(key, row, by, coded.text(self.code(column, key) or 0)), row))
            for key, row in zip(shown.index, shown.to_dict("records"), strict=True)
        ]
        draw = partial(_on, plots.match_rates, part, by=by, sort=order, prefix=self._prefix)
        numbers = partial(summary.rates_table, part, by, sort=order, prefix=self._prefix)
        return self._bars(draw, bars, numbers, column=column, selection=selection, width=width)

    def heatmap(
        self, selection: ChosenFilters, by: list[Hashable], across: str | list[Hashable], width: float
    ) -> ChartView:
        """Draw the match rates of each combination of a column and another grouping."""
        results = self._results
        columns = [*by, *(across if isinstance(across, list) else [])]
        part = results.part(results.matching(selection.filters), groups=columns)
        answered, matched = self.answers(part)
        if not matched:
            return ChartView(_without_rates(len(part), answered, matched))
        draw = partial(_on, heatmap.heatmap, part, by=by, across=across, prefix=self._prefix)
        wanted: list[Any] = columns
        if not isinstance(across, list):
            # The word means the type or the rule, whatever the column is called.
            wanted, part = [part[by[0]], across], part.drop(columns=by)
        lines = min(results.coded(by[0]).cells[results.matching(selection.filters)].nunique(dropna=False), _MOST_BARS)
        return drawn(
            draw,
            name=self._name,
            size=(width, 1.8 + 0.42 * lines),
            table=partial(summary.rates_table, part, wanted, prefix=self._prefix),
            buttons=lambda _axes, _picture: [],
        )

    def rules(self, selection: ChosenFilters, width: float) -> ChartView:
        """Draw what each rule added."""
        column = self._prefix + "rule"
        part = self._results.part(self.rows(selection, column))
        answered, matched = self.answers(part)
        if not matched:
            return ChartView(_without_rates(len(part), answered, matched))
        found = rates.match_rates(part, "rule", prefix=self._prefix)
        found = found[found.index.notna()]
        bars: list[Bar] = [
            (self.code(column, rank), share_text(rule_name(rank, kind), int(rows), answered))
            for rank, kind, rows in zip(found.index, found["type"], found["matched"], strict=True)
        ]
        # The bars of rows whose rule is not known, of all rules together, and of what none found choose nothing.
        bars += [(None, "")] * (2 + (int(found["matched"].sum()) < matched))
        draw = partial(_on, plots.waterfall, part, prefix=self._prefix)
        table = partial(summary.rates_table, part, "rule", prefix=self._prefix)
        return self._bars(draw, bars, table, column=column, selection=selection, width=width)

    def errors(self, selection: ChosenFilters, width: float) -> ChartView:
        """Draw the errors."""
        column = self._prefix + "error_code"
        part = self._results.part(self.rows(selection, column))
        found = rates.errors(part, prefix=self._prefix)
        if not len(part):
            return ChartView(_no_row())
        if found.empty:
            return ChartView(ngettext("{n} row, and no error.", "{n} rows, and no error.", len(part)))
        table = partial(summary.errors_table, part, prefix=self._prefix)
        if len(found) == 1:
            code, rows = found.index[0], int(found["rows"].iloc[0])
            return ChartView(
                ngettext(
                    "There is one kind of error, in {n} row of {all}: {error}. {advice}",
                    "There is one kind of error, in {n} rows of {all}: {error}. {advice}",
                    rows, all=number(len(part)), error=reason_label(code), advice=advice_for(code),
                ),
                table=table,
            )  # fmt: skip
        shown = found.head(_MOST_BARS)
        bars = [
            (self.code(column, code), share_text(reason_label(code), int(rows), len(part)))
            for code, rows in zip(shown.index, shown["rows"], strict=True)
        ]
        draw = partial(_on, plots.errors, part, prefix=self._prefix)
        return self._bars(draw, bars, table, column=column, selection=selection, width=width)

    def time(self, selection: ChosenFilters, date: Hashable, width: float) -> ChartView:
        """Draw the match rate over time."""
        part = self._results.part(self._results.matching(selection.filters), date=date)
        answered, matched = self.answers(part)
        if not answered:
            return ChartView(_without_rates(len(part), answered, matched))
        dated = part.loc[part[f"{self._prefix}matched"].notna() & part[date].notna()]
        if dated.empty:
            return ChartView(gettext("No answered row has a date in this column."))
        periods = Periods.of(dated[date], dated[f"{self._prefix}matched"])
        if len(periods.starts) < 2:
            when, rate = periods.texts()[0], percent(sum(periods.matched) / sum(periods.answered))
            return ChartView(
                gettext("All answered rows are of one time, {when}: {rate} of them match.", when=when, rate=rate)
            )

        def buttons(axes: Axes, picture: Picture) -> Sequence[BarButton]:
            return [
                BarButton(label, DateFilter(date, start, end), pressed=False, box=box)
                for label, start, end, whole, box in zip(
                    periods.labels(),
                    periods.starts,
                    periods.ends,
                    periods.answered,
                    period_boxes(axes, periods.starts, periods.ends, picture),
                    strict=False,
                )
                if whole
            ]

        draw = partial(_on, timeline.timeline, part, date=date, freq=periods.step, prefix=self._prefix)
        return drawn(draw, name=self._name, size=(width, _TIMELINE), table=periods.table, buttons=buttons)

    def rows(self, selection: ChosenFilters, column: Hashable) -> Mask:
        """Return the rows that pass all filters but those of this column's values."""
        return self._results.matching(
            each for each in selection.filters if not (isinstance(each, ValueFilter) and each.column == column)
        )

    def answers(self, part: pd.DataFrame) -> tuple[int, int]:
        """Count the answered and the matched rows."""
        matched = part[f"{self._prefix}matched"]
        return int(matched.notna().sum()), int(matched.sum())

    def code(self, column: Hashable, value: Any) -> int | None:
        """Return the number of a value of a column; None where no row has it."""
        try:
            code = self._results.coded(column).code(value)
        except KeyError:
            return None
        return code if self._results.coded(column).mask(frozenset({code})).any() else None

    def _bars(
        self,
        draw: Draw,
        bars: Sequence[Bar],
        table: Callable[[], Table],
        *,
        column: Hashable,
        selection: ChosenFilters,
        width: float,
    ) -> ChartView:
        """Draw bars with a button over each whose value rows can be chosen by."""

        def buttons(axes: Axes, _picture: Picture) -> Sequence[BarButton]:
            chosen = selection.codes_of(column)
            return [
                BarButton(label, ValueFilter(column, frozenset({code})), pressed=code in chosen, box=box)
                for (code, label), box in zip(bars, row_boxes(axes, len(bars)), strict=False)
                if code is not None
            ]

        size = (width, height_of(len(bars), width))
        return drawn(draw, name=self._name, size=size, table=table, buttons=buttons)


def _on(plot: Any, part: pd.DataFrame, axes: Axes, /, **options: Any) -> Axes:
    drawn_on: Axes = plot(part, ax=axes, **options)
    return drawn_on


def _group_name(key: Any, row: dict[Any, Any], by: str | list[Hashable], text: str) -> str:
    if isinstance(by, list):
        return text
    return kind_label(key) if by == "type" else rule_name(key, row["type"])


def _no_row() -> str:
    return gettext("No row is left. Remove a filter.")


def _without_rates(rows: int, answered: int, matched: int) -> str:
    """Say why there are no rates to compare."""
    if not rows:
        return _no_row()
    if not answered:
        return gettext("No row has an answer yet, so there is no match rate.")
    if matched:
        return ngettext(
            "{n} answered row, and it found its lead: the rate is 100 % in every group.",
            "{n} answered rows, and all found their leads: the rate is 100 % in every group.",
            answered,
        )
    return ngettext(
        "{n} answered row, and it found no lead: there is no rate to compare. The errors tell why.",
        "{n} answered rows, and none found its lead: there is no rate to compare. The errors tell why.",
        answered,
    )
