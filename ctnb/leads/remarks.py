"""What is to be said of some rows of a column: few words, many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctnb.leads.cells import Objects, as_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Remarks"]


@dataclass(frozen=True, slots=True)
class Remarks:
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
    def none(cls, length: int) -> Remarks:
        """Say nothing of n rows, without taking memory."""
        return cls(np.broadcast_to(np.int32(-1), (length,)), ())

    @classmethod
    def of(cls, said: Sequence[str | None]) -> Remarks:
        """Take a remark or None for each row."""
        places: dict[str, int] = {}
        codes = [-1 if text is None else places.setdefault(text, len(places)) for text in said]
        return cls(np.array(codes, dtype=np.int32), list(places))

    def take(self, rows: npt.NDArray[np.intp]) -> Remarks:
        """Return the remarks of some rows, in their order."""
        return Remarks(self.codes[rows], self.texts)

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
