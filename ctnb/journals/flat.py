"""A journal in its flat form: a row per lead, the contract's columns, each in one form whatever it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.exceptions import ColumnNotFoundError, JournalError
from ctnb.i18n.journal_names import journal_name, the_journal
from ctnb.journals.cells import comment_column, date_column, flag_column, items_column, text_column, utc_moments
from ctnb.journals.columns import COMMENTS, TIME
from ctnb.leads.moments.parse import parse_moments
from ctnb.leads.moments.two_columns import in_one_column
from ctnb.matching.cells import CONTACT_SEPARATORS, TAG_SEPARATORS, instants_of, wall_clocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.journals.columns import FlatForm
    from ctnb.leads.columns.arrow_text import Flags

Offsets = npt.NDArray[np.float64]
"""Minutes by which each lead's wall clock is ahead of UTC; NaN where the source has not both."""

EMPTY_DTYPES: Final = {"date": "datetime64[us, UTC]"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FlatJournal:
    """One journal. No repr: it would show contacts.

    Attributes
    ----------
    frame : DataFrame
        A row per lead, in the source's order, under a ``RangeIndex``: ids as ``string``, ``date`` as
        ``datetime64[us, UTC]``, flags as ``bool``, contacts and tags as texts or lists, comments as lists of dicts.
        Columns that the source has not are left out.
    offsets : ndarray of float, shape (n,)
    wall_clocks : ndarray of bool, shape (n,)
        Which dates had no time zone of their own, and were read in the account's.
    """

    frame: pd.DataFrame
    offsets: Offsets
    wall_clocks: Flags

    def __len__(self) -> int:
        return len(self.frame)

    def in_zone(self, read_in: str, timezone: str) -> pd.DataFrame:
        """Return the frame with the dates that had no zone read in another than they were."""
        if not self.wall_clocks.any():
            return self.frame
        dates = self.frame["date"]
        local = dates.dt.tz_convert(read_in).dt.tz_localize(None).where(self.wall_clocks)
        again = utc_moments(instants_of(local, timezone, "dates"))
        return self.frame.assign(date=dates.mask(self.wall_clocks, again))

    def without_repeats(self, vendor_id: str) -> FlatJournal:
        """Return it with one row for each id of the vendor's, the last that was read."""
        kept = ~self.frame[vendor_id].duplicated(keep="last").to_numpy()
        return self if kept.all() else self.part(np.flatnonzero(kept))

    def part(self, rows: npt.NDArray[np.intp]) -> FlatJournal:
        """Return some of the rows."""
        return FlatJournal(self.frame.iloc[rows].reset_index(drop=True), self.offsets[rows], self.wall_clocks[rows])


def empty_journal(form: FlatForm) -> FlatJournal:
    """Return a journal of no lead, with all of the contract's columns."""
    dtypes = dict.fromkeys(form.columns.ids, "string") | dict.fromkeys(form.flags, "bool") | EMPTY_DTYPES
    frame = pd.DataFrame({name: pd.Series([], dtype=dtypes.get(name, "object")) for name in form.names})
    return FlatJournal(frame, np.empty(0), np.empty(0, dtype=bool))


def joined_journals(form: FlatForm, parts: Sequence[FlatJournal]) -> FlatJournal:
    """Put parts of one journal below each other, each lead once."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_journal(form)
    frame = pd.concat([part.frame for part in filled], ignore_index=True)
    offsets = np.concatenate([part.offsets for part in filled])
    clocks = np.concatenate([part.wall_clocks for part in filled])
    return FlatJournal(frame, offsets, clocks).without_repeats(form.vendor_id)


def flat_journal(table: pd.DataFrame, form: FlatForm, timezone: str, *, offsets: Offsets | None = None) -> FlatJournal:
    """Bring a table with a row per lead into the flat form.

    Parameters
    ----------
    table : DataFrame, n rows
        Under the contract's names, or the headings of an export.
    form : FlatForm
    timezone : str
        IANA name of the account's time zone, which naive dates are read in.
    offsets : ndarray of float, shape (n,), optional

    Raises
    ------
    ColumnNotFoundError
        When there are rows, and no column of the vendor's id or of the date.
    JournalError
        When a row has no id.
    ConfigError
        When a date cannot be read.
    """
    found = form.found(table.columns)
    if not len(table):
        return empty_journal(form)
    for name in (form.vendor_id, form.columns.date):
        if name not in found:
            also = form.headings[name][:1]
            raise ColumnNotFoundError.among(name, table.columns, wanted_by=the_journal(form.journal), also=also)
    cells = {name: _only(table, heading) for name, heading in found.items()}
    if (times := cells.pop(TIME, None)) is not None:
        cells[form.columns.date] = _with_times(cells[form.columns.date], times, timezone)
    columns = {name: _column(cells[name], name, form, timezone) for name in form.names if name in cells}
    _refuse_missing_ids(columns[form.vendor_id], form, str(found[form.vendor_id]))
    frame = pd.DataFrame(columns)
    offsets = np.full(len(frame), np.nan) if offsets is None else offsets
    return FlatJournal(frame, offsets, wall_clocks(cells[form.columns.date]))


def _only(table: pd.DataFrame, heading: object) -> pd.Series[Any]:
    """Return a column; where its heading stands twice, the first."""
    cells: Any = table[heading]
    cells = cells.iloc[:, 0] if isinstance(cells, pd.DataFrame) else cells
    return pd.Series(cells).reset_index(drop=True)


def _column(cells: pd.Series[Any], name: str, form: FlatForm, timezone: str) -> pd.Series[Any]:
    if name in form.columns.ids:
        return text_column(cells)
    if name == form.columns.date:
        return date_column(cells, timezone, form.journal)
    if name in form.flags:
        return flag_column(cells)
    if name == COMMENTS:
        return comment_column(cells)
    return items_column(cells, TAG_SEPARATORS if name == form.columns.tags else CONTACT_SEPARATORS)


def _with_times(dates: pd.Series[Any], times: pd.Series[Any], timezone: str) -> pd.Series[Any]:
    """Return dates with the times of another column; as they are where that makes no moment of them all."""
    together = in_one_column(dates, times, serials=False)
    return dates if len(parse_moments(together, timezone).problems.rows) else together


def _refuse_missing_ids(ids: pd.Series[Any], form: FlatForm, heading: str) -> None:
    missing = np.flatnonzero(ids.isna().to_numpy())
    if len(missing):
        raise JournalError(
            "The {journal}, row {row} (counted from 0): expected an id in {name}, got a blank, or one that a "
            "spreadsheet has damaged; {count} rows are so. Without its id no lead can be named: leave such rows out, "
            "or take the id from the account.",
            journal=journal_name(form.journal),
            row=missing[0],
            name=heading,
            count=len(missing),
        )
