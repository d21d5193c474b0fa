"""A preview as text and as a card: what would match by rule, why the rest would not, and what is not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ctnb.i18n.advice import search_outcome_advice, undecided_advice
from ctnb.i18n.labels import kind_label, search_outcome_label, undecided_label
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.results.rates import wilson
from ctnb.views.html.card import Card
from ctnb.views.html.rules import minutes_text
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.matching.preview_summary import PreviewedRule, PreviewSummary

NONE: Final = "–"


def preview_text(*, rows: int, ready: int, matched: int) -> str:
    """Return a preview in two lines."""
    found = gettext(
        "{matched} of {n} rows that can be sent would match: {rate}",
        matched=number(matched),
        n=number(ready),
        rate=rate_text(matched, ready),
    )
    if rows > ready:
        found += "; " + ngettext("{n} row cannot be sent", "{n} rows cannot be sent", rows - ready)
    more = gettext("more in .frame, .reasons, .sweep(), .clock(), .collisions(), .undecided(), .plot and .explorer()")
    return f"<Preview: {found};\n {more}>"


def rate_text(part: int, whole: int) -> str:
    """Return a rate with its 95 % interval; a dash where there is none."""
    if not whole:
        return NONE
    low, high = wilson(part, whole)
    return f"{percent(part / whole)} ({interval(float(low), float(high))})"


def preview_html(preview: PreviewSummary, *, rules: bool = True) -> str:
    """Return a preview as HTML, with or without its rules."""
    missed = preview.ready - preview.matched
    facts = [
        (gettext("Rows"), number(preview.rows)),
        (gettext("Would match"), _counted(preview.matched, preview.ready)),
        (gettext("Would not match"), _counted(missed, preview.ready)),
        (gettext("Not ready"), number(preview.rows - preview.ready)),
        (gettext("Not sure: the vendor does not say"), number(preview.uncertain)),
        (gettext("Leads that would take several comments"), _collisions(preview)),
    ]
    tables = [
        *([rules_table(preview.rules)] if rules else []),
        *([_unmatched(preview)] if preview.unmatched else []),
        *([_undecided(preview)] if preview.undecided else []),
    ]
    return Card(gettext("Predicted from the journals: nothing has been sent"), facts, tables).html()


def _counted(rows: int, whole: int) -> str:
    return f"{number(rows)} · {rate_text(rows, whole)}" if whole else number(rows)


def _collisions(preview: PreviewSummary) -> str:
    if not preview.collisions:
        return number(0)
    comments = ngettext("{n} comment", "{n} comments", preview.colliding)
    return f"{number(preview.collisions)} ({comments})"


def rules_table(previewed: Sequence[PreviewedRule]) -> Table:
    """Return what each rule finds and takes, and how often the lead that it finds is the right one."""
    heads = (
        "№", gettext("Type"), gettext("Depth"), gettext("Takes"), gettext("Finds alone"), gettext("The right lead"),
    )  # fmt: skip
    rows = [
        (
            str(rule.rank),
            kind_label(rule.kind),
            NONE if rule.depth is None else minutes_text(rule.depth),
            number(rule.takes),
            number(rule.alone),
            precision_text(rule),
        )
        for rule in previewed
    ]
    note = gettext("The right lead: of the rows whose id names a lead, those for which the rule finds that one.")
    return Table(
        heads, rows, frozenset({3, 4, 5}), gettext("Rules"), note=note if any(rule.truths for rule in previewed) else ""
    )


def precision_text(rule: PreviewedRule) -> str:
    """Return the share of right leads with its interval; a dash where no id tells it."""
    if pd.isna(rule.precision):
        return NONE
    return f"{percent(rule.precision)} ({interval(rule.precision_low, rule.precision_high)})"


def _unmatched(preview: PreviewSummary) -> Table:
    rows = [
        (search_outcome_label(code), number(count), search_outcome_advice(code)) for code, count in preview.unmatched
    ]
    heads = (gettext("Reason"), gettext("Rows"), gettext("What to do"))
    title = gettext("Why rows would not match; preview.reasons has each row and rule")
    return Table(heads, rows, frozenset({1}), title)


def _undecided(preview: PreviewSummary) -> Table:
    rows = [(undecided_label(code), number(count), undecided_advice(code)) for code, count in preview.undecided]
    heads = (gettext("The vendor does not say"), gettext("Rows"), gettext("What to do"))
    return Table(heads, rows, frozenset({1}), gettext("What is not sure; preview.undecided() has the rows"))
