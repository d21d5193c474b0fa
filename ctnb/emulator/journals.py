"""The account's journals: which calls and requests there are, and how one is found (contract, The journals)."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from ctnb.defaults import TIMEZONE
from ctnb.exceptions import ColumnNotFoundError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    Source = pd.DataFrame | str | Path | None

Kind = Literal["call", "request"]

MATCHES: Final = ("nearest", "nearestUniq", "nearestUniqLead")
"""Which of a contact's leads may be taken: all, those flagged unique, its first of calls and requests together."""

TRUE_WORDS: Final = frozenset({"true", "1", "yes", "да"})
NOT_DIGITS: Final = re.compile(r"[^0-9]+")
WHOLE_FLOAT: Final = re.compile(r"([+-]?[0-9]+)\.0")
DAY_FIRST: Final = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
BETWEEN_TAGS: Final = re.compile(r"[,;]")


class Columns(NamedTuple):
    """The headings of a journal; the first of ``ids`` is the vendor's own id."""

    ids: tuple[str, ...]
    phone: str
    email: str
    unique: str
    tags: str


CALL_COLUMNS: Final = Columns(("callId", "callReferenceId", "sipCallId"), "callerNumber", "", "uniqueCall", "callTags")
REQUEST_COLUMNS: Final = Columns(("requestId", "requestNumber"), "phoneNumber", "email", "uniqueRequest", "tags")


@dataclass(frozen=True, slots=True)
class Lead:
    """A call or a request of the account.

    ``ids`` are texts in the order of the journal's id columns, the vendor's own first, None where blank;
    ``at`` is in seconds since 1970 UTC, None where the journal has no date: such a lead is found by id only.
    """

    kind: Kind
    ids: tuple[str | None, ...]
    at: float | None
    phone: str
    email: str
    unique: bool
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContactSearch:
    """What a contact rule looks for: ``moment`` in the account's time zone if naive, ``minutes`` each way."""

    kind: Kind
    match: str
    moment: datetime
    minutes: int
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class Contacts:
    """Leads by phone and by e-mail, those of one contact in order of time."""

    def __init__(self, leads: Iterable[Lead]) -> None:
        self._all: dict[tuple[Kind, str], list[Lead]] = {}
        self._unique: dict[tuple[Kind, str], list[Lead]] = {}
        self._first: dict[str, Lead] = {}
        for lead in sorted((lead for lead in leads if lead.at is not None), key=time_of):
            for contact in filter(None, (lead.phone, lead.email)):
                self._first.setdefault(contact, lead)
                self._all.setdefault((lead.kind, contact), []).append(lead)
                if lead.unique:
                    self._unique.setdefault((lead.kind, contact), []).append(lead)

    def leads(self, kind: Kind, match: str, contact: str) -> Sequence[Lead]:
        """Return the leads of a kind that a match value may take, in order of time."""
        match match:
            case "nearestUniq":
                return self._unique.get((kind, contact), ())
            case "nearestUniqLead":
                first = self._first.get(contact)
                return (first,) if first is not None and first.kind == kind else ()
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
        self.calls = read_journal("call", calls, CALL_COLUMNS, self.zone)
        self.requests = read_journal("request", requests, REQUEST_COLUMNS, self.zone)
        self._by_id: dict[str, tuple[dict[str, Lead], ...]] = {
            "call": shelve(self.calls, len(CALL_COLUMNS.ids)),
            "request": shelve(self.requests, len(REQUEST_COLUMNS.ids)),
        }
        self._by_contact = Contacts(chain(self.calls, self.requests))

    def by_id(self, kind: Kind, wanted: int | str) -> Lead | None:
        """Return the lead with this id: an integer is the vendor's, a text is tried as every id of the kind in turn."""
        shelves = self._by_id[kind]
        if isinstance(wanted, int):
            return shelves[0].get(str(wanted))
        return next((shelf[wanted] for shelf in shelves if wanted in shelf), None)

    def by_contact(self, search: ContactSearch) -> Lead | None:
        """Return the nearest lead in time of any of the phones; if there is none, of any of the e-mails.

        A match value that is not one of `MATCHES` is taken for ``nearest``. Of two leads as near, the earlier.
        """
        at, depth = seconds_of(search.moment, self.zone), search.minutes * 60
        for contacts in (map(normal_phone, search.phones), map(str.casefold, search.emails)):
            near = [
                lead
                for contact in contacts
                for lead in around(self._by_contact.leads(search.kind, search.match, contact), at)
                if abs(time_of(lead) - at) <= depth and not (self.look_back_only and time_of(lead) > at)
            ]
            if near:
                return min(near, key=lambda lead: (abs(time_of(lead) - at), time_of(lead)))
        return None


def normal_phone(text: str) -> str:
    """Turn a phone in any format into digits, by the vendor's rule: 11 of them, from 7.

    >>> normal_phone("8 (915) 777-11-22"), normal_phone("915 777-11-22"), normal_phone("+375 29 123-45-67")
    ('79157771122', '79157771122', '375291234567')
    """
    digits = NOT_DIGITS.sub("", text)
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return "7" + digits if len(digits) == 10 else digits


def shelve(leads: Iterable[Lead], kinds_of_id: int) -> tuple[dict[str, Lead], ...]:
    """Index leads by each of their ids; where an id comes twice, the first in the journal has it."""
    shelves: tuple[dict[str, Lead], ...] = tuple({} for _ in range(kinds_of_id))
    for lead in leads:
        for shelf, text in zip(shelves, lead.ids, strict=True):
            if text is not None:
                shelf.setdefault(text, lead)
    return shelves


def time_of(lead: Lead) -> float:
    """Return the time of a lead that has one."""
    return math.nan if lead.at is None else lead.at


def around(leads: Sequence[Lead], at: float) -> list[Lead]:
    """Return the last lead before a time and the first from it on, of leads in order of time."""
    after = bisect_left(leads, at, key=time_of)
    # Of leads at one moment the first in the journal stands for all.
    before = [bisect_left(leads, time_of(leads[after - 1]), key=time_of)] if after else []
    return [leads[place] for place in (*before, after) if place < len(leads)]


def read_journal(kind: Kind, source: Source, columns: Columns, zone: ZoneInfo) -> list[Lead]:
    """Return the leads of a journal, in its order."""
    if source is None:
        return []
    frame = read_csv(Path(source)) if isinstance(source, str | Path) else source
    if frame.empty:
        return []
    for name in (columns.ids[0], "date"):
        if name not in frame.columns:
            raise ColumnNotFoundError.among(name, frame.columns, wanted_by=f"the emulator's journal of {kind}s")

    def cells(name: str) -> list[Any]:
        return frame[name].tolist() if name in frame.columns else [None] * len(frame)

    ids = zip(*([text_of(cell) or None for cell in cells(name)] for name in columns.ids), strict=True)
    times = [dated(cell, zone, row, kind) for row, cell in enumerate(cells("date"))]
    phones = [normal_phone(text_of(cell)) for cell in cells(columns.phone)]
    emails = [email if "@" in email else "" for email in (text_of(cell).casefold() for cell in cells(columns.email))]
    flags = [text_of(cell).casefold() in TRUE_WORDS for cell in cells(columns.unique)]
    tags = map(tags_of, cells(columns.tags))
    return [Lead(kind, *parts) for parts in zip(ids, times, phones, emails, flags, tags, strict=True)]


def read_csv(path: Path) -> pd.DataFrame:
    """Read a journal from a file, every cell as text."""
    import pandas as pd

    raw = path.read_bytes()
    try:
        raw.decode("utf-8-sig")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1251"
    heading = raw.partition(b"\n")[0]
    separator = ";" if heading.count(b";") > heading.count(b",") else ","
    return pd.read_csv(path, dtype=str, sep=separator, encoding=encoding, keep_default_na=False)


def is_blank(cell: object) -> bool:
    """Tell whether a cell is None, NaN, NaT or NA."""
    import pandas as pd

    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def text_of(cell: object) -> str:
    """Return a cell's text, blank for a missing one; a whole float is read as the integer that it was."""
    if isinstance(cell, str):
        text = cell.strip()
    elif is_blank(cell):
        return ""
    else:
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    whole = WHOLE_FLOAT.fullmatch(text) if text.endswith(".0") else None
    return whole[1] if whole else text


def tags_of(cell: object) -> frozenset[str]:
    """Return the tags in a cell: a list of them, or a text with ``,`` or ``;`` between them."""
    if isinstance(cell, Iterable) and not isinstance(cell, str):
        return frozenset(filter(None, map(text_of, cell)))
    return split_tags(text_of(cell))


@lru_cache(maxsize=1024)
def split_tags(text: str) -> frozenset[str]:
    """Split a text of tags; a journal has few different ones."""
    return frozenset(filter(None, map(str.strip, BETWEEN_TAGS.split(text))))


def dated(cell: object, zone: ZoneInfo, row: int, kind: str) -> float | None:
    """Return the time of a journal's row in seconds, None where it is blank."""
    try:
        moment = moment_of(cell)
    except ValueError:
        raise ConfigError(
            f"The emulator's journal of {kind}s has the date {cell!r} in row {row} (counted from 0). "
            "dd-mm-YYYY HH:MM:SS, ISO or a datetime is wanted."
        ) from None
    return None if moment is None else seconds_of(moment, zone)


def moment_of(cell: object) -> datetime | None:
    """Read a date cell; ValueError when it is neither blank nor a date."""
    if is_blank(cell):
        return None
    if hasattr(cell, "to_pydatetime"):
        return cell.to_pydatetime(warn=False)  # type: ignore[no-any-return]
    if isinstance(cell, datetime):
        return cell
    text = text_of(cell)
    return read_moment(text) if text else None


def read_moment(text: str) -> datetime:
    """Read the vendor's form or ISO; ValueError when it is neither."""
    parts = DAY_FIRST.fullmatch(text)
    if parts is None:
        return datetime.fromisoformat(text)
    day, month, year, hour, minute, second = (int(part or 0) for part in parts.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive: the zone is the account's


def seconds_of(moment: datetime, zone: ZoneInfo) -> float:
    """Return seconds since 1970 UTC; a naive moment is in the zone."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
