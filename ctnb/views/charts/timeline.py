"""The match rate over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from pandas.api.types import is_datetime64_any_dtype
from pandas.tseries.frequencies import to_offset

from ctnb.defaults import PREFIX, TIMEZONE
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.results.rates import Floats, wilson
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.bars import new_axes
from ctnb.views.charts.date_ticks import DateTicks, moment_text
from ctnb.views.charts.headline import empty, headline
from ctnb.views.charts.palette import Palette
from ctnb.views.charts.style import top_of
from ctnb.views.charts.texts import clean, width_of
from ctnb.views.predicted import marked, match_rate_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_PERIODS: Final = 1000
# At notebook size more than a few dozen points run into each other.
_GOOD_PERIODS: Final = 36
# Inches for what the ticks share, such as a month and its year.
_SHARED: Final = 1.1
_STEPS: Final = ("min", "5min", "15min", "h", "6h", "D", "W-MON", "MS")
# Periods are named by their first moment, so that none begins before its rows.
_FROM_THE_START: Final = {
    "W": "W-MON", "M": "MS", "ME": "MS", "Q": "QS", "QE": "QS", "Y": "YS", "YE": "YS", "H": "h", "T": "min",
}  # fmt: skip


def timeline(
    frame: pd.DataFrame,
    *,
    date: Any = None,
    freq: str | None = None,
    prefix: str = PREFIX,
    ax: Axes | None = None,
) -> Axes:
    """Draw the match rate per period with its 95 % Wilson interval, over bars of the answered rows.

    `ctnb.accessor` documents the parameters.
    """
    matched = restore(frame, prefix, only=["status", "matched"])["matched"].array
    moments = _moments(frame, date, prefix)
    rows = pd.DataFrame({"moment": moments, "matched": matched}).loc[np.asarray(pd.notna(matched))]
    dated = rows.dropna(subset=["moment"])
    if dated.empty:
        text = gettext("no answers yet") if rows.empty else gettext("no answered row has a date")
        title = marked(gettext("Match rate over time"), frame, prefix)
        return empty(new_axes(0) if ax is None else ax, title, text)
    step = _checked_step(freq, dated["moment"]) if freq is not None else _step(dated["moment"])
    grouped = dated.set_index("moment")["matched"].astype("int64").resample(step, closed="left", label="left")
    periods = pd.DataFrame({"answered": grouped.count(), "matched": grouped.sum()})
    ax = new_axes(5) if ax is None else ax
    _draw(ax, periods, step)
    rate = percent(periods["matched"].sum() / periods["answered"].sum())
    title = match_rate_title(frame, prefix, grouped=_step_label(step), rate=rate, answered=len(dated))
    _describe(ax, periods, date, len(rows) - len(dated), title=title)
    return ax


def _moments(frame: pd.DataFrame, date: Any, prefix: str) -> pd.Series[Any]:
    """Return wall-clock moments, one per row, by position."""
    if date is None:
        answered_at = restore(frame, prefix, only=["status", "answered_at"])["answered_at"]
        return pd.Series(answered_at.array)
    if date not in frame.columns:
        raise ColumnNotFoundError.among(date, frame.columns, wanted_by="timeline(date=...)")
    cells = frame[date]
    if isinstance(cells, pd.DataFrame):
        raise ConfigError(
            "There are {count} columns called {name!r}. Rename all but one.", count=cells.shape[1], name=date
        )
    if is_datetime64_any_dtype(cells.dtype):
        return pd.Series(cells.dt.tz_localize(None).array)
    from ctnb.leads.moments.parse import parse_moments

    moments = pd.Series(parse_moments(cells.reset_index(drop=True), TIMEZONE).local)
    if len(cells) and cells.notna().any() and moments.isna().all():
        raise ConfigError(
            "No cell of {name!r} reads as a date. Pass a column of datetimes, ISO text, or text with the day first.",
            name=date,
        )
    return moments


def _step(moments: pd.Series[Any]) -> str:
    first, last = moments.min(), moments.max()
    return next((step for step in _STEPS if _covers(first, step, _GOOD_PERIODS, last)), "MS")


def _covers(first: pd.Timestamp, step: str, periods: int, last: pd.Timestamp) -> bool:
    return bool(first + periods * to_offset(step) > last)


def _checked_step(freq: str, moments: pd.Series[Any]) -> str:
    step = _FROM_THE_START.get(freq, freq)
    try:
        covers = _covers(moments.min(), step, _MOST_PERIODS, moments.max())
    except (ValueError, ZeroDivisionError):
        raise ConfigError(
            "freq={freq!r} is not a pandas frequency. Take for example 'h', '6h', 'D', 'W' or 'MS'.", freq=freq
        ) from None
    if not covers:
        raise ConfigError(
            "freq={freq!r} makes more than {most} periods of these dates. Take a longer one.",
            freq=freq,
            most=_MOST_PERIODS,
        )
    return step


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
    _draw_counts(ax, middle, 0.8 * widths, answered, top)
    style.calm(ax, along="y")
    ax.set_ylim(-0.34 * top, 1.04 * top)
    style.percent_ticks(ax.yaxis, top, room=3.0)
    ax.set_xlim(edges[0] - 0.25 * widths[0], edges[-1] + 0.25 * widths[-1])


def _alone(rate: Floats) -> npt.NDArray[np.bool_]:
    """Return the points with no neighbour, which no band can show."""
    gap = np.isnan(np.concatenate([[np.nan], rate, [np.nan]]))
    return np.asarray(~gap[1:-1] & gap[:-2] & gap[2:])


def _draw_counts(ax: Axes, middle: Floats, widths: Floats, answered: Floats, top: float) -> None:
    """Draw the rows of each period as small bars under the rates."""
    foot, tall = -0.32 * top, 0.17 * top
    colours = Palette.of(ax)
    ax.bar(
        middle,
        tall * answered / answered.max(),
        widths,
        foot,
        color=style.shown_look(style.REST, colours.face)[0],
        linewidth=0,
    )
    ax.axhline(0, color=colours.quiet, linewidth=0.8, zorder=1)
    ax.annotate(
        gettext("rows"), (0, foot + tall / 2), (-5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
        ha="right", va="center", fontsize=8, color=colours.label, annotation_clip=False,
    )  # fmt: skip
    widest = max(width_of(number(int(count)), 7.5) for count in answered)
    fits = widest * 1.15 < (style.inches(ax)[0] - 0.5) / (len(middle) + 0.5)
    for period in range(len(middle)) if fits else [int(answered.argmax())]:
        y = foot + tall * answered[period] / answered.max()
        ax.annotate(
            number(int(answered[period])), (middle[period], y), (0, 1.5), textcoords="offset points",
            ha="center", va="bottom", fontsize=7.5, color=colours.quiet,
        )  # fmt: skip


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
    headline(ax, title, note, _axis_label(date), left=left, beside=_SHARED)
    if len(periods) == 1:
        middle = (ax.get_xlim()[0] + ax.get_xlim()[1]) / 2
        ax.xaxis.set_major_locator(FixedLocator([middle]))
        ax.xaxis.set_major_formatter(FixedFormatter([moment_text(periods.index[0])]))
    else:
        locator = mdates.AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]  # as above
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(DateTicks())
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.get_offset_text().set(fontsize=8.5, color=Palette.of(ax).note)


def _axis_label(date: Any) -> str:
    if date is None:
        return gettext("by the moment of the answer, UTC (band: 95 % interval)")
    return gettext("by {column} (band: 95 % interval)", column=clean(date))


def _step_label(step: str) -> str:
    steps = {
        "min": gettext("by minute"),
        "5min": gettext("by 5 minutes"),
        "15min": gettext("by 15 minutes"),
        "h": gettext("by hour"),
        "6h": gettext("by 6 hours"),
        "D": gettext("by day"),
        "W-MON": gettext("by week"),
        "MS": gettext("by month"),
    }
    return steps[step] if step in steps else gettext("by {column}", column=step)
