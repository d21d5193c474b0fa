"""What the ledger knows of the texts of uncertain comments: who else has them, and which copies are accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.delivery.ledger.key import PlanComments, text_hashes
from ctnb.journals.copies import authors_of
from ctnb.journals.lead_comments import folded_texts
from ctnb.journals.readback import Member, SoughtText
from ctnb.leads.columns.arrow_text import strings_of
from ctnb.leads.identity import canonical_text
from ctnb.leads.parallel import slices
from ctnb.matching.index import CALL_SIDE, REQUEST_SIDE
from ctnb.matching.lead_ids import NONE, row_of
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import Entry, ReviewedLedger
    from ctnb.journals.lead_comments import LeadComments
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.plan import Plan
    from ctnb.matching.index import JournalIndex

WINDOW: Final = 20_000
"""Comments that are looked up in the ledger together."""

SAMPLED: Final = 1_000
"""Comments of each author that are looked at, to learn whom the journal names for comments of ours."""

_NOWHERE: Final = frozenset({Status.UNMATCHED, Status.INVALID, Status.REJECTED})
"""Outcomes of a comment that was not applied."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlannedComments:
    """The comments of a plan, as the ledger knows them.

    Attributes
    ----------
    identities : list of bytes
    texts : large_string
    folded : large_string
        Their texts as they are compared.
    uncertain : list of int
        Positions of those that are to be settled.
    """

    identities: list[bytes]
    texts: Strings
    folded: Strings
    uncertain: list[int]

    @classmethod
    def of(cls, plan: Plan, connection: Connection, ledger: ReviewedLedger) -> PlannedComments:
        """Look the comments of a plan up in a ledger."""
        sent = plan.sent
        texts = plan.texts.take(pa.array(sent))
        found = cls([], texts, folded_texts(texts), [])
        for some in slices(len(sent), WINDOW):
            own = PlanComments(plan, sent[some].tolist(), connection, ledger.secret, ledger.older_secrets)
            if own.older:
                own.identify(ledger.entries)
            for position, entry in enumerate(ledger.entries(own.identities), start=some.start):
                if entry is not None and entry.state == Status.UNCERTAIN:
                    found.uncertain.append(position)
            found.identities.extend(own.identities)
        return found


def known_authors(
    planned: PlannedComments, ledger: ReviewedLedger, index: JournalIndex, comments: LeadComments
) -> frozenset[str | None]:
    """Return whom the journal names as the author of comments that the ledger knows to be delivered; see `authors_of`.

    Some comments of each author are looked at: with texts of the plan first, then the newest.
    """
    ours = pc.is_in(strings_of(comments.folded), value_set=planned.folded).to_numpy(zero_copy_only=False)
    numbers = np.array([comment.id for comment in comments.comments], dtype=np.int64)
    seen: Counter[str | None] = Counter()
    forms: dict[str, set[str]] = {}
    for position in np.lexsort([-numbers, ~ours]).tolist():
        comment, text = comments.comments[position], comments.folded[position]
        seen[comment.author] += 1
        if seen[comment.author] <= SAMPLED:
            forms.setdefault(text, {text}).add(canonical_text(comment.text))
    known = _known(forms, ledger)
    leads = _leads_taken(known)
    rows = _numbers(index, {lead for lead, _ in leads})
    texts = list(forms)
    return authors_of(comments, ((rows[lead], texts[code]) for lead, code in leads if lead in rows))


def sought_texts(
    planned: PlannedComments, ledger: ReviewedLedger, index: JournalIndex, comments: LeadComments
) -> list[SoughtText]:
    """Return the texts of uncertain comments, with all that the ledger knows of each."""
    wanted = strings_of(list(dict.fromkeys(planned.folded.take(pa.array(planned.uncertain, pa.int64())).to_pylist())))
    codes = pc.index_in(planned.folded, value_set=wanted).fill_null(-1).to_numpy(zero_copy_only=False)
    members: dict[int, list[int]] = defaultdict(list)
    for position in np.flatnonzero(codes >= 0).tolist():
        members[int(codes[position])].append(position)
    # A text that the vendor gives back in another form may have been sent in that form by another job.
    forms: dict[str, set[str]] = {text: {text} for text in wanted.to_pylist()}
    for text, found in zip(comments.folded, comments.comments, strict=True):
        if text in forms:
            forms[text].add(canonical_text(found.text))
    for code, text in enumerate(forms):
        own = pc.unique(planned.texts.take(pa.array(members[code], pa.int64()))).to_pylist()
        forms[text].update(map(canonical_text, own))
    known = _known(forms, ledger)
    numbers, uncertain = _numbers(index, {lead for lead, _ in _leads_taken(known)}), set(planned.uncertain)
    return [
        _sought(text, {planned.identities[each]: each for each in members[code]}, known[code], uncertain, numbers)
        for code, text in enumerate(forms)
    ]


def _known(forms: Mapping[str, Collection[str]], ledger: ReviewedLedger) -> list[dict[bytes, Entry]]:
    """Return the comments of the ledger that have each text in any form, by identity."""
    flat = [form for several in forms.values() for form in several]
    found: list[dict[bytes, Entry]] = [{} for _ in forms]
    for secret in (ledger.secret, *ledger.older_secrets):
        hashes = text_hashes(strings_of(flat), secret)
        entries, left = ledger.of_texts(list(dict.fromkeys(hashes))), iter(hashes)
        for known, several in zip(found, forms.values(), strict=True):
            for _ in several:
                known.update(entries.get(next(left), {}))
    return found


def _sought(
    text: str,
    members: Mapping[bytes, int],
    known: Mapping[bytes, Entry],
    uncertain: Collection[int],
    numbers: Mapping[tuple[int, str], int],
) -> SoughtText:
    """Return what is known of one text, given the plan's comments that have it."""
    leads = [lead for entry in known.values() if (lead := lead_taken(entry)) is not None]
    return SoughtText(
        text=text,
        members=[
            Member(position, _unplaced(known.get(identity)), position in uncertain)
            for identity, position in members.items()
        ],
        outside=sum(_unplaced(entry) for identity, entry in known.items() if identity not in members),
        delivered=Counter(numbers[lead] for lead in leads if lead in numbers),
        unique=len(members) == len(known) == 1,
    )


def _leads_taken(known: Sequence[Mapping[bytes, Entry]]) -> list[tuple[tuple[int, str], int]]:
    """Return the leads that are known to have taken comments of some texts, each with the position of its text."""
    return [
        (lead, code)
        for code, found in enumerate(known)
        for entry in found.values()
        if (lead := lead_taken(entry)) is not None
    ]


def lead_taken(entry: Entry) -> tuple[int, str] | None:
    """Return side and vendor's id of the lead that took a comment; None where it is not known, or none did."""
    outcome = entry.outcome
    if outcome is None or outcome.status is not Status.COMMENTED:
        return None
    if outcome.call_id is not None:
        return CALL_SIDE, outcome.call_id
    return None if outcome.request_id is None else (REQUEST_SIDE, outcome.request_id)


def _unplaced(entry: Entry | None) -> int:
    """Return how many copies of a comment may stand on leads that the ledger does not know.

    One for each time that it was sent, the time that is under way included, less one for an answer that says where it
    is, or that it is nowhere. Of earlier answers nothing is kept.
    """
    if entry is None:
        return 0
    status = None if entry.outcome is None else entry.outcome.status
    placed = status in _NOWHERE or lead_taken(entry) is not None
    return entry.asked + (entry.attempt is not None) - placed


def _numbers(index: JournalIndex, leads: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the numbers of those leads, by side and vendor's id, that the journal has."""
    found = {}
    for side, ids in enumerate(index.ids):
        names = list({name for of_side, name in leads if of_side == side})
        rows = row_of(strings_of(names), ids.columns[0]).tolist()
        found.update({(side, name): ids.first_row + row for name, row in zip(names, rows, strict=True) if row != NONE})
    return found
