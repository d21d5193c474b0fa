"""Ids of calls and requests: whole numbers stay numbers, texts stay texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnb.leads.cells import Objects, is_empty, is_unicode, map_cells, plain_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Identifiers", "identifier_in", "parse_identifiers"]

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Ids of n cells, by position.

    Attributes
    ----------
    values : ndarray of object, shape (n,)
        int or str; None where the cell is blank or cannot be an id.
    problems : ndarray of object, shape (n,)
        Why a cell was refused; None where it was not.
    """

    values: Objects
    problems: Objects


def identifier_in(cell: object) -> tuple[int | str | None, str | None]:  # noqa: PLR0911  one for each kind of cell
    """Return the id in a cell, and why there is none if the cell is not blank.

    A number is sent as a number and means the vendor's id; a text is sent as it stands, for it may
    be any id of the lead (contract, ours).

    >>> identifier_in(4242.0), identifier_in(" 1767261234.5512 "), identifier_in(0.5)
    ((4242, None), ('1767261234.5512', None), (None, 'id 0.5 is not a whole number'))
    """
    if is_empty(cell):
        return None, None
    if isinstance(cell, str):
        text = plain_text(cell)
        if not is_unicode(text):
            return None, f"id {text[:_SHOWN]!a} is not Unicode text"
        return text, None
    if isinstance(cell, bool | np.bool_):
        return None, f"id {cell!s} is not a number or a text"
    if isinstance(cell, int | np.integer) or (isinstance(cell, float | np.floating) and float(cell).is_integer()):
        number = int(cell)
    elif isinstance(cell, float | np.floating):
        return None, f"id {cell!s} is not a whole number"
    else:
        return None, f"id {str(cell)[:_SHOWN]!r} is not a number or a text"
    if abs(number) >= 1 << 63:
        return None, f"id {number} is too large for a number; keep it as text"
    return number, None


def parse_identifiers(cells: pd.Series[Any]) -> Identifiers:
    """Return the ids of a column of any dtype, length n."""
    pairs = map_cells(cells, identifier_in)
    values, problems = np.empty(len(pairs), dtype=object), np.empty(len(pairs), dtype=object)
    for place, (value, problem) in enumerate(pairs):
        values[place], problems[place] = value, problem
    return Identifiers(values, problems)
