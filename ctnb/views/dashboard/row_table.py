"""The table of rows: one search, one order, one page of what the filters leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from ctnb.views.dashboard.rows import ResultRows, RowNumbers, ShownColumn
    from ctnb.views.dashboard.shown_cells import Mask

SIZES: Final = (10, 25, 50, 100)
"""Rows that a page may have."""


@dataclass(frozen=True, slots=True)
class RowTable:
    """What the table is set to.

    Attributes
    ----------
    search : str
        A part of any cell, capitals or not.
    order : column or None
        What the rows go by; None for the frame's own order.
    descending : bool
    page, size : int
        Number of the page, from 1, and the rows that it has.
    hidden : frozenset of columns
        Those that are neither shown nor searched.
    """

    search: str = ""
    order: Hashable | None = None
    descending: bool = False
    page: int = 1
    size: int = 10
    hidden: frozenset[Hashable] = frozenset()

    def searching(self, text: str) -> RowTable:
        """Look for a text, from the first page on."""
        return replace(self, search=text, page=1)

    def sorted_by(self, column: Hashable) -> RowTable:
        """Go by a column: first ascending, at the second time descending, at the third in the frame's own order."""
        if column != self.order:
            return replace(self, order=column, descending=False, page=1)
        if not self.descending:
            return replace(self, descending=True, page=1)
        return replace(self, order=None, descending=False, page=1)

    def hiding(self, columns: Iterable[Hashable]) -> RowTable:
        """Leave out some columns; an order by one of them goes too."""
        hidden = frozenset(columns)
        order = None if self.order in hidden else self.order
        return replace(self, hidden=hidden, order=order, descending=self.descending and order is not None, page=1)

    def turned_to(self, page: int) -> RowTable:
        """Turn to a page."""
        return replace(self, page=page)

    def sized(self, size: int) -> RowTable:
        """Show so many rows on a page."""
        return replace(self, size=size, page=1)

    def columns(self, results: ResultRows) -> list[ShownColumn]:
        """Return the columns that are shown."""
        return [column for column in results.columns if column.name not in self.hidden]

    def rows(self, results: ResultRows, wanted: Mask) -> RowNumbers:
        """Return the rows of all pages in their order."""
        found = results.searched(np.flatnonzero(wanted), self.search, self.columns(results))
        return results.sorted(found, self.order, descending=self.descending)

    def pages(self, rows: int) -> int:
        """Return how many pages so many rows have, one at least."""
        return max(1, -(-rows // self.size))

    def on(self, rows: RowNumbers) -> tuple[int, RowNumbers]:
        """Return how many rows stand before the page, and those on it; of a page that is not there, the last."""
        first = (min(max(self.page, 1), self.pages(len(rows))) - 1) * self.size
        return first, rows[first : first + self.size]
