"""A rule as a card, as a sentence, and in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext
from ctnb.leads.policies import depth_unit
from ctnb.outcomes import Kind
from ctnb.views.html.card import Card, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def rule_sentence(kind: Kind, parameters: Mapping[str, Any]) -> str:
    """Say in a sentence what a rule looks for, and how; it names columns, and ends without a full stop.

    Parameters
    ----------
    kind : Kind
        The rule's matching type.
    parameters : mapping
        As in `rule_html`.
    """
    phones, emails = (_columns(parameters.get(name)) for name in ("phones", "emails"))
    if kind is Kind.CALL:
        what = gettext("Call by the id in {column}", column=_columns(parameters["id"]))
    elif kind is Kind.REQUEST:
        what = gettext("Request by the id in {column}", column=_columns(parameters["id"]))
    elif kind is Kind.CALL_CONTACT:
        what = gettext("Calls by the phones in {columns}", columns=phones)
    elif phones and emails:
        what = gettext("Requests by the phones in {phones} and the e-mails in {emails}", phones=phones, emails=emails)
    elif phones:
        what = gettext("Requests by the phones in {columns}", columns=phones)
    else:
        what = gettext("Requests by the e-mails in {columns}", columns=emails)
    return what + _near(parameters) + _tagged(parameters)


def _near(parameters: Mapping[str, Any]) -> str:
    """Say how far from which moment is searched, and which lead is taken."""
    if "depth" not in parameters:
        return ""
    depth, date, match = parameters["depth"], _columns(parameters["date"]), parameters["match"]
    if isinstance(depth, int):
        near = gettext(" within {depth} of {date}", depth=minutes_text(depth), date=date)
    else:
        near = gettext(" near {date}, as far as {column} says", date=date, column=_columns(depth))
    if not isinstance(match, str):
        return near + gettext(", the lead that {column} chooses", column=_columns(match))
    leads = {
        "nearest": gettext("the lead nearest in time"),
        "nearestUniq": gettext("the nearest unique one"),
        "nearestUniqLead": gettext("the nearest unique lead"),
    }
    return f"{near}, {leads.get(match, match)}"


def _tagged(parameters: Mapping[str, Any]) -> str:
    tags, logic = parameters["tags"], parameters["tags_logic"]
    if not tags:
        return ""
    if not isinstance(tags, tuple):
        return gettext(", with the tags in {column}", column=_columns(tags))
    shown = _shown("tags", tags)
    if not isinstance(logic, str):
        return gettext(", with tags of {tags}", tags=shown)
    return (
        gettext(", with all tags of {tags}", tags=shown)
        if logic == "and"
        else gettext(", with any tag of {tags}", tags=shown)
    )


def _columns(names: Any) -> str:
    """Quote the names of columns; a policy that is read from a column has its name as an attribute."""
    several = names if isinstance(names, tuple) else () if names is None else (getattr(names, "name", names),)
    return ", ".join(gettext("“{column}”", column=cut(str(name), 60)) for name in several)


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
