"""Step 1: which columns hold what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import value_text
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.leads.guess_columns import Roles
from ctnb.leads.phones.api import checked_region
from ctnb.masking import Holds, Strength, masked
from ctnb.views.studio.widgets import choose_one, choose_several, field, heading, note, row, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

EXAMPLES = 3
"""Values of a column that are shown."""


class ColumnsStep:
    """The roles of the columns, found and changeable, and the country of their phones.

    Parameters
    ----------
    deals : DataFrame
    names : list of str
        Columns that can be chosen.
    roles : Roles
        The roles to begin with.
    region : str
        The country to begin with, two letters.
    changed : callable
        Called after each change.
    """

    def __init__(
        self, deals: pd.DataFrame, names: Sequence[str], roles: Roles, region: str, changed: Callable[[], None]
    ) -> None:
        self._deals = deals
        self._changed = changed
        self.phones = choose_several(gettext("Phones"), names, roles.phones)
        self.emails = choose_several(gettext("E-mails"), names, roles.emails)
        self.date = choose_one(gettext("Date of the deal"), names, roles.date)
        self.call_id = choose_one(gettext("Call id"), names, roles.call_id)
        self.request_id = choose_one(gettext("Request id"), names, roles.request_id)
        self.key = choose_one(gettext("Key of the deal"), names, roles.key)
        self.region = field(
            ipywidgets.Text, gettext("Country of phones, two letters"), value=region, continuous_update=False
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
        for control in (self.phones, self.emails, self.date, self.call_id, self.request_id, self.key, self.region):
            control.observe(self._on_change, "value")
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
    def region_code(self) -> str:
        """The country of phones without a code; ConfigError when there is none of this name."""
        return checked_region(self.region.value.strip().upper())

    def _on_change(self, _: object) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show what stands in the chosen columns, so that a wrong choice is seen."""
        roles = self.roles
        chosen: list[tuple[str, Sequence[str | None], Holds]] = [
            (gettext("Phones"), roles.phones, "phones"),
            (gettext("E-mails"), roles.emails, "emails"),
            (gettext("Date of the deal"), [roles.date], "dates"),
            (gettext("Call id"), [roles.call_id], "ids"),
            (gettext("Request id"), [roles.request_id], "ids"),
            (gettext("Key of the deal"), [roles.key], "ids"),
        ]
        rows = [
            (label, name, *examples(self._deals, name, holds))
            for label, names, holds in chosen
            for name in names
            if name
        ]
        heads = (gettext("Role"), gettext("Column"), gettext("Filled rows"), gettext("Examples"))
        advice = "" if roles.key else note(gettext("Choose a key: without it a deal is known by its ids and contacts."))
        try:
            _ = self.region_code
        except ConfigError as error:
            advice += note(str(error), "error")
        self._examples.value = advice + table(gettext("What stands in them"), heads, rows, numbers=(2,))


def summary(deals: pd.DataFrame, names: Sequence[str]) -> str:
    """Return a text on how large the table is, and how many of its columns cannot be chosen."""
    sentences = [
        ngettext("{n} row in the table.", "{n} rows in the table.", len(deals)),
        gettext(
            "The roles were found by headings and values; change what is wrong. Several columns are chosen with Ctrl "
            "or ⌘."
        ),
    ]
    left_out = len(deals.columns) - len(names)
    if left_out:
        sentences.append(
            ngettext(
                "{n} column is left out: its heading is blank or repeated.",
                "{n} columns are left out: their headings are blank or repeated.",
                left_out,
            )
        )
    return " ".join(sentences)


def examples(deals: pd.DataFrame, name: str, holds: Holds) -> tuple[str, str]:
    """Return how many rows of a column are filled, and its first values, masked."""
    labels = [str(label) for label in deals.columns]
    if name not in labels:
        return number(0), gettext("There is no such column.")
    filled = deals.iloc[:, labels.index(name)].dropna()
    values = [masked(value_text(value), Strength.SCREEN, column=holds) for value in filled.head(EXAMPLES)]
    return number(len(filled)), ", ".join(values)
