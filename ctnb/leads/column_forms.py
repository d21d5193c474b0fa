"""What a whole column says of the form of its cells: decided once, before a frame is planned in windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.leads.moments.serials import only_serials
from ctnb.leads.rules import Call, CallContact, Request, RequestContact
from ctnb.leads.spreadsheet_numbers import only_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from ctnb.leads.comment_template import Template
    from ctnb.leads.rules import Rule


@dataclass(frozen=True, slots=True)
class ColumnForms:
    """Names of columns by what all their cells are.

    Attributes
    ----------
    whole : frozenset of str
        Columns of ids that hold whole numbers only.
    serials : frozenset of str
        Columns of dates that hold dates as Excel stores them only.
    """

    whole: frozenset[str]
    serials: frozenset[str]

    @classmethod
    def of(cls, rules: Iterable[Rule], template: Template, cells: Mapping[str, pd.Series[Any]]) -> ColumnForms:
        """Look at the columns that the rules and the template read."""
        ids = {rule.id for rule in rules if isinstance(rule, Call | Request)}
        dates = {date_column(rule) for rule in rules if isinstance(rule, CallContact | RequestContact)}
        return cls(
            frozenset(name for name in ids if only_whole(cells[name])),
            frozenset(name for name in (*dates, *template.dates) if only_serials(cells[name])),
        )


def date_column(rule: CallContact | RequestContact) -> str:
    """Return the column that a rule's date is in; the time may be in another."""
    return rule.date if isinstance(rule.date, str) else rule.date[0]
