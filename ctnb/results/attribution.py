"""Which rule won: worked out from the ids that the vendor answered and the rules that were offered.

The vendor answers which call or request took the comment, not which rule found it. A rule could have
found it when it is of that side (call or request) and, for an id rule, when its id is one of the
answered ids, or the answer lacks the vendor's own. Where one rule is left it is the winner;
where several are, the first in rank is named, and marked as a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec.structs import replace

from ctnb.outcomes import Attribution, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.identifiers import Identifiers
    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Policy

_CALL_SIDE: Final = frozenset({Kind.CALL, Kind.CALL_CONTACT})
_DEGREES: Final = tuple(Attribution)
_EXACT, _INFERRED, _AMBIGUOUS = range(len(_DEGREES))


def attribute(plan: Plan, rows: Sequence[int], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Add ``matched_by``, ``rule`` and ``attribution`` to the outcomes of commented leads.

    Parameters
    ----------
    plan : Plan
    rows : sequence of int, length m
        Rows of the leads in the plan.
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
    if not outcomes:
        return []
    at = np.asarray(rows, dtype=np.int64)
    call = _flags([bool(each.call_id or each.call_reference_id or each.sip_call_id) for each in outcomes])
    request = _flags([bool(each.request_id or each.request_number) for each in outcomes])
    # An answer that names both sides, or none, speaks of no side.
    sides = {True: call | ~request, False: request | ~call}
    offers = plan.offered_ids(at)
    fitting = np.array([offer.present & sides[offer.kind in _CALL_SIDE] for offer in offers])
    could, sure = fitting.copy(), np.zeros_like(fitting)
    for each, offer in enumerate(offers):
        if offer.ids is not None:
            equal, decided = _compared(offer.ids, offer.kind, outcomes)
            could[each] &= equal | ~decided
            sure[each] = equal & _untagged(offer.tags)
    candidates = np.where(could.any(axis=0), could, fitting)
    first = candidates.argmax(axis=0)
    kinds = np.array([list(Kind).index(offer.kind) for offer in offers])
    one_kind = ~(candidates & (kinds[:, None] != kinds[first])).any(axis=0)
    ranks = np.array([offer.rank for offer in offers])
    one_rank = ~(candidates & (ranks[:, None] != ranks[first])).any(axis=0)
    exact = one_rank | sure[first, np.arange(len(at))]
    degrees = np.where(exact, _EXACT, np.where(one_kind, _INFERRED, _AMBIGUOUS))
    return [
        replace(outcome, matched_by=offers[won].kind, rule=offers[won].rank, attribution=_DEGREES[degree])
        if found
        else outcome
        for outcome, won, degree, found in zip(
            outcomes, first.tolist(), degrees.tolist(), np.any(candidates, axis=0).tolist(), strict=True
        )
    ]


def _compared(ids: Identifiers, kind: Kind, outcomes: Sequence[Outcome]) -> tuple[Flags, Flags]:
    """Return where an id rule's id is one of those answered, and where the vendor's own id is answered.

    A number is the vendor's own id, a text may be any.
    """
    if kind is Kind.CALL:
        answered = [(each.call_id, (each.call_reference_id, each.sip_call_id)) for each in outcomes]
    else:
        answered = [(each.request_id, (each.request_number, None)) for each in outcomes]
    wanted, numeric = ids.texts.to_pylist(), ids.numeric.tolist()
    equal = [
        text is not None and (text == own or (not number and text in others))
        for text, number, (own, others) in zip(wanted, numeric, answered, strict=True)
    ]
    return _flags(equal), _flags([own is not None for own, _ in answered])


def _untagged(tags: Policy) -> Flags:
    """Return where a rule asks for no tags."""
    untagged: Flags = _flags([not each for each in tags.values])[tags.codes]
    return untagged


def _flags(values: Sequence[bool]) -> Flags:
    return np.array(values, dtype=bool)
