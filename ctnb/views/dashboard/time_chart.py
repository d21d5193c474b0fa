"""The chart of time: the match rates by period, of all rows or of the largest groups."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.i18n.language import gettext, ngettext, percent
from ctnb.views.charts import timeline
from ctnb.views.charts.timeline_groups import MOST_LINES
from ctnb.views.dashboard.chart_rows import buttons_of, on_axes
from ctnb.views.dashboard.chart_sentences import without_rates
from ctnb.views.dashboard.chart_view import ChartView, drawn
from ctnb.views.dashboard.filters import DateFilter
from ctnb.views.dashboard.overlay import period_boxes
from ctnb.views.dashboard.periods import Periods

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.chart_rows import ChartRows
    from ctnb.views.dashboard.filters import ChosenFilters
    from ctnb.views.dashboard.overlay import BarButton

_HEIGHT: Final = 3.6
_FEWEST_ROWS: Final = 20
"""Answered rows that a group has at the least for a line of its own."""


def time_chart(
    rows: ChartRows, selection: ChosenFilters, date: Hashable, width: float, *, by: list[Hashable] | None = None
) -> ChartView:
    """Draw the match rate over time; with `by` a line for each of the largest groups of a column."""
    part = rows.part(selection, groups=by or (), date=date)
    answers = rows.answers(part)
    # Lines that all lie at 0 or at 100 % compare nothing.
    if not answers.answered or (by is not None and answers.matched in (0, answers.answered)):
        return ChartView(without_rates(len(part), answers))
    matched = f"{rows.prefix}matched"
    dated = part.loc[part[matched].notna() & part[date].notna()]
    if dated.empty:
        return ChartView(gettext("No answered row has a date in this column."))
    periods = Periods.of(dated[date], dated[matched])
    if len(periods.starts) < 2:
        when, rate = periods.texts()[0], percent(sum(periods.matched) / sum(periods.answered))
        return ChartView(
            gettext("All answered rows are of one time, {when}: {rate} of them match.", when=when, rate=rate)
        )
    lines = [] if by is None else _largest(dated, by[0])
    if by is not None and not lines:
        return ChartView(
            ngettext(
                "No value of {column} has {n} answered row: too few for a line over time.",
                "No value of {column} has {n} answered rows: too few for a line over time.",
                _FEWEST_ROWS,
                column=rows.results.label_of(by[0]),
            )
        )
    for column in by or ():
        for code in lines:
            some = dated[dated[column].cat.codes == code]
            periods = periods.with_group(rows.results.coded(column).text(code), some[date], some[matched])

    def buttons(axes: Axes, picture: Picture) -> Sequence[BarButton]:
        boxes = period_boxes(axes, periods.starts, periods.ends, picture)
        bars = [
            (label if whole else "", (DateFilter(date, start, end),))
            for label, start, end, whole in zip(
                periods.labels(rows.texts), periods.starts, periods.ends, periods.answered, strict=True
            )
        ]
        return buttons_of(bars, boxes, selection)

    options: dict[str, Any] = {} if by is None else {"by": by, "top": len(lines)}
    draw = partial(on_axes, timeline.timeline, part, date=date, freq=periods.step, prefix=rows.prefix, **options)
    table = partial(periods.table, rows.texts)
    return drawn(draw, name=rows.name, size=(width, _HEIGHT), table=table, buttons=buttons)


def _largest(dated: pd.DataFrame, column: Hashable) -> list[int]:
    """Return the numbers of the groups that have a line, the largest first."""
    codes, values = dated[column].cat.codes.to_numpy(), len(dated[column].cat.categories)
    # The missing ones last, as the plot has them.
    sizes = np.bincount(np.where(codes < 0, values, codes), minlength=values + 1)
    largest = [int(at) for at in np.argsort(-sizes, kind="stable")[:MOST_LINES] if sizes[at] >= _FEWEST_ROWS]
    return [-1 if at == values else at for at in largest]
