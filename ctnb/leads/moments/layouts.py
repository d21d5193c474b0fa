"""Dates of a fixed layout, read from the bytes of a whole column at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import Flags, Strings, matrix_of
from ctnb.leads.moments.wall_clock import EAST, Integers, Seconds, assembled, wall_clock, within_years

if TYPE_CHECKING:
    import zoneinfo

LAYOUTS: Final = (
    "DD.MM.YYYY hh:mm:ss",
    "DD.MM.YYYY hh:mm",
    "DD.MM.YYYY",
    "DD-MM-YYYY hh:mm:ss",
    "DD-MM-YYYY hh:mm",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DD",
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DDThh:mm:ssZ",
    "YYYY-MM-DDThh:mm:ss+HH:NN",
)
"""The layouts that are read here: letters stand for digits, HH:NN for an offset east of UTC, the rest for itself.

Every other way to write a date, and every text that fits a layout and is no real moment, is left to `parse`.
"""

NUMBERS: Final = {"year": "Y", "month": "M", "day": "D", "hour": "h", "minute": "m", "second": "s"}
DIGITS: Final = frozenset("YMDhmsHN")
ZERO: Final = ord("0")

Letters = npt.NDArray[np.uint8]


def read_layouts(texts: Strings, zone: zoneinfo.ZoneInfo) -> tuple[Seconds, Flags]:
    """Read the texts that have one of the layouts.

    Parameters
    ----------
    texts : large_string, length n
    zone : ZoneInfo
        The account's; what has an offset is brought into it.

    Returns
    -------
    local : ndarray of datetime64[s], shape (n,)
        NaT where nothing was read.
    settled : ndarray of bool, shape (n,)
        Whether the text was read, or is null.
    """
    local = np.full(len(texts), "NaT", dtype="datetime64[s]")
    widths = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False)
    for width in {len(layout) for layout in LAYOUTS}:
        rows = np.flatnonzero(widths == width)
        if not len(rows):
            continue
        letters = matrix_of(texts, rows, width)
        for layout in LAYOUTS:
            if len(layout) == width and len(rows):
                fits = _fits(letters, layout)
                local[rows[fits]] = _read(letters[fits], layout, zone)
                rows, letters = rows[~fits], letters[~fits]
    return local, ~np.isnat(local) | texts.is_null().to_numpy(zero_copy_only=False)


def _fits(letters: Letters, layout: str) -> Flags:
    """Tell which rows of bytes, shape (n, width), have digits and signs where the layout has them."""
    fits = np.ones(len(letters), dtype=bool)
    for index, sign in enumerate(layout):
        column = letters[:, index]
        # A byte below the zero wraps round and is large.
        fits &= column - np.uint8(ZERO) < 10 if sign in DIGITS else column == ord(sign)
    return fits


def _read(letters: Letters, layout: str, zone: zoneinfo.ZoneInfo) -> Seconds:
    """Put the numbers of rows that fit a layout together; NaT where they name no real moment."""
    numbers = {name: _number(letters, layout, sign) for name, sign in NUMBERS.items()}
    local = assembled(**numbers)
    if layout.endswith("Z"):
        return wall_clock(local, zone)
    if "H" in layout:
        hours, minutes = _number(letters, layout, "H"), _number(letters, layout, "N")
        east = hours * 3600 + minutes * 60
        instants = local - east.astype("timedelta64[s]")
        return wall_clock(np.where((east <= EAST) & (minutes < 60), instants, np.datetime64("NaT", "s")), zone)
    return within_years(local)


def _number(letters: Letters, layout: str, sign: str) -> Integers:
    """Read the digits that a layout marks with a sign; zeros where it has none."""
    number = np.zeros(len(letters), dtype=np.int64)
    for index, marked in enumerate(layout):
        if marked == sign:
            number = number * 10 + (letters[:, index] - np.uint8(ZERO))
    return number
