"""A rule as a card, and in a few words."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext
from ctnb.views.html.card import Card, cut

if TYPE_CHECKING:
    from ctnb.leads.rules import Rule

MOST_NAMES: Final = 5


def rule_html(rule: Rule) -> str:
    """Return a rule as HTML: its type, and what it reads and how it searches."""
    names = {
        "id": gettext("Column with the id"),
        "phones": gettext("Columns with phones"),
        "emails": gettext("Columns with e-mails"),
        "date": gettext("Column with the date"),
        "depth": gettext("Search depth"),
        "match": gettext("If several fit"),
        "tags": gettext("Tags"),
        "tags_logic": gettext("Tags wanted"),
    }
    left_out = {"tags_logic"} if not rule.tags else set()
    facts = [
        (names[field.name], _shown(field.name, getattr(rule, field.name)))
        for field in fields(rule)
        if field.name in names and field.name not in left_out and getattr(rule, field.name) not in (None, ())
    ]
    label = kind_label(rule.kind)
    title = type(rule).__name__ if label == rule.kind.value else f"{type(rule).__name__}: {label}"
    return Card(title, facts).html()


def search_text(depth: int | None, match: str | None) -> str:
    """Say how far and for which lead a contact rule searches."""
    return "" if depth is None else f"±{minutes_text(depth)}, {match}"


def minutes_text(minutes: int) -> str:
    """Write minutes in their largest whole unit."""
    for size, unit in ((1440, gettext("d")), (60, gettext("h"))):
        if minutes % size == 0:
            return f"{minutes // size}\N{NO-BREAK SPACE}{unit}"
    unit = gettext("min")
    return f"{minutes}\N{NO-BREAK SPACE}{unit}"


def _shown(name: str, value: Any) -> str:
    if name == "depth" and isinstance(value, int):
        return minutes_text(value)
    if isinstance(value, tuple):
        more = f" … +{len(value) - MOST_NAMES}" if len(value) > MOST_NAMES else ""
        return ", ".join(cut(str(each), 40) for each in value[:MOST_NAMES]) + more
    return cut(value if isinstance(value, str) else repr(value))
