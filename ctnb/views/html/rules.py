"""A rule as a card, and in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext
from ctnb.leads.policies import depth_unit
from ctnb.views.html.card import Card, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnb.outcomes import Kind

MOST_NAMES: Final = 5


def rule_html(kind: Kind, name: str, parameters: Mapping[str, Any]) -> str:
    """Return a rule as HTML: its type, and what it reads and how it searches.

    Parameters
    ----------
    kind : Kind
        The rule's matching type.
    name : str
        The name of its class.
    parameters : mapping
        By name, parsed: a depth in minutes, column names as a text or a tuple of texts.
    """
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
    left_out = {"tags_logic"} if not parameters["tags"] else set()
    facts = [
        (names[parameter], _shown(parameter, value))
        for parameter, value in parameters.items()
        if parameter in names and parameter not in left_out and value not in (None, ())
    ]
    label = kind_label(kind)
    return Card(name if label == kind.value else f"{name}: {label}", facts).html()


def search_text(depth: int | None, match: str | None) -> str:
    """Say how far and for which lead a contact rule searches."""
    return "" if depth is None else f"±{minutes_text(depth)}, {match}"


def minutes_text(minutes: int) -> str:
    """Write minutes in their largest whole unit, in the language in force."""
    count, unit = depth_unit(minutes)
    units = {"d": gettext("d"), "h": gettext("h"), "m": gettext("min")}
    return f"{count}\N{NO-BREAK SPACE}{units[unit]}"


def _shown(parameter: str, value: Any) -> str:
    if parameter == "depth" and isinstance(value, int):
        return minutes_text(value)
    if isinstance(value, tuple):
        more = f" … +{len(value) - MOST_NAMES}" if len(value) > MOST_NAMES else ""
        return ", ".join(cut(str(each), 40) for each in value[:MOST_NAMES]) + more
    return cut(value if isinstance(value, str) else repr(value))
