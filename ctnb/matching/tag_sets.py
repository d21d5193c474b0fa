"""Tags of the journals' leads as numbers, and which leads carry those that a rule asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_lists import Lists, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_text import Flags


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TagSets:
    """The tags of n leads.

    Attributes
    ----------
    codes : dict of str to int
        The number of each tag that any lead carries.
    pairs : ndarray of int64
        For each tag of a lead ``lead * len(codes) + code``, ascending.
    """

    codes: dict[str, int]
    pairs: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tags: Lists) -> TagSets:
        """Give a number to each tag of n leads."""
        words = tags.flatten().dictionary_encode()
        codes = {word: code for code, word in enumerate(words.dictionary.to_pylist())}
        pairs = rows_of(tags) * len(codes) + words.indices.to_numpy(zero_copy_only=False)
        return cls(codes, np.unique(pairs.astype(np.int64)))

    def carry(
        self,
        leads: npt.NDArray[np.int32],
        wanted: Sequence[tuple[tuple[str, ...], str]],
        which: npt.NDArray[np.int32],
    ) -> Flags:
        """Tell which leads carry the tags that are wanted of them.

        Parameters
        ----------
        leads : ndarray of int32, shape (k,)
        wanted : sequence of (tags, logic)
            Tags and ``and`` (all of them) or ``or`` (any).
        which : ndarray of int32, shape (k,)
            The position in `wanted` of what is asked of each lead.
        """
        lists = [[self.codes.get(tag, -1) for tag in tags] for tags, _ in wanted]
        counts = np.array([len(codes) for codes in lists], dtype=np.int64)
        some = np.flatnonzero(counts[which] > 0)
        carried = np.ones(len(leads), dtype=bool)
        if not len(some):
            return carried
        begins, flat = np.cumsum(counts) - counts, np.array([code for codes in lists for code in codes], dtype=np.int64)
        asked = which[some]
        lengths = counts[asked]
        ends = np.cumsum(lengths)
        codes = flat[np.repeat(begins[asked] - (ends - lengths), lengths) + np.arange(ends[-1])]
        has = self._has(np.repeat(leads[some], lengths), codes)
        found = np.add.reduceat(has.astype(np.int64), ends - lengths)
        any_will_do = np.array([logic == "or" for _, logic in wanted], dtype=bool)[asked]
        carried[some] = np.where(any_will_do, found > 0, found == lengths)
        return carried

    def _has(self, leads: npt.NDArray[np.int32], codes: npt.NDArray[np.int64]) -> Flags:
        """Tell which leads carry one tag each; the code -1 is a tag that none carries."""
        if not len(self.pairs):
            return np.zeros(len(leads), dtype=bool)
        keys = leads.astype(np.int64) * len(self.codes) + codes
        positions = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        found: Flags = (self.pairs[positions] == keys) & (codes >= 0)
        return found
