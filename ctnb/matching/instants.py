"""Instants: wall-clock times of the account put on the one line that distances are measured on.

An instant is a whole number of microseconds since 1970 in UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    import zoneinfo

    from ctnb.leads.moments.wall_clock import Seconds

Instants = npt.NDArray[np.int64]

NO_INSTANT: Final = np.iinfo(np.int64).min
"""Where there is no time; NumPy's own NaT."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_DAY_SECONDS: Final = 86_400


def instants(local: Seconds, zone: zoneinfo.ZoneInfo) -> Instants:
    """Return wall-clock times as instants.

    Parameters
    ----------
    local : ndarray of datetime64[s], shape (n,)
        NaT where there is none.
    zone : ZoneInfo

    Returns
    -------
    ndarray of int64, shape (n,)
        Microseconds; `NO_INSTANT` for NaT. Of a time that the clock shows twice the first is meant; one that it
        skips is moved on by as much as it skips (ours: the vendor does not say).
    """
    seconds = local.astype("datetime64[s]").astype(np.int64)
    missing = np.isnat(local)
    days, names = pd.factorize(np.where(missing, 0, seconds) // _DAY_SECONDS)
    steady = np.array([_steady_offset(int(day), zone) for day in names.tolist()], dtype=object)
    offsets = np.array([0 if offset is None else offset for offset in steady], dtype=np.int64)[days]
    changing = np.array([offset is None for offset in steady], dtype=bool)[days]
    if changing.any():
        # A day on which the clock is changed has 86,400 different times at most.
        codes, times = pd.factorize(seconds[changing])
        offsets[changing] = np.array([_offset(int(time), zone) for time in times.tolist()], dtype=np.int64)[codes]
    return np.where(missing, NO_INSTANT, (seconds - offsets) * SECOND)


def _steady_offset(day: int, zone: zoneinfo.ZoneInfo) -> int | None:
    """Return the seconds east of UTC on a day, numbered from 1970; None where they change."""
    begin, end = (_offset((day + later) * _DAY_SECONDS, zone) for later in (0, 1))
    return begin if begin == end else None


def _offset(seconds: int, zone: zoneinfo.ZoneInfo) -> int:
    """Return the seconds east of UTC at a wall-clock time, in seconds from 1970 on the same clock."""
    days, rest = divmod(seconds, _DAY_SECONDS)
    midnight = dt.datetime.fromordinal(_EPOCH + days).replace(tzinfo=zone)
    offset = (midnight + dt.timedelta(seconds=rest)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
