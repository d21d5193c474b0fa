"""Moments in two columns: the date in one, and the time in the other."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import TEXT, Strings, joined, matching, mended, strings_of, text, texts_of
from ctnb.leads.columns.cells import distinct, is_empty, is_number, plain_text
from ctnb.leads.moments.serials import serial_moments

MIDNIGHT: Final = r"[ Tt]+0?0:00(?::00(?:[.,]0+)?)?$"
PLAIN_TIME: Final = r"^[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$"
# A day that programs put before a time which has none.
_NO_DAY: Final = re.compile(
    r"(?:1899-12-3[01]|1900-01-0[01]|1970-01-01|0001-01-01|3[01]\.12\.1899|0[01]\.01\.1900|01\.01\.(?:1970|0001))[ Tt]+"
)
_FRACTION: Final = re.compile(r"0(?:[.,][0-9]{1,20})?")
_LAST_SECOND: Final = 86_399


def in_one_column(dates: pd.Series[Any], times: pd.Series[Any], *, serials: bool) -> pd.Series[Any]:
    """Put date and time of each row together as text.

    Parameters
    ----------
    dates, times : Series, shape (n,)
        Any dtype. A time may be text, a time of Python's, a duration, or Excel's fraction of a day.
    serials : bool
        Whether all dates are as Excel stores them, as `only_serials` tells of the whole column.

    Returns
    -------
    Series of text, shape (n,)
        Missing where there is no date; the date alone where there is no time. A date that has a time of its own
        keeps it, unless that is midnight, so that the two together are no moment.
    """
    days, clock = _dates(dates, serials=serials), _times(times)
    timed = clock.is_valid()
    bare = pc.if_else(timed, pc.replace_substring_regex(days, MIDNIGHT, ""), days)
    whole = pc.if_else(timed, joined(bare, text(" "), clock.fill_null(text(""))), days)
    return pd.Series(pd.arrays.ArrowExtensionArray(whole), index=dates.index)


def _dates(cells: pd.Series[Any], *, serials: bool) -> Strings:
    """Return dates as text; null where a cell is empty."""
    if serials or (isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M"):
        moments = serial_moments(cells) if serials else cells.to_numpy().astype("datetime64[s]")
        # Not at once: Arrow 15 makes no large strings of NumPy's texts.
        written = pa.array(np.datetime_as_string(moments)).cast(TEXT)
        return pc.if_else(pa.array(np.isnat(moments)), pa.scalar(None, TEXT), written)
    return _texts(cells, _date_in)


def _times(cells: pd.Series[Any]) -> Strings:
    """Return times as text; null where a cell is empty."""
    texts = texts_of(cells)
    if texts is None:
        return _texts(cells, _time_in)
    others = ~matching(texts, PLAIN_TIME) & texts.is_valid().to_numpy(zero_copy_only=False)
    tidy = mended(texts, others, lambda cell: _time_in(cell) or "")
    return pc.if_else(pc.equal(tidy, text("")), pa.scalar(None, TEXT), tidy)


def _texts(cells: pd.Series[Any], write: Any) -> Strings:
    """Write each distinct cell once."""
    codes, uniques = distinct(cells)
    return strings_of([write(cell) for cell in uniques]).take(pa.array(codes))


def _date_in(cell: object) -> str | None:
    return None if is_empty(cell) else plain_text(_written(cell))


def _time_in(cell: object) -> str | None:
    """Return the time in a cell, of whatever type, as text."""
    if is_empty(cell):
        return None
    if isinstance(cell, dt.timedelta | np.timedelta64):
        return _of_seconds(math.floor(pd.Timedelta(cell).total_seconds()))
    if is_number(cell):
        return _of_seconds(float(cell) * 86_400) if 0 <= cell < 1 else _written(cell)  # type: ignore[arg-type, operator]
    if not isinstance(cell, str):
        return _NO_DAY.sub("", _written(cell), count=1)
    time = plain_text(cell)
    if _FRACTION.fullmatch(time):
        return _of_seconds(float(time.replace(",", ".")) * 86_400)
    return _NO_DAY.sub("", time, count=1) if _NO_DAY.match(time) else time


def _of_seconds(seconds: float) -> str:
    """Write seconds since midnight as a time; what is no time of a day is left to fail as a moment."""
    if not 0 <= seconds <= _LAST_SECOND + 1:
        return f"{seconds} s"
    minutes, second = divmod(min(math.floor(seconds + 0.5), _LAST_SECOND), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


def _written(cell: object) -> str:
    """Return a cell as text that UTF-8 can hold; a number too long for Python to write as its type."""
    try:
        return str(cell).encode("utf-8", "replace").decode("utf-8")
    except ValueError:
        return type(cell).__name__
