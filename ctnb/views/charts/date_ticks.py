"""Dates on an axis, in the form of the language: each tick shows the part of its date that differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib import dates as mdates
from matplotlib.ticker import Formatter

from ctnb.i18n.language import current_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# From the coarsest: the part that varies, a tick's form, the form of a tick at which the next coarser part begins, and
# the form of what all ticks share. Skeletons of Unicode's CLDR, which put day and month in the language's order; those
# in quotation marks are patterns.
_LEVELS: Final = (
    ("year", "y", "y", ""),
    ("month", "'LLL'", "y", "y"),
    ("day", "'d'", "'LLL'", "yMMMM"),
    ("hour", "'HH:mm'", "MMMd", "yMMMd"),
    ("minute", "'HH:mm'", "MMMd", "yMMMd"),
    ("second", "'HH:mm:ss'", "'HH:mm:ss'", "yMMMd"),
)
_TIME: Final = "'HH:mm'"
_FIRST: Final = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}


def moment_text(moment: datetime) -> str:
    """Write a day and its time."""
    return f"{_formatted(moment, 'yMMMd')}, {_formatted(moment, _TIME)}"


def period_text(moment: datetime, among: Sequence[datetime]) -> str:
    """Write the beginning of a period, as finely as periods among these need."""
    if any(each.hour or each.minute or each.second for each in among):
        return moment_text(moment)
    if any(each.day != 1 for each in among):
        return _formatted(moment, "yMMMd")
    return _formatted(moment, "yMMM") if any(each.month != 1 for each in among) else _formatted(moment, "y")


class DateTicks(Formatter):
    """Formats the ticks of a date axis; the year, month or day that all share stands once, beside the axis."""

    def __init__(self) -> None:
        self._shared = ""

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002  matplotlib's signature
        """Write one moment in full, as for the cursor."""
        return moment_text(_moment(x))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all ticks, with what they share left to the offset."""
        moments = [_moment(value) for value in values]
        level = _finest(moments)
        _, plain, first, shared = _LEVELS[level]
        self._shared = _formatted(moments[-1], shared) if moments and shared else ""
        return [_formatted(moment, first if _begins(moment, level) else plain) for moment in moments]

    def get_offset(self) -> str:
        """Return what all ticks share."""
        return self._shared


def _moment(value: float) -> datetime:
    moment: datetime = mdates.num2date(value).replace(tzinfo=None)  # type: ignore[no-untyped-call]  # no types in matplotlib's dates
    return moment


def _finest(moments: Sequence[datetime]) -> int:
    """Return the index of the finest level at whose beginning not all moments are."""
    for level in range(len(_LEVELS) - 1, 0, -1):
        name = _LEVELS[level][0]
        if any(getattr(moment, name) != _FIRST[name] for moment in moments):
            return level
    return 0


def _begins(moment: datetime, level: int) -> bool:
    """Tell whether the next coarser part begins here."""
    finer = [name for name, *_ in _LEVELS[level:]]
    # Among minutes a date stands at midnight, and not at every full hour.
    finer = ["hour", *finer] if finer[0] == "minute" else finer
    return level > 0 and all(getattr(moment, name) == _FIRST[name] for name in finer)


def _formatted(moment: Any, form: str) -> str:
    from babel.dates import format_datetime, format_skeleton

    if form.startswith("'"):
        return format_datetime(moment, form.strip("'"), locale=current_language())
    return format_skeleton(form, moment, locale=current_language())
