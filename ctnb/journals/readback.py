"""Reading comments back: which comments of a journal show that an uncertain one was delivered, and how surely.

All rests on one count. Of the copies of a text that are new since a journal from before the sending, those are taken
off that the ledger knows to be delivered. What is left was written by the comments that may have reached these leads,
each as often as it was sent. A comment is sure when all others together cannot have written that many.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.journals.copies import NEW, Basis, Copies, Evidence
from ctnb.journals.dealing import dealt
from ctnb.matching.reachable import reachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnb.matching.candidates import LookUp

LEAST_CUT: Final = 20
"""Characters of a text's begin that are taken for the text, cut short."""


class Grade(StrEnum):
    """How surely an uncertain comment is in the account."""

    SURE = "sure"
    LIKELY = "likely"
    NOT_FOUND = "not_found"


class Member(NamedTuple):
    """A comment of the plan that has a text which is looked for.

    Attributes
    ----------
    comment : int
        Its position among the planned comments.
    copies : int
        How often it may stand on leads that the ledger does not know.
    uncertain : bool
        Whether it is to be settled.
    """

    comment: int
    copies: int
    uncertain: bool


@dataclass(frozen=True, slots=True)
class SoughtText:
    """A text that is looked for.

    Attributes
    ----------
    text : str
        Folded; not in the repr, for it may hold contacts.
    members : sequence of Member
        All comments of the plan that have it.
    outside : int
        Copies that other comments of the ledger may have put on any lead.
    delivered : mapping of int to int
        By the number of the lead, the copies that the ledger knows to be on it.
    unique : bool
        Whether one comment alone has the text, in the plan and in the ledger.
    """

    text: str = field(repr=False)
    members: Sequence[Member]
    outside: int
    delivered: Mapping[int, int]
    unique: bool


class Verdict(NamedTuple):
    """What was found for an uncertain comment: ``found`` is the journal's comment by position, None for none."""

    comment: int
    grade: Grade
    basis: Basis
    found: int | None
    searched: int


def read_back(sought: Sequence[SoughtText], look_up: LookUp, evidence: Evidence) -> list[Verdict]:
    """Look for uncertain comments on the leads that their rules can find.

    Parameters
    ----------
    sought : sequence of SoughtText
    look_up : LookUp
        The plan, looked up in the journal.
    evidence : Evidence

    Returns
    -------
    list of Verdict
        One for each uncertain comment, in the order of `sought`.
    """
    numbers, wanted = evidence.comments.leads.tolist(), {each.text for each in sought}
    copies: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    # In the order of their ids: those that the ledger knows to be delivered are taken to be the earliest.
    hits = [position for position, text in enumerate(evidence.comments.folded) if text in wanted]
    for position in sorted(hits, key=lambda position: evidence.comments.comments[position].id):
        copies[evidence.comments.folded[position]][numbers[position]].append(position)
    is_hit = np.zeros(len(look_up.index), dtype=bool)
    is_hit[evidence.comments.leads[hits]] = True
    leads_of = _leads_by_comment(look_up, _positions(sought, uncertain=True), None)
    leads_of.update(_leads_by_comment(look_up, _positions(sought, uncertain=False), is_hit))
    begins = _Begins(evidence, {lead for leads in leads_of.values() for lead in leads})
    return [
        verdict
        for each in sought
        for verdict in _TextSearch(
            each,
            leads_of,
            Copies.of(copies[each.text], each.delivered, evidence, unique=each.unique and evidence.lacked(each.text)),
            begins,
        ).verdicts()
    ]


def _positions(sought: Sequence[SoughtText], *, uncertain: bool) -> npt.NDArray[np.int64]:
    """Return the comments that are to be settled, or the others that may have written copies."""
    members = (member for each in sought for member in each.members)
    found = [each.comment for each in members if each.uncertain is uncertain and (uncertain or each.copies)]
    return np.array(sorted(found), dtype=np.int64)


def _leads_by_comment(
    look_up: LookUp, comments: npt.NDArray[np.int64], among: npt.NDArray[np.bool_] | None
) -> dict[int, list[int]]:
    """Return the leads that the rules of some comments can find."""
    pairs = reachable(look_up, comments, among)
    found: dict[int, list[int]] = {comment: [] for comment in comments.tolist()}
    for comment, lead in zip(pairs.comments.tolist(), pairs.leads.tolist(), strict=True):
        found[comment].append(lead)
    return found


class _Begins:
    """Comments of some leads that may be a text cut short."""

    def __init__(self, evidence: Evidence, leads: set[int]) -> None:
        self._of_lead: dict[int, list[tuple[int, str]]] = defaultdict(list)
        texts = zip(evidence.comments.leads.tolist(), evidence.comments.folded, strict=True)
        for position, (lead, text) in enumerate(texts):
            if lead in leads and len(begin := text.rstrip(".… ")) >= LEAST_CUT:
                self._of_lead[lead].append((position, begin))

    def of(self, text: str, leads: Sequence[int]) -> list[int]:
        """Return the comments of some leads that begin as a text does, and end before it."""
        return [
            position
            for lead in leads
            for position, begin in self._of_lead.get(lead, ())
            if len(begin) < len(text) and text.startswith(begin)
        ]


class _TextSearch:
    """The search for one text."""

    def __init__(
        self, sought: SoughtText, leads_of: Mapping[int, Sequence[int]], copies: Copies, begins: _Begins
    ) -> None:
        self._sought, self._leads_of, self._copies, self._begins = sought, leads_of, copies, begins
        self._sure: dict[int, int] = {}
        self._refused: dict[int, Basis] = {}

    def verdicts(self) -> list[Verdict]:
        """Return what was found for each uncertain comment of the text."""
        for component in self._components():
            self._count(component)
        taken = set(self._sure.values())
        found = []
        for comment, _, uncertain in self._sought.members:
            if uncertain:
                grade, basis, copy = self._graded(comment, taken)
                found.append(Verdict(comment, grade, basis, copy, len(self._leads_of[comment])))
                taken.update(() if copy is None else (copy,))
        return found

    def _components(self) -> list[dict[Member, list[int]]]:
        """Return the comments that may have written new copies with their leads, those that share leads together."""
        claims: dict[Member, list[int]] = {}
        of_lead: dict[int, list[Member]] = defaultdict(list)
        for member in self._sought.members:
            leads = [lead for lead in self._leads_of.get(member.comment, ()) if lead in self._copies.new]
            if leads and member.copies:
                claims[member] = leads
                for lead in leads:
                    of_lead[lead].append(member)
        components, seen = [], set[Member]()
        for first in claims:
            if first in seen:
                continue
            together = [first]
            for member in together:
                if member not in seen:
                    seen.add(member)
                    together += [other for lead in claims[member] for other in of_lead.pop(lead, ())]
            components.append({member: claims[member] for member in together})
        return components

    def _count(self, component: Mapping[Member, Sequence[int]]) -> None:
        """Settle the comments of a component that must have written one of its new copies."""
        left = {lead: list(self._copies.new[lead]) for leads in component.values() for lead in leads}
        room = {lead: len(copies) for lead, copies in left.items()}
        new, outside = sum(room.values()), self._sought.outside
        most = sum(member.copies for member in component) + outside
        # One copy for each comes before second copies for any.
        again = [member for member in component for _ in range(member.copies - 1)]
        places = dealt([component[member] for member in (*component, *again)], room)
        too_many = new > len(places) + outside
        for position, member in enumerate(component):
            if not member.uncertain:
                continue
            if too_many:
                self._refused[member.comment] = Basis.TOO_MANY
            elif most - member.copies < new and position in places:
                self._sure[member.comment] = left[places[position]].pop()
            else:
                self._refused[member.comment] = Basis.TOO_FEW

    def _graded(self, comment: int, taken: set[int]) -> tuple[Grade, Basis, int | None]:
        """Return what was found for one comment; a copy that no other one has, where there is one."""
        copies, leads = self._copies, self._leads_of[comment]
        if comment in self._sure:
            copy = self._sure[comment]
            return Grade.SURE, copies.bases[copy], copy
        free = [copy for lead in leads for copy in reversed(copies.free.get(lead, ()))]
        if free:
            copy = min(free, key=lambda copy: (copy in taken, copies.bases[copy] not in NEW))
            basis = copies.bases[copy]
            return Grade.LIKELY, self._refused.get(comment, Basis.TOO_FEW) if basis in NEW else basis, copy
        if cut := self._begins.of(self._sought.text, leads):
            return Grade.LIKELY, Basis.CUT, min(cut, key=lambda copy: copy in taken)
        if any(lead in copies.free for lead in leads):
            return Grade.NOT_FOUND, Basis.COUNTED, None
        return Grade.NOT_FOUND, Basis.ABSENT if leads else Basis.NO_LEAD, None
