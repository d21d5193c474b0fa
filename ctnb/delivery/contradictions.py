"""Contradictions: answers that cannot be those to the leads at their positions (contract, Answers).

Answers are tied to leads by position alone. Where a lead was offered by ids alone, the ids answered show whether they
still are; one contradiction shows that no position of the batch can be trusted.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ctnb.delivery.verdict import Answered, Uncertain
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.delivery.verdict import Verdict
    from ctnb.delivery.wire_decode import Item
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.identifiers import Identifiers
    from ctnb.leads.rule_data import Offer

_ANSWERED: Final[dict[Kind, Callable[[Item], tuple[str | None, ...]]]] = {
    Kind.CALL: attrgetter("call_id", "call_reference_id", "sip_call_id"),
    Kind.REQUEST: attrgetter("request_id", "request_number"),
}
"""The ids of an answer by the kind that it names, the vendor's own first."""


class _Ids(NamedTuple):
    """What one id rule offers for the leads of a batch, by position; ``texts`` is None where it offers nothing."""

    kind: Kind
    texts: list[str | None]
    numeric: list[bool]


def against_offers(verdict: Verdict, offers: Sequence[Offer]) -> Verdict:
    """Return a verdict, but doubt answers of which one contradicts what was offered.

    Parameters
    ----------
    verdict : Verdict
    offers : sequence of Offer
        What is offered for the leads of the request, in its order.
    """
    if not isinstance(verdict, Answered):
        return verdict
    found = contradictions(offers, verdict.items)
    if not found:
        return verdict
    message = OutcomeText.CONTRADICTED.format(found=len(found), answers=len(verdict.items))
    return Uncertain(Reason.CONTRADICTED, message)


def contradictions(offers: Sequence[Offer], items: Sequence[Item]) -> list[int]:
    """Return the positions whose answers contradict what was offered for the leads at these positions."""
    by_ids_alone = np.ones(len(items), dtype=bool)
    for offer in offers:
        if offer.ids is None:
            by_ids_alone &= ~offer.present
    suspects: list[int] = np.flatnonzero(by_ids_alone).tolist()
    if not suspects:
        return []
    offered = [_offered(offer.kind, offer.ids, offer.present) for offer in offers if offer.ids is not None]
    # The usual answer names the very id that was offered: what is left is looked at one by one.
    for kind, texts, numeric in offered:
        named = list(map(_ANSWERED[kind], items))
        suspects = [
            position
            for position in suspects
            if (text := texts[position]) is None
            or (text != named[position][0] and (numeric[position] or text not in named[position]))
        ]
    suspects = [position for position in suspects if any(any(ids(items[position])) for ids in _ANSWERED.values())]
    if not suspects:
        return []
    by_any_lead = {
        kind: {_compared(text) for of, texts, _ in offered if of is kind for text in texts if text}
        for kind in _ANSWERED
    }
    return [position for position in suspects if _contradicts(offered, by_any_lead, position, items[position])]


def _offered(kind: Kind, ids: Identifiers, present: Flags) -> _Ids:
    """Take what an id rule offers."""
    texts = ids.texts.to_pylist()
    if not present.all():
        texts = [text if there else None for text, there in zip(texts, present.tolist(), strict=True)]
    return _Ids(kind, texts, ids.numeric.tolist())


def _contradicts(offered: Sequence[_Ids], by_any_lead: dict[Kind, set[str]], position: int, item: Item) -> bool:
    """Tell whether all that an answer names contradicts the offer; an answer may name a call and its request."""
    here = [ids for ids in offered if ids.texts[position] is not None]
    all_numeric = all(ids.numeric[position] for ids in here)
    found = []
    for kind, ids_of in _ANSWERED.items():
        answered = [_compared(text or "") for text in ids_of(item)]
        if any(answered):
            own = {_compared(ids.texts[position] or "") for ids in here if ids.kind is kind}
            found.append(_side_contradicts(answered, own, by_any_lead[kind], all_numeric=all_numeric))
    return bool(found) and all(found)


def _side_contradicts(answered: Sequence[str], own: set[str], by_any_lead: set[str], *, all_numeric: bool) -> bool:
    """Tell whether the ids answered of one kind contradict those offered of it (contract, a to d).

    An id that another lead offered means nothing beside one that this lead offered: two deals may name one call, each
    by another of its ids.
    """
    if not own:
        return True
    if all_numeric and answered[0] and answered[0] not in own:
        return True
    return own.isdisjoint(answered) and (all(answered) or not by_any_lead.isdisjoint(filter(None, answered)))


def _compared(text: str) -> str:
    """Return an id as ids are compared: as text, case and leading zeros ignored; empty for one that says nothing."""
    return text.strip().casefold().lstrip("0")
