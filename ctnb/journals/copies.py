"""Copies of a text on the leads of a journal: which of them are new, and which the ledger has counted already."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ctnb.journals.lead_comments import NO_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ctnb.journals.lead_comments import LeadComments
    from ctnb.journals.read_before import ReadBefore


class Basis(StrEnum):
    """Why a comment has its grade; the values of the column ``basis`` of `ctnb.settle`."""

    UNIQUE_TEXT = "unique_text"
    """Sure: no other comment has this text, and it was not there before."""

    NEW_COMMENT = "new_comment"
    """Sure: it is newer than all that the lead had before."""

    NO_BEFORE = "no_before"
    """Likely: there is no journal from before the sending."""

    BEFORE_WITHOUT_COMMENTS = "before_without_comments"
    """Likely: the journal from before seems to have been read without comments."""

    LEAD_NOT_IN_BEFORE = "lead_not_in_before"
    """Likely: the journal from before does not have the lead."""

    WAS_THERE = "was_there"
    """Likely: the lead had it, or a newer comment, before."""

    NO_COMMENT_ID = "no_comment_id"
    """Likely: the comment has no id in the journal."""

    OTHER_AUTHOR = "other_author"
    """Likely: somebody is named as its author who is not named for comments of ours."""

    TOO_FEW = "too_few"
    """Likely: others with the same text may have written all the new copies."""

    TOO_MANY = "too_many"
    """Likely: there are more new copies than were sent, so somebody else writes this text too."""

    CUT = "cut"
    """Likely: a comment begins as this text does, and ends before it."""

    COUNTED = "counted"
    """Not found: the copies that there are belong to comments that the ledger knows to be delivered."""

    ABSENT = "absent"
    """Not found: no comment of these leads has the text. That proves nothing."""

    NO_LEAD = "no_lead"
    """Not found: the rules find no lead in the journal."""


def authors_of(comments: LeadComments, delivered: Iterable[tuple[int, str]]) -> frozenset[str | None]:
    """Return whom the journal names as the author of comments of ours; nobody where it shows none of them.

    Parameters
    ----------
    comments : LeadComments
    delivered : iterable of (int, str)
        Lead and folded text of comments that are known to be delivered.
    """
    known = Counter(delivered)
    found: dict[tuple[int, str], list[str | None]] = defaultdict(list)
    for (_, _, author), lead, text in zip(comments.comments, comments.leads.tolist(), comments.folded, strict=True):
        if (lead, text) in known:
            found[lead, text].append(author)
    # Where there are more copies than of ours, some are somebody else's.
    ours = {author for each, authors in found.items() if len(authors) <= known[each] for author in authors}
    return frozenset(ours or {None})


NEW: Final = frozenset({Basis.UNIQUE_TEXT, Basis.NEW_COMMENT})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comments are judged by.

    Attributes
    ----------
    comments : LeadComments
        The journal's.
    before : ReadBefore or None
        What was there before the sending.
    authors : frozenset of str or None
        Whom the journal names as the author of comments of ours.
    """

    comments: LeadComments
    before: ReadBefore | None
    authors: frozenset[str | None]

    def lacked(self, text: str) -> bool:
        """Tell whether no comment had a text before the sending, as far as the journal from before goes."""
        return self.before is not None and text not in self.before.texts

    def basis_of(self, comment: int, *, unique: bool) -> Basis:
        """Tell what a copy of a text shows by itself, given whether the text is unique and was not there before."""
        found, lead = self.comments.comments[comment], int(self.comments.leads[comment])
        if self.before is None:
            return Basis.NO_BEFORE
        if found.id == NO_ID:
            return Basis.NO_COMMENT_ID
        if found.author not in self.authors:
            return Basis.OTHER_AUTHOR
        if self.before.is_blind(lead):
            return Basis.BEFORE_WITHOUT_COMMENTS
        return _basis_by_id(found.id, self.before.highest(lead), unique=unique)


def _basis_by_id(number: int, highest: int | None, *, unique: bool) -> Basis:
    if highest is None:
        return Basis.LEAD_NOT_IN_BEFORE
    if unique:
        return Basis.UNIQUE_TEXT
    return Basis.NEW_COMMENT if number > highest else Basis.WAS_THERE


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of one text, by the number of their lead.

    Attributes
    ----------
    bases : dict of int to Basis
        What each copy shows by itself.
    free : dict of int to list of int
        Copies less those that the ledger knows to be delivered; a lead with none has an empty list.
    new : dict of int to list of int
        New copies less the same; leads without any are left out.
    """

    bases: dict[int, Basis] = field(default_factory=dict)
    free: dict[int, list[int]] = field(default_factory=dict)
    new: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, by_lead: Mapping[int, Sequence[int]], delivered: Mapping[int, int], evidence: Evidence, *, unique: bool
    ) -> Copies:
        """Judge the copies of a text.

        Parameters
        ----------
        by_lead : mapping of int to sequence of int
            Copies by lead, in the order of their ids.
        delivered : mapping of int to int
            By lead, the copies that the ledger knows to be on it. They may all be new, and are taken off the new ones.
        evidence : Evidence
        unique : bool
        """
        found = cls()
        for lead, copies in by_lead.items():
            found.bases.update((copy, evidence.basis_of(copy, unique=unique)) for copy in copies)
            counted = delivered.get(lead, 0)
            found.free[lead] = list(copies[counted:])
            if new := [copy for copy in copies if found.bases[copy] in NEW][counted:]:
                found.new[lead] = new
        return found
