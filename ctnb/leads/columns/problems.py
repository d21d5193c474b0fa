"""What is to be said of some rows of a column: few words, many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.leads.columns.cells import Objects, as_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Problems:
    """One remark or none for each of n rows.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Place in `texts` of what is said of the row; -1 where nothing is.
    texts : sequence of str
        Each remark that occurs; some may occur in no row.
    """

    codes: npt.NDArray[np.int32]
    texts: Sequence[str]

    @classmethod
    def none(cls, length: int) -> Problems:
        """Say nothing of n rows, without taking memory."""
        return cls(np.broadcast_to(np.int32(-1), (length,)), ())

    @classmethod
    def of(cls, said: Sequence[str | None]) -> Problems:
        """Take a remark or None for each row."""
        places: dict[str, int] = {}
        codes = [-1 if text is None else places.setdefault(text, len(places)) for text in said]
        return cls(np.array(codes, dtype=np.int32), list(places))

    @classmethod
    def stacked(cls, parts: Sequence[Problems]) -> Problems:
        """Put the remarks of some rows above those of the next."""
        places: dict[str, int] = {}
        codes = []
        for part in parts:
            words = [places.setdefault(text, len(places)) for text in part.texts]
            codes.append(np.array([*words, -1], dtype=np.int32)[part.codes])
        return cls(np.concatenate(codes), list(places))

    def spread(self, rows: npt.NDArray[np.intp], length: int) -> Problems:
        """Return remarks of n rows, of which these are the ones of some, in their order."""
        codes = np.full(length, -1, dtype=np.int32)
        codes[rows] = self.codes
        return Problems(codes, self.texts)

    def take(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Problems:
        """Return the remarks of some rows, in their order."""
        return Problems(self.codes[rows], self.texts)

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """Rows, from 0, of which something is said, in order."""
        return np.flatnonzero(self.codes >= 0)

    def objects(self) -> Objects:
        """Return str or None for each row, shape (n,)."""
        return as_objects([*self.texts, None])[self.codes]

    def tolist(self) -> list[str | None]:
        """Return str or None for each row."""
        said: list[str | None] = self.objects().tolist()
        return said

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.tolist())

    def __getitem__(self, row: int) -> str | None:
        code = self.codes[row]
        return None if code < 0 else self.texts[code]


def first_of(columns: Sequence[Problems]) -> Problems:
    """Return of each row what the first column says that says anything; one column at least, each of n rows."""
    speaking = [remarks for remarks in columns if remarks.texts and (remarks.codes >= 0).any()]
    if len(speaking) < 2:
        return (speaking or columns)[0]
    texts = [text for remarks in speaking for text in remarks.texts]
    codes = np.full(len(columns[0]), -1, dtype=np.int32)
    end = len(texts)
    for remarks in reversed(speaking):
        end -= len(remarks.texts)
        codes = np.where(remarks.codes >= 0, remarks.codes + np.int32(end), codes)
    return Problems(codes, texts)


def combinations(
    columns: Sequence[Problems], rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], list[list[int]]]:
    """Find which sets of remarks occur in some rows.

    Parameters
    ----------
    columns : sequence of Problems
        Each of n rows.
    rows : ndarray of intp, shape (m,)

    Returns
    -------
    places : ndarray of intp, shape (m,)
        Place of each row's set in `sets`.
    sets : list of list of int
        For each set a code for each column, -1 where the column says nothing.
    """
    places: npt.NDArray[np.intp] = np.zeros(len(rows), dtype=np.int64)
    for remarks in columns:
        places, _ = pd.factorize(places * (len(remarks.texts) + 1) + remarks.codes[rows] + 1)
    # Sets are numbered as they come, so their first rows are in order too.
    samples = rows[np.unique(places, return_index=True)[1]]
    return places, np.stack([remarks.codes[samples] for remarks in columns], axis=1).tolist() if columns else []
