"""How a plan's columns could be read: counts that are taken while they are, for the checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import texts_of
from ctnb.leads.columns.cells import distinct, is_missing
from ctnb.leads.moments.wall_clock import account_zone
from ctnb.leads.spreadsheet_numbers import LOST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import numpy.typing as npt
    import pandas as pd

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.columns.problems import Problems


@dataclass(slots=True)
class ReadCounts:
    """Counts of rows: by column those that are not blank, could not be read, and have lost digits; of damaged keys.

    A comment is thin when at least half of its fields, two or more, are empty and have no default.
    """

    filled: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    damaged: Counter[str] = field(default_factory=Counter)
    damaged_keys: int = 0
    thin: int = 0

    def add(self, name: str, readable: Flags, problems: Problems) -> None:
        """Count the cells of a column, given which hold something that can be used."""
        unread = ~readable & (problems.codes >= 0)
        unreadable = int(np.count_nonzero(unread))
        self.filled[name] += unreadable + int(np.count_nonzero(readable))
        if not unreadable:
            return
        self.unreadable[name] += unreadable
        lost = gettext(LOST_DIGITS)
        damaged = [code for code, text in enumerate(problems.texts) if lost in text]
        if damaged:
            self.damaged[name] += int(np.count_nonzero(np.isin(problems.codes, damaged)))

    def __add__(self, other: ReadCounts) -> ReadCounts:
        return ReadCounts(
            self.filled + other.filled,
            self.unreadable + other.unreadable,
            self.damaged + other.damaged,
            self.damaged_keys + other.damaged_keys,
            self.thin + other.thin,
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan's checks need to know beside the plan.

    Attributes
    ----------
    key : str or None
        The column that names the deal.
    likely_key : str
        Where there is none, a column whose heading says that it does; blank where none is found.
    now : datetime64[s] or None
        The account's wall clock when the plan was made.
    reading : ReadCounts
    repeated : ndarray of int64
        Ready rows whose lead may have other rows.
    cut : int
        Rows whose lead has more searches than it may have, so that the last ones are left out.
    """

    key: str | None
    likely_key: str
    now: np.datetime64 | None
    reading: ReadCounts
    repeated: npt.NDArray[np.int64]
    cut: int = 0


def account_clock(moment: datetime | None, timezone: str) -> np.datetime64 | None:
    """Return an aware moment on the wall clock of a time zone, datetime64[s]; None for none."""
    if moment is None:
        return None
    return np.datetime64(moment.astimezone(account_zone(timezone)).replace(tzinfo=None), "s")


def thin_rows(cells: Sequence[pd.Series[Any]], fields: int, length: int) -> Flags:
    """Tell in which rows at least half of a comment's fields are empty, given the cells of those without a default."""
    if fields < 2 or 2 * len(cells) < fields:
        return np.zeros(length, dtype=bool)
    empty = np.zeros(length, dtype=np.int16)
    for column in cells:
        empty += _is_empty(column)
    thin: Flags = 2 * empty >= fields
    return thin


def _is_empty(cells: pd.Series[Any]) -> Flags:
    """Tell which cells are missing or blank."""
    texts = texts_of(cells)
    if texts is not None:
        # Sooner than `blank`, which is exact for the signs that Python strips.
        empty = pc.or_(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0)).fill_null(True)
        found: Flags = empty.to_numpy(zero_copy_only=False)
        return found
    if isinstance(cells.dtype, np.dtype) and cells.dtype != object:
        return cells.isna().to_numpy()
    codes, uniques = distinct(cells)
    return np.array([is_missing(cell) for cell in uniques], dtype=bool)[codes]
