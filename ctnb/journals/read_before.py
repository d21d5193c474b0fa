"""What a journal that was read before the sending says: which comments were there then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.journals.lead_comments import folded_list, has_comments, journal_comments
from ctnb.leads.columns.arrow_text import strings_of
from ctnb.matching.cells import id_texts
from ctnb.matching.lead_ids import row_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from ctnb.journals.lead_comments import LeadComments
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.tables import JournalTables


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReadBefore:
    """What was there before the sending, by the numbers of a later journal's leads.

    Attributes
    ----------
    texts : frozenset of str
        Folded texts of all comments.
    """

    texts: frozenset[str]
    _held: Flags
    _blind: Flags
    _highest: npt.NDArray[np.int64]

    def highest(self, lead: int) -> int | None:
        """Return the highest id of a lead's comments, 0 when it had none; None when the lead was not in the journal."""
        return int(self._highest[lead]) if self._held[lead] else None

    def is_blind(self, lead: int) -> bool:
        """Tell whether the lead's journal seems to have been read without comments."""
        return bool(self._blind[lead])


def read_before(before: JournalTables, index: JournalIndex, later: LeadComments, ours: Strings) -> ReadBefore:
    """Read a journal from before the sending.

    Parameters
    ----------
    before : JournalTables
    index : JournalIndex
        Of the later journal.
    later : LeadComments
        The later journal's.
    ours : large_string
        Folded texts of the plan.
    """
    held, blind = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    highest = np.zeros(len(index), dtype=np.int64)
    texts: set[str] = set()
    of_others = ~pc.is_in(strings_of(later.folded), value_set=ours).to_numpy(zero_copy_only=False)
    for (headings, frame), ids in zip(before.journals(), index.ids, strict=True):
        mine = slice(ids.first_row, ids.first_row + len(ids))
        found = journal_comments(frame)
        texts.update(folded_list([comment for _, comment in found]))
        if frame is None or not len(frame):
            continue
        there = id_texts(frame[headings.ids[0]])
        held[mine] = pc.is_in(ids.columns[0], value_set=there, skip_nulls=True).to_numpy(zero_copy_only=False)
        if not found:
            # A journal of a quiet account and one that was read without comments look the same; but where others
            # have written on its leads since, they may well have done so before.
            numbers = later.leads[of_others]
            here = held[numbers] & (numbers >= mine.start) & (numbers < mine.stop)
            blind[mine] = not has_comments(frame) or bool(here.any())
            continue
        rows = [row for row, _ in found]
        numbers = row_of(there.take(pa.array(rows)), ids.columns[0])
        known = numbers >= 0
        np.maximum.at(
            highest, ids.same_as[numbers[known]], np.array([comment.id for _, comment in found], dtype=np.int64)[known]
        )
    return ReadBefore(frozenset(texts), held, blind, highest)
