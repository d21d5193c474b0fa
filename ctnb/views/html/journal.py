"""A journal as a line of text and as a card: how many leads over which days, and no contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnb.i18n.language import gettext, ngettext, number
from ctnb.views.html.card import Card

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class JournalSummary:
    """What is shown of a journal; None for the leads of one that was not read, and for days that are not known."""

    calls: int | None
    requests: int | None
    since: dt.date | None
    until: dt.date | None
    timezone: str


def journal_text(journal: JournalSummary) -> str:
    """Return a journal on one line."""
    parts = []
    if journal.calls is not None:
        parts.append(ngettext("{n} call", "{n} calls", journal.calls))
    if journal.requests is not None:
        parts.append(ngettext("{n} request", "{n} requests", journal.requests))
    if days := _days(journal):
        parts.append(days)
    return f"<Journal: {', '.join([*parts, journal.timezone])}>"


def journal_html(journal: JournalSummary) -> str:
    """Return a journal as HTML."""
    facts = [
        (gettext("Calls"), _count(journal.calls)),
        (gettext("Requests in the journal"), _count(journal.requests)),
        (gettext("Days"), _days(journal) or "–"),
        (gettext("Time zone"), journal.timezone),
    ]
    return Card(gettext("Journal of the account"), facts).html()


def _count(leads: int | None) -> str:
    return gettext("not read") if leads is None else number(leads)


def _days(journal: JournalSummary) -> str:
    if journal.since is None or journal.until is None:
        return ""
    return gettext("{since} to {until}", since=journal.since.isoformat(), until=journal.until.isoformat())
