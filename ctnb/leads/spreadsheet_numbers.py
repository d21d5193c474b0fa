"""Numbers as spreadsheets and pandas write them: which columns hold whole ones only, and which have lost digits."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Integral
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import N_, gettext
from ctnb.leads.columns.arrow_text import matching, texts_of
from ctnb.leads.columns.cells import EXACT_FLOAT, INVISIBLE, distinct, exact_below, is_empty, is_number, plain_text
from ctnb.leads.columns.problems import Problems
from ctnb.masking import Strength, masked

POINT_ZERO: Final = r"^(?:0|[1-9][0-9]{0,17})[.,]0+$"
"""What pandas writes for a whole number in a column with a gap; an Asterisk id may end so, too."""
_WHOLE: Final = r"^[0-9]+$"

_GAPS: Final = " \u00a0\u2007\u2009\u202f"
_GROUPED: Final = re.compile(rf"[1-9][0-9]{{0,2}}(?P<gap>[{_GAPS}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*(?:[.,]0+)?")
# As a spreadsheet, or Python, writes a number that is too long for its cell.
_POWER: Final = re.compile(r"(?P<first>[0-9])(?:[.,](?P<part>[0-9]{1,20}))?E\+(?P<power>[0-9]{1,3})", re.IGNORECASE)
# Digits enough for a float to be unsure of the last ones.
_MAY_HAVE_LOST: Final = rf"[0-9]E\+|[0-9]e\+|[0-9]{{16}}[.,]0|(?:[{_GAPS}][0-9]{{3}}){{5}}"
_POINT_ZERO: Final = re.compile(POINT_ZERO)


class LostDigitsError(ValueError):
    """A number whose last digits are not those that it once had."""


def number_in(text: str) -> Decimal | None:
    """Return the number that a spreadsheet or pandas wrote as a text; None where it is a text of its own."""
    power = _POWER.fullmatch(text)
    if power:
        part = power["part"] or ""
        number = Decimal(f"{power['first']}.{part or 0}").scaleb(int(power["power"]))
        if len(part) < int(power["power"]) or number >= EXACT_FLOAT:
            raise LostDigitsError
        return number
    if is_point_zero(text) or _GROUPED.fullmatch(text):
        number = Decimal("".join(sign for sign in re.sub("[.,]0+$", "", text) if sign.isdecimal()))
        if number >= EXACT_FLOAT:
            raise LostDigitsError
        return number
    return None


def is_point_zero(text: str) -> bool:
    """Tell whether a text is a whole number with a zero behind its point, such as ``1013.0``."""
    return _POINT_ZERO.fullmatch(text) is not None


def is_whole(number: Any) -> bool:
    """Tell whether a number is a whole one."""
    return isinstance(number, Integral) or (math.isfinite(number) and int(number) == number)


def is_inexact(number: Any) -> bool:
    """Tell whether a whole number may be another one than was meant."""
    return isinstance(number, float | np.floating) and bool(abs(float(number)) >= exact_below(number))


LOST_DIGITS: Final = N_("the spreadsheet lost final digits, export the column as text")
"""What a problem says, after the value, of a number that a spreadsheet has rounded."""


def lost_keys(cells: pd.Series[Any]) -> Problems:
    """Tell in which cells of a key a number has lost its last digits, so that it cannot name anything.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype.

    Returns
    -------
    Problems, length n
    """
    texts = texts_of(cells)
    if texts is not None:
        rows = np.flatnonzero(matching(texts, _MAY_HAVE_LOST))
    elif cells.dtype.kind in "iub":
        rows = np.empty(0, dtype=np.intp)
    elif cells.dtype == np.float64:
        rows = np.flatnonzero(np.abs(cells.to_numpy()) >= EXACT_FLOAT)
    else:
        rows = np.arange(len(cells))
    if not len(rows):
        return Problems.none(len(cells))
    codes, uniques = distinct(cells.iloc[rows])
    found = Problems.of([_lost_key(cell) if _has_lost(cell) else None for cell in uniques])
    return found.take(codes).spread(rows, len(cells))


def _lost_key(cell: object) -> str:
    """Say that a key has lost digits, contacts masked."""
    return gettext("key {value}: {reason}", value=masked(str(cell), Strength.SHARED), reason=gettext(LOST_DIGITS))


def _has_lost(cell: object) -> bool:
    if isinstance(cell, str):
        try:
            number_in(plain_text(cell))
        except LostDigitsError:
            return True
        return False
    number: Any = cell
    return is_number(number) and not is_empty(number) and is_whole(number) and is_inexact(number)


def only_whole(cells: pd.Series[Any]) -> bool:
    """Tell whether all that a column holds is whole numbers, in whatever form, so that ``1013.0`` is one of them.

    True, too, where nothing in the column ends in ``.0``.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return all(map(_says_whole, distinct(cells)[1]))
    if cells.dtype.kind in "iub":
        return True
    if cells.dtype.kind == "f":
        values = cells.to_numpy(dtype="float64", na_value=np.nan)
        values = values[~np.isnan(values)]
        return bool((np.isfinite(values) & (values == np.floor(values))).all())
    texts = texts_of(cells)
    if texts is None:
        return all(map(_says_whole, distinct(cells)[1]))
    if not any(pc.any(pc.match_substring(texts, zero)).as_py() for zero in (".0", ",0")):
        return True
    others = ~matching(texts, _WHOLE) & ~matching(texts, POINT_ZERO) & texts.is_valid().to_numpy(zero_copy_only=False)
    return all(_says_whole(text) for text in texts.filter(pa.array(others)).unique().to_pylist())


def _says_whole(cell: object) -> bool:
    """Tell whether a cell is empty or a whole number, its digits lost or not."""
    if isinstance(cell, str):
        cell = plain_text(INVISIBLE.sub("", cell))
    if is_empty(cell):
        return True
    if not isinstance(cell, str):
        return is_number(cell) and is_whole(cell)
    try:
        number = Decimal(cell) if cell.isascii() and cell.isdecimal() else number_in(cell)
    except LostDigitsError:
        return True
    return number is not None and number == int(number)
