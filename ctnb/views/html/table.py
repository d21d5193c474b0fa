"""A small table of texts, as cards, the report, the dashboard and the studio show one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under headings; every text may hold anything, and is escaped.

    Attributes
    ----------
    headings : sequence of str
        Empty where the columns need none.
    rows : sequence of sequences of str
        The first text of a row names it. A line break in a text is one in the cell.
    numeric : frozenset of int
        The columns of numbers, from 0; they stand to the right.
    title : str
        Stands over the table, blank where what is around it says enough.
    note : str
        Stands under the table, blank where there is nothing to say.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    title: str = ""
    note: str = ""

    def with_columns(self, *columns: int) -> Table:
        """Return these columns of it, from 0, in this order."""
        headings, *rows = ([texts[column] for column in columns] for texts in (self.headings, *self.rows))
        numeric = frozenset(place for place, column in enumerate(columns) if column in self.numeric)
        return replace(self, headings=headings, rows=rows, numeric=numeric)

    @property
    def wordy(self) -> bool:
        """Whether sentences stand in it, so that a phone shows its rows one under another."""
        return len(self.numeric) < len(self.headings) - 1
