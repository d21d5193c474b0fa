"""A column of contacts: what could be read in each cell, and what could not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "LONGEST_CELL",
    "NOTHING",
    "Contacts",
    "Found",
    "distinct",
    "is_empty",
    "mask_email",
    "mask_phone",
    "merged",
    "plain_text",
    "read_contacts",
    "scalars",
    "shown",
]

LONGEST_CELL: Final = 2_000
"""Characters of a cell that are read; a longer one is a note, not a list of contacts."""

LONGEST_SHOWN: Final = 60
MOST_PROBLEMS: Final = 3
DEEPEST_LIST: Final = 3

PLACEHOLDERS: Final = frozenset({"", "-", "–", "—", "nan", "nat", "none", "null", "n/a", "#n/a", "<na>", "нет"})
"""What exports write into an empty cell, in lower case."""

FORMULA_TEXT: Final = re.compile(r'=\s*"(.*)"', re.DOTALL)
TEXT_MARKS: Final = "'’‘`"
HASHED: Final = frozenset({str, int, float, type(None), type(pd.NA)})


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of n cells, by position.

    Attributes
    ----------
    values : ndarray of object, shape (n,)
        A tuple of str in each place, in the order of the cell, without repeats; empty where none is valid.
    problems : ndarray of object, shape (n,)
        Why a part of the cell was refused, contacts masked; None where nothing was.
    """

    values: npt.NDArray[np.object_]
    problems: npt.NDArray[np.object_]


class Found(NamedTuple):
    """Contacts of one cell.

    Attributes
    ----------
    contacts : tuple of str
        What is valid, in the order of the cell, without repeats.
    problem : str or None
        Why a part of the cell was refused, contacts masked.
    """

    contacts: tuple[str, ...] = ()
    problem: str | None = None


NOTHING: Final = Found()
"""What is found in a missing cell: no contact, and no problem."""


def read_contacts(cells: pd.Series[Any], read: Callable[[object], Found]) -> Contacts:
    """Apply a reader of one cell to a column, once for each distinct cell.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype and any index; the index is not looked at.
    read : callable
        Pure function of one cell.

    Returns
    -------
    Contacts
        n places, in the order of the column.
    """
    codes, uniques = distinct(cells)
    founds = [read(cell) for cell in uniques]
    values = as_objects([found.contacts for found in founds])
    problems = as_objects([found.problem for found in founds])
    return Contacts(values[codes], problems[codes])


def distinct(cells: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[object]]:
    """Factorize a column whose cells need not be hashable, equal values of other types kept apart.

    Returns
    -------
    codes : ndarray of intp, shape (n,)
        Places in `uniques`; -1 is a missing cell.
    uniques : list
        The distinct cells, and a None after them, so that -1 is a place too.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.cat.codes.to_numpy().astype(np.intp), [*cells.cat.categories, None]
    if cells.dtype == object and pd.api.types.infer_dtype(cells, skipna=True) != "string":
        return distinct_objects(cells.to_numpy())
    codes, uniques = pd.factorize(cells)
    if pd.api.types.is_string_dtype(cells.dtype):
        return codes, [*np.asarray(uniques, dtype=object), None]
    # A numpy array gives numpy scalars: as a Python float, a float32 would hide how narrow it was.
    narrow = isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "f"
    return codes, [*(np.asarray(uniques) if narrow else uniques), None]


def distinct_objects(cells: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.intp], list[object]]:
    """Do the work of `distinct` for mixed objects: 1, 1.0 and True are three cells."""
    places: dict[object, int] = {}
    uniques: list[object] = []
    codes = np.empty(len(cells), dtype=np.intp)
    for row, cell in enumerate(cells):
        # Only plain types are sure to hash and to compare without surprises.
        place = places.setdefault((type(cell), cell), len(uniques)) if type(cell) in HASHED else len(uniques)
        if place == len(uniques):
            uniques.append(cell)
        codes[row] = place
    return codes, [*uniques, None]


def as_objects(items: Sequence[object]) -> npt.NDArray[np.object_]:
    """Return a flat array of objects; numpy would make a table of equally long tuples."""
    column = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        column[place] = item
    return column


def scalars(cell: object, depth: int = 0) -> Iterator[object]:
    """Yield what a cell holds: the items of a list, tuple, set or array, else the cell itself."""
    if depth < DEEPEST_LIST and isinstance(cell, list | tuple | np.ndarray | pd.Series | pd.Index):
        for item in cell.ravel() if isinstance(cell, np.ndarray) else cell:
            yield from scalars(item, depth + 1)
    elif depth < DEEPEST_LIST and isinstance(cell, set | frozenset):
        # A set has no order of its own, and a run must not depend on the hash seed.
        for item in sorted(cell, key=lambda item: (type(item).__name__, item if isinstance(item, str) else "")):
            yield from scalars(item, depth + 1)
    else:
        yield cell


def is_empty(cell: object) -> bool:
    """Tell whether a scalar is empty: None, NaN, NaT, NA, blank text or a placeholder."""
    if isinstance(cell, str):
        return plain_text(cell).lower() in PLACEHOLDERS
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    if isinstance(cell, np.datetime64):
        return bool(np.isnat(cell))
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, Decimal) and cell.is_nan())


def plain_text(text: str) -> str:
    """Strip blanks and a spreadsheet's text mark: ``'79157771122`` and ``="79157771122"``."""
    text = text.strip()
    wrapped = FORMULA_TEXT.fullmatch(text)
    text = wrapped[1] if wrapped else text
    return text.lstrip(TEXT_MARKS).strip()


def merged(founds: Iterable[Found]) -> Found:
    """Join what the parts of a cell gave: order kept, repeats dropped, a few problems told."""
    values: dict[str, None] = {}
    problems: dict[str, None] = {}
    for found in founds:
        values.update(dict.fromkeys(found.contacts))
        if found.problem is not None:
            problems[found.problem] = None
    told = list(problems)[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        told.append(f"and {len(problems) - MOST_PROBLEMS} more")
    return Found(tuple(values), "; ".join(told) or None)


def shown(text: str) -> str:
    """Make a value short, printable and on one line; it is masked by the caller."""
    short = " ".join(text[: 4 * LONGEST_SHOWN].split())
    short = short if len(short) <= LONGEST_SHOWN and len(text) <= 4 * LONGEST_SHOWN else f"{short[:LONGEST_SHOWN]}…"
    # Half a surrogate pair cannot be written to any file.
    return short.encode("utf-8", "replace").decode("utf-8")


def mask_phone(text: str) -> str:
    """Keep the first digits and the last two.

    >>> mask_phone("79157771122")
    '7915*****22'
    """
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    hidden = set(digits[4:-2]) if len(digits) > 6 else set(digits)
    return "".join("*" if place in hidden else sign for place, sign in enumerate(text))


def mask_email(text: str) -> str:
    """Keep the first letter and the domain.

    >>> mask_email("ivan@mail.ru")
    'i***@mail.ru'
    """
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else f"{text[:1]}***"
