"""The ledger's answers to a claim: may a comment be sent now, and if not, what became of it.

Every ledger answers by these rules, each from its own records and by its own clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ctnb.delivery.ledger.protocol import AT_STAKE, CLAIMED, SENDING
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ctnb.delivery.ledger.protocol import Comments, Entry, Terms

_MICROSECOND: Final = timedelta(microseconds=1)


def answers_of(
    comments: Comments,
    known: Mapping[bytes, Entry],
    terms: Terms,
    most: int | None = None,
    *,
    of_leads: Callable[[Sequence[bytes]], Mapping[bytes, Mapping[bytes, str]]],
    now: int,
) -> list[Outcome | None]:
    """Return the ledger's answer to each comment, None where it may be sent; that are so many at most.

    Parameters
    ----------
    comments : Comments
    known : mapping of bytes to Entry
        Those that are in the ledger.
    terms : Terms
        The run's.
    most : int or None
    of_leads : callable
        The ledger's own; see `LedgerReader.of_leads`. It is asked for a run that sends only what is new.
    now : int
        The ledger's time, in microseconds since 1970.
    """
    found = list(map(known.get, comments.identities))
    unsure = [
        position
        for position, each in enumerate(found)
        if each is not None and each.outcome is not None and each.outcome.status in OFFER_COUNTS
    ]
    offers = dict(zip(unsure, comments.offers(unsure), strict=True))
    absent = [position for position, each in enumerate(found) if each is None] if terms.only_new else []
    changed = other_texts(of_leads, comments, absent, states=_SPOKEN_FOR)
    answers: list[Outcome | None] = []
    granted: set[bytes] = set()
    for position, (identity, each) in enumerate(zip(comments.identities, found, strict=True)):
        answer = None if each is None else answer_of(each, offers.get(position, b""), terms, now)
        if position in changed:
            answer = NOT_NEW
        elif answer is None and identity in granted:
            answer = BUSY
        elif answer is None and most is not None and len(granted) >= most:
            answer = LIMITED
        elif answer is None:
            granted.add(identity)
        answers.append(answer)
    return answers


def answer_of(known: Entry, offer: bytes, terms: Terms, now: int) -> Outcome | None:
    """Return the answer to a run's claim of a comment that is in the ledger; None where the run may send it again.

    A rule's rank is replayed under the same rule list alone: in another list it is another rule's.

    Parameters
    ----------
    known : Entry
    offer : bytes
        Fingerprint of what its row offers now.
    terms : Terms
        The run's.
    now : int
        The ledger's time, in microseconds since 1970.
    """
    outcome = known.outcome
    if known.owner is not None or outcome is None:
        return BUSY
    if outcome.status is not Status.COMMENTED:  # which is seldom, and nothing sends it again
        resend = terms.resend if is_due(known, terms, now) else frozenset[Status]()
        if may_send(outcome, same_offer=known.offer == offer, resend=resend):
            return NOT_NEW if terms.only_new else None
    if known.rules == terms.rules:
        return replace(outcome, replayed=True)
    return replace(outcome, replayed=True, rule=None)


def may_send(outcome: Outcome, *, same_offer: bool, resend: frozenset[Status]) -> bool:
    """Return whether a comment with an outcome may be sent again.

    Never when it was commented. When it was rejected, which was the token's fault. When no lead was found or the
    vendor refused a field, if its row offers something else now: other rules, or mended data. Otherwise when the
    user asks for it.
    """
    if outcome.status is Status.COMMENTED:
        return False
    if outcome.status is Status.REJECTED or outcome.status in resend:
        return True
    return outcome.status in OFFER_COUNTS and not same_offer


def is_due(known: Entry, terms: Terms, now: int) -> bool:
    """Return whether a comment may be sent again by its age, and by how often it was sent.

    An outcome of the future, left by a clock that was set back, is as old as one of this moment: the comment waits
    until the clock has passed it by the age that is asked for.
    """
    if terms.resend_times is not None and known.asked > terms.resend_times:
        return False
    if terms.resend_after is None or known.asked_at_us is None:
        return True
    return known.asked_at_us + terms.resend_after // _MICROSECOND <= now


def other_texts(
    of_leads: Callable[[Sequence[bytes]], Mapping[bytes, Mapping[bytes, str]]],
    comments: Comments,
    positions: Sequence[int],
    *,
    states: Collection[str],
) -> set[int]:
    """Return those of some comments whose lead has another text in one of some states.

    What the run itself has claimed does not count, nor what becomes of it.
    """
    found: set[int] = set()
    for keyed in (comments, *comments.older) if len(positions) else ():
        leads = keyed.leads(positions)
        known = of_leads(leads)
        for position, lead in zip(positions, leads, strict=True):
            texts = known.get(lead, {})
            if any(state in states and identity not in comments.own for identity, state in texts.items()):
                found.add(position)
    return found


OFFER_COUNTS: Final = frozenset({Status.UNMATCHED, Status.INVALID})
"""Outcomes that another offer may change."""

REACHED: Final = frozenset({SENDING, *(status.value for status in AT_STAKE)})
"""States in which a comment may be in the account."""

_SPOKEN_FOR: Final = REACHED | {CLAIMED}
"""The same, and what another run is about to send."""

BUSY: Final = Outcome(Status.BUSY, reason=Reason.BUSY, error=OutcomeText.BUSY)
"""The answer to a claim of a comment that another live run owns."""

LIMITED: Final = Outcome(Status.UNSENT, reason=Reason.LIMITED, error=OutcomeText.LIMITED)
"""The answer to a claim of a comment that might be sent, but is one too many."""

NOT_NEW: Final = Outcome(Status.UNSENT, reason=Reason.NOT_NEW, error=OutcomeText.NOT_NEW)
"""The answer to a claim of a comment that might be sent, but is not new, in a run that sends only what is."""
