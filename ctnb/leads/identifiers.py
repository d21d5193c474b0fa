"""Ids of calls and requests: whole numbers stay numbers, texts stay texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnb.leads.cells import Objects, described, is_empty, is_unicode, map_cells, plain_text
from ctnb.leads.contacts import without_contacts

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


def identifier_in(cell: object) -> tuple[int | str | None, str | None]:
    """Return the id in a cell, and why there is none if the cell is not blank.

    A number is sent as a number and means the vendor's id; a text is sent as it stands, for it may
    be any id of the lead (contract, ours). A float too large to be sure of its digits is refused: a
    wrong digit would put the comment on somebody else's lead.

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
    # A duration of NumPy calls itself a whole number.
    misnamed = isinstance(cell, bool | np.bool_ | np.timedelta64)
    if misnamed or not isinstance(cell, int | float | np.integer | np.floating | Decimal):
        return None, f"id {described(cell)} is not a number or a text"
    return _whole_number(cell)


def _whole_number(cell: Any) -> tuple[int | None, str | None]:
    """Return a number as the int that it is, and why it cannot be an id."""
    if not isinstance(cell, int | np.integer):
        if not math.isfinite(cell) or cell % 1:
            return None, f"id {without_contacts(str(cell))} is not a whole number"
        if not isinstance(cell, Decimal) and abs(cell) >= 1 << (np.finfo(type(cell)).nmant + 1):
            return None, f"id {without_contacts(str(cell))} has lost its last digits; export the column as text"
    number = int(cell)
    if abs(number) >= 1 << 63:
        return None, "an id of more than 18 digits is too large for a number; keep it as text"
    return number, None


def parse_identifiers(cells: pd.Series[Any]) -> Identifiers:
    """Return the ids of a column of any dtype, length n."""
    pairs = map_cells(cells, identifier_in)
    values, problems = np.empty(len(pairs), dtype=object), np.empty(len(pairs), dtype=object)
    for place, (value, problem) in enumerate(pairs):
        values[place], problems[place] = value, problem
    return Identifiers(values, problems)
