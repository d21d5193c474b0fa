"""Cells of a frame's columns: found by name, distinct by value, and rid of a spreadsheet's marks."""

from __future__ import annotations

import re
from decimal import Decimal
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import UNSEEN, texts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ctnb.i18n.message import LazyMessage

LONGEST_SHOWN: Final = 60
DEEPEST_LIST: Final = 3

PLACEHOLDERS: Final = frozenset({"", "-", "–", "—", "nan", "nat", "none", "null", "n/a", "#n/a", "<na>", "нет"})
"""What exports write into an empty cell, in lower case."""

FORMULA_TEXT: Final = re.compile(r'=\s*"(.*)"', re.DOTALL)
TEXT_MARKS: Final = "'’‘`"
INVISIBLE: Final = re.compile(f"[{UNSEEN}]+")
"""Signs without width."""

HASHED: Final = frozenset({str, int, float, type(None), type(pd.NA)})

Objects = npt.NDArray[np.object_]


def column(frame: pd.DataFrame, name: str, *, wanted_by: str | LazyMessage) -> pd.Series[Any]:
    """Return one column of a frame, or a level of its index where no column has the name.

    Raises
    ------
    ColumnNotFoundError
        When there is none of this name; the message suggests the nearest names.
    ConfigError
        When the name stands more than once.
    """
    # A heading may be a number, as in a frame that was read without headings.
    labels = [name] if name in frame.columns else [label for label in frame.columns if str(label) == name]
    levels = [number for number, level in enumerate(frame.index.names) if level is not None and str(level) == name]
    if not labels and levels:
        return pd.Series(frame.index.get_level_values(levels[0]), index=frame.index)
    if not labels:
        raise ColumnNotFoundError.among(name, names_of(frame), wanted_by=wanted_by)
    found = frame[labels[0]]
    if isinstance(found, pd.DataFrame):
        raise ConfigError(
            "The frame has {count} columns named {name!r}. Rename them, so that it is clear which is meant.",
            count=found.shape[1],
            name=name,
        )
    return found


def names_of(frame: pd.DataFrame) -> list[object]:
    """Return the names of the columns and of the levels of the index, which pandas' own verbs take for columns too."""
    return [*frame.columns, *(level for level in frame.index.names if level is not None)]


def refuse_levels(frame: pd.DataFrame) -> None:
    """Raise ConfigError when a frame is not one of pandas, or its columns are a MultiIndex."""
    if not isinstance(frame, pd.DataFrame):
        raise ConfigError.instead_of_a_frame(frame)
    if frame.columns.nlevels > 1:
        raise ConfigError(
            "The frame's columns have {count} levels. Flatten them first, for example: {code}",
            count=frame.columns.nlevels,
            code='df.columns = ["_".join(map(str, levels)) for levels in df.columns]',
        )


def is_missing(cell: object) -> bool:
    """Tell whether a cell holds nothing: None, NaN, NA, NaT, or a text that shows nothing."""
    if isinstance(cell, str):
        return not cell.strip() or (not cell.isascii() and not INVISIBLE.sub("", cell).strip())
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return bool(np.isnat(cell))
    return isinstance(cell, Decimal) and cell.is_nan()


def is_number(cell: object) -> bool:
    """Tell whether a scalar is a number; a boolean is none, nor is NumPy's duration, a whole number by birth."""
    misnamed = isinstance(cell, bool | np.bool_ | np.timedelta64)
    return isinstance(cell, Integral | float | np.floating | Decimal) and not misnamed


def exact_below(number: float | np.floating[Any]) -> int:
    """Return the bound under which every whole number of a float's type is itself and not a neighbour."""
    return 1 << (int(np.finfo(type(number) if isinstance(number, np.floating) else float).nmant) + 1)


EXACT_FLOAT: Final = exact_below(0.0)


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def distinct(cells: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[object]]:
    """Factorize a column whose cells need not be hashable, equal values of other types kept apart.

    Returns
    -------
    codes : ndarray of intp, shape (n,)
        Index of each cell in `uniques`.
    uniques : list
        The distinct cells, and None, which the missing ones come to, as the last.
    """
    codes, uniques = _factorized(cells)
    return codes % (len(uniques) + 1), [*uniques, None]


def _factorized(cells: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], Collection[object]]:
    """Factorize a column as `distinct` does, a missing cell as -1."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        # A part of a column has all the categories of the whole.
        used = cells.cat.remove_unused_categories()
        return used.cat.codes.to_numpy().astype(np.intp), used.cat.categories
    texts = texts_of(cells)
    if texts is not None:
        # Not by pandas: before 3.0 it takes two texts for one that differ behind a NUL.
        coded = texts.dictionary_encode()
        return coded.indices.fill_null(-1).to_numpy().astype(np.intp), coded.dictionary.to_pylist()
    # Arrow's lists, structs and decimals are objects too, and Arrow cannot factorize them all.
    nested = isinstance(cells.dtype, pd.ArrowDtype) and cells.dtype.kind == "O"
    if nested or cells.dtype == object or pd.api.types.is_string_dtype(cells.dtype):
        return _factorized_objects(cells.to_numpy(dtype=object))
    codes, uniques = pd.factorize(cells)
    # A numpy array gives numpy scalars: as a Python float, a float32 would hide how narrow it was.
    narrow = isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "f"
    return codes, np.asarray(uniques) if narrow else uniques


def _factorized_objects(cells: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.intp], list[object]]:
    """Factorize mixed objects: 1, 1.0 and True are three cells."""
    known: dict[object, int] = {}
    uniques: list[object] = []
    codes = np.empty(len(cells), dtype=np.intp)
    for row, cell in enumerate(cells):
        # Only plain types are sure to hash and to compare without surprises.
        code = known.setdefault((type(cell), cell), len(uniques)) if type(cell) in HASHED else len(uniques)
        if code == len(uniques):
            uniques.append(cell)
        codes[row] = code
    return codes, uniques


def as_objects(items: Sequence[object]) -> npt.NDArray[np.object_]:
    """Return a flat array of objects; numpy would make a table of equally long tuples."""
    objects = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        objects[index] = item
    return objects


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
    return is_missing(cell)


def plain_text(text: str) -> str:
    """Strip blanks and a spreadsheet's text mark: ``'79157771122`` and ``="79157771122"``."""
    text = text.strip()
    wrapped = FORMULA_TEXT.fullmatch(text)
    text = wrapped[1] if wrapped else text
    return text.lstrip(TEXT_MARKS).strip()


def shown(text: str) -> str:
    """Make a value short, printable and on one line; it is masked by the caller."""
    short = " ".join(text[: 4 * LONGEST_SHOWN].split())
    short = short if len(short) <= LONGEST_SHOWN and len(text) <= 4 * LONGEST_SHOWN else f"{short[:LONGEST_SHOWN]}…"
    # Half a surrogate pair cannot be written to any file.
    return short.encode("utf-8", "replace").decode("utf-8")


def described(value: object) -> str:
    """Return the repr of any value, made short; the type of a number too long to be written."""
    try:
        return shown(repr(value))
    except ValueError:
        return gettext("a huge {kind}", kind=type(value).__name__)
