"""Filters of rows, those in force with the earlier ones, and the columns by which results are grouped and dated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from ctnb.leads.guess_columns import date_order, holds_dates
from ctnb.results.columns import NAMES

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_MOST_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class ValueFilter:
    """Rows that have one of some values.

    Attributes
    ----------
    column : column
    codes : frozenset of int
        Of the values, as `ctnb.views.dashboard.shown_cells.CodedColumn` numbers them; -1 is a missing one.
    """

    column: Hashable
    codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class DateFilter:
    """Rows of a span of time.

    Attributes
    ----------
    column : column
    since, until : Timestamp or None
        The first moment that is wanted, and the first that is not; None where the span is open.
    """

    column: Hashable
    since: pd.Timestamp | None = None
    until: pd.Timestamp | None = None


@dataclass(frozen=True, slots=True)
class TextFilter:
    """Rows with a text in a cell, as part of it, capitals or not."""

    column: Hashable
    text: str


RowFilter = ValueFilter | DateFilter | TextFilter


@dataclass(frozen=True, slots=True)
class ChosenFilters:
    """The filters in force, all of which a row must pass; one of a kind for a column.

    Attributes
    ----------
    filters : tuple of RowFilter
        In the order in which they were added.
    earlier : tuple of tuples of RowFilter
        Those in force before each change, the latest last.
    """

    filters: tuple[RowFilter, ...] = ()
    earlier: tuple[tuple[RowFilter, ...], ...] = field(default=(), repr=False)

    def with_filter(self, *added: RowFilter) -> ChosenFilters:
        """Add filters, each in the place of the one of its kind and column if there is one."""
        filters = self.filters
        for new in added:
            if any(_same(each, new) for each in filters):
                filters = tuple(new if _same(each, new) else each for each in filters)
            else:
                filters = (*filters, new)
        return self._changed(filters)

    def without(self, number: int) -> ChosenFilters:
        """Leave out the filter of this number, from 0."""
        return self._changed(self.filters[:number] + self.filters[number + 1 :])

    def cleared(self) -> ChosenFilters:
        """Leave out all filters."""
        return self._changed(())

    def clicked(self, wanted: Sequence[RowFilter]) -> ChosenFilters:
        """Choose what a bar asks for, or leave it out where it is chosen.

        The values of one column are added to those that are wanted, or taken away; filters of several columns take the
        place of those in force.
        """
        if len(wanted) == 1 and isinstance(wanted[0], ValueFilter):
            column = wanted[0].column
            changed = ValueFilter(column, self.codes_of(column) ^ wanted[0].codes)
            return self.with_filter(changed) if changed.codes else self.without_like(changed)
        if all(each in self.filters for each in wanted):
            return self.without_like(*wanted)
        return self.with_filter(*wanted)

    def asks_for(self, wanted: Sequence[RowFilter]) -> bool:
        """Tell whether the values of a bar are among those that are wanted of its columns, of one of them at least."""
        values = [(self.codes_of(each.column), each.codes) for each in wanted if isinstance(each, ValueFilter)]
        return any(chosen for chosen, _ in values) and all(not chosen or codes <= chosen for chosen, codes in values)

    def without_like(self, *unwanted: RowFilter) -> ChosenFilters:
        """Leave out the filters of the kind and column of these."""
        return self._changed(tuple(each for each in self.filters if not any(_same(each, one) for one in unwanted)))

    def codes_of(self, column: Hashable) -> frozenset[int]:
        """Return the values of a column that are wanted; none where there is no filter of them."""
        found = (each.codes for each in self.filters if isinstance(each, ValueFilter) and each.column == column)
        return next(found, frozenset())

    def undone(self) -> ChosenFilters:
        """Return to the filters before the last change."""
        return ChosenFilters(self.earlier[-1], self.earlier[:-1]) if self.earlier else self

    def _changed(self, filters: tuple[RowFilter, ...]) -> ChosenFilters:
        if filters == self.filters:
            return self
        return ChosenFilters(filters, (*self.earlier, self.filters)[-_MOST_STEPS:])


def _same(one: RowFilter, other: RowFilter) -> bool:
    return type(one) is type(other) and one.column == other.column


def own_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns that are not results and have a name of their own, in their order."""
    ours = {prefix + name for name in NAMES}
    labels = pd.Index(frame.columns)
    alone = labels[~labels.duplicated(keep=False)]
    return [label for label in alone if label not in ours]


def date_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns of dates, those named as a deal's creation first."""
    return sorted((label for label in own_columns(frame, prefix) if holds_dates(frame[label])), key=date_order)
