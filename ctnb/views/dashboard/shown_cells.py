"""Columns as the sheet needs them: coded by value, as texts, as an order, as moments. Each is read once, whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from ctnb.defaults import TIMEZONE
from ctnb.i18n.labels import value_text
from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import TEXT, strings_of, texts_of
from ctnb.leads.columns.cells import distinct, is_missing
from ctnb.leads.guess_columns import holds_dates
from ctnb.leads.moments.parse import parse_moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.leads.columns.arrow_text import Strings

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

_LONGEST_CELL: Final = 300
_NUMBER: Final = re.compile(r"[+\N{MINUS SIGN}-]?\d{1,3}(?:\d*|(?:[ \u00a0\u202f]\d{3})*)(?:[.,]\d+)?")
_WHOLE: Final = 1e15
"""Floats below it are exact, and are shown without a point where they are whole."""


@dataclass(frozen=True)
class CodedColumn:
    """A column by its distinct values.

    Attributes
    ----------
    cells : Series of n categories
        To group by.
    label : callable
        Returns the text of a value that is shown.
    """

    cells: pd.Series[Any]
    label: Callable[[Any], str]

    @cached_property
    def codes(self) -> Codes:
        """The number of each row's value in `values`, from 0; -1 where it is missing."""
        return self.cells.cat.codes.to_numpy().astype(np.intp)

    @cached_property
    def values(self) -> list[Any]:
        """The distinct values in order."""
        return list(self.cells.cat.categories)

    def text(self, code: int) -> str:
        """Return the text that is shown for the value of this number, in one line."""
        return (
            gettext("(missing)") if code < 0 else " ".join(self.label(self.values[code]).split()) or gettext("(blank)")
        )

    def code(self, value: Any) -> int:
        """Return the number of a value, -1 where it is missing."""
        if pd.api.types.is_scalar(value) and pd.isna(value):
            return -1
        place: Any = self.cells.cat.categories.get_loc(value)
        return int(place)

    def counts(self, rows: Mask) -> dict[int, int]:
        """Count some rows by the number of their value, zeros too; the missing ones last, where there are any."""
        found = np.bincount(self.codes[rows] + 1, minlength=len(self.values) + 1)
        counts = {code: int(count) for code, count in enumerate(found[1:])}
        return counts | ({-1: int(found[0])} if (self.codes < 0).any() else {})

    def mask(self, codes: frozenset[int]) -> Mask:
        """Tell which rows have one of these values."""
        asked = np.zeros(len(self.values) + 1, dtype=bool)
        asked[list(codes)] = True
        return np.asarray(asked[self.codes], dtype=bool)


def as_categories(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as sorted categories, which are quick to group by."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, cells = distinct(column)
    texts = [cell for cell in cells[:-1] if isinstance(cell, str)]
    if len(texts) < len(cells) - 1:
        return column.astype("category")
    # Not by pandas: before 3.0 it takes two texts for one that differ behind a NUL.
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    merged = np.array([*(ranks[text] for text in texts), -1], dtype=np.intp)
    return pd.Series(pd.Categorical.from_codes(merged[codes], categories=pd.Index(list(ranks), dtype=object)))


def cell_text(cell: Any) -> str:
    """Return a cell as the table shows it."""
    if isinstance(cell, (list, tuple, set, np.ndarray)):
        text = ", ".join(map(value_text, cell))
    elif pd.api.types.is_scalar(cell) and pd.isna(cell):
        return ""
    elif isinstance(cell, pd.Timestamp):
        text = str(cell.floor("s")).removesuffix(" 00:00:00")
    elif isinstance(cell, (float, np.floating)) and float(cell).is_integer() and abs(float(cell)) < _WHOLE:
        text = str(int(cell))
    else:
        text = value_text(cell)
    return unicode_text(text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…")


def small_texts(column: pd.Series[Any], label: Callable[[Any], str] = cell_text) -> Strings:
    """Return the cells in small letters, to be searched; null where they are missing."""
    texts = texts_of(column)
    if texts is not None:
        return pc.utf8_lower(texts)
    if is_datetime64_any_dtype(column.dtype):
        # A hundred times as quick as one by one; what is shown leaves a midnight out.
        seconds = pa.array(moments_of(column).array, from_pandas=True).cast(pa.timestamp("s"), safe=False)
        return pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S").cast(TEXT)
    codes, cells = distinct(column)
    shown = strings_of([None if is_missing(cell) else label(cell).lower() for cell in cells])
    return shown.take(pa.array(codes))


def unicode_text(text: str) -> str:
    """Return a text as the browser gets it; a half of a pair of surrogates is no letter, and no message holds it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def holding(texts: Strings, text: str) -> Mask:
    """Tell which texts have a text in them, blanks at its ends left out."""
    found = pc.coalesce(pc.match_substring(texts, text.strip().lower()), pa.scalar(False))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def moments_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of dates as wall-clock moments; NaT where there is none."""
    if is_datetime64_any_dtype(column.dtype):
        return pd.Series(column.dt.tz_localize(None).array)
    return pd.Series(parse_moments(column, TIMEZONE).local)


def ranks_of(column: pd.Series[Any]) -> Codes:
    """Return the place of each cell in the order of the column, equal where the cells are; -1 where it is blank.

    Numbers that are text go by their size, dates by their moment, other texts by their letters.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.intp)
    if is_bool_dtype(column.dtype) or is_numeric_dtype(column.dtype) or is_datetime64_any_dtype(column.dtype):
        return np.asarray(pd.factorize(column, sort=True)[0], dtype=np.intp)
    if holds_dates(column):
        return np.asarray(pd.factorize(moments_of(column), sort=True)[0], dtype=np.intp)
    codes, cells = distinct(column)
    texts = [None if is_missing(cell) else cell_text(cell).strip() for cell in cells]
    filled = [text for text in texts if text is not None]
    keys: dict[str, Any] = dict.fromkeys(filled)
    if filled and all(map(_NUMBER.fullmatch, filled)):
        keys = {text: _size(text) for text in keys}
    else:
        keys = {text: text.casefold() for text in keys}
    places = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    ranks = np.array([-1 if text is None else places[keys[text]] for text in texts], dtype=np.intp)
    return np.asarray(ranks[codes], dtype=np.intp)


def _size(text: str) -> float:
    return float(re.sub(r"\s", "", text).replace(",", ".").replace("\N{MINUS SIGN}", "-"))
