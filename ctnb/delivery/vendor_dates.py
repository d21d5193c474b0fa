"""Moments as the vendor writes them: looked up in a calendar and a clock, so that a column costs two gathers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_text import strings_of_matrix
from ctnb.leads.moments.wall_clock import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.moments.wall_clock import Seconds

DAY: Final = 86_400
"""Seconds of a day."""

FIRST_DAY: Final = int(np.datetime64(f"{FIRST_YEAR}-01-01", "D").astype(np.int64))

Letters: TypeAlias = npt.NDArray[np.uint8]


def vendor_dates(moments: Seconds) -> Strings:
    """Write moments as ``dd-mm-YYYY HH:MM:SS``.

    Parameters
    ----------
    moments : ndarray of datetime64[s], shape (n,)
        In the years that `wall_clock` allows. What is written for NaT means nothing.

    Returns
    -------
    large_string, length n
    """
    seconds = np.where(np.isnat(moments), np.datetime64(0, "s"), moments).astype(np.int64)
    days = seconds // DAY
    letters = np.empty((len(moments), len("dd-mm-YYYY HH:MM:SS")), dtype=np.uint8)
    letters[:, :-8] = _calendar()[days - FIRST_DAY]
    letters[:, -8:] = _clock()[seconds - days * DAY]
    return strings_of_matrix(letters)


@cache
def _calendar() -> Letters:
    """Write each day that a moment can have, with a blank after it; shape (days, 11)."""
    days = np.arange(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR + 1}-01-01", dtype="datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970
    day, month = (days - months).astype(np.int64) + 1, (months - years).astype(np.int64) + 1
    return _columns(day, "-", month, "-", year // 100, year % 100, " ")


@cache
def _clock() -> Letters:
    """Write each second of a day; shape (86400, 8)."""
    second = np.arange(DAY)
    return _columns(second // 3600, ":", second // 60 % 60, ":", second % 60)


def _columns(*columns: npt.NDArray[np.int64] | str) -> Letters:
    """Write numbers of n rows, two digits each, with signs between them."""
    pairs = np.frombuffer("".join(f"{number:02}" for number in range(100)).encode(), dtype=np.uint8).reshape(-1, 2)
    length = len(columns[0])
    signs = [
        np.full((length, 1), ord(column), dtype=np.uint8) if isinstance(column, str) else pairs[column]
        for column in columns
    ]
    return np.hstack(signs)
