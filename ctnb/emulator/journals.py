"""The account's journals, and how a call or a request is found in them (contract, The journals)."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ctnb.defaults import TIMEZONE
from ctnb.emulator.journal_rows import CALL_COLUMNS, REQUEST_COLUMNS, normal_phone, read_journal, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ctnb.emulator.journal_rows import Kind, Lead, Source

MATCHES: Final = ("nearest", "nearestUniq", "nearestUniqLead")
"""A contact's leads among which the nearest is found: all; those flagged unique; those of them with none earlier."""


@dataclass(frozen=True, slots=True)
class ContactSearch:
    """What a contact rule looks for: ``moment`` in the account's time zone if naive, ``minutes`` each way."""

    kind: Kind
    match: str
    moment: datetime
    minutes: int
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class ClientContacts:
    """Leads by phone and by e-mail, those of one contact in order of time."""

    def __init__(self, leads: Iterable[Lead]) -> None:
        self._all: dict[tuple[Kind, str], list[Lead]] = {}
        self._unique: dict[tuple[Kind, str], list[Lead]] = {}
        self._first: dict[str, float] = {}
        for lead in sorted((lead for lead in leads if lead.at is not None), key=time_of):
            for contact in dict.fromkeys((*lead.phones, *lead.emails)):
                self._first.setdefault(contact, time_of(lead))
                self._all.setdefault((lead.kind, contact), []).append(lead)
                if lead.unique:
                    self._unique.setdefault((lead.kind, contact), []).append(lead)

    def leads(self, kind: Kind, match: str, contact: str) -> Sequence[Lead]:
        """Return the leads of a kind that a match value allows, in order of time."""
        match match:
            case "nearestUniq":
                return self._unique.get((kind, contact), ())
            case "nearestUniqLead":
                first = self._first.get(contact)
                return [lead for lead in self._unique.get((kind, contact), ()) if time_of(lead) == first]
            case _:
                return self._all.get((kind, contact), ())


class Journals:
    """The account's calls and requests, indexed for searching.

    Parameters
    ----------
    calls, requests : DataFrame, path to a CSV file, or None
        Journals with the vendor's headings; ids and phones may be texts, ints or floats (``123.0``), dates
        ``dd-mm-YYYY HH:MM:SS``, ISO or datetimes. The vendor's id and the date are needed, other columns are
        not. A CSV is UTF-8 or Windows-1251, with ``,`` or ``;``.
    timezone : str
        IANA name of the account's time zone; naive dates are read in it.
    look_back_only : bool
        Whether a search by contact takes no lead that is later than the date looked from.

    Raises
    ------
    ColumnNotFoundError
        When a journal has no id or no date column.
    ConfigError
        When a date cannot be read; the message names the row.
    """

    def __init__(
        self,
        calls: Source = None,
        requests: Source = None,
        *,
        timezone: str = TIMEZONE,
        look_back_only: bool = False,
    ) -> None:
        self.zone = ZoneInfo(timezone)
        self.look_back_only = look_back_only
        self.calls = read_journal(calls, CALL_COLUMNS, self.zone)
        self.requests = read_journal(requests, REQUEST_COLUMNS, self.zone)
        self._by_id = {
            columns.kind: [index_by_id(leads, column) for column in range(len(columns.ids))]
            for columns, leads in ((CALL_COLUMNS, self.calls), (REQUEST_COLUMNS, self.requests))
        }
        self._by_contact = ClientContacts(chain(self.calls, self.requests))

    def by_id(self, kind: Kind, wanted: int | str) -> Lead | None:
        """Return the lead with this id: an integer is the vendor's, a text is tried as every id of the kind in turn."""
        indexes = self._by_id[kind]
        if isinstance(wanted, int):
            return indexes[0].get(str(wanted))
        return next((index[wanted] for index in indexes if wanted in index), None)

    def by_contact(self, search: ContactSearch) -> Lead | None:
        """Return the nearest lead in time of any of the phones; if there is none, of any of the e-mails.

        A match value that is not one of `MATCHES` means ``nearest``. Of two leads as near, the earlier is returned.
        """
        at, depth = seconds_of(search.moment, self.zone), search.minutes * 60
        for contacts in (map(normal_phone, search.phones), map(str.casefold, search.emails)):
            near = [
                lead
                for contact in contacts
                for lead in neighbours(self._by_contact.leads(search.kind, search.match, contact), at)
                if abs(time_of(lead) - at) <= depth and not (self.look_back_only and time_of(lead) > at)
            ]
            if near:
                return min(near, key=lambda lead: (abs(time_of(lead) - at), time_of(lead)))
        return None


def index_by_id(leads: Iterable[Lead], column: int) -> dict[str, Lead]:
    """Index leads by the id in one of the id columns; where an id comes twice, the first in the journal has it."""
    index: dict[str, Lead] = {}
    for lead in leads:
        text = lead.ids[column]
        if text is not None:
            index.setdefault(text, lead)
    return index


def time_of(lead: Lead) -> float:
    """Return the time of a lead that has one."""
    return math.nan if lead.at is None else lead.at


def neighbours(leads: Sequence[Lead], at: float) -> list[Lead]:
    """Return the last lead before a time and the first one from it on, of leads in order of time."""
    after = bisect_left(leads, at, key=time_of)
    # Of leads at one moment the first in the journal stands for all.
    before = [bisect_left(leads, time_of(leads[after - 1]), key=time_of)] if after else []
    return [leads[index] for index in (*before, after) if index < len(leads)]
