"""The part of a file that is asked for: its heading, rows and columns, in pandas' words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ctnb.exceptions import ColumnNotFoundError, ConfigError

if TYPE_CHECKING:
    import pandas as pd

Header = int | Literal["infer"] | None
SkipRows = int | Collection[int] | Callable[[int], bool] | None
UseColumns = str | Collection[str] | Collection[int] | Callable[[str], bool] | None

LETTERS: Final = re.compile(r"[A-Z]{1,3}(:[A-Z]{1,3})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The heading's row, the rows to pass over and to read, and the columns; checked when it is made.

    Raises
    ------
    ConfigError
        When an option is of another kind.
    """

    header: Header = "infer"
    skiprows: SkipRows = None
    nrows: int | None = None
    usecols: UseColumns = None

    def __post_init__(self) -> None:
        if not (self.header is None or self.header == "infer" or _is_count(self.header)):
            raise ConfigError(
                "header: expected a 0-based row number, 'infer' or None, got {value!r}.", value=self.header
            )
        if self.nrows is not None and not _is_count(self.nrows):
            raise ConfigError("nrows: expected a number of rows, got {value!r}.", value=self.nrows)
        rows = self.skiprows
        if not (rows is None or callable(rows) or _is_count(rows) or _all_counts(rows)):
            raise ConfigError(
                "skiprows: expected how many of the first rows to pass over, their 0-based numbers, or a function of "
                "a number, got {value!r}.",
                value=rows,
            )

    def skips(self, row: int) -> bool:
        """Tell whether a row of the file, by its 0-based number, is passed over."""
        if self.skiprows is None:
            return False
        if callable(self.skiprows):
            return bool(self.skiprows(row))
        return row in self.skiprows if isinstance(self.skiprows, Collection) else row < self.skiprows

    def without_skipped(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Return the cells without the rows that are passed over; the index numbers the file's rows."""
        return cells if self.skiprows is None else cells[[not self.skips(row) for row in cells.index]]

    def header_row(self) -> int | None:
        """Return the number in the file of the row that `header` names; None where it names none."""
        if self.header is None or self.header == "infer":
            return None
        return next(islice((row for row in count() if not self.skips(row)), self.header, None))

    def columns(self, names: list[Any]) -> list[int]:
        """Return the positions of the columns that are read, in the file's order.

        Raises
        ------
        ColumnNotFoundError
            When a column that is named is not there.
        ConfigError
            When a position is not, or `usecols` is of another kind.
        """
        wanted = self.usecols
        if wanted is None:
            return list(range(len(names)))
        if callable(wanted):
            return [position for position, name in enumerate(names) if wanted(name)]
        if isinstance(wanted, str):
            chosen = _lettered(wanted)
        elif not isinstance(wanted, Collection) or isinstance(wanted, bytes):
            raise ConfigError(
                "usecols: expected names, 0-based numbers or a function of a name, got {value!r}.", value=wanted
            )
        elif _all_counts(wanted):
            chosen = {int(position) for position in wanted}
        else:
            for name in wanted:
                if name not in names:
                    raise ColumnNotFoundError.among(name, names, wanted_by="usecols")
            chosen = {position for position, name in enumerate(names) if name in wanted}
        if chosen and max(chosen) >= len(names):
            raise ConfigError(
                "usecols: expected numbers below {count}, the table's columns, got {value}.",
                count=len(names),
                value=max(chosen),
            )
        return sorted(chosen)


def _lettered(text: str) -> set[int]:
    """Return the columns of a sheet's letters, such as ``A,C:E``."""
    parts = [part.strip() for part in text.split(",")]
    if not all(LETTERS.fullmatch(part) for part in parts):
        raise ConfigError(
            "usecols: expected a list of names, or a sheet's letters such as 'A,C:E', got {value!r}.", value=text
        )
    chosen: set[int] = set()
    for part in parts:
        first, _, last = part.partition(":")
        chosen.update(range(_column(first), _column(last or first) + 1))
    return chosen


def _column(letters: str) -> int:
    """Return the 0-based number of a sheet's column."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


def _all_counts(values: object) -> bool:
    return isinstance(values, Collection) and not isinstance(values, str | bytes) and all(map(_is_count, values))
