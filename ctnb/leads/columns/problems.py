"""Problems of a column's rows: few texts, many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.leads.columns.cells import Objects, as_objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.outcomes import Reason


@dataclass(frozen=True, slots=True)
class Problems:
    """One problem or none for each of n rows.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Index in `texts` of the row's problem; -1 where there is none.
    texts : sequence of str
        Each problem that occurs; one may stand twice, and some may occur in no row.
    """

    codes: npt.NDArray[np.int32]
    texts: Sequence[str]

    @classmethod
    def none(cls, length: int) -> Problems:
        """Return n rows without a problem, which take no memory."""
        return cls(np.broadcast_to(np.int32(-1), (length,)), ())

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Problems:
        """Return rows with these problems, None for no problem."""
        known: dict[str, int] = {}
        codes = [-1 if text is None else known.setdefault(text, len(known)) for text in texts]
        return cls(np.array(codes, dtype=np.int32), list(known))

    @classmethod
    def stacked(cls, parts: Sequence[Problems]) -> Problems:
        """Return the rows of several columns, one column below the other."""
        ends = np.cumsum([len(part.texts) for part in parts], dtype=np.int32)
        codes = [
            np.where(part.codes < 0, part.codes, part.codes + (end - np.int32(len(part.texts))))
            for part, end in zip(parts, ends, strict=True)
        ]
        return cls(np.concatenate(codes), [text for part in parts for text in part.texts])

    def spread(self, rows: npt.NDArray[np.intp], length: int) -> Problems:
        """Return a column of n rows, of which these are some, in their order; the others have no problem."""
        if not self.texts:
            return Problems.none(length)
        codes = np.full(length, -1, dtype=np.int32)
        codes[rows] = self.codes
        return Problems(codes, self.texts)

    def and_also(self, rows: npt.NDArray[np.intp], others: Problems) -> Problems:
        """Return the column with one more problem in each of some rows, after what is wrong there already."""
        pairs, pair_of = np.unique(np.stack([self.codes[rows], others.codes]), axis=1, return_inverse=True)
        joined = [
            others.texts[new] if code < 0 else f"{self.texts[code]}; {others.texts[new]}"
            for code, new in pairs.T.tolist()
        ]
        codes = self.codes.copy()
        codes[rows] = len(self.texts) + pair_of.ravel()
        return Problems(codes, [*self.texts, *joined])

    def take(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Problems:
        """Return some of the rows, in their order."""
        return Problems(self.codes[rows], self.texts)

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """Rows that have a problem, from 0, in order."""
        return np.flatnonzero(self.codes >= 0)

    def objects(self) -> Objects:
        """Return the problem of each row, None where there is none, shape (n,)."""
        return as_objects([*self.texts, None])[self.codes]

    def tolist(self) -> list[str | None]:
        """Return the problem of each row, None where there is none."""
        texts: list[str | None] = self.objects().tolist()
        return texts

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        code = self.codes[row]
        return None if code < 0 else self.texts[code]


class CodedProblems(NamedTuple):
    """Problems of n rows, and the code that they go by."""

    reason: Reason
    problems: Problems


def first_of(columns: Sequence[Problems]) -> Problems:
    """Return each row's problem in the first column that has one; one column at least, each of n rows."""
    filled = [problems for problems in columns if problems.texts and (problems.codes >= 0).any()]
    if len(filled) < 2:
        return (filled or columns)[0]
    texts = [text for problems in filled for text in problems.texts]
    codes = np.full(len(columns[0]), -1, dtype=np.int32)
    end = len(texts)
    for problems in reversed(filled):
        end -= len(problems.texts)
        codes = np.where(problems.codes >= 0, problems.codes + np.int32(end), codes)
    return Problems(codes, texts)


def combinations(
    columns: Sequence[Problems], rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], list[list[int]]]:
    """Find which sets of problems occur in some rows.

    Parameters
    ----------
    columns : sequence of Problems
        Each of n rows.
    rows : ndarray of intp, shape (m,)

    Returns
    -------
    set_codes : ndarray of intp, shape (m,)
        Index in `sets` of each row's set.
    sets : list of list of int
        For each set a code for each column, -1 where the column has no problem.
    """
    set_codes: npt.NDArray[np.intp] = np.zeros(len(rows), dtype=np.int64)
    for problems in columns:
        set_codes, _ = pd.factorize(set_codes * (len(problems.texts) + 1) + problems.codes[rows] + 1)
    # Sets are numbered as they come, so their first rows are in order too.
    samples = rows[np.unique(set_codes, return_index=True)[1]]
    return set_codes, np.stack([problems.codes[samples] for problems in columns], axis=1).tolist() if columns else []
