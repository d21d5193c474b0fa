"""A frame of results that is looked at from many sides: read once, then taken in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from ctnb.defaults import TIMEZONE
from ctnb.leads.moments.parse import parse_moments
from ctnb.results.columns import NAMES
from ctnb.results.restore import restore
from ctnb.views.dashboard.filters import Selection, chosen, searchable_text

if TYPE_CHECKING:
    from collections.abc import Hashable

Places = npt.NDArray[np.intp]

PAGE_ROWS: Final = 1_000
"""Rows that go to the browser at a time; with thirty columns these are about a megabyte."""

_FIRST: Final = ("status", "matched_by", "error")
_NOT_DRAWN: Final = (
    "call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "replayed", "batch", "attempts",
)  # fmt: skip
_LONGEST_CELL: Final = 300


class Subject:
    """A frame with results, and what has been read from it so far.

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
        results = restore(frame, prefix).reset_index(drop=True)
        self.results = results
        # What nothing is drawn from is not copied with every part.
        self._drawn = results.drop(columns=[name for name in _NOT_DRAWN if name in results])
        self._words: dict[Hashable, pd.Series[Any]] = {}
        self._groups: dict[Hashable, pd.Series[Any]] = {}
        self._moments: dict[Hashable, pd.Series[Any]] = {}

    def counts(self, name: str) -> dict[str, int]:
        """Count the rows by value of a result that is a category, those that occur, in the contract's order."""
        if name not in self.results:
            return {}
        found = self.results[name].value_counts(sort=False)
        return {str(value): int(rows) for value, rows in found.items() if rows}

    def places(self, selection: Selection) -> Places:
        """Return the 0-based positions of the rows that are wanted."""
        words = None
        if selection.text.strip() and selection.column is not None:
            words = self._cached(self._words, selection.column, searchable_text)
        return np.flatnonzero(chosen(self.results, selection, words))

    def part(self, places: Places, *, group: Hashable | None = None, date: Hashable | None = None) -> pd.DataFrame:
        """Return the results of some rows under their names, and the columns that a plot asks for beside them."""
        part = self._drawn.iloc[places]
        part.columns = pd.Index([self.prefix + str(name) for name in part.columns])
        more = {}
        if group is not None:
            more[group] = self._cached(self._groups, group, _as_groups).iloc[places]
        if date is not None:
            more[date] = self._cached(self._moments, date, _as_moments).iloc[places]
        return pd.concat([part, pd.DataFrame(more, index=part.index)], axis=1) if more else part

    def sorted(self, places: Places, column: Hashable | None, *, descending: bool) -> Places:
        """Return the positions in the order of a column, missing values last; as they stand where it is None."""
        if column is None or not len(places):
            return places
        ours = str(column).removeprefix(self.prefix)
        cells = self.results[ours] if column == self.prefix + ours and ours in self.results else self.frame[column]
        cells = cells.iloc[places].reset_index(drop=True)
        try:
            order = cells.sort_values(ascending=not descending, kind="stable").index
        except TypeError:
            order = cells.astype(str).sort_values(ascending=not descending, kind="stable").index
        in_order: Places = places[order.to_numpy()]
        return in_order

    def columns(self) -> list[Hashable]:
        """Return the columns in the order in which rows are shown: what came of them, the deal, the rest."""
        alone = ~self.frame.columns.duplicated(keep=False)
        labels = [label for label, single in zip(self.frame.columns, alone, strict=True) if single]
        ours = {self.prefix + name for name in NAMES}
        first = [self.prefix + name for name in _FIRST if self.prefix + name in labels]
        deal = [label for label in labels if label not in ours]
        return [*first, *deal, *[label for label in labels if label in ours and label not in first]]

    def page(self, places: Places, number: int) -> pd.DataFrame:
        """Return a page of rows as texts, for a table in a browser.

        Parameters
        ----------
        places : ndarray of int
            Positions of the rows.
        number : int
            1-based.
        """
        rows = self.frame.iloc[places[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]]
        return pd.DataFrame(
            {str(label): [_told(cell) for cell in rows[label]] for label in self.columns()}, dtype=object
        )

    def rows(self, places: Places) -> pd.DataFrame:
        """Return rows of the frame as they are."""
        return self.frame.iloc[places]

    def _cached(self, kept: dict[Hashable, pd.Series[Any]], label: Hashable, read: Any) -> pd.Series[Any]:
        if label not in kept:
            kept[label] = read(self.frame[label].reset_index(drop=True))
        return kept[label]


def _as_groups(column: pd.Series[Any]) -> pd.Series[Any]:
    return column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")


def _as_moments(column: pd.Series[Any]) -> pd.Series[Any]:
    if is_datetime64_any_dtype(column.dtype):
        return column
    return pd.Series(parse_moments(column, TIMEZONE).local)


def _told(cell: Any) -> str:
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return ""
    text = str(cell)
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
