"""Step 4: what would be sent; nothing is."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd

from ctnb.i18n.labels import reason_label
from ctnb.i18n.language import duration, gettext, ngettext, number
from ctnb.masking import masked_text
from ctnb.views.studio.message import Notice
from ctnb.views.studio.rule_card import kind_names
from ctnb.views.studio.widgets import button, heading, row, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.leads.plan import Plan

REASONS = 10
"""Reasons that are shown, the commonest first."""
EXAMPLES = 3
"""Rows that are shown of a reason."""
SAMPLE = 2
"""Leads that are shown as they would be sent."""


class Check:
    """The plan, looked at.

    Parameters
    ----------
    asked : callable
        Called when the user wants a check.
    """

    def __init__(self, asked: Callable[[], None]) -> None:
        self.notice = Notice()
        self.button = button(gettext("Check now"), asked, "primary")
        self._shown = ipywidgets.HTML()
        self.widget: Any = ipywidgets.VBox(
            [
                heading(gettext("Check"), gettext("What would be sent, row by row. Nothing is sent here.")),
                row([self.button]),
                self.notice.widget,
                self._shown,
            ]
        )

    def begin(self) -> None:
        """Show that the check goes on."""
        self.button.disabled = True
        self.notice.say(gettext("Checking…"))

    def show(self, plan: Plan) -> None:
        """Show a plan."""
        invalid = plan.counts["invalid"]
        if not len(plan.sent):
            self.notice.say(gettext("No row can be sent: see the problems."), "error")
        elif invalid:
            self.notice.say(gettext("The rows with problems are not sent; the others can be."))
        else:
            self.notice.say(gettext("All rows can be sent."), "good")
        self._shown.value = (
            table(gettext("The table"), ("", gettext("Number")), facts(plan), numbers=(1,))
            + table(
                gettext("The rules, by the rows that have their data"),
                (gettext("Place"), gettext("Look for"), gettext("Rows with it")),
                rule_facts(plan),
                numbers=(0, 2),
            )
            + problem_tables(plan)
            + sample_html(plan)
        )
        self.button.disabled = False

    def fail(self, error: BaseException) -> None:
        """Show why there is no plan."""
        self._shown.value = ""
        self.notice.tell(error)
        self.button.disabled = False

    def outdate(self) -> None:
        """Say that something was changed since."""
        if self._shown.value:
            self._shown.value = ""
            self.notice.say(gettext("Something was changed: check again."))
        elif self.notice.text:
            self.notice.clear()


def facts(plan: Plan) -> list[tuple[str, str]]:
    """Return the headline of a plan: labels and values."""
    counts, sent = plan.counts, len(plan.sent)
    return [
        (gettext("rows in the table"), number(len(plan))),
        (gettext("rows that can be sent"), number(counts["ready"])),
        (gettext("of these, repeats of another row: sent once"), number(counts["ready"] - sent)),
        (gettext("rows with problems"), number(counts["invalid"])),
        (gettext("comments to send"), number(sent)),
        (gettext("requests, up to 100 comments each"), number(plan.requests)),
        (gettext("time needed at the least"), duration(plan.floor_seconds)),
    ]


def rule_facts(plan: Plan) -> list[tuple[str, str, str]]:
    """Return for each rule its place, its kind and how many rows have its data."""
    kinds = kind_names()
    return [
        (number(place), kinds[offer.kind], number(int(offer.present.sum())))
        for place, offer in enumerate(plan.offers, start=1)
    ]


def problems(plan: Plan, *, ready: bool) -> list[tuple[str, str, str]]:
    """Return reasons with the number of their rows and some of these rows, the commonest first.

    Parameters
    ----------
    plan : Plan
    ready : bool
        Whether rows are looked at that are sent all the same, by their other rules. Their reason is
        the problem as it is told.
    """
    rows = np.flatnonzero((plan.ready == ready) & (plan.problems.codes >= 0))
    told = np.array([plan.problems.texts[code] for code in plan.problems.codes[rows]], dtype=object)
    reasons = told if ready else np.array([reason_label(code) for code in plan.reasons[rows]], dtype=object)
    codes, found = pd.factorize(reasons)
    counts = np.bincount(codes, minlength=len(found))
    common = np.argsort(-counts, kind="stable")[:REASONS]
    return [
        (
            str(found[reason]),
            number(int(counts[reason])),
            examples(rows[codes == reason], None if ready else told[codes == reason]),
        )
        for reason in common
    ]


def examples(rows: Any, told: Any) -> str:
    """Return the 1-based places of the first rows of a reason, and what is wrong in each; a line for each text."""
    lines: dict[str, list[str]] = {}
    for place, row_number in enumerate(rows[:EXAMPLES]):
        lines.setdefault("" if told is None else str(told[place]), []).append(number(int(row_number) + 1))
    return "\n".join(
        ngettext("row {places}", "rows {places}", len(places), places=", ".join(places)) + (f": {text}" if text else "")
        for text, places in lines.items()
    )


def problem_tables(plan: Plan) -> str:
    """Return the tables of rows that are not sent, and of rows that lack a rule."""
    heads = (gettext("Reason"), gettext("Number of rows"), gettext("Examples"))
    titles = {False: gettext("Rows that are not sent"), True: gettext("Rows that are sent by their other rules")}
    told = {ready: problems(plan, ready=ready) for ready in titles}
    return "".join(
        table(titles[ready], heads, rows, numbers=(1,)).replace("\n", "<br>") for ready, rows in told.items() if rows
    )


def sample(plan: Plan) -> str:
    """Return the first leads as they would be sent, contacts masked."""
    return json.dumps(hidden(plan.leads(SAMPLE)), ensure_ascii=False, indent=2)


def hidden(value: Any) -> Any:
    """Mask the contacts in every text of a payload."""
    if isinstance(value, dict):
        return {name: hidden(each) for name, each in value.items()}
    if isinstance(value, list):
        return [hidden(each) for each in value]
    return masked_text(value) if isinstance(value, str) else value


def sample_html(plan: Plan) -> str:
    """Return the sample as HTML that is opened by a click."""
    if not len(plan.sent):
        return ""
    title = gettext("The first leads as they are sent (phones and e-mails masked here)")
    return f"<details><summary>{html.escape(title)}</summary><pre>{html.escape(sample(plan))}</pre></details>"
