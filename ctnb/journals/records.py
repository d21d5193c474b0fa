"""The vendor's own records of calls and requests, nested as its journal methods give them, brought into the flat form.

What the vendor may write in more than one way is read in each of them: numbers as texts, ``"True"`` for true, hours of
one digit, a page or a bare array. All but the contract's fields is passed over, and never kept.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
import pandas as pd

from ctnb.exceptions import JournalError
from ctnb.i18n.journal_names import journal_name
from ctnb.i18n.language import gettext
from ctnb.i18n.message import lazy_gettext
from ctnb.journals.cells import items_in, tag_names, utc_moments, whole
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.flat import FlatJournal, flat_journal
from ctnb.leads.columns.cells import as_objects
from ctnb.leads.moments.wall_clock import LAST_YEAR, account_zone, within_years
from ctnb.matching.instants import NO_INSTANT, SECOND, instants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.journals.columns import FlatForm

SEVERAL: Final = lazy_gettext("several")
"""How many pages there are where the answer does not say it."""

_WALL_CLOCK: Final = re.compile(
    r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})[ T]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?\s*"
)
_MILLISECONDS_FROM: Final = 100_000_000_000
"""A moment of so much or more is in milliseconds: as seconds it would be after the year 5000."""

_LAST_MOMENT: Final = int(dt.datetime(LAST_YEAR + 1, 1, 1, tzinfo=dt.UTC).timestamp()) * 1000
"""In milliseconds: what is later is no moment of a lead."""

_LISTS: Final = frozenset({"callTags", "phoneNumber", "email", "tags"})

_NESTED_FIELDS: Final = frozenset({"client", "callTags", "RequestTags", "comments"})

_CLIENT_FIELDS: Final = {"client.phones": "phones", "client.contacts": "contacts"}
"""What `pandas.json_normalize` makes of a request's client."""

_NO_TIME: Final = np.datetime64("NaT", "s")


class CallRecord(msgspec.Struct, rename="camel"):
    """A call, as `calls-diary/calls` gives it."""

    call_id: Any = None
    call_reference_id: Any = None
    sip_call_id: Any = None
    date: Any = None
    timestamp: Any = None
    caller_number: Any = None
    unique_call: Any = None
    target_call: Any = None
    uniq_target_call: Any = None
    call_tags: Any = None
    comments: Any = None


class RequestRecord(msgspec.Struct, rename="camel"):
    """A request, as `requests` gives it."""

    request_id: Any = None
    request_number: Any = None
    date: Any = None
    date_str: Any = None
    client: Any = None
    unique_request: Any = None
    target_request: Any = None
    uniq_target_request: Any = None
    request_tags: Any = msgspec.field(default=None, name="RequestTags")
    comments: Any = None


Record = TypeVar("Record", CallRecord, RequestRecord)


class Envelope(msgspec.Struct, Generic[Record], rename="camel"):
    """What stands around the records when the answer is no bare array: pages, or an error in their place."""

    records: list[Record] | None = None
    page_total: Any = None
    total_page: Any = None
    records_total: Any = None
    error_code: Any = None
    message: Any = None
    data: Any = None


class Page(NamedTuple):
    """The records of one answer; how many pages and records there are in all, None where it does not say."""

    records: Sequence[CallRecord | RequestRecord]
    pages: int | None = None
    total: int | None = None


class AnswerFault(NamedTuple):
    """An answer that holds no records: what the vendor says in their place, or else what is wrong with it."""

    text: str
    by_vendor: bool


_DECODERS: Final = {
    CALL_FORM.journal: msgspec.json.Decoder(list[CallRecord] | Envelope[CallRecord]),
    REQUEST_FORM.journal: msgspec.json.Decoder(list[RequestRecord] | Envelope[RequestRecord]),
}


def read_page(body: bytes, form: FlatForm) -> Page | AnswerFault:
    """Read an answer of a journal method, or a file of one."""
    try:
        found: Any = _DECODERS[form.journal].decode(body.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.ValidationError as error:
        # Its text names types and places, never a value.
        return AnswerFault(gettext("expected an array of leads: {error}", error=error), by_vendor=False)
    except RecursionError:
        return AnswerFault(gettext("the answer is nested too deeply"), by_vendor=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = gettext("the answer is not JSON") if body.strip() else gettext("the answer is empty")
        return AnswerFault(text, by_vendor=False)
    if isinstance(found, list):
        return Page(found)
    return _page_in(found)


def _page_in(found: Envelope[Any]) -> Page | AnswerFault:
    refusal = _vendor_text(found)
    if refusal:
        return AnswerFault(refusal, by_vendor=True)
    total = whole(found.records_total)
    if found.records is None and total != 0:
        return AnswerFault(gettext("expected an array of leads, or an object with records"), by_vendor=False)
    pages = whole(found.page_total)
    return Page(found.records or [], whole(found.total_page) if pages is None else pages, total)


def _vendor_text(found: Envelope[Any]) -> str:
    """Return what the vendor says in the place of records; blank when it says nothing."""
    if found.records is not None and found.error_code is None:
        return ""
    texts = [found.message, found.data.get("message") if isinstance(found.data, dict) else None]
    text = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    if found.error_code is None:
        return text
    return gettext("{text} (code {code})", text=text or gettext("an error"), code=found.error_code)


def flat_records(records: Sequence[Any], form: FlatForm, timezone: str) -> FlatJournal:
    """Bring records into the flat form.

    Parameters
    ----------
    records : list of CallRecord or of RequestRecord
    form : FlatForm
    timezone : str
        IANA name: what a wall clock is read in where a record has no moment beside it.

    Raises
    ------
    JournalError
        When a record has no id.
    """
    table = _call_table(records) if form is CALL_FORM else _request_table(records)
    shown = [each.date if form is CALL_FORM or each.date_str is None else each.date_str for each in records]
    clocks = within_years(_wall_clocks(shown))
    stamps = _stamps([each.timestamp if form is CALL_FORM else each.date for each in records])
    stamped = stamps != NO_INSTANT
    table[form.columns.date] = utc_moments(np.where(stamped, stamps, instants(clocks, account_zone(timezone))))
    both = stamped & ~np.isnat(clocks)
    ahead = clocks.astype("datetime64[us]").astype(np.int64) - np.where(both, stamps, 0)
    flat = flat_journal(table, form, timezone, offsets=np.where(both, ahead / (60 * SECOND), np.nan))
    for name in _LISTS & set(flat.frame.columns):
        # Where no record has any, the column is not known to be one of lists.
        cells = flat.frame[name].tolist()
        flat.frame[name] = as_objects([cell if isinstance(cell, list) else None for cell in cells])
    return replace(flat, wall_clocks=~stamped)


def records_of(table: pd.DataFrame, form: FlatForm) -> list[Any] | None:
    """Return the rows of a frame as records, when it has the vendor's nested form; None when it is flat."""
    marks = {"timestamp"} if form is CALL_FORM else {"client", "RequestTags", "dateStr", *_CLIENT_FIELDS}
    if not marks & set(map(str, table.columns)):
        return None
    kind: Any = CallRecord if form is CALL_FORM else RequestRecord
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    cells = {name: table[name].tolist() for name in names if name in table.columns}
    if form.vendor_id not in cells:
        return None
    normalized = {field: table[name].tolist() for name, field in _CLIENT_FIELDS.items() if name in table.columns}
    if form is REQUEST_FORM and "client" not in cells and normalized:
        parts = [_unfolded(values, f"client.{field}", form) for field, values in normalized.items()]
        cells["client"] = [dict(zip(normalized, row, strict=True)) for row in zip(*parts, strict=True)]
    cells |= {name: _unfolded(cells[name], name, form) for name in _NESTED_FIELDS & cells.keys()}
    attributes = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
    rows = zip(*cells.values(), strict=True)
    return [kind(**dict(zip(map(attributes.__getitem__, cells), row, strict=True))) for row in rows]


def _unfolded(cells: list[Any], name: str, form: FlatForm) -> list[Any]:
    """Return cells with what a table of text has of arrays and objects, as JSON, read again.

    Raises
    ------
    JournalError
        When a text is neither: tags and contacts would be lost in silence.
    """
    return [_value_of(cell, name, row, form) if isinstance(cell, str) else cell for row, cell in enumerate(cells)]


def _value_of(text: str, name: str, row: int, form: FlatForm) -> object:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        if not text.lstrip().startswith(("[{", "{")):
            return text
        raise JournalError(
            "The {journal}, row {row} (counted from 0): expected JSON in {name}, got another text. Write the vendor's "
            "records as JSON or Parquet, or make a Journal of the frame itself.",
            journal=journal_name(form.journal),
            row=row,
            name=name,
        ) from None


def _call_table(records: Sequence[CallRecord]) -> pd.DataFrame:
    return _table(
        {
            "callId": [_id(each.call_id) for each in records],
            "callReferenceId": [_id(each.call_reference_id) for each in records],
            "sipCallId": [_id(each.sip_call_id) for each in records],
            "callerNumber": [_id(each.caller_number) for each in records],
            "date": None,
            "uniqueCall": [each.unique_call for each in records],
            "targetCall": [each.target_call for each in records],
            "uniqTargetCall": [each.uniq_target_call for each in records],
            "callTags": [tag_names(each.call_tags) for each in records],
            "comments": [each.comments for each in records],
        },
        len(records),
    )


def _request_table(records: Sequence[RequestRecord]) -> pd.DataFrame:
    phones, emails = _client_contacts([each.client for each in records])
    return _table(
        {
            "requestId": [_id(each.request_id) for each in records],
            "requestNumber": [_id(each.request_number) for each in records],
            "date": None,
            "phoneNumber": phones,
            "email": emails,
            "uniqueRequest": [each.unique_request for each in records],
            "targetRequest": [each.target_request for each in records],
            "uniqTargetRequest": [each.uniq_target_request for each in records],
            "tags": [tag_names(each.request_tags) for each in records],
            "comments": [each.comments for each in records],
        },
        len(records),
    )


def _table(columns: dict[str, list[Any] | None], length: int) -> pd.DataFrame:
    empty = [None] * length
    return pd.DataFrame({name: pd.Series(cells or empty, dtype=object) for name, cells in columns.items()})


def _id(value: object) -> str | None:
    """Return an id or a number as a text: integers come as numbers, and as floats where a frame had gaps."""
    number = None if isinstance(value, str) else whole(value)
    if number is not None:
        return str(number)
    return value.strip() or None if isinstance(value, str) else None


def _client_contacts(clients: Sequence[object]) -> tuple[list[list[str] | None], list[list[str] | None]]:
    """Return the phones and the e-mails of each request's client; an e-mail is known by its ``@``."""
    phones: list[list[str] | None] = []
    emails: list[list[str] | None] = []
    for client in clients:
        fields = client if isinstance(client, dict) else {}
        numbers = _values(fields.get("phones"), "phoneNumber")
        contacts = _values(fields.get("contacts"), "contactValue")
        phones.append(numbers or None)
        emails.append([contact for contact in contacts if "@" in contact] or None)
    return phones, emails


def _values(items: object, name: str) -> list[str]:
    """Return one field of each item of an array, each value once; an item may be the value itself."""
    found = (_id(item.get(name) if isinstance(item, dict) else item) for item in items_in(items))
    return list(dict.fromkeys(filter(None, found)))


def _stamps(values: Sequence[object]) -> np.ndarray[Any, Any]:
    """Return moments of seconds or milliseconds since 1970 as instants; `NO_INSTANT` where there is none."""
    found = np.full(len(values), NO_INSTANT, dtype=np.int64)
    for row, value in enumerate(values):
        number = whole(value)
        if number is not None and 0 < number < _LAST_MOMENT:
            found[row] = number * 1000 if number >= _MILLISECONDS_FROM else number * SECOND
    return found


def _wall_clocks(values: Sequence[object]) -> np.ndarray[Any, Any]:
    """Return wall clocks ``dd/mm/yyyy H:MM:SS`` as ``datetime64[s]``; NaT where there is none."""
    parts = [_WALL_CLOCK.fullmatch(value) if isinstance(value, str) else None for value in values]
    texts = [
        "NaT" if part is None else "{2}-{1:0>2}-{0:0>2}T{3:0>2}:{4:0>2}:{5:0>2}".format(*part.groups(default="0"))
        for part in parts
    ]
    try:
        return np.array(texts, dtype="datetime64[s]")
    except ValueError:  # a month or an hour that no clock shows
        return np.array([_clock(text) for text in texts], dtype="datetime64[s]")


def _clock(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "s")
    except ValueError:
        return _NO_TIME
