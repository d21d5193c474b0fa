"""The match rate over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import dates as mdates
from pandas.tseries.frequencies import to_offset

from ctnb.defaults import PREFIX
from ctnb.i18n.language import gettext, interval, ngettext, percent
from ctnb.results.group_order import check_top
from ctnb.results.rates import Floats, wilson
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.answers import bare_plot
from ctnb.views.charts.bars import new_axes
from ctnb.views.charts.headline import headline
from ctnb.views.charts.palette import Palette
from ctnb.views.charts.style import top_of
from ctnb.views.charts.texts import width_of
from ctnb.views.charts.time_axis import (
    axis_label,
    checked_step,
    date_axis,
    draw_counts,
    fitting_step,
    moments_of,
    step_label,
)
from ctnb.views.charts.timeline_groups import MOST_LINES, timeline_by
from ctnb.views.predicted import match_rate_title

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

# Inches for what the ticks share, such as a month and its year.
_SHARED: Final = 1.1


def timeline(
    frame: pd.DataFrame,
    *,
    date: Any = None,
    freq: str | None = None,
    by: Hashable | list[Any] | None = None,
    top: int = MOST_LINES,
    prefix: str = PREFIX,
    figsize: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the match rate per period with its 95 % Wilson interval, over bars of the answered rows.

    `ctnb.plot_accessor` documents the parameters.
    """
    check_top(top)
    matched = restore(frame, prefix, only=["status", "matched"])["matched"].array
    moments = moments_of(frame, date, prefix)
    rows = pd.DataFrame({"moment": moments, "matched": matched}).loc[np.asarray(pd.notna(matched))]
    dated = rows.dropna(subset=["moment"])
    if dated.empty:
        text = None if rows.empty else gettext("no answered row has a date")
        return bare_plot(gettext("Match rate over time"), frame, prefix, ax=ax, figsize=figsize, text=text)
    step = checked_step(freq, dated["moment"]) if freq is not None else fitting_step(dated["moment"])
    grouped = dated.set_index("moment")["matched"].astype("int64").resample(step, closed="left", label="left")
    periods = pd.DataFrame({"answered": grouped.count(), "matched": grouped.sum()})
    ax = new_axes(5, figsize) if ax is None else ax
    if by is not None:
        return timeline_by(frame, dated, by, step=step, date=date, top=top, prefix=prefix, ax=ax)
    _draw(ax, periods, step)
    rate = percent(periods["matched"].sum() / periods["answered"].sum())
    title = match_rate_title(frame, prefix, grouped=step_label(step), rate=rate, answered=len(dated))
    _describe(ax, periods, date, len(rows) - len(dated), title=title)
    return ax


def _draw(ax: Axes, periods: pd.DataFrame, step: str) -> None:
    answered = periods["answered"].to_numpy(dtype=float)
    matched = periods["matched"].to_numpy(dtype=float)
    rate = np.divide(matched, answered, out=np.full(len(periods), np.nan), where=answered > 0)
    low, high = wilson(matched, answered)
    edges = np.asarray(mdates.date2num([*periods.index, periods.index[-1] + to_offset(step)]))  # type: ignore[no-untyped-call]  # no types in matplotlib's dates
    middle, widths = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    top = top_of(high)
    colour = style.shown_look(style.PLAIN, Palette.of(ax).face)[0]
    ax.fill_between(middle, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2)
    ax.plot(middle, rate, color=colour, linewidth=1.6, marker="o", markersize=4, zorder=4)
    alone = _alone(rate)
    ax.vlines(middle[alone], low[alone], high[alone], color=colour, alpha=0.5, linewidth=1.4, zorder=3)
    draw_counts(ax, middle, 0.8 * widths, answered, top)
    style.calm(ax, along="y")
    ax.set_ylim(-0.34 * top, 1.04 * top)
    style.percent_ticks(ax.yaxis, top, room=3.0)
    ax.set_xlim(edges[0] - 0.25 * widths[0], edges[-1] + 0.25 * widths[-1])


def _alone(rate: Floats) -> npt.NDArray[np.bool_]:
    """Return the points with no neighbour, which no band can show."""
    gap = np.isnan(np.concatenate([[np.nan], rate, [np.nan]]))
    return np.asarray(~gap[1:-1] & gap[:-2] & gap[2:])


def _describe(ax: Axes, periods: pd.DataFrame, date: Any, undated: int, *, title: str) -> None:
    answered, matched = int(periods["answered"].sum()), int(periods["matched"].sum())
    low, high = wilson(matched, answered)
    note = gettext("All: {interval} (95 % interval)", interval=interval(float(low), float(high)))
    if undated:
        left_out = ngettext(
            "{n} answered row without a date left out", "{n} answered rows without a date left out", undated
        )
        note += f"; {left_out}"
    left = max(width_of(label.get_text(), style.tick_size(ax)) for label in ax.get_yticklabels()) + 0.06
    headline(ax, title, note, axis_label(date), left=left, beside=_SHARED)
    date_axis(ax, periods.index)
