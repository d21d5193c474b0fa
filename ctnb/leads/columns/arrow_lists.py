"""Lists of contacts, one for each row, as Arrow holds them: put together, united, sorted."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import TEXT, Strings

if TYPE_CHECKING:
    from collections.abc import Sequence

Lists: TypeAlias = pa.LargeListArray
Rows: TypeAlias = npt.NDArray[np.intp]


def lists_of(contacts: Sequence[Sequence[str]]) -> Lists:
    """Return Arrow lists of texts, one for each row."""
    ends = np.cumsum([0, *map(len, contacts)], dtype=np.int64)
    return pa.LargeListArray.from_arrays(pa.array(ends), pa.array(chain.from_iterable(contacts), TEXT))


def lengths_of(lists: Lists) -> npt.NDArray[np.int64]:
    """Return how many contacts each row has, shape (n,)."""
    counts: npt.NDArray[np.int64] = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    return counts


def filled(lists: Lists) -> npt.NDArray[np.bool_]:
    """Tell which rows have a contact, shape (n,)."""
    return lengths_of(lists) > 0


def rows_of(lists: Lists) -> Rows:
    """Return for each contact the row that it stands in, in order."""
    return np.repeat(np.arange(len(lists)), lengths_of(lists))


def firsts_of(lists: Lists) -> Strings:
    """Return the first contact of each row, null where there is none; n texts."""
    counts = lengths_of(lists)
    begins = np.cumsum(counts) - counts
    return lists.flatten().take(pa.array(begins, mask=counts == 0))


def objects_of(lists: Lists) -> list[list[str]]:
    """Return each row as a list of its own."""
    contacts = lists.flatten().to_pylist()
    ends = np.cumsum(lengths_of(lists)).tolist()
    return [contacts[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def gathered(parts: Sequence[tuple[Rows, Strings]], length: int) -> Lists:
    """Put contacts into n rows.

    Parameters
    ----------
    parts : sequence of (rows, values)
        Values with the row that each goes to, rows ascending within a part.
    length : int
        Rows, n.

    Returns
    -------
    LargeListArray of length n
        In each row the values of the first part, then those of the next.
    """
    parts = [(rows, values) for rows, values in parts if len(rows)]
    if not parts:
        return pa.LargeListArray.from_arrays(pa.array(np.zeros(length + 1, dtype=np.int64)), pa.nulls(0, TEXT))
    rows = np.concatenate([rows for rows, _ in parts])
    values = pa.concat_arrays([values for _, values in parts])
    if len(parts) > 1:
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values.take(pa.array(order))
    ends = np.zeros(length + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=length), out=ends[1:])
    return pa.LargeListArray.from_arrays(pa.array(ends), values)


def united(columns: Sequence[Lists]) -> Lists:
    """Join the lists of several columns, one at least, row by row, without repeats; the first column's come first."""
    if len(columns) == 1:
        return columns[0]
    return without_repeats(gathered([(rows_of(lists), lists.flatten()) for lists in columns], len(columns[0])))


def without_repeats(lists: Lists) -> Lists:
    """Keep the first of equal contacts in each row."""
    several, codes, dictionary = _of_several(lists)
    if not len(several):
        return lists
    rows, values = rows_of(lists), lists.flatten()
    pairs = rows[several] * len(dictionary) + codes
    first = np.unique(pairs, return_index=True)[1]
    if len(first) == len(pairs):
        return lists
    kept = np.ones(len(rows), dtype=bool)
    kept[several] = False
    kept[several[first]] = True
    return gathered([(rows[kept], values.filter(pa.array(kept)))], len(lists))


def sorted_within(lists: Lists) -> Lists:
    """Sort the contacts of each row by their code points."""
    several, codes, dictionary = _of_several(lists)
    if not len(several):
        return lists
    rows, values = rows_of(lists), lists.flatten()
    # UTF-8 sorts as code points do.
    ranks = np.empty(len(dictionary), dtype=np.int64)
    ranks[pc.sort_indices(dictionary).to_numpy()] = np.arange(len(ranks))
    order = np.arange(len(rows))
    order[several] = several[np.lexsort((ranks[codes], rows[several]))]
    return gathered([(rows, values.take(pa.array(order)))], len(lists))


def _of_several(lists: Lists) -> tuple[Rows, npt.NDArray[np.int32], Strings]:
    """Return which contacts have others in their row, and these contacts as codes and a dictionary."""
    counts = lengths_of(lists)
    several = np.flatnonzero(np.repeat(counts > 1, counts))
    coded = lists.flatten().take(pa.array(several)).dictionary_encode()
    return several, coded.indices.to_numpy(), coded.dictionary
