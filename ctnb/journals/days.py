"""Days of the account's calendar: as the user names them, and in runs without a gap."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ctnb.exceptions import ConfigError
from ctnb.leads.moments.wall_clock import account_zone

if TYPE_CHECKING:
    from collections.abc import Iterable

Day: TypeAlias = "dt.date | str"

ONE_DAY: Final = dt.timedelta(days=1)

_ISO: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_RUSSIAN: Final = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")


LAST_SECOND: Final = 86_399


class DaySpan(NamedTuple):
    """A day, or the part of it from one second to another, both of them too."""

    day: dt.date
    since: int = 0
    until: int = LAST_SECOND

    def halves(self) -> tuple[DaySpan, DaySpan] | None:
        """Return two halves, which share a second: whether the vendor takes in the last one is not known."""
        middle = (self.since + self.until) // 2
        if middle == self.since:
            return None
        return self._replace(until=middle), self._replace(since=middle)


def clock_text(second: int) -> str:
    """Write a second of the day as ``hh:mm:ss``."""
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def checked_day(day: object, name: str) -> dt.date:
    """Return a day that is a date, a datetime, or a text such as ``2026-03-01`` or ``01.03.2026``.

    Raises
    ------
    ConfigError
        For anything else.
    """
    if isinstance(day, dt.datetime) and day == day:  # noqa: PLR0124  a Timestamp is one, too; NaT is not itself
        return dt.date(day.year, day.month, day.day)
    if isinstance(day, dt.date) and not isinstance(day, dt.datetime):
        return day
    parts = (_ISO.fullmatch(day.strip()) or _RUSSIAN.fullmatch(day.strip())) if isinstance(day, str) else None
    if parts is not None:
        try:
            return dt.date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        except ValueError:
            pass
    raise ConfigError("{name}: expected a day such as '2026-03-01' or a date, got {day!r}.", name=name, day=day)


def checked_days(since: object, until: object) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a period, both of them in it.

    Raises
    ------
    ConfigError
        When one cannot be read, or the first is after the last.
    """
    first, last = checked_day(since, "since"), checked_day(until, "until")
    if first > last:
        raise ConfigError("since is {first}, after until, which is {last}. Swap them.", first=first, last=last)
    return first, last


def past_days(since: object, until: object, timezone: str) -> tuple[dt.date, dt.date]:
    """Return a period without the days to come.

    Raises
    ------
    ConfigError
        As `checked_days`, and when it has not begun.
    """
    first, last = checked_days(since, until)
    today = dt.datetime.now(account_zone(timezone)).date()
    if first > today:
        raise ConfigError(
            "since is {first}, and today is {today}: there is nothing to read yet.", first=first, today=today
        )
    return first, min(last, today)


def days_of(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every day from the first to the last, both of them too."""
    return [first + number * ONE_DAY for number in range((last - first).days + 1)]


def runs_of(days: Iterable[dt.date], longest: int) -> list[list[dt.date]]:
    """Cut days into runs without a gap, each of so many days at the most, in order."""
    ordered = sorted(days)
    runs = [[ordered[0]]] if ordered else []
    for before, day in pairwise(ordered):
        if day - before == ONE_DAY and len(runs[-1]) < longest:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
