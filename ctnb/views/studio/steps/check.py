"""Step 4: the plan, which shows what would be sent; nothing is sent here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np

from ctnb.i18n.findings import severity_label
from ctnb.i18n.labels import reason_label, record_label
from ctnb.i18n.language import duration, gettext, ngettext, number
from ctnb.masking import Strength, masked
from ctnb.views.html.render import rendered
from ctnb.views.studio.message import Message
from ctnb.views.studio.rule_card import kind_names
from ctnb.views.studio.widgets import button, heading, row, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.leads.plan import Plan
    from ctnb.views.studio.journal_source import JournalSource
    from ctnb.views.studio.preview_pane import PreviewPane

REASONS = 10
"""Reasons that are shown, the commonest first."""
EXAMPLES = 3
"""Rows that are shown of a reason."""
SAMPLE = 2
"""Leads that are shown as they would be sent."""


class CheckStep:
    """The button that asks for a plan, and the plan in small tables.

    Parameters
    ----------
    asked : callable
        Called when the user wants a check.
    source : JournalSource
        Where a journal may come from.
    preview : PreviewPane
        What would match in it.
    """

    def __init__(self, asked: Callable[[], None], source: JournalSource, preview: PreviewPane) -> None:
        self.source, self.preview = source, preview
        self.message = Message()
        self.button = button(gettext("Check now"), asked, "primary")
        self._findings, self._tables = ipywidgets.HTML(), ipywidgets.HTML()
        self._above_source = heading(
            gettext("What would match"),
            gettext("With the account's journal you see which rows would find their lead, before anything is sent."),
        )
        self.widget: Any = ipywidgets.VBox(
            [
                heading(gettext("Check"), gettext("What would be sent, row by row. Nothing is sent here.")),
                row([self.button]),
                self.message.widget,
                self._findings,
                self._above_source,
                source.widget,
                preview.widget,
                self._tables,
            ]
        )

    def begin(self) -> None:
        """Show that the check goes on."""
        self.button.disabled = True
        self.message.show(gettext("Checking…"))

    def show(self, plan: Plan) -> None:
        """Show a plan."""
        self.source.suggest(plan)
        invalid = plan.counts["invalid"]
        if not len(plan.sent):
            self.message.show(gettext("No row can be sent: see the problems."), "error")
        elif not len(plan.due):
            self.message.show(gettext("All of it was sent before: there is nothing to send."), "good")
        elif invalid:
            self.message.show(gettext("The rows with problems are not sent; the others can be."))
        else:
            self.message.show(gettext("All rows can be sent."), "good")
        self._findings.value = findings_table(plan)
        self._tables.value = (
            table(gettext("The table"), ("", gettext("Number")), facts(plan), numbers=(1,))
            + table(
                gettext("The rules, by the rows that have their data"),
                (gettext("Rank"), gettext("Look for"), gettext("Rows with it")),
                rule_facts(plan),
                numbers=(0, 2),
            )
            + problem_tables(plan)
            + sample_html(plan)
        )
        self.button.disabled = False

    def fail(self, error: BaseException) -> None:
        """Show why there is no plan."""
        self._findings.value = self._tables.value = ""
        self.preview.clear()
        self.message.show_error(error)
        self.button.disabled = False

    def outdate(self) -> None:
        """Take the plan away: something was changed since."""
        self.preview.clear()
        if self._tables.value:
            self._findings.value = self._tables.value = ""
            self.message.show(gettext("Something was changed: check again."))
        elif self.message.text:
            self.message.show("")


def facts(plan: Plan) -> list[tuple[str, str]]:
    """Return the headline of a plan: labels and values."""
    counts, sent = plan.counts, plan.sent
    record = () if plan.record is None else plan.record.leads(sent)
    return [
        (gettext("Rows"), number(len(plan))),
        (gettext("Ready"), number(counts["ready"])),
        (gettext("Repeats, sent once"), number(counts["ready"] - len(sent))),
        (gettext("Not ready"), number(counts["invalid"])),
        *((record_label(recorded), number(leads)) for recorded, leads in record),
        (gettext("Comments to send"), number(len(plan.due))),
        (gettext("Requests"), number(plan.requests)),
        (gettext("Time at the least"), duration(plan.floor_seconds)),
    ]


def findings_table(plan: Plan) -> str:
    """Return the table of what the data says; blank where nothing was found."""
    heads = (gettext("Weight"), gettext("Rows"), gettext("Column"), gettext("What the data says, and what to do"))
    checks = plan.checks
    rows = [
        (severity_label(severity), number(rows), column or "", f"{message} {advice}")
        for severity, rows, column, message, advice in checks.astype(object)
        .where(checks.notna(), None)[["severity", "rows", "column", "message", "advice"]]
        .itertuples(index=False)
    ]
    return table(gettext("Checks"), heads, rows, numbers=(1,)) if rows else ""


def rule_facts(plan: Plan) -> list[tuple[str, str, str]]:
    """Return for each rule its rank, its kind and how many rows have its data."""
    kinds = kind_names()
    return [
        (number(rank), kinds[offer.kind], number(int(offer.present.sum())))
        for rank, offer in enumerate(plan.offers, start=1)
    ]


def problems(plan: Plan, *, ready: bool) -> list[tuple[str, str, str]]:
    """Return reasons with the number of their rows and some of these rows, the commonest first.

    Parameters
    ----------
    plan : Plan
    ready : bool
        True for rows that are sent all the same, by their other rules: the problem's text is the reason. False for
        rows that are not sent: the reason is a few words, and the text stands beside its rows.
    """
    rows = np.flatnonzero((plan.ready == ready) & (plan.problems.codes >= 0))
    texts = [plan.problems.texts[code] for code in plan.problems.codes[rows]]
    by_reason: dict[str, list[tuple[int, str]]] = {}
    for row_number, text, code in zip(rows.tolist(), texts, plan.reasons[rows], strict=True):
        by_reason.setdefault(text if ready else code, []).append((row_number, "" if ready else text))
    common = sorted(by_reason.items(), key=lambda found: -len(found[1]))[:REASONS]
    return [
        (reason if ready else reason_label(reason), number(len(found)), examples(found[:EXAMPLES]))
        for reason, found in common
    ]


def examples(found: list[tuple[int, str]]) -> str:
    """Return rows as 1-based numbers, a line for each text; a text that is not blank ends its line."""
    lines: dict[str, list[str]] = {}
    for row_number, text in found:
        lines.setdefault(text, []).append(number(row_number + 1))
    return "\n".join(
        ngettext("row {rows}", "rows {rows}", len(rows), rows=", ".join(rows)) + (f": {text}" if text else "")
        for text, rows in lines.items()
    )


def problem_tables(plan: Plan) -> str:
    """Return the tables of rows that are not sent, and of rows that lack a rule."""
    heads = (gettext("Reason"), gettext("Number of rows"), gettext("Examples"))
    titles = {False: gettext("Rows that are not sent"), True: gettext("Rows that are sent by their other rules")}
    found = {ready: problems(plan, ready=ready) for ready in titles}
    return "".join(table(titles[ready], heads, rows, numbers=(1,)) for ready, rows in found.items() if rows)


def sample(plan: Plan) -> str:
    """Return the first leads as they would be sent, contacts masked."""
    return json.dumps(masked_payload(plan.leads(SAMPLE)), ensure_ascii=False, indent=2)


def masked_payload(value: Any) -> Any:
    """Mask the contacts in every text of a payload."""
    if isinstance(value, dict):
        return {name: masked_payload(each) for name, each in value.items()}
    if isinstance(value, list):
        return [masked_payload(each) for each in value]
    return masked(value, Strength.SCREEN) if isinstance(value, str) else value


def sample_html(plan: Plan) -> str:
    """Return the sample as HTML that is opened by a click."""
    if not len(plan.due):
        return ""
    title = gettext("The first leads as they are sent (phones and e-mails masked here)")
    return rendered("studio/sample.html", title=title, sample=sample(plan))
