"""Cells that every file can hold and no spreadsheet runs: an apostrophe keeps a formula text, and comes off again."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from datetime import datetime
from numbers import Integral, Real
from string import ascii_letters
from typing import Any, Final

import numpy as np
import pandas as pd

from ctnb.tables.numbers import MOST_DIGITS

# Blanks and what has no width: some spreadsheets trim them first.
BLANK: Final = (
    r"[\s\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
FORMULA: Final = re.compile(rf"[\t\r\n]|{BLANK}*(?P<signed>[=+\-@＝＋－＠].*)", re.DOTALL)
NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
# After "+7 9" or "+7 (915)" a spreadsheet can no longer read arithmetic, and without a letter no function or cell.
PHONE: Final = re.compile(r"\+\d{1,3}(?:[ \xa0]\d|[ \xa0]?\(\d{2,5}\))[\d \xa0(),;.+-]*")
HARMLESS: Final = frozenset("0123456789" + ascii_letters + "".join(map(chr, range(0x410, 0x450))))
"""What most texts begin with: a digit or a letter, with which no formula begins."""
UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers, booleans and naive dates as they are, everything else as safe text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        each = [*map(safe_cell, column.cat.categories.tolist()), None]
        return pd.Series([each[code] for code in column.cat.codes.tolist()], dtype=object)
    if _is_plain(column):
        return column
    values = column.astype(object).where(column.notna(), None).tolist()
    # Most columns repeat a few texts.
    safe: dict[str | None, str | None] = {
        text: safe_text(text) for text in {cell for cell in values if type(cell) is str}
    }
    safe[None] = None
    cells = [safe[cell] if cell is None or type(cell) is str else safe_cell(cell) for cell in values]
    # Not map, which would make floats of whole numbers with a gap.
    return pd.Series(cells, dtype=object)


def _is_plain(column: pd.Series[Any]) -> bool:
    """Tell whether a column holds nothing but booleans, naive dates and numbers that a sheet keeps whole."""
    dtype = column.dtype
    if pd.api.types.is_integer_dtype(dtype):
        return bool(column.dropna().between(-(10**MOST_DIGITS), 10**MOST_DIGITS, inclusive="neither").all())
    plain = pd.api.types.is_float_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)
    # Arrow's dates and moments have the same kind, those with a time zone among them: they are seen to one by one.
    return plain or (isinstance(dtype, np.dtype) and dtype.kind == "M")


def safe_cell(value: Any) -> Any:
    """Return a cell for a sheet."""
    text = plain_text(value)
    if text is None or isinstance(value, str) or is_many(value):
        return text and safe_text(text)
    if isinstance(value, Real) and not (isinstance(value, Integral) and abs(int(value)) >= 10**MOST_DIGITS):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.tzinfo else value
    return safe_text(text)


def plain_text(value: Any) -> str | None:
    """Return any cell as text, what a list holds with commas between; None for a missing one."""
    if is_many(value):
        parts = [str(part) for part in value]
        return ", ".join(sorted(parts) if isinstance(value, AbstractSet) else parts)
    return None if not isinstance(value, str) and pd.isna(value) else str(value)


def is_many(value: object) -> bool:
    """Tell whether a cell holds a list, a set or an array."""
    return pd.api.types.is_list_like(value) and not isinstance(value, dict)


def safe_text(text: str) -> str:
    """Return text that no spreadsheet runs and every file can hold."""
    if text[:1] in HARMLESS and text.isprintable():
        return text
    text = UNWRITABLE.sub("\ufffd", text)
    return f"'{text}" if runs(text) else text


def unguarded(text: str) -> str:
    """Return text without the apostrophe that `safe_text` puts in front."""
    return text[1:] if text.startswith("'") and runs(text) else text


def runs(text: str) -> bool:
    """Tell whether text, apostrophes aside, would run as a formula."""
    found = FORMULA.match(text.lstrip("'"))
    if found is None:
        return False
    signed = found["signed"]
    return signed is None or not (NUMBER.fullmatch(signed) or PHONE.fullmatch(signed))
