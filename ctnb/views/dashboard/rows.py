"""The rows of a frame with results: read once, then filtered, sorted, and taken in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from ctnb.defaults import TIMEZONE
from ctnb.leads.columns.cells import distinct
from ctnb.leads.moments.parse import parse_moments
from ctnb.results.columns import NAMES
from ctnb.results.restore import restore
from ctnb.views.dashboard.filters import RowFilter, as_categories, row_mask, searchable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

RowNumbers = npt.NDArray[np.intp]
"""0-based."""

PAGE_ROWS: Final = 1_000
"""Rows that go to the browser at a time; with thirty columns these are about a megabyte."""

_FIRST: Final = ("status", "matched_by", "error")
_NOT_DRAWN: Final = (
    "call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "replayed", "batch", "attempts",
)  # fmt: skip
_LONGEST_CELL: Final = 300


class ResultRows:
    """A frame with results, and the columns that have been read from it so far.

    Parameters
    ----------
    frame : DataFrame, n rows
        With results under `prefix`. It is not changed.
    prefix : str
        What the names of the results begin with.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """

    def __init__(self, frame: pd.DataFrame, prefix: str) -> None:
        self.frame = frame.copy(deep=False)
        self.prefix = prefix
        self.results = restore(frame, prefix).reset_index(drop=True)
        # Columns that no plot reads are not copied with every part.
        self._drawn = self.results.drop(columns=[name for name in _NOT_DRAWN if name in self.results])
        self._words: dict[Hashable, pd.Series[Any]] = {}
        self._groups: dict[Hashable, pd.Series[Any]] = {}
        self._moments: dict[Hashable, pd.Series[Any]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def counts(self, name: str) -> dict[str, int]:
        """Count the rows by value of a result that is a category, those that occur, in the contract's order."""
        if name not in self.results:
            return {}
        found = self.results[name].value_counts(sort=False)
        return {str(value): int(rows) for value, rows in found.items() if rows}

    def matching(self, row_filter: RowFilter) -> RowNumbers:
        """Return the rows that a filter leaves."""
        words = None
        if row_filter.text.strip() and row_filter.column is not None:
            words = self._cached(self._words, row_filter.column, searchable_text)
        return np.flatnonzero(row_mask(self.results, row_filter, words))

    def part(self, rows: RowNumbers, *, group: Hashable | None = None, date: Hashable | None = None) -> pd.DataFrame:
        """Return the results of some rows under their names, and the columns that a plot asks for beside them."""
        beside = {}
        if group is not None:
            beside[group] = self._cached(self._groups, group, _as_groups)
        if date is not None:
            beside[date] = self._cached(self._moments, date, _as_moments)
        part = pd.concat([self._drawn.iloc[rows], *(column.iloc[rows] for column in beside.values())], axis=1)
        names = [self.prefix + str(name) for name in self._drawn.columns]
        # A tuple is the name of one column.
        return part.set_axis(pd.Index([*names, *beside], tupleize_cols=False), axis=1)

    def sorted(self, rows: RowNumbers, column: Hashable | None, *, descending: bool) -> RowNumbers:
        """Return rows in the order of a column, missing values last; in their own order where it is None."""
        if column is None or not len(rows):
            return rows
        ours = str(column).removeprefix(self.prefix)
        cells = self.results[ours] if column == self.prefix + ours and ours in self.results else self.frame[column]
        cells = cells.iloc[rows].reset_index(drop=True)
        try:
            order = cells.sort_values(ascending=not descending, kind="stable").index
        except TypeError:
            order = cells.astype(str).sort_values(ascending=not descending, kind="stable").index
        in_order: RowNumbers = rows[order.to_numpy()]
        return in_order

    def columns(self) -> list[Hashable]:
        """Return the columns in the order in which rows are shown: status and error, the deal, the other results."""
        alone = ~self.frame.columns.duplicated(keep=False)
        labels = [label for label, single in zip(self.frame.columns, alone, strict=True) if single]
        ours = {self.prefix + name for name in NAMES}
        first = [self.prefix + name for name in _FIRST if self.prefix + name in labels]
        deal = [label for label in labels if label not in ours]
        return [*first, *deal, *[label for label in labels if label in ours and label not in first]]

    def page(self, rows: RowNumbers, number: int) -> pd.DataFrame:
        """Return a page of rows as texts, for a table in a browser.

        Parameters
        ----------
        rows : ndarray of int
            In the order of the table.
        number : int
            Of the page, 1-based.
        """
        cells = self.frame.iloc[rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]]
        return pd.DataFrame(
            {str(label): [_cell_text(cell) for cell in cells[label]] for label in self.columns()}, dtype=object
        )

    def _cached(
        self,
        cache: dict[Hashable, pd.Series[Any]],
        label: Hashable,
        read: Callable[[pd.Series[Any]], pd.Series[Any]],
    ) -> pd.Series[Any]:
        if label not in cache:
            cache[label] = read(self.frame[label].reset_index(drop=True))
        return cache[label]


def _as_groups(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as sorted categories, which are quick to group by."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, cells = distinct(column)
    texts = [cell for cell in cells[:-1] if isinstance(cell, str)]
    # Of texts pandas makes categories too, but before 3.0 it takes two for one that differ behind a NUL.
    return as_categories(codes, texts) if len(texts) == len(cells) - 1 else column.astype("category")


def _as_moments(column: pd.Series[Any]) -> pd.Series[Any]:
    if is_datetime64_any_dtype(column.dtype):
        return column
    return pd.Series(parse_moments(column, TIMEZONE).local)


def _cell_text(cell: Any) -> str:
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return ""
    text = str(cell)
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
