"""What a whole column says of the form of its cells: decided once, before a frame is planned in windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.leads.rules import Call, Request
from ctnb.leads.spreadsheet_numbers import only_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from ctnb.leads.rules import Rule


@dataclass(frozen=True, slots=True)
class ColumnForms:
    """Names of columns by what all their cells are.

    Attributes
    ----------
    whole : frozenset of str
        Columns of ids that hold whole numbers only.
    """

    whole: frozenset[str]

    @classmethod
    def of(cls, rules: Iterable[Rule], cells: Mapping[str, pd.Series[Any]]) -> ColumnForms:
        """Look at the columns that the rules read."""
        ids = {rule.id for rule in rules if isinstance(rule, Call | Request)}
        return cls(frozenset(name for name in ids if only_whole(cells[name])))
