"""Rule lists to begin with, made of the columns that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.i18n.language import gettext
from ctnb.leads.rules import Call, CallContact, Request, RequestContact

if TYPE_CHECKING:
    from ctnb.leads.guess_columns import Roles
    from ctnb.leads.rules import Rule

PRESETS: tuple[str, ...] = ("ids_contacts", "ids", "contacts", "contacts_wider")


def preset_names() -> dict[str, str]:
    """Return the names of the presets, by their codes, in the language in force."""
    return {
        "ids_contacts": gettext("Ids, then contacts"),
        "ids": gettext("Ids only"),
        "contacts": gettext("Contacts only"),
        "contacts_wider": gettext("Contacts, then further in time"),
    }


def preset_rules(preset: str, roles: Roles) -> list[Rule]:
    """Return the rules of a preset; those whose columns are not there are left out.

    Examples
    --------
    >>> from ctnb.leads.guess_columns import Roles
    >>> [rule.kind.value for rule in preset_rules("ids_contacts", Roles(phones=("p",), date="d", call_id="c"))]
    ['call', 'callContact', 'requestContact']
    """
    if preset == "ids":
        return id_rules(roles)
    if preset == "contacts":
        return contact_rules(roles, "2h", "7d")
    if preset == "contacts_wider":
        return contact_rules(roles, "2h", "2h") + contact_rules(roles, "7d", "30d")
    return id_rules(roles) + contact_rules(roles, "2h", "7d")


def id_rules(roles: Roles) -> list[Rule]:
    """Return a rule for each id that there is."""
    rules: list[Rule] = [Call(roles.call_id)] if roles.call_id else []
    return rules + ([Request(roles.request_id)] if roles.request_id else [])


def contact_rules(roles: Roles, calls: str, requests: str) -> list[Rule]:
    """Return a rule for calls and one for requests, each with its depth; they need a date."""
    if roles.date is None:
        return []
    rules: list[Rule] = []
    if roles.phones:
        rules.append(CallContact(roles.phones, roles.date, depth=calls, match="nearestUniqLead"))
    if roles.phones or roles.emails:
        rules.append(RequestContact(roles.date, depth=requests, phones=roles.phones, emails=roles.emails))
    return rules
