"""The rows that a chart of the sheet shows, and what a click on one of its bars chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ctnb.results.predicted import is_predicted
from ctnb.views.charts.answers import AnswerCounts
from ctnb.views.dashboard.bar_texts import RateTexts
from ctnb.views.dashboard.chart_view import ChartView, drawn, height_of
from ctnb.views.dashboard.filters import ValueFilter
from ctnb.views.dashboard.overlay import BarButton, row_boxes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.chart_view import Draw
    from ctnb.views.dashboard.filters import ChosenFilters, RowFilter
    from ctnb.views.dashboard.overlay import Box
    from ctnb.views.dashboard.rows import ResultRows
    from ctnb.views.dashboard.shown_cells import Mask
    from ctnb.views.html.table import Table

    Grouping = str | list[Hashable]
    """The word "type" or "rule", or a list of one column."""

_RESULT: Final = {"type": "matched_by", "rule": "rule"}
"""What the two words of ``by=`` group by."""


class ChartRows:
    """Rows for the charts of a sheet.

    A filter of the very column that a chart is grouped by leaves its other bars there, so that they can be compared
    and chosen too.

    Parameters
    ----------
    results : ResultRows
    name : str
        Begins every id in the pictures, another for each sheet of a page.
    """

    def __init__(self, results: ResultRows, name: str) -> None:
        self.results, self.prefix, self.name = results, results.prefix, name
        self.texts = RateTexts(is_predicted(results.frame, results.prefix))

    def column(self, by: Grouping) -> Hashable:
        """Return the column that a grouping goes by."""
        return by[0] if isinstance(by, list) else self.prefix + _RESULT[by]

    def rows(self, selection: ChosenFilters, *columns: Hashable) -> Mask:
        """Return the rows that pass all filters but those of the values of some columns."""
        return self.results.matching(
            each for each in selection.filters if not (isinstance(each, ValueFilter) and each.column in columns)
        )

    def part(
        self,
        selection: ChosenFilters,
        *columns: Hashable,
        groups: Iterable[Hashable] = (),
        date: Hashable | None = None,
    ) -> pd.DataFrame:
        """Return these rows with the columns that a plot groups by."""
        return self.results.part(self.rows(selection, *columns), groups=groups, date=date)

    def answers(self, part: pd.DataFrame) -> AnswerCounts:
        """Count the answered and the matched rows."""
        return AnswerCounts.of(part[f"{self.prefix}matched"])

    def code(self, column: Hashable, value: Any) -> int | None:
        """Return the number of a value of a column; None where no row has it."""
        try:
            code = self.results.coded(column).code(value)
        except KeyError:
            return None
        return code if self.results.coded(column).mask(frozenset({code})).any() else None

    def choosing(self, *values: tuple[Hashable, int | None]) -> tuple[ValueFilter, ...]:
        """Return the filters by the values of some columns; none where one of them is in no row."""
        wanted = tuple(ValueFilter(column, frozenset({code})) for column, code in values if code is not None)
        return wanted if len(wanted) == len(values) else ()

    def bars(
        self,
        draw: Draw,
        bars: Sequence[tuple[str, tuple[RowFilter, ...]]],
        table: Callable[[], Table],
        *,
        selection: ChosenFilters,
        width: float,
        above: float = 0.0,
    ) -> ChartView:
        """Draw bars with a button over each, given its words and the filters that it asks for.

        `above` is the height, in inches, of what stands above the bars besides their title.
        """

        def buttons(axes: Axes, _picture: Picture) -> Sequence[BarButton]:
            return buttons_of(bars, row_boxes(axes, len(bars)), selection)

        size = (width, height_of(len(bars), width) + above)
        return drawn(draw, name=self.name, size=size, table=table, buttons=buttons)


def buttons_of(
    bars: Sequence[tuple[str, tuple[RowFilter, ...]]], boxes: Sequence[Box], selection: ChosenFilters
) -> Sequence[BarButton]:
    """Lay a button over each bar that has words."""
    return [
        BarButton(label, wanted, pressed=selection.asks_for(wanted), box=box)
        for (label, wanted), box in zip(bars, boxes, strict=False)
        if label
    ]


def on_axes(plot: Any, part: pd.DataFrame, axes: Axes, /, **options: Any) -> Axes:
    """Draw a plot of a frame on axes."""
    drawn_on: Axes = plot(part, ax=axes, **options)
    return drawn_on
