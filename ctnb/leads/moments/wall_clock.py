"""The account's wall clock: moments put together from numbers, brought into its zone, kept within sane years."""

from __future__ import annotations

import zoneinfo
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.exceptions import ConfigError

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
WEST: Final = -12 * 3600
EAST: Final = 14 * 3600
"""Seconds east of UTC between which all clocks of the earth are."""

Seconds = npt.NDArray[np.datetime64]
Integers = npt.NDArray[np.int64]


def account_zone(timezone: object) -> zoneinfo.ZoneInfo:
    """Return the time zone of an IANA name; ConfigError when it is not known."""
    try:
        return zoneinfo.ZoneInfo(str(timezone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            "timezone {timezone!r} is not known. Use an IANA name such as 'Europe/Moscow'.", timezone=timezone
        ) from None


def checked_timezone(timezone: object) -> str:
    """Return the IANA name of a time zone; ConfigError when it is not known."""
    # Plain text: Python keeps time zones, and with them the name that they were first asked for by.
    return str(account_zone(timezone).key)


def assembled(
    *, year: Integers, month: Integers, day: Integers, hour: Integers, minute: Integers, second: Integers
) -> Seconds:
    """Return moments made of their parts; NaT where the calendar or the clock has no such moment."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    clock = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    # The 31st of February comes back as a day of March: the round trip shows it.
    real = (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    real &= (hour < 24) & (minute < 60) & (second < 60)
    return np.where(real, days.astype("datetime64[s]") + clock, np.datetime64("NaT", "s"))


def wall_clock(instants: Seconds, zone: zoneinfo.ZoneInfo) -> Seconds:
    """Return UTC instants as the wall clock of a zone; NaT where the year is out of range."""
    # A year more on each side, for the wall clock may be in another year than UTC.
    safe = within_years(instants, margin=1)
    local: Seconds = pd.DatetimeIndex(safe).tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy()
    return within_years(local.astype("datetime64[s]"))


def within_years(moments: Seconds, margin: int = 0) -> Seconds:
    """Return moments, NaT in the place of those of years that no lead has."""
    years = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    fits = (years >= FIRST_YEAR - margin) & (years <= LAST_YEAR + margin)
    return np.where(fits, moments, np.datetime64("NaT", "s"))
