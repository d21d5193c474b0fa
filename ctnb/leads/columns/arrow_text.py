"""Arrow columns of text: taken from a frame without copies, matched, joined and escaped whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TEXT: Final = pa.large_string()
"""The one type of our text columns: 64-bit offsets, so that no column is too long."""

Strings: TypeAlias = pa.LargeStringArray
Part: TypeAlias = pa.LargeStringArray | pa.LargeStringScalar
"""A column of texts, or one text that stands for a column."""

Flags: TypeAlias = npt.NDArray[np.bool_]

# Python strips these; RE2 knows blanks of ASCII by another name than those of Unicode.
UNSEEN: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Signs without width, as the ranges of a class of a regular expression."""

BLANK: Final = rf"^[\s\x0b\x1c-\x1f\x{{85}}\p{{Z}}{UNSEEN}]*$"


def texts_of(cells: pd.Series[Any]) -> Strings | None:
    """Return a column of texts as Arrow holds it, null where a cell is missing.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype.

    Returns
    -------
    LargeStringArray of length n, or None
        None when some cell is no text, when the column is a category, or when a text is no Unicode:
        such columns are read by their distinct cells.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return None
    if cells.dtype == object and pd.api.types.infer_dtype(cells, skipna=True) not in {"string", "empty"}:
        return None
    if cells.dtype != object and not pd.api.types.is_string_dtype(cells.dtype):
        return None
    try:
        column = pa.array(cells.to_numpy(), TEXT, from_pandas=True) if cells.dtype == object else pa.array(cells.array)
    except (UnicodeEncodeError, pa.ArrowException):
        return None
    # Cast first: 32-bit offsets do not hold the chunks of a long column together.
    wide = column.cast(TEXT)
    return wide.combine_chunks() if isinstance(wide, pa.ChunkedArray) else wide


def strings_of(texts: Sequence[str | None]) -> Strings:
    """Return an Arrow column of texts; UnicodeEncodeError when one is no Unicode."""
    return pa.array(texts, TEXT)


def text(value: str) -> pa.LargeStringScalar:
    """Return one text that stands for a whole column."""
    return pa.scalar(value, TEXT)


def matching(column: Strings, pattern: str) -> Flags:
    """Tell which texts an RE2 pattern is found in; a null is no match."""
    found: Flags = pc.match_substring_regex(column, pattern).fill_null(False).to_numpy(zero_copy_only=False)
    return found


def joined(*parts: Part) -> Strings:
    """Join columns and single texts (`text`) row by row; a null in a part makes the row null."""
    folded: list[Part] = []
    for part in parts:
        # Single texts side by side are one: each part costs a little in every row.
        if folded and isinstance(part, pa.Scalar) and isinstance(folded[-1], pa.Scalar):
            folded[-1] = text(folded[-1].as_py() + part.as_py())
        else:
            folded.append(part)
    return pc.binary_join_element_wise(*folded, text(""))


def listed(columns: Sequence[Strings]) -> Strings:
    """Join columns row by row with commas, nulls left out; a row of nulls is empty."""
    # Arrow can skip nulls by itself, but drops a row of nulls, and its old versions crash.
    parts: list[Part] = []
    before = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        here = column.is_valid().to_numpy(zero_copy_only=False)
        if parts:
            parts.append(pc.if_else(pa.array(before & here), text(","), text("")))
        parts.append(column.fill_null(text("")))
        before |= here
    return joined(*parts)


def blank(column: Strings) -> Flags:
    """Tell which texts show nothing: blanks, as `str.isspace` has it, and signs without width; a null is not blank."""
    return matching(column, BLANK)


def mended(column: Strings, rows: Flags, mend: Callable[[str], str]) -> Strings:
    """Apply a function to the texts of some rows, once for each distinct text."""
    if not rows.any():
        return column
    coded = column.filter(pa.array(rows)).dictionary_encode()
    values = strings_of([mend(value) for value in coded.dictionary.to_pylist()])
    return pc.replace_with_mask(column, pa.array(rows), values.take(coded.indices))


def bytes_of(texts: Strings) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of n texts, and the n + 1 bounds: where they begin, and where the last one ends."""
    if not len(texts):
        return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data or b"", dtype=np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0]


def strings_of_bytes(letters: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]) -> Strings:
    """Return the n texts that stand in some bytes between n + 1 bounds, without copying them."""
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(letters))


def matrix_of(column: Strings, rows: npt.NDArray[np.intp], width: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of some texts, all `width` bytes long, as a table of shape (len(rows), width)."""
    _, offsets, data = column.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[column.offset :][rows]
    letters: npt.NDArray[np.uint8] = np.frombuffer(data, dtype=np.uint8)[starts[:, None] + np.arange(width)]
    return letters
