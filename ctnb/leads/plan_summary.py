"""A plan in figures, and the first of its leads with contacts masked: all that is shown of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.masking import Strength, masked, masked_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctnb.leads.checks import Finding
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.rule_data import Offer
    from ctnb.outcomes import Kind


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """One rule of a plan: its 1-based rank, its kind, and the rows that have its data."""

    rank: int
    kind: Kind
    rows: int


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
    """One lead: its row, counted from 0, its rules in order, and its comment; contacts masked."""

    row: int
    rules: tuple[SampleRule, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in figures.

    Attributes
    ----------
    rows, ready, invalid : int
        Rows in all, and by status.
    repeats : int
        Ready rows that repeat another one, and share its answer.
    leads : int
        Leads to be sent.
    record : tuple of (what a run would do, leads)
        By what the ledger knows; empty without a connection.
    requests : int
        Requests that carry them.
    floor_seconds : float
        Time that the requests take at the least.
    rules : tuple of PlannedRule
        In order.
    problems : tuple of (code, rows)
        Why rows are invalid, the commonest first.
    sample : tuple of SampleLead
        The first leads that would be sent.
    findings : tuple of Finding
        What the data says, the gravest first; looked for where they are shown.
    """

    rows: int
    ready: int
    invalid: int
    repeats: int
    leads: int
    record: tuple[tuple[str, int], ...]
    requests: int
    floor_seconds: float
    rules: tuple[PlannedRule, ...]
    problems: tuple[tuple[str, int], ...]
    sample: tuple[SampleLead, ...]
    findings: tuple[Finding, ...] = ()


def sample_leads(offers: Sequence[Offer], texts: Strings, rows: Iterable[int]) -> tuple[SampleLead, ...]:
    """Return the leads of some rows as they can be shown, given what is offered for each of them."""
    return tuple(
        SampleLead(
            row,
            tuple(_sample_rule(offer, position) for offer in offers if offer.present[position]),
            masked(texts[row].as_py(), Strength.SCREEN),
        )
        for position, row in enumerate(rows)
    )


def _sample_rule(offer: Offer, row: int) -> SampleRule:
    if offer.ids is not None:
        return SampleRule(offer.kind, (masked(str(offer.ids.at(row)), Strength.SCREEN, column="ids"),))
    emails = (masked(email, Strength.SCREEN, column="emails") for email in _cell(offer.emails, row))
    contacts = (*map(masked_phone, _cell(offer.phones, row)), *emails)
    moment = "" if offer.dates is None else str(offer.dates[row]).replace("T", " ")
    depth = None if offer.depth is None else offer.depth.at(row)
    match = None if offer.match is None else masked(str(offer.match.at(row)), Strength.SCREEN)
    return SampleRule(offer.kind, contacts, moment, depth, match)


def _cell(lists: Any, row: int) -> list[str]:
    return [] if lists is None else lists[row].as_py()
