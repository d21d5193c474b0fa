"""Dates as Excel stores them: days since the end of 1899, with the time as a fraction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import matching, texts_of
from ctnb.leads.columns.cells import distinct, is_empty, is_number, plain_text

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.leads.moments.wall_clock import Seconds

FIRST: Final = 36_526
LAST: Final = 73_050
"""The days of 2000-01-01 and 2099-12-31; other numbers are not taken for dates."""

FIRST_LOOK: Final = 100
"""Cells that are looked at before a whole column is."""

SERIAL: Final = (
    r"^(?:36(?:52[6-9]|5[3-9]\d|[6-9]\d\d)|3[7-9]\d{3}|[4-6]\d{4}|7[0-2]\d{3}|730[0-4]\d|73050)(?:[.,]\d{1,20})?$"
)
"""A serial as text: 36526 to 73050, with a fraction or without."""
_SERIAL: Final = re.compile(SERIAL, re.ASCII)
_EPOCH: Final = np.datetime64("1899-12-30", "s")
_DAY: Final = 86_400

Floats = npt.NDArray[np.float64]


def only_serials(cells: pd.Series[Any]) -> bool:
    """Tell whether a column has numbers, and all that it holds is numbers that Excel shows as dates of this century."""
    if cells.dtype.kind in "iuf":
        days = _numbers(cells)
        days = days[~np.isnan(days)]
        return bool(len(days)) and bool(_in_range(days).all())
    if cells.dtype.kind in "bmMc":
        return False
    # The first cells decide nearly always, and cost nothing.
    if any(serial_in(cell) is None and not is_empty(cell) for cell in cells.iloc[:FIRST_LOOK].tolist()):
        return False
    texts = texts_of(cells)
    if texts is not None:
        filled = texts.drop_null()
        plain = matching(filled, SERIAL)
        rest = [text for text in filled.filter(pa.array(~plain)).unique().to_pylist() if not is_empty(text)]
        return bool(plain.any() or rest) and all(serial_in(text) is not None for text in rest)
    found = [cell for cell in distinct(cells)[1] if not is_empty(cell)]
    return bool(found) and all(serial_in(cell) is not None for cell in found)


def serial_moments(cells: pd.Series[Any]) -> Seconds:
    """Return the moments of a column of serials, to the nearest second; NaT where a cell is empty."""
    if cells.dtype.kind in "iuf":
        return moments_of_days(_numbers(cells))
    texts = texts_of(cells)
    plain = np.zeros(len(cells), dtype=bool) if texts is None else matching(texts, SERIAL)
    days = np.full(len(cells), np.nan)
    if texts is not None:
        numbers = pc.replace_substring(texts.filter(pa.array(plain)), ",", ".").cast(pa.float64())
        days[plain] = numbers.to_numpy(zero_copy_only=False)
    codes, uniques = distinct(cells[~plain])
    others = [serial_in(cell) for cell in uniques]
    days[~plain] = np.array([np.nan if day is None else day for day in others])[codes]
    return moments_of_days(days)


def serial_in(cell: object) -> float | None:
    """Return the serial in a cell, a number or a text; None where there is none."""
    if isinstance(cell, str):
        text = plain_text(cell)
        return float(text.replace(",", ".")) if _SERIAL.fullmatch(text) else None
    number: Any = cell
    usable = is_number(number) and not is_empty(number) and FIRST <= number < LAST + 1
    return float(number) if usable else None


def moments_of_days(days: Floats) -> Seconds:
    """Return moments of days since the end of 1899, to the nearest second: a binary fraction is short of it."""
    known = ~np.isnan(days)
    seconds = np.rint(np.where(known, days, 0) * _DAY).astype("timedelta64[s]")
    return np.where(known, _EPOCH + seconds, np.datetime64("NaT", "s"))


def _numbers(cells: pd.Series[Any]) -> Floats:
    numbers: Floats = cells.to_numpy(dtype="float64", na_value=np.nan)
    return numbers


def _in_range(days: Floats) -> npt.NDArray[np.bool_]:
    return (days >= FIRST) & (days < LAST + 1)
