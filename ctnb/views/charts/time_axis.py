"""Rows by the periods that they fall into, and the axis of these periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib import dates as mdates
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from pandas.api.types import is_datetime64_any_dtype
from pandas.tseries.frequencies import to_offset

from ctnb.defaults import TIMEZONE
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import gettext, number
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.date_ticks import DateTicks, moment_text
from ctnb.views.charts.palette import Palette
from ctnb.views.charts.texts import clean, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ctnb.results.rates import Floats

# Inches that a date takes along the axis.
_TICK: Final = 0.6
_MOST_PERIODS: Final = 1000
# At notebook size more than a few dozen points run into each other.
_GOOD_PERIODS: Final = 36
_STEPS: Final = ("min", "5min", "15min", "h", "6h", "D", "W-MON", "MS")
# Periods are named by their first moment, so that none begins before its rows.
_FROM_THE_START: Final = {
    "W": "W-MON", "M": "MS", "ME": "MS", "Q": "QS", "QE": "QS", "Y": "YS", "YE": "YS", "H": "h", "T": "min",
}  # fmt: skip


def moments_of(frame: pd.DataFrame, date: Any, prefix: str) -> pd.Series[Any]:
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


def fitting_step(moments: pd.Series[Any]) -> str:
    """Return the finest step that leaves a few dozen periods."""
    first, last = moments.min(), moments.max()
    return next((step for step in _STEPS if _covers(first, step, _GOOD_PERIODS, last)), "MS")


def _covers(first: pd.Timestamp, step: str, periods: int, last: pd.Timestamp) -> bool:
    offset = periods * to_offset(step)
    try:
        return bool(first + offset > last)
    except (pd.errors.OutOfBoundsDatetime, OverflowError):
        # Beyond all moments that a column of nanoseconds can hold.
        return True


def checked_step(freq: str, moments: pd.Series[Any]) -> str:
    """Return the step of a frequency that the user gives; ConfigError where it cannot be used."""
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


def draw_counts(ax: Axes, middle: Floats, widths: Floats, answered: Floats, top: float) -> None:
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


def axis_label(date: Any) -> str:
    """Say by which dates rows are put into periods."""
    if date is None:
        return gettext("by the moment of the answer, UTC (band: 95 % interval)")
    return gettext("by {column} (band: 95 % interval)", column=clean(date))


def step_label(step: str) -> str:
    """Return a step in words."""
    steps = {
        "min": gettext("by minute"),
        "5min": gettext("by 5 minutes"),
        "15min": gettext("by 15 minutes"),
        "h": gettext("by hour"),
        "6h": gettext("by 6 hours"),
        "D": gettext("by day"),
        "W-MON": gettext("by week"),
        "MS": gettext("by month"),
        "YS": gettext("by year"),
    }
    return steps[step] if step in steps else gettext("by {column}", column=step)


class _DatesOfPeriods(mdates.AutoDateLocator):
    """Ticks dates up to the last period: beyond it stand texts."""

    def __init__(self, starts: pd.Index[Any], most: int) -> None:
        super().__init__(minticks=min(3, most), maxticks=most)  # type: ignore[no-untyped-call]  # no types in matplotlib's dates
        self._last: float = mdates.date2num(starts[-1])  # type: ignore[no-untyped-call]  # as above

    def viewlim_to_dt(self) -> tuple[Any, Any]:
        """Return the dates among which ticks are chosen."""
        first, last = super().viewlim_to_dt()  # type: ignore[no-untyped-call]  # as above
        return first, min(last, mdates.num2date(self._last, last.tzinfo))  # type: ignore[no-untyped-call]  # as above

    def __call__(self) -> Any:
        """Return the ticks."""
        return [tick for tick in super().__call__() if tick <= self._last]  # type: ignore[no-untyped-call]  # as above


def date_axis(ax: Axes, starts: pd.Index[Any]) -> None:
    """Tick the x axis by dates, as many as there is room for; its limits are set already."""
    first, last = ax.get_xlim()
    begins, ends = (float(mdates.date2num(start)) for start in (starts[0], starts[-1]))  # type: ignore[no-untyped-call]  # no types in matplotlib's dates
    most = max(2, min(8, int(style.inches(ax)[0] * (ends - begins) / (last - first) / _TICK)))
    if len(starts) == 1:
        middle = (ax.get_xlim()[0] + ax.get_xlim()[1]) / 2
        ax.xaxis.set_major_locator(FixedLocator([middle]))
        ax.xaxis.set_major_formatter(FixedFormatter([moment_text(starts[0])]))
    else:
        ax.xaxis.set_major_locator(_DatesOfPeriods(starts, most))
        ax.xaxis.set_major_formatter(DateTicks())
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.get_offset_text().set(fontsize=8.5, color=Palette.of(ax).note)
