"""One rule as a card of fields; their values are checked by the rule itself."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import RuleError
from ctnb.i18n.language import gettext
from ctnb.leads.limits import MATCHES, TAGS_LOGICS
from ctnb.leads.policies import depth_text
from ctnb.leads.rules import Call, CallContact, Col, Request, RequestContact
from ctnb.outcomes import Kind
from ctnb.views.html.render import rendered
from ctnb.views.studio.widgets import button, card, choose_one, choose_several, field, note, row, show_if

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.leads.rules import Rule


def kind_names() -> dict[str, str]:
    """Return the names of the matching types, by their values."""
    return {
        Kind.CALL.value: gettext("Call by its id"),
        Kind.REQUEST.value: gettext("Request by its id"),
        Kind.CALL_CONTACT.value: gettext("Call by phone"),
        Kind.REQUEST_CONTACT.value: gettext("Request by phone or e-mail"),
    }


def match_names() -> dict[str, str]:
    """Return the names of the ways to choose among several fitting leads, by their values."""
    names = {
        "nearest": gettext("nearest in time"),
        "nearestUniq": gettext("nearest unique"),
        "nearestUniqLead": gettext("nearest unique lead"),
    }
    return {match: f"{names[match]} ({match})" for match in MATCHES}


class RuleCard:
    """The fields of one rule.

    Parameters
    ----------
    rule : Rule
        The rule that the fields hold at first.
    names : list of str
        Columns that can be chosen.
    changed : callable
        Called after each change.
    moved : callable
        Called with this card and -1 (up), 1 (down) or 0 (remove).
    """

    def __init__(
        self,
        rule: Rule,
        names: Sequence[str],
        changed: Callable[[], None],
        moved: Callable[[RuleCard, int], None],
    ) -> None:
        self._changed = changed
        self._undocumented = bool(getattr(rule, "undocumented", False))
        kinds = [(label, kind) for kind, label in kind_names().items()]
        self.kind = field(ipywidgets.Dropdown, gettext("Look for"), options=kinds, value=rule.kind.value)
        self.id = choose_one(gettext("Column with the id"), names, getattr(rule, "id", None))
        self.phones = choose_several(gettext("Columns with phones"), names, getattr(rule, "phones", None) or ())
        self.emails = choose_several(gettext("Columns with e-mails"), names, getattr(rule, "emails", None) or ())
        self.date = choose_one(gettext("Column with the date"), names, getattr(rule, "date", None))
        self.depth = field(
            ipywidgets.Text,
            gettext("Search depth: 90m, 2h, 7d or {column}", column="{…}"),
            placeholder="2h",
            continuous_update=False,
        )
        match = getattr(rule, "match", MATCHES[0])
        self.match = field(ipywidgets.Dropdown, gettext("If several fit"), options=options_of(match_names(), match))
        self.tags = field(ipywidgets.Text, gettext("Tags, separated by commas"), continuous_update=False)
        logics = {"and": gettext("all of them"), "or": gettext("any of them")}
        self.tags_logic = field(
            ipywidgets.Dropdown,
            gettext("Tags wanted"),
            "short",
            options=options_of({logic: logics[logic] for logic in TAGS_LOGICS}, rule.tags_logic),
        )
        self._title = ipywidgets.HTML()
        self._title.add_class("ctnb-title")
        self._problem = ipywidgets.HTML()
        self.up = button("↑", lambda: moved(self, -1), tooltip=gettext("Move the rule up"))
        self.down = button("↓", lambda: moved(self, 1), tooltip=gettext("Move the rule down"))
        self.remove = button(gettext("Remove"), lambda: moved(self, 0), tooltip=gettext("Remove the rule"))
        self._contacts = row([self.phones, self.emails], "row", "top")
        self._near = row([self.date, self.depth, self.match])
        self._fill(rule)
        self.widget: Any = card(
            [
                row([self._title, self.kind, row([self.up, self.down, self.remove], "row", "together")]),
                self._contacts,
                self._near,
                row([self.id, self.tags, self.tags_logic]),
                self._problem,
            ]
        )
        choices = (self.kind, self.id, self.phones, self.emails, self.date, self.match, self.tags_logic)
        for control in (*choices, self.depth, self.tags):
            control.observe(self._on_change, "value")
        self._show()

    def rule(self) -> Rule:
        """Build the rule; RuleError says which field cannot be used."""
        policy: dict[str, Any] = {"tags": column_or(self.tags.value), "tags_logic": self.tags_logic.value}
        kind = self.kind.value
        if kind in {Kind.CALL.value, Kind.REQUEST.value}:
            if not self.id.value:
                raise RuleError("Choose the column with the id.")
            return Call(self.id.value, **policy) if kind == Kind.CALL.value else Request(self.id.value, **policy)
        if not self.date.value:
            raise RuleError("Choose the column with the date.")
        policy |= {"depth": column_or(self.depth.value), "match": self.match.value, "undocumented": self._undocumented}
        if kind == Kind.CALL_CONTACT.value:
            return CallContact(self.phones.value, self.date.value, **policy)
        return RequestContact(self.date.value, phones=self.phones.value, emails=self.emails.value, **policy)

    def show_rank(self, rank: int, last: int) -> None:
        """Show the rule's 1-based rank among the rules, `last` of them."""
        self._title.value = rendered("studio/heading.html", title=f"{rank}.", text="")
        self.up.disabled, self.down.disabled = rank == 1, rank == last

    def _fill(self, rule: Rule) -> None:
        """Put the rule's policy into the fields."""
        if isinstance(rule, CallContact | RequestContact):
            self.depth.value = depth_text(rule.depth) if isinstance(rule.depth, int) else policy_text(rule.depth)
            self.match.value = rule.match
        self.tags.value = policy_text(rule.tags)
        self.tags_logic.value = rule.tags_logic

    def _on_change(self, _: object) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show the fields that the kind has, and what is wrong in them."""
        kind = self.kind.value
        by_id = kind in {Kind.CALL.value, Kind.REQUEST.value}
        show_if(by_id, self.id)
        show_if(not by_id, self._contacts)
        show_if(not by_id, self._near)
        show_if(kind == Kind.REQUEST_CONTACT.value, self.emails)
        try:
            self.rule()
        except RuleError as error:
            self._problem.value = note(str(error), "error")
        else:
            self._problem.value = ""


def options_of(named: dict[str, str], given: str | Col) -> list[tuple[str, str | Col]]:
    """Return labelled options; a given value that is none of ours, such as a column, is added to them."""
    options: list[tuple[str, str | Col]] = [(label, value) for value, label in named.items()]
    return options if given in named else [*options, (html.unescape(policy_text(given)), given)]


def policy_text(value: object) -> str:
    """Return a policy as it is typed: a column in braces, tags through commas."""
    if isinstance(value, Col):
        return f"{{{value.name}}}"
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def column_or(typed: str) -> Any:
    """Return a column for ``{name}``, else the typed text; None for a blank one."""
    text = typed.strip()
    if text.startswith("{") and text.endswith("}"):
        return Col(text[1:-1])
    return text or None
