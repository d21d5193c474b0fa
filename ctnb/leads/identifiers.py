"""Ids of calls and requests: whole numbers stay numbers, texts stay texts."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import TEXT, Strings, matching, strings_of, texts_of
from ctnb.leads.columns.cells import (
    EXACT_FLOAT,
    INVISIBLE,
    described,
    distinct,
    is_empty,
    is_number,
    is_unicode,
    plain_text,
)
from ctnb.leads.columns.problems import Problems
from ctnb.leads.spreadsheet_numbers import (
    LOST_DIGITS,
    LostDigitsError,
    is_inexact,
    is_point_zero,
    is_whole,
    number_in,
    only_whole,
)
from ctnb.masking import Strength, masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ctnb.leads.columns.arrow_text import Flags

LONGEST_SHOWN: Final = 40

# What needs no tidying; no placeholder is written so, for those that are words begin with an n.
PLAIN: Final = r"^[0-9A-MO-Za-mo-z][0-9A-Za-z._-]*$"
# The integer column with a gap, as pandas writes it, up to what a float is sure of.
PLAIN_POINT_ZERO: Final = r"^(?:0|[1-9][0-9]{0,14})[.]0+$"
LARGEST_ID: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Ids of n cells, by row.

    Attributes
    ----------
    texts : large_string, length n
        Null where the cell is blank or cannot be an id.
    numeric : ndarray of bool, shape (n,)
        Whether the id is a number: the vendor's own id, as the contract has it.
    problems : Problems, length n
        Why a cell was refused.
    """

    texts: Strings
    numeric: npt.NDArray[np.bool_]
    problems: Problems

    @classmethod
    def stacked(cls, parts: Sequence[Identifiers]) -> Identifiers:
        """Return the ids of several windows, one below the other."""
        return cls(
            pa.concat_arrays([part.texts for part in parts]),
            np.concatenate([part.numeric for part in parts]),
            Problems.stacked([part.problems for part in parts]),
        )

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Whether there is an id, shape (n,)."""
        found: npt.NDArray[np.bool_] = self.texts.is_valid().to_numpy(zero_copy_only=False)
        return found

    def at(self, row: int) -> int | str | None:
        """Return the id of one row."""
        text: str | None = self.texts[row].as_py()
        return int(text) if text is not None and self.numeric[row] else text


def identifier_in(cell: object, *, whole: bool = True) -> tuple[int | str | None, str | None]:
    """Return the id in a cell, and why there is none if the cell is not blank.

    A number is sent as a number and means the vendor's id; a text is sent as it stands, but for signs that nobody
    sees, for it may be any id of the lead (contract, ours). A number that has lost digits is refused: a wrong digit
    would put the comment on somebody else's lead.

    Parameters
    ----------
    cell : object
    whole : bool
        Whether the cell's column holds whole numbers only, as `only_whole` tells: then ``1013.0`` is one, else it
        may be the id of a telephone exchange.

    Examples
    --------
    >>> identifier_in(4242.0), identifier_in(" 1767261234.5512 "), identifier_in(0.5)
    ((4242, None), ('1767261234.5512', None), (None, 'id 0.5 is not a whole number'))
    >>> identifier_in("1013.0"), identifier_in("1 900 000 001"), identifier_in("1,900000001E+09")
    ((1013, None), (1900000001, None), (1900000001, None))
    """
    if isinstance(cell, str):
        cell = plain_text(INVISIBLE.sub("", cell))
    if is_empty(cell):
        return None, None
    if isinstance(cell, str):
        return _in_text(cell, whole=whole)
    if not is_number(cell):
        return None, gettext("id {value} is not a number or a text", value=described(cell))
    return _whole_number(cell, whole=whole)


def _in_text(text: str, *, whole: bool) -> tuple[int | str | None, str | None]:
    """Return the id in a text without marks, and why there is none."""
    if not is_unicode(text):
        return None, gettext("id {value} is not Unicode text", value=ascii(text[:LONGEST_SHOWN]))
    try:
        number = number_in(text)
    except LostDigitsError:
        return None, _lost(text)
    if number is None:
        return text, None
    if number != int(number):
        return None, gettext("id {value} is not a whole number", value=_masked(text))
    if not whole and is_point_zero(text):
        return None, _unsure(text)
    return int(number), None


def _whole_number(cell: Any, *, whole: bool) -> tuple[int | None, str | None]:
    """Return a number as the int that it is, and why it cannot be an id."""
    if not isinstance(cell, Integral):
        if not is_whole(cell):
            return None, gettext("id {value} is not a whole number", value=_masked(cell))
        if is_inexact(cell):
            return None, _lost(cell)
        if not whole:
            return None, _unsure(cell)
    number = int(cell)
    if abs(number) >= 1 << 63:
        return None, gettext("an id of more than 18 digits is too large for a number; keep it as text")
    return number, None


def _masked(cell: object) -> str:
    return masked(str(cell), Strength.SHARED)


def _lost(cell: object) -> str:
    return gettext("id {value}: {reason}", value=_masked(cell), reason=gettext(LOST_DIGITS))


def _unsure(cell: object) -> str:
    return gettext(
        "id {value} may be a whole number, or an id that ends in .0, for its column holds other ids than "
        "whole numbers: write it as text, as it stands in the account",
        value=_masked(cell),
    )


def parse_identifiers(cells: pd.Series[Any], *, whole: bool | None = None) -> Identifiers:
    """Read the ids of a column.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype. What is plain is read whole; each other distinct cell once.
    whole : bool, optional
        What `only_whole` tells of the column that the cells are a part of; by default they are all of it.

    Returns
    -------
    Identifiers
        n cells; in each exactly what `identifier_in` finds in it.
    """
    if whole is None:
        whole = only_whole(cells)
    texts = texts_of(cells)
    if texts is not None:
        texts, numeric, plain = _plain_texts(texts, whole=whole)
    else:
        texts, plain = _whole_numbers(cells, whole=whole)
        numeric = texts.is_valid().to_numpy(zero_copy_only=False) & plain
    if plain.all():
        return Identifiers(texts, numeric, Problems.none(len(cells)))
    rest = np.flatnonzero(~plain)
    read = _by_distinct(cells.iloc[rest], whole=whole)
    numeric[rest] = read.numeric
    return Identifiers(
        pc.replace_with_mask(texts, pa.array(~plain), read.texts), numeric, read.problems.spread(rest, len(cells))
    )


def _plain_texts(texts: Strings, *, whole: bool) -> tuple[Strings, Flags, Flags]:
    """Return ids that stand as they are, which of them are numbers, and which cells that settles, each of n rows."""
    plain = matching(texts, PLAIN) | ~texts.is_valid().to_numpy(zero_copy_only=False)
    numeric = np.zeros(len(texts), dtype=bool)
    zero = pc.match_substring(texts, ".0").fill_null(False).to_numpy(zero_copy_only=False)
    if zero.any():
        if whole:
            numeric = zero & matching(texts, PLAIN_POINT_ZERO)
            texts = pc.if_else(pa.array(numeric), pc.replace_substring_regex(texts, "[.]0+$", ""), texts)
        plain &= ~zero | numeric
    return texts, numeric, plain


def _whole_numbers(cells: pd.Series[Any], *, whole: bool) -> tuple[Strings, npt.NDArray[np.bool_]]:
    """Write the whole numbers of a numeric column; also tell which cells that settles, shape (n,)."""
    values = cells.to_numpy() if isinstance(cells.dtype, np.dtype) else None
    if values is not None and values.dtype.kind in "iu":
        settled = (values <= LARGEST_ID) & (values >= -LARGEST_ID)
        return pa.array(values).cast(TEXT), settled
    if values is not None and values.dtype == np.float64:
        sure = np.abs(values) < EXACT_FLOAT
        sure &= (values == np.floor(values)) & whole
        numbers = np.where(sure, values, 0).astype(np.int64)
        return pa.array(numbers, mask=~sure).cast(TEXT), sure | np.isnan(values)
    if cells.dtype == "Int64":
        numbers = pa.array(cells.array)
        smallest = pc.less(numbers, -LARGEST_ID).fill_null(False).to_numpy(zero_copy_only=False)
        return numbers.cast(TEXT), ~smallest
    return pa.nulls(len(cells), TEXT), np.zeros(len(cells), dtype=bool)


def _by_distinct(cells: pd.Series[Any], *, whole: bool) -> Identifiers:
    """Read each distinct cell once."""
    codes, uniques = distinct(cells)
    pairs = [identifier_in(cell, whole=whole) for cell in uniques]
    texts = strings_of([None if value is None else str(value) for value, _ in pairs])
    numeric = np.array([isinstance(value, int) for value, _ in pairs])
    problems = Problems.of([problem for _, problem in pairs])
    return Identifiers(texts.take(pa.array(codes)), numeric[codes], problems.take(codes))
