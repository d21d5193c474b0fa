"""Step 2: the rules, in the order of their priority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import RuleError
from ctnb.i18n.language import gettext, ngettext
from ctnb.leads.limits import RULES_PER_LEAD
from ctnb.leads.rules import Call, CallContact, Request, RequestContact, checked_rules
from ctnb.outcomes import Kind
from ctnb.views.studio.presets import PRESETS, preset_names, preset_rules
from ctnb.views.studio.rule_card import RuleCard, kind_names
from ctnb.views.studio.widgets import button, field, heading, note, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ctnb.leads.guess_columns import Roles
    from ctnb.leads.rules import Rule


class RulesStep:
    """The rule list as cards that can be added, moved and removed.

    Parameters
    ----------
    names : list of str
        Columns that can be chosen.
    roles : Roles
        The columns that presets and new rules are made of.
    given : list of Rule or None
        Rules to begin with; None: the first preset, which follows the roles until a rule is touched.
    changed : callable
        Called after each change.
    """

    def __init__(
        self, names: Sequence[str], roles: Roles, given: Iterable[Rule] | None, changed: Callable[[], None]
    ) -> None:
        self._names = list(names)
        self._roles = roles
        self._changed = changed
        self._touched = given is not None
        self.cards: list[RuleCard] = []
        presets = preset_names()
        self.preset = field(
            ipywidgets.Dropdown, gettext("Begin with"), options=[(presets[code], code) for code in PRESETS]
        )
        self.apply = button(gettext("Use these rules"), self._apply)
        kinds = [(label, kind) for kind, label in kind_names().items()]
        self.kind = field(ipywidgets.Dropdown, gettext("Another rule"), options=kinds)
        self.add = button(
            gettext("Add"), lambda: self._add(self._new(self.kind.value)), tooltip=gettext("Add the rule")
        )
        self._list = ipywidgets.VBox()
        self._advice = ipywidgets.HTML()
        text = gettext("The vendor tries them from the top; the first that finds a lead takes the comment.")
        self.widget: Any = ipywidgets.VBox(
            [
                heading(gettext("Matching rules"), text),
                row([self.preset, self.apply, self.kind, self.add]),
                self._advice,
                self._list,
            ]
        )
        self._replace(preset_rules(PRESETS[0], roles) if given is None else list(given))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules as they stand.

        Raises
        ------
        RuleError
            When one cannot be used, with its rank; or there is none; or too many.
        """
        rules: list[Rule] = []
        for rank, card in enumerate(self.cards, start=1):
            try:
                rules.append(card.rule())
            except RuleError as error:
                raise RuleError("Rule {rank}: {problem}", rank=rank, problem=error) from None
        return checked_rules(rules)

    def follow(self, roles: Roles) -> None:
        """Take other roles: for new rules, and for all of them while they are a preset that nobody changed."""
        self._roles = roles
        if not self._touched:
            self._replace(preset_rules(self.preset.value, roles))

    def use(self, rules: Iterable[Rule]) -> None:
        """Take other rules, as if they had been typed."""
        self._replace(rules)
        self._touch()

    def _apply(self) -> None:
        self._touched = False
        self._replace(preset_rules(self.preset.value, self._roles))
        self._changed()

    def _replace(self, rules: Iterable[Rule]) -> None:
        self.cards = [self._card(rule) for rule in rules]
        self._show()

    def _card(self, rule: Rule) -> RuleCard:
        return RuleCard(rule, self._names, self._touch, self._move)

    def _touch(self) -> None:
        self._touched = True
        self._changed()

    def _add(self, rule: Rule) -> None:
        self.cards.append(self._card(rule))
        self._show()
        self._touch()

    def _move(self, moved: RuleCard, step: int) -> None:
        position = self.cards.index(moved)
        self.cards.remove(moved)
        if step:
            self.cards.insert(position + step, moved)
        else:
            moved.widget.close()
        self._show()
        self._touch()

    def _show(self) -> None:
        """Show the cards in their order, and what is missing."""
        for rank, card in enumerate(self.cards, start=1):
            card.show_rank(rank, len(self.cards))
        self._list.children = [card.widget for card in self.cards]
        self.add.disabled = len(self.cards) >= RULES_PER_LEAD
        if self.add.disabled:
            self._advice.value = note(ngettext("{n} rule is the most.", "{n} rules are the most.", RULES_PER_LEAD))
        elif not self.cards:
            self._advice.value = note(
                gettext("There is no rule yet. Rules by id need an id column, rules by contact a date and contacts.")
            )
        else:
            self._advice.value = ""

    def _new(self, kind: str) -> Rule:
        """Return a rule of a kind over the columns that were found, any column where none was."""
        roles, any_column = self._roles, self._names[0]
        date = roles.date or any_column
        if kind == Kind.CALL.value:
            return Call(roles.call_id or any_column)
        if kind == Kind.REQUEST.value:
            return Request(roles.request_id or any_column)
        if kind == Kind.CALL_CONTACT.value:
            return CallContact(roles.phones or [any_column], date, depth="2h")
        phones = roles.phones if roles.phones or roles.emails else (any_column,)
        return RequestContact(date, depth="7d", phones=phones, emails=roles.emails)
