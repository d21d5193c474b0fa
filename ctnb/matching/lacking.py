"""Columns that rules need and a journal has not: such rules find nothing, which is no word on the deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.i18n.journal_names import journal_name
from ctnb.i18n.language import gettext, ngettext
from ctnb.matching.index import NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD, SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Offer
    from ctnb.matching.tables import JournalColumns, JournalTables


def lacking_columns(plan: Plan, tables: JournalTables) -> str | None:
    """Return a warning of columns that the rules of a plan need and its journals lack; None for nothing.

    A journal that was not given, or that has no row, lacks nothing: its rows are known to be missing.
    """
    journals, lacking = tables.journals(), dict[tuple[str, str], list[int]]()
    for offer in plan.offers:
        headings, frame = journals[SIDES[offer.kind]]
        if frame is None or not len(frame) or not offer.present.any():
            continue
        for name in _needed(offer, headings):
            if name not in frame.columns:
                lacking.setdefault((headings.journal, name), []).append(offer.rank)
    if not lacking:
        return None
    found = [
        ngettext(
            "The {journal} has no column {name}, which rule {ranks} looks by.",
            "The {journal} has no column {name}, which rules {ranks} look by.",
            len(ranks),
            journal=journal_name(journal),
            name=name,
            ranks=", ".join(map(str, ranks)),
        )
        for (journal, name), ranks in lacking.items()
    ]
    advice = gettext(
        "What rules do not find for that says nothing of the deals. Give the column its name of the contract, or "
        "export the journal with it."
    )
    return " ".join([*found, advice])


def _needed(offer: Offer, headings: JournalColumns) -> Iterator[str]:
    """Yield the columns that a rule looks by."""
    if offer.phones is not None:
        yield headings.phones
    if offer.emails is not None and headings.emails is not None:
        yield headings.emails
    if offer.match is not None and {NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD} & set(offer.match.values):
        yield headings.unique
    if any(offer.tags.values):
        yield headings.tags
