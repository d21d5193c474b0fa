"""The account's journals, encoded once: leads by number, their contacts by code, the pools that rules look in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.i18n.journal_names import the_journal
from ctnb.leads.columns.arrow_lists import lists_of, rows_of
from ctnb.leads.columns.arrow_text import TEXT
from ctnb.leads.columns.cells import column
from ctnb.leads.limits import MATCHES
from ctnb.leads.moments.wall_clock import account_zone
from ctnb.matching.cells import (
    CONTACT_SEPARATORS,
    TAG_SEPARATORS,
    flags_of,
    id_texts,
    instants_of,
    items_of,
    whole_floats,
)
from ctnb.matching.contact_codes import ContactCodes, folded_emails, phone_numbers
from ctnb.matching.instants import NO_INSTANT, Instants, instants
from ctnb.matching.lead_ids import LeadIds
from ctnb.matching.pools import Leads, Pool, entry_order
from ctnb.matching.tag_sets import TagSets
from ctnb.outcomes import Kind

if TYPE_CHECKING:
    import datetime as dt
    import zoneinfo
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.tables import JournalColumns, JournalTables

CALL_SIDE: Final = 0
REQUEST_SIDE: Final = 1

SIDES: Final = {
    Kind.CALL: CALL_SIDE,
    Kind.CALL_CONTACT: CALL_SIDE,
    Kind.REQUEST: REQUEST_SIDE,
    Kind.REQUEST_CONTACT: REQUEST_SIDE,
}
"""Which journal a rule looks in."""

NEAREST, NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD = MATCHES
FIRST_LEAD: Final = "first"
"""Not a match value: a contact's first lead in either journal, flagged or not; what `nearestUniqLead` may mean too."""


class Covered(NamedTuple):
    """The first and the last instant that a journal covers; none when the first is the later one."""

    since: int
    until: int

    def holds(self, begin: Instants, end: Instants) -> Flags:
        """Tell which spans of time lie within the journal's days."""
        held: Flags = (begin >= self.since) & (end <= self.until)
        return held


NOT_COVERED: Final = Covered(np.iinfo(np.int64).max, np.iinfo(np.int64).min)


@dataclass(frozen=True, eq=False, repr=False)
class JournalIndex:
    """The leads of both journals, numbered from 0: calls first, each journal in its order.

    Attributes
    ----------
    zone : ZoneInfo
        The account's time zone.
    calls : int
        How many leads are calls; the rest are requests.
    moments : ndarray of int64, shape (n,)
        Instants; `NO_INSTANT` where the journal has no date: such a lead is found by id only.
    ids : tuple of LeadIds
        By side.
    tags : TagSets
    contacts : ContactCodes
    covered : tuple of Covered
        By side.
    """

    zone: zoneinfo.ZoneInfo
    calls: int
    moments: Instants
    ids: tuple[LeadIds, LeadIds]
    tags: TagSets
    contacts: ContactCodes
    covered: tuple[Covered, Covered]
    # Entries: a contact of a lead that has a date, in the order of contact, time and journal.
    _codes: npt.NDArray[np.int32]
    _leads: Leads
    _unique: Flags
    _pools: dict[tuple[int, str], Pool] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.moments)

    @cached_property
    def same_as(self) -> Leads:
        """The first lead with the same vendor id, shape (n,)."""
        return np.concatenate([of_side.same_as for of_side in self.ids])

    def pool(self, side: int, match: str) -> Pool:
        """Return the leads of a side that a match value may take; one that is not documented is `nearest`."""
        match = match if match in (*MATCHES, FIRST_LEAD) else NEAREST
        if (side, match) not in self._pools:
            kept = (self._leads < self.calls) == (side == CALL_SIDE)
            if match in (NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD):
                kept &= self._unique[self._leads]
            if match in (NEAREST_UNIQUE_LEAD, FIRST_LEAD):
                kept &= self._no_earlier()
            codes, leads = self._codes[kept], self._leads[kept]
            self._pools[side, match] = Pool.of(codes, self.moments[leads], leads, len(self.contacts))
        return self._pools[side, match]

    def _no_earlier(self) -> Flags:
        """Tell for each entry whether its contact has no earlier lead in either journal."""
        at = self.moments[self._leads]
        first = np.ones(len(at), dtype=bool)
        first[1:] = self._codes[1:] != self._codes[:-1]
        begins = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0)) if len(at) else np.empty(0, np.int64)
        earliest: Flags = at == at[begins]
        return earliest


def index_journals(tables: JournalTables) -> JournalIndex:
    """Encode the journals.

    Raises
    ------
    ColumnNotFoundError
        When a journal lacks the vendor's id or the date.
    ConfigError
        When a date cannot be read, or the time zone is not known.
    """
    zone = account_zone(tables.timezone)
    journals = [_Journal(columns, frame, tables.timezone) for columns, frame in tables.journals()]
    calls, requests = journals
    at = np.concatenate([journal.moments for journal in journals])
    phones = phone_numbers(whole_floats(pa.concat_arrays([journal.phones.flatten() for journal in journals])))
    phone_leads = np.concatenate([rows_of(calls.phones), rows_of(requests.phones) + len(calls)])
    codes, numbers = pd.factorize(phones[phones >= 0])
    emails = folded_emails(requests.emails.flatten()).dictionary_encode()
    email_leads = rows_of(requests.emails) + len(calls)
    leads = np.concatenate([phone_leads[phones >= 0], email_leads]).astype(np.int32)
    entries = np.concatenate([codes, emails.indices.to_numpy(zero_copy_only=False) + len(numbers)]).astype(np.int32)
    entries, leads = _in_order(entries, leads, at)
    return JournalIndex(
        zone=zone,
        calls=len(calls),
        moments=at,
        ids=(LeadIds(calls.ids, 0), LeadIds(requests.ids, len(calls))),
        tags=TagSets.of(pa.concat_arrays([journal.tags for journal in journals])),
        contacts=ContactCodes(pd.Index(numbers), emails.dictionary),
        covered=(calls.covered(zone, tables), requests.covered(zone, tables)),
        _codes=entries,
        _leads=leads,
        _unique=np.concatenate([journal.unique for journal in journals]),
    )


def _in_order(codes: npt.NDArray[np.int32], leads: Leads, at: Instants) -> tuple[npt.NDArray[np.int32], Leads]:
    """Sort entries by contact, time and journal; those of leads without a date are dropped, and repeats of one lead."""
    dated = at[leads] != NO_INSTANT
    if not dated.all():
        codes, leads = codes[dated], leads[dated]
    order = entry_order(codes, at[leads])
    codes, leads = codes[order], leads[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]) | (leads[1:] != leads[:-1])
    return (codes, leads) if new.all() else (codes[new], leads[new])


class _Journal:
    """One journal's columns, read."""

    def __init__(self, columns: JournalColumns, frame: pd.DataFrame | None, timezone: str) -> None:
        self.given = frame is not None
        self._name = columns.journal
        self._frame = frame if frame is not None and len(frame) else pd.DataFrame()
        self.ids = [
            pa.nulls(len(self), TEXT) if cells is None else id_texts(cells) for cells in map(self._cells, columns.ids)
        ]
        dates = self._cells(columns.date)
        self.moments = np.empty(0, np.int64) if dates is None else instants_of(dates, timezone, columns.journal)
        self.phones = self._items(columns.phones, CONTACT_SEPARATORS)
        self.emails = self._items(columns.emails, CONTACT_SEPARATORS)
        self.tags = self._items(columns.tags, TAG_SEPARATORS)
        flags = self._cells(columns.unique)
        self.unique = np.zeros(len(self), dtype=bool) if flags is None else flags_of(flags)

    def __len__(self) -> int:
        return len(self._frame)

    def _cells(self, name: str | None) -> pd.Series[Any] | None:
        """Return a column; None when it is not there."""
        if name is None or name not in self._frame.columns:
            return None
        return column(self._frame, name, wanted_by=the_journal(self._name))

    def _items(self, name: str | None, separators: str) -> Lists:
        """Return the items of each cell of a column; none when it is not there."""
        cells = self._cells(name)
        return lists_of([()] * len(self)) if cells is None else items_of(cells, separators)

    def covered(self, zone: zoneinfo.ZoneInfo, tables: JournalTables) -> Covered:
        """Return what the journal covers: whole days of the account."""
        if not self.given:
            return NOT_COVERED
        dated = self.moments[self.moments != NO_INSTANT]
        if not len(dated) and (tables.since is None or tables.until is None):
            return NOT_COVERED
        known: Sequence[dt.date | None] = (tables.since, tables.until)
        days = [
            np.datetime64(_day_of(int(edge), zone) if day is None else day, "D")
            for day, edge in zip(known, (dated.min(), dated.max()) if len(dated) else (0, 0), strict=True)
        ]
        edges = instants(np.array([days[0], days[1] + 1]).astype("datetime64[s]"), zone)
        return Covered(int(edges[0]), int(edges[1]) - 1)


def _day_of(instant: int, zone: zoneinfo.ZoneInfo) -> dt.date:
    """Return the day on the account's calendar."""
    return pd.Timestamp(instant, unit="us", tz="UTC").tz_convert(zone).date()
