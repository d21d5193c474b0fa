"""The rows of a frame with results: each column read once, then filtered, searched, ordered, and taken in parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype

from ctnb.i18n.labels import attribution_label, column_label, kind_label, reason_label, status_label
from ctnb.results.columns import MINUTES, NAMES, OFFERED_SEPARATOR
from ctnb.results.restore import restore
from ctnb.views.dashboard.filters import DateFilter, RowFilter, TextFilter, ValueFilter
from ctnb.views.dashboard.shown_cells import (
    CodedColumn,
    as_categories,
    cell_text,
    holding,
    moments_of,
    ranks_of,
    small_texts,
    unicode_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from ctnb.views.dashboard.shown_cells import Codes, Mask

RowNumbers = npt.NDArray[np.intp]
"""0-based."""

_FIRST: Final = ("status", "matched_by", "error")
_NOT_DRAWN: Final = (
    "call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "replayed", "batch", "attempts",
)  # fmt: skip
_KEPT_FILTERS: Final = 64


def _offered_label(offered: str) -> str:
    return " → ".join(kind_label(kind) for kind in offered.split(OFFERED_SEPARATOR))


_LABELS: Final[dict[str, Callable[[Any], str]]] = {
    "status": status_label,
    "matched_by": kind_label,
    "attribution": attribution_label,
    "offered": _offered_label,
    "error_code": reason_label,
}
"""How the values of a result are named to people."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as the table shows it.

    Attributes
    ----------
    name : column
        As the frame has it.
    label : str
        As the reader's language has it; a column of the user's own keeps its name.
    result : str
        Its name among the results, blank for a column of the user's own.
    """

    name: Hashable
    label: str
    result: str


class ResultRows:
    """A frame with results, and the columns that have been read from it so far.

    Parameters
    ----------
    frame : DataFrame, n rows
        With results under `prefix`. It is not changed.
    prefix : str
        What the names of the results begin with.

    Attributes
    ----------
    columns : list of ShownColumn
        In the order in which rows are shown: status and error, the deal, the other results.

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
        self.columns = self._columns()
        self._results = {column.name: column.result for column in self.columns}
        # A cache of the object's own, which goes with it.
        self.coded = lru_cache(maxsize=None)(self._coded)
        self.moments = lru_cache(maxsize=None)(self._moments)
        self._texts = lru_cache(maxsize=None)(self._small_texts)
        self._ranks = lru_cache(maxsize=None)(self._read_ranks)
        self._passing = lru_cache(maxsize=_KEPT_FILTERS)(self._mask)

    def __len__(self) -> int:
        return len(self.frame)

    def _columns(self) -> list[ShownColumn]:
        alone = ~self.frame.columns.duplicated(keep=False)
        labels = [label for label, single in zip(self.frame.columns, alone, strict=True) if single]
        ours = {self.prefix + name: name for name in (*NAMES, MINUTES)}
        first = [self.prefix + name for name in _FIRST if self.prefix + name in labels]
        deal = [label for label in labels if label not in ours]
        rest = [label for label in labels if label in ours and label not in first]
        return [
            ShownColumn(
                label, column_label(ours[label]) if label in ours else unicode_text(str(label)), ours.get(label, "")
            )
            for label in (*first, *deal, *rest)
        ]

    def label_of(self, column: Hashable) -> str:
        """Return what a column is called in the reader's language."""
        return next(each.label for each in self.columns if each.name is column or each.name == column)

    def cells(self, column: Hashable) -> pd.Series[Any]:
        """Return the cells of a column by position; those of a result as it is restored."""
        result = self._results[column]
        return self.results[result] if result in self.results else self.frame[column].reset_index(drop=True)

    def matching(self, filters: Iterable[RowFilter]) -> Mask:
        """Tell which rows pass all of some filters."""
        wanted = np.ones(len(self), dtype=bool)
        for each in filters:
            wanted &= self._passing(each)
        return wanted

    def searched(self, rows: RowNumbers, text: str, columns: Iterable[ShownColumn]) -> RowNumbers:
        """Return those of some rows that have a text in a cell of some columns, in their order."""
        if not text.strip():
            return rows
        found = np.zeros(len(rows), dtype=bool)
        for column in columns:
            if is_bool_dtype(self.cells(column.name).dtype):
                # A search for "no" is not one for whatever is not so.
                continue
            found |= self._holding(column.name, text)[rows]
        return rows[found]

    def sorted(self, rows: RowNumbers, column: Hashable | None, *, descending: bool) -> RowNumbers:
        """Return rows in the order of a column, blank ones last; in their own order where it is None."""
        if column is None:
            return rows
        ranks = self._ranks(column)[rows]
        last = len(self)
        keys = np.where(ranks < 0, last, -ranks if descending else ranks)
        in_order: RowNumbers = rows[np.argsort(keys, kind="stable")]
        return in_order

    def part(self, rows: Mask, *, groups: Iterable[Hashable] = (), date: Hashable | None = None) -> pd.DataFrame:
        """Return the results of some rows under their names, and the columns that a plot asks for beside them."""
        beside = {group: self.coded(group).cells for group in groups}
        names = [self.prefix + str(name) for name in self._drawn.columns]
        if date is not None and date not in names:
            beside[date] = self.moments(date)
        part = pd.concat([self._drawn, *beside.values()], axis=1)[rows]
        # A tuple is the name of one column.
        return part.set_axis(pd.Index([*names, *beside], tupleize_cols=False), axis=1)

    def texts(self, rows: RowNumbers, columns: Iterable[ShownColumn]) -> list[list[str]]:
        """Return some columns of rows as the table shows them, a list of texts for each row."""
        shown = []
        for column in columns:
            label = _LABELS.get(column.result, cell_text)
            cells = self.cells(column.name).iloc[rows]
            shown.append(["" if pd.api.types.is_scalar(cell) and pd.isna(cell) else label(cell) for cell in cells])
        return [list(row) for row in zip(*shown, strict=True)]

    def _mask(self, wanted: RowFilter) -> Mask:
        if isinstance(wanted, ValueFilter):
            return self.coded(wanted.column).mask(wanted.codes)
        if isinstance(wanted, TextFilter):
            return self._holding(wanted.column, wanted.text)
        return _within(self.moments(wanted.column), wanted)

    def _holding(self, column: Hashable, text: str) -> Mask:
        return holding(self._texts(column), text)

    def _coded(self, column: Hashable) -> CodedColumn:
        return CodedColumn(as_categories(self.cells(column)), _LABELS.get(self._results[column], cell_text))

    def _moments(self, column: Hashable) -> pd.Series[Any]:
        return moments_of(self.cells(column))

    def _small_texts(self, column: Hashable) -> Any:
        return small_texts(self.cells(column), _LABELS.get(self._results[column], cell_text))

    def _read_ranks(self, column: Hashable) -> Codes:
        return ranks_of(self.cells(column))


def _within(moments: pd.Series[Any], span: DateFilter) -> Mask:
    wanted = moments.notna()
    if span.since is not None:
        wanted &= moments >= span.since
    if span.until is not None:
        wanted &= moments < span.until
    return wanted.to_numpy(dtype=bool)
