"""The first leads of a plan, as they can be shown: contacts masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.masking import Strength, masked, masked_phone

if TYPE_CHECKING:
    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Offer
    from ctnb.outcomes import Kind


@dataclass(frozen=True, slots=True)
class SampleRule:
    """What one rule looks for; ``depth`` in minutes, ``moment`` as wall clock, both blank for an id."""

    kind: Kind
    contacts: tuple[str, ...]
    moment: str = ""
    depth: int | None = None
    match: str | None = None


@dataclass(frozen=True, slots=True)
class SampleLead:
    """One lead: its row, counted from 0, its rules in order, and its comment."""

    place: int
    rules: tuple[SampleRule, ...]
    comment: str


def sample_leads(plan: Plan, n: int) -> list[SampleLead]:
    """Return the first n leads that would be sent."""
    return [
        SampleLead(
            place,
            tuple(_rule(offer, place) for offer in plan.offers if offer.present[place]),
            masked(plan.texts[place].as_py(), Strength.SCREEN),
        )
        for place in plan.sent[:n].tolist()
    ]


def _rule(offer: Offer, place: int) -> SampleRule:
    if offer.ids is not None:
        return SampleRule(offer.kind, (masked(str(offer.ids.at(place)), Strength.SCREEN, column="ids"),))
    phones: list[str] = _cell(offer.phones, place)
    emails: list[str] = _cell(offer.emails, place)
    addresses = (masked(email, Strength.SCREEN, column="emails") for email in emails)
    contacts = (*map(masked_phone, phones), *addresses)
    moment = "" if offer.dates is None else str(offer.dates[place]).replace("T", " ")
    depth = None if offer.depth is None else offer.depth.at(place)
    match = None if offer.match is None else masked(str(offer.match.at(place)), Strength.SCREEN)
    return SampleRule(offer.kind, contacts, moment, depth, match)


def _cell(lists: Any, place: int) -> list[str]:
    return [] if lists is None else lists[place].as_py()
