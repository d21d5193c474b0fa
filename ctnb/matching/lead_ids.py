"""Ids of a journal's leads: which lead an id names, and whether it names several."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_text import Flags, Strings

NONE: Final = -1
"""The number of no lead."""


@dataclass(frozen=True, eq=False, repr=False)
class LeadIds:
    """The ids of the n leads of one journal.

    Attributes
    ----------
    columns : sequence of large_string, length n each
        The vendor's own ids first; null where a lead has none.
    first_row : int
        The number of the journal's first lead; the others follow it.
    """

    columns: Sequence[Strings]
    first_row: int

    def __len__(self) -> int:
        return len(self.columns[0])

    @cached_property
    def same_as(self) -> npt.NDArray[np.int32]:
        """The first lead with the same vendor id, shape (n,): rows of a journal that was read twice are one lead."""
        first = first_rows(self.columns[0])
        return np.where(first < 0, np.arange(len(first)), first).astype(np.int32) + np.int32(self.first_row)

    def find(self, texts: Strings, numeric: Flags) -> npt.NDArray[np.int32]:
        """Return the lead that each id names, `NONE` where there is none.

        Parameters
        ----------
        texts : large_string, length k
        numeric : ndarray of bool, shape (k,)
            Whether an id is a number, which is the vendor's own. A text is tried as every kind of id in the order
            of the columns (ours: the vendor does not say); where an id comes twice, the first lead has it.
        """
        found = row_of(texts, self.columns[0])
        for column in self.columns[1:]:
            rest = np.flatnonzero((found < 0) & ~numeric)
            if len(rest):
                found[rest] = row_of(texts.take(pa.array(rest)), column)
        return np.where(found < 0, NONE, found + self.first_row).astype(np.int32)

    def all_of(self, texts: Strings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return every lead that an id names as any kind of id: positions of the ids, and the lead of each."""
        asked = pd.DataFrame({"id": texts.to_pandas(), "position": np.arange(len(texts))})
        parts = [asked.iloc[:0].assign(lead=np.int64(0))]
        for column in self.columns:
            rows = np.flatnonzero(pc.is_in(column, value_set=texts, skip_nulls=True).to_numpy(zero_copy_only=False))
            named = pd.DataFrame({"id": column.take(pa.array(rows)).to_pandas(), "lead": rows + self.first_row})
            parts.append(asked.merge(named, on="id"))
        found = pd.concat(parts)
        return found["position"].to_numpy(np.int64), found["lead"].to_numpy(np.int64)

    def name_several(self, texts: Strings, numeric: Flags) -> Flags:
        """Tell which ids are texts that name more than one lead."""
        several = np.zeros(len(texts), dtype=bool)
        rows = np.flatnonzero(~numeric)
        if not len(rows) or not len(self):
            return several
        asked = texts.take(pa.array(rows))
        lead = np.full(len(rows), NONE, dtype=np.int64)
        more = np.zeros(len(rows), dtype=bool)
        for column in self.columns:
            found = row_of(asked, column)
            named = found >= 0
            here = np.where(named, self.same_as[np.maximum(found, 0)], NONE)
            more |= named & (self._shared(column)[np.maximum(found, 0)] | ((lead >= 0) & (here != lead)))
            lead = np.where(lead < 0, here, lead)
        several[rows] = more
        return several

    def _shared(self, column: Strings) -> Flags:
        """Tell for the first lead of each id of a column whether another lead has the same id."""
        first = first_rows(column)
        others = (first >= 0) & (self.same_as != self.same_as[np.maximum(first, 0)])
        shared = np.zeros(len(column), dtype=bool)
        shared[first[others]] = True
        return shared


def row_of(texts: Strings, column: Strings) -> npt.NDArray[np.int64]:
    """Return the first row of a column that holds each text, `NONE` where none does."""
    found = pc.index_in(texts, value_set=column, skip_nulls=True)
    rows: npt.NDArray[np.int64] = found.fill_null(NONE).to_numpy(zero_copy_only=False).astype(np.int64)
    return rows


def first_rows(column: Strings) -> npt.NDArray[np.int64]:
    """Return for each row the first one with the same text; `NONE` where the row is null."""
    coded = column.dictionary_encode()
    codes = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
    # Written backwards, so that the first row of a text is what stays.
    first = np.full(len(coded.dictionary) + 1, NONE, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    first[-1] = NONE
    rows: npt.NDArray[np.int64] = first[codes]
    return rows
