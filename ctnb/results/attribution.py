"""Which rule won: worked out from the ids that the vendor answered and the rules that were offered.

The vendor tells which call or request took the comment, not which rule found it. A rule could have
answered so when it is of that side (call or request) and, for an id rule, when its id is one of the
answered ids, or the answer does not tell the vendor's own. Where one rule is left it is the winner;
where several are, the first in priority is named, and marked as a guess.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ctnb.outcome import Attribution, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctnb.leads.offers import Offer
    from ctnb.leads.plan import Plan

__all__ = ["attribute"]

_CALL_SIDE: Final = frozenset({Kind.CALL, Kind.CALL_CONTACT})


def attribute(plan: Plan, place: int, outcome: Outcome) -> Outcome:
    """Add ``matched_by``, ``rule`` and ``attribution`` to the outcome of a commented lead.

    Parameters
    ----------
    plan : Plan
    place : int
        Position of the lead in the plan.
    outcome : Outcome
        With the answered ids.

    Returns
    -------
    Outcome
        ``exact`` when one rule alone could have answered so, or the first that could is an id rule
        without tags, which cannot have been passed over. ``inferred`` when several of one type
        could: the type is sure, the rule is the first of them. ``ambiguous`` when they are of several
        types: both are the first one's.
    """
    offered = [offer for offer in plan.offers if offer.present[place]]
    candidates = [offer for offer in offered if _could_answer(offer, place, outcome)] or _of_side(offered, outcome)
    if not candidates:
        return outcome
    first = candidates[0]
    sure = first.ids is not None and not first.tags.at(place) and _id_answers(first, place, outcome)
    if len(candidates) == 1 or sure:
        degree = Attribution.EXACT
    elif {offer.kind for offer in candidates} == {first.kind}:
        degree = Attribution.INFERRED
    else:
        degree = Attribution.AMBIGUOUS
    return replace(outcome, matched_by=first.kind, rule=first.place, attribution=degree)


def _could_answer(offer: Offer, place: int, outcome: Outcome) -> bool:
    """Tell whether a rule of a row could have found what was answered."""
    if not _of_side([offer], outcome):
        return False
    return offer.ids is None or _vendor_id(offer, outcome) is None or _id_answers(offer, place, outcome)


def _of_side(offered: Iterable[Offer], outcome: Outcome) -> list[Offer]:
    """Return the rules of the side that answered; all of them when the answer names none."""
    call = any((outcome.call_id, outcome.call_reference_id, outcome.sip_call_id))
    request = any((outcome.request_id, outcome.request_number))
    if call == request:
        return list(offered)
    return [offer for offer in offered if (offer.kind in _CALL_SIDE) == call]


def _id_answers(offer: Offer, place: int, outcome: Outcome) -> bool:
    """Tell whether an id rule's id is one of those answered: a number is the vendor's id, a text may be any."""
    wanted = offer.ids.at(place) if offer.ids is not None else None
    if offer.kind is Kind.CALL:
        others: tuple[str | None, ...] = (outcome.call_reference_id, outcome.sip_call_id)
    else:
        others = (outcome.request_number,)
    return str(wanted) == _vendor_id(offer, outcome) or (isinstance(wanted, str) and wanted in others)


def _vendor_id(offer: Offer, outcome: Outcome) -> str | None:
    """Return the answered id of the vendor's own, of a rule's side."""
    return outcome.call_id if offer.kind in _CALL_SIDE else outcome.request_id
