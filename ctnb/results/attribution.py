"""Which rule won: worked out from the ids that the vendor answered and the rules that were offered.

The vendor tells which call or request took the comment, not which rule found it. A rule could have
answered so when it is of that side (call or request) and, for an id rule, when its id is one of the
answered ids, or the answer does not tell the vendor's own. Where one rule is left it is the winner;
where several are, the first in priority is named, and marked as a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from ctnb.outcomes import Attribution, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Offer

_CALL_SIDE: Final = frozenset({Kind.CALL, Kind.CALL_CONTACT})


def attribute(plan: Plan, places: Sequence[int], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Add ``matched_by``, ``rule`` and ``attribution`` to the outcomes of commented leads.

    Parameters
    ----------
    plan : Plan
    places : sequence of int, length m
        Positions of the leads in the plan.
    outcomes : sequence of Outcome, length m
        With the answered ids.

    Returns
    -------
    list of Outcome, length m
        ``exact`` when one rule alone could have answered so, or the first that could is an id rule
        without tags, which cannot have been passed over. ``inferred`` when several of one type
        could: the type is sure, the rule is the first of them. ``ambiguous`` when they are of several
        types: both are the first one's.
    """
    at = np.asarray(places, dtype=np.int64)
    fitting, could, sure = (np.zeros((len(plan.offers), len(at)), dtype=bool) for _ in range(3))
    call, request = _sides(outcomes)
    for rule, offer in enumerate(plan.offers):
        # An answer that names both sides, or none, speaks of no side.
        fitting[rule] = offer.present[at] & ((call == request) | (call if offer.kind in _CALL_SIDE else request))
        could[rule] = fitting[rule]
        if offer.ids is not None:
            equal, told = _ids_answer(offer, at, outcomes)
            could[rule] &= equal | ~told
            sure[rule] = equal & _untagged(offer, at)
    candidates: Flags = np.where(could.any(axis=0), could, fitting)
    first = candidates.argmax(axis=0)
    kinds = np.array([list(Kind).index(offer.kind) for offer in plan.offers])
    several_kinds = (candidates & (kinds[:, None] != kinds[first])).any(axis=0)
    exact = (candidates.sum(axis=0) == 1) | sure[first, np.arange(len(at))]
    degrees = np.where(exact, 0, np.where(several_kinds, 2, 1))
    return [
        replace(outcome, matched_by=plan.offers[rule].kind, rule=plan.offers[rule].rank, attribution=_DEGREES[degree])
        if found
        else outcome
        for outcome, rule, degree, found in zip(
            outcomes, first.tolist(), degrees.tolist(), np.any(candidates, axis=0).tolist(), strict=True
        )
    ]


_DEGREES: Final = (Attribution.EXACT, Attribution.INFERRED, Attribution.AMBIGUOUS)


def _sides(outcomes: Sequence[Outcome]) -> tuple[Flags, Flags]:
    """Tell whether answers name a call, and whether they name a request."""
    call = [bool(told.call_id or told.call_reference_id or told.sip_call_id) for told in outcomes]
    request = [bool(told.request_id or told.request_number) for told in outcomes]
    return np.array(call, dtype=bool), np.array(request, dtype=bool)


def _ids_answer(offer: Offer, at: npt.NDArray[np.int64], outcomes: Sequence[Outcome]) -> tuple[Flags, Flags]:
    """Tell whether an id rule's id is one of those answered, and whether the vendor's own id is told.

    A number is the vendor's id, a text may be any.
    """
    if offer.ids is None:
        raise ValueError("Only an id rule has ids.")
    if offer.kind is Kind.CALL:
        own = [told.call_id for told in outcomes]
        others = [(told.call_reference_id, told.sip_call_id) for told in outcomes]
    else:
        own = [told.request_id for told in outcomes]
        others = [(told.request_number, None) for told in outcomes]
    wanted, numeric = offer.ids.texts.take(pa.array(at)).to_pylist(), offer.ids.numeric[at].tolist()
    equal = [
        text is not None and (text == vendors or (not number and text in rest))
        for text, number, vendors, rest in zip(wanted, numeric, own, others, strict=True)
    ]
    return np.array(equal, dtype=bool), np.array([vendors is not None for vendors in own], dtype=bool)


def _untagged(offer: Offer, at: npt.NDArray[np.int64]) -> Flags:
    """Tell in which rows a rule asks for no tags."""
    untagged: Flags = np.array([not tags for tags in offer.tags.values], dtype=bool)[offer.tags.codes[at]]
    return untagged
