"""Step 1: which columns hold what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.leads.guess_columns import Roles
from ctnb.leads.phones.api import checked_region
from ctnb.masking import masked_id, masked_text, without_contacts
from ctnb.views.studio.widgets import field, heading, note, one_of, row, some_of, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

EXAMPLES = 3
"""Values of a column that are shown."""


class Columns:
    """The roles of the columns, found and changeable.

    Parameters
    ----------
    deals : DataFrame
    names : list of str
        Columns that can be chosen.
    roles : Roles
        What was found.
    key : str or None
        A key that was given; it wins over the one found.
    changed : callable
        Called after each change.
    """

    def __init__(
        self, deals: pd.DataFrame, names: Sequence[str], roles: Roles, key: str | None, changed: Callable[[], None]
    ) -> None:
        self._deals = deals
        self._changed = changed
        self.phones = some_of(gettext("Phones"), names, roles.phones)
        self.emails = some_of(gettext("E-mails"), names, roles.emails)
        self.date = one_of(gettext("Date of the deal"), names, roles.date)
        self.call_id = one_of(gettext("Call id"), names, roles.call_id)
        self.request_id = one_of(gettext("Request id"), names, roles.request_id)
        self.key = one_of(gettext("Key of the deal"), names, key or roles.key)
        self.region = field(
            ipywidgets.Text, gettext("Country of phones, two letters"), value="RU", continuous_update=False
        )
        self._examples = ipywidgets.HTML()
        self.widget: Any = ipywidgets.VBox(
            [
                heading(gettext("Columns"), summary(deals, names)),
                row([self.phones, self.emails], "row", "top"),
                row([self.date, self.call_id, self.request_id]),
                row([self.key, self.region]),
                self._examples,
            ]
        )
        for chosen in (self.phones, self.emails, self.date, self.call_id, self.request_id, self.key, self.region):
            chosen.observe(self._on_change, "value")
        self._show()

    @property
    def roles(self) -> Roles:
        """The roles as they are chosen now."""
        return Roles(
            phones=tuple(self.phones.value),
            emails=tuple(self.emails.value),
            date=self.date.value or None,
            call_id=self.call_id.value or None,
            request_id=self.request_id.value or None,
            key=self.key.value or None,
        )

    @property
    def region_chosen(self) -> str:
        """The country of phones without a code; ConfigError when there is none of this name."""
        return checked_region(self.region.value.strip().upper())

    def _on_change(self, _: object) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show what stands in the chosen columns, so that a wrong choice is seen."""
        roles = self.roles
        chosen = [
            (gettext("Phones"), roles.phones, without_contacts),
            (gettext("E-mails"), roles.emails, without_contacts),
            (gettext("Date of the deal"), [roles.date], masked_text),
            (gettext("Call id"), [roles.call_id], masked_id),
            (gettext("Request id"), [roles.request_id], masked_id),
            (gettext("Key of the deal"), [roles.key], masked_id),
        ]
        rows = [
            (label, name, *seen(self._deals, name, mask)) for label, several, mask in chosen for name in several if name
        ]
        heads = (gettext("Role"), gettext("Column"), gettext("Filled rows"), gettext("Examples"))
        advice = "" if roles.key else note(gettext("Choose a key: without it a deal is known by its ids and contacts."))
        try:
            _ = self.region_chosen
        except ConfigError as error:
            advice += note(str(error), "error")
        self._examples.value = advice + table(gettext("What stands in them"), heads, rows, numbers=(2,))


def summary(deals: pd.DataFrame, names: Sequence[str]) -> str:
    """Say how large the table is, and which columns cannot be chosen."""
    told = ngettext("{n} row in the table.", "{n} rows in the table.", len(deals))
    told += " " + gettext(
        "The roles were found by headings and values; change what is wrong. Several columns are chosen with Ctrl or ⌘."
    )
    left_out = len(deals.columns) - len(names)
    if left_out:
        told += " " + ngettext(
            "{n} column is left out: its heading is blank or repeated.",
            "{n} columns are left out: their headings are blank or repeated.",
            left_out,
        )
    return told


def seen(deals: pd.DataFrame, name: str, mask: Callable[[str], str]) -> tuple[str, str]:
    """Return how many rows of a column are filled, and its first values, masked."""
    labels = [str(label) for label in deals.columns]
    if name not in labels:
        return number(0), gettext("There is no such column.")
    place = labels.index(name)
    filled = deals.iloc[:, place].dropna()
    values = [mask(str(value)) for value in filled.head(EXAMPLES)]
    return number(len(filled)), ", ".join(values)
