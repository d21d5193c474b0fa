"""A plan as a line of text and as a card: how many, how long, what is wrong, and what would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.i18n.advice import advice_for
from ctnb.i18n.findings import finding_advice, finding_message, severity_label
from ctnb.i18n.labels import kind_label, reason_label, record_label
from ctnb.i18n.language import duration, gettext, number
from ctnb.views.html.card import Card, cut
from ctnb.views.html.rules import search_text
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.checks import Finding
    from ctnb.leads.plan_summary import PlannedRule, PlanSummary, SampleLead, SampleRule

MOST_PROBLEMS: Final = 8
MOST_FINDINGS: Final = 8
MOST_OFFERS: Final = 4
MOST_CONTACTS: Final = 3


def plan_text(plan: PlanSummary) -> str:
    """Return a plan on one line."""
    facts = {
        gettext("rows"): number(plan.rows),
        gettext("ready"): number(plan.ready),
        gettext("invalid"): number(plan.invalid),
        gettext("requests"): number(plan.requests),
        gettext("seconds"): number(round(plan.floor_seconds, 1)),
    }
    facts |= {gettext("repeats"): number(plan.repeats)} if plan.repeats else {}
    return f"<Plan: {', '.join(f'{label} {value}' for label, value in facts.items())}>"


def plan_html(plan: PlanSummary) -> str:
    """Return a plan as HTML."""
    facts = [
        (gettext("Rows"), number(plan.rows)),
        (gettext("Ready"), number(plan.ready)),
        (gettext("Not ready"), number(plan.invalid)),
        *([(gettext("Repeats, sent once"), number(plan.repeats))] if plan.repeats else []),
        *((record_label(recorded), number(leads)) for recorded, leads in plan.record),
        (gettext("Comments to send"), number(plan.leads)),
        (gettext("Requests"), number(plan.requests)),
        (gettext("Time at the least"), _time(plan.floor_seconds)),
    ]
    tables = [
        *([_findings(plan.findings)] if plan.findings else []),
        _rules(plan.rules),
        *([_problems(plan.problems)] if plan.problems else []),
        *([_sample(plan.sample)] if plan.sample else []),
    ]
    return Card(gettext("Plan: nothing has been sent"), facts, tables).html()


def _findings(found: Sequence[Finding]) -> Table:
    heads = (gettext("Weight"), gettext("Rows"), gettext("Column"), gettext("What the data says, and what to do"))
    rows = [
        (
            severity_label(each.severity),
            number(each.rows),
            cut(each.column, 48),
            f"{finding_message(each.code, each.values)} {finding_advice(each.code)}",
        )
        for each in found[:MOST_FINDINGS]
    ]
    return Table(heads, rows, frozenset({1}), gettext("Checks; all are in plan.checks"))


def _time(seconds: float) -> str:
    return duration(seconds) if seconds >= 1 or not seconds else gettext("under a second")


def _rules(rules: Sequence[PlannedRule]) -> Table:
    rows = [(str(rule.rank), kind_label(rule.kind), number(rule.rows)) for rule in rules]
    heads = ("№", gettext("Type"), gettext("Rows with its data"))
    return Table(heads, rows, frozenset({2}), gettext("Rules"))


def _problems(problems: Sequence[tuple[str, int]]) -> Table:
    rows = [(reason_label(code), number(count), advice_for(code)) for code, count in problems[:MOST_PROBLEMS]]
    heads = (gettext("Reason"), gettext("Rows"), gettext("What to do"))
    return Table(heads, rows, frozenset({1}), gettext("Why rows are not ready; plan.frame has each row's problem"))


def _sample(sample: Sequence[SampleLead]) -> Table:
    rows = [(number(lead.row), _offers(lead.rules), cut(lead.comment)) for lead in sample]
    heads = (gettext("Row, from 0"), gettext("What is looked for"), gettext("Comment"))
    return Table(heads, rows, title=gettext("The first comments, contacts masked"))


def _offers(rules: Sequence[SampleRule]) -> str:
    lines = [_offer(rule) for rule in rules[:MOST_OFFERS]]
    return "\n".join([*lines, *([f"… +{len(rules) - MOST_OFFERS}"] if len(rules) > MOST_OFFERS else [])])


def _offer(rule: SampleRule) -> str:
    more = f" +{len(rule.contacts) - MOST_CONTACTS}" if len(rule.contacts) > MOST_CONTACTS else ""
    contacts = ", ".join(cut(contact, 48) for contact in rule.contacts[:MOST_CONTACTS]) + more
    parts = [f"{kind_label(rule.kind)}: {contacts}", rule.moment, search_text(rule.depth, rule.match)]
    return cut(", ".join(part for part in parts if part), 240)
