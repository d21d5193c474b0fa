"""Tags of the journals' leads as numbers, and which leads carry those that a rule asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_lists import Lists, lengths_of, rows_of
from ctnb.matching.halving import Integers, first_from

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
    begins : ndarray of int64, shape (n + 1,)
        Where the tags of each lead begin.
    carried : ndarray of int64
        Tags by their number, ascending within each lead.
    """

    codes: dict[str, int]
    begins: Integers
    carried: Integers

    @classmethod
    def of(cls, tags: Lists) -> TagSets:
        """Give a number to each tag of n leads."""
        words = tags.flatten().dictionary_encode()
        codes = {word: code for code, word in enumerate(words.dictionary.to_pylist())}
        # By lead, then by number: all in one.
        keys = rows_of(tags) * max(len(codes), 1) + words.indices.to_numpy(zero_copy_only=False)
        keys.sort()
        return cls(codes, np.concatenate([[0], np.cumsum(lengths_of(tags))]), keys % max(len(codes), 1))

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

    def _has(self, leads: npt.NDArray[np.int32], codes: Integers) -> Flags:
        """Tell which leads carry one tag each; the code -1 is a tag that none carries."""
        end = self.begins[leads + 1]
        positions = first_from(self.carried, self.begins[leads], end, codes)
        has = positions < end
        has[has] = self.carried[positions[has]] == codes[has]
        return has
