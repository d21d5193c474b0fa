"""Rows of the account's journals: calls and requests, read from frames and files with cells in every shape."""

from __future__ import annotations

import io
import json
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.message import lazy_gettext
from ctnb.masking import Strength, masked
from ctnb.paths import checked_path, content_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

    Source = pd.DataFrame | str | os.PathLike[str] | None

Kind = Literal["call", "request"]

TRUE_WORDS: Final = frozenset({"true", "1", "yes", "да"})
NOT_DIGITS: Final = re.compile(r"[^0-9]+")
WHOLE_FLOAT: Final = re.compile(r"([+-]?[0-9]+)\.0")
DAY_FIRST: Final = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
BETWEEN_TAGS: Final = re.compile(r"[,;]")
BETWEEN_CONTACTS: Final = re.compile(r"[,;/|\n]")


class JournalHeadings(NamedTuple):
    """The headings of a journal; the first of ``ids`` is the vendor's own id."""

    kind: Kind
    ids: tuple[str, ...]
    phone: str
    email: str
    unique: str
    target: str
    unique_target: str
    tags: str


CALL_COLUMNS: Final = JournalHeadings(
    "call",
    ("callId", "callReferenceId", "sipCallId"),
    "callerNumber",
    "",
    "uniqueCall",
    "targetCall",
    "uniqTargetCall",
    "callTags",
)
REQUEST_COLUMNS: Final = JournalHeadings(
    "request",
    ("requestId", "requestNumber"),
    "phoneNumber",
    "email",
    "uniqueRequest",
    "targetRequest",
    "uniqTargetRequest",
    "tags",
)


JOURNALS: Final = {
    "call": lazy_gettext("the emulator's journal of calls"),
    "request": lazy_gettext("the emulator's journal of requests"),
}
"""As errors name them."""


class LeadComment(NamedTuple):
    """A comment on a lead: its id, which grows, its text, and who left it."""

    number: int
    text: str
    party: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A call or a request of the account.

    ``ids`` are texts in the order of the journal's id columns, the vendor's own first, None where blank;
    ``at`` is in seconds since 1970 UTC, None where the journal has no date: such a lead is found by id only.
    """

    kind: Kind
    ids: tuple[str | None, ...]
    at: float | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    unique: bool
    target: bool
    unique_target: bool
    tags: frozenset[str]
    comments: tuple[LeadComment, ...]


def read_journal(source: Source, columns: JournalHeadings, zone: ZoneInfo) -> list[Lead]:
    """Return the leads of a journal, in its order."""
    if source is None:
        return []
    frame = read_csv(source) if isinstance(source, str | os.PathLike) else source
    if not hasattr(frame, "columns"):
        raise ConfigError.instead_of_a_frame(frame)
    if frame.empty:
        return []
    for name in (columns.ids[0], "date"):
        if name not in frame.columns:
            raise ColumnNotFoundError.among(name, frame.columns, wanted_by=JOURNALS[columns.kind])

    def cells(name: str) -> list[Any]:
        return frame[name].tolist() if name in frame.columns else [None] * len(frame)

    ids = zip(*([cell_text(cell) or None for cell in cells(name)] for name in columns.ids), strict=True)
    times = [cell_seconds(cell, zone, row, columns.kind) for row, cell in enumerate(cells("date"))]
    phones = [tuple(filter(None, map(normal_phone, cell_contacts(cell)))) for cell in cells(columns.phone)]
    emails = [tuple(text.casefold() for text in cell_contacts(cell) if "@" in text) for cell in cells(columns.email)]
    flags = [
        [cell_text(cell).casefold() in TRUE_WORDS for cell in cells(name)]
        for name in (columns.unique, columns.target, columns.unique_target)
    ]
    tags = map(cell_tags, cells(columns.tags))
    comments = map(cell_comments, cells("comments"))
    rows = zip(ids, times, phones, emails, *flags, tags, comments, strict=True)
    return [Lead(columns.kind, *parts) for parts in rows]


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a journal from a file, every cell as text."""
    import pandas as pd

    raw = content_of(path)
    try:
        raw.decode("utf-8-sig")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1251"
    heading = raw.partition(b"\n")[0]
    separator = ";" if heading.count(b";") > heading.count(b",") else ","
    try:
        return pd.read_csv(io.BytesIO(raw), dtype=str, sep=separator, encoding=encoding, keep_default_na=False)
    except ValueError:
        # Also of pandas' own: empty, not cut alike, no text.
        raise ConfigError(
            "{name!r} is not a journal that can be read. Export it again, as CSV.", name=checked_path(path).name
        ) from None


def is_blank(cell: object) -> bool:
    """Tell whether a cell is None, NaN, NaT or NA."""
    import pandas as pd

    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def cell_text(cell: object) -> str:
    """Return a cell's text, blank for a missing one; a whole float is read as the integer that it was."""
    if isinstance(cell, str):
        text = cell.strip()
    elif is_blank(cell):
        return ""
    else:
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    whole = WHOLE_FLOAT.fullmatch(text) if text.endswith(".0") else None
    return whole[1] if whole else text


def cell_contacts(cell: object) -> list[str]:
    """Return the phones or e-mails in a cell: a list of them, or a text with ``,``, ``;``, ``/`` or ``|`` between."""
    if isinstance(cell, Iterable) and not isinstance(cell, str):
        return list(map(cell_text, cell))
    return [cell_text(part) for part in BETWEEN_CONTACTS.split(cell_text(cell))]


def cell_tags(cell: object) -> frozenset[str]:
    """Return the tags in a cell: a list of them, or a text with ``,`` or ``;`` between them."""
    if isinstance(cell, Iterable) and not isinstance(cell, str):
        return frozenset(filter(None, map(cell_text, cell)))
    return split_tags(cell_text(cell))


def cell_comments(cell: object) -> tuple[LeadComment, ...]:
    """Return the comments in a cell: a list of objects with ``commentId`` and ``comment``, or that as JSON."""
    if isinstance(cell, str) and cell.strip():
        cell = json.loads(cell)
    if is_blank(cell) or not isinstance(cell, Iterable) or isinstance(cell, str):
        return ()
    return tuple(LeadComment(int(item["commentId"]), item["comment"], item.get("partyName")) for item in cell)


@lru_cache(maxsize=1024)
def split_tags(text: str) -> frozenset[str]:
    """Split a text of tags; a journal has few different ones."""
    return frozenset(filter(None, map(str.strip, BETWEEN_TAGS.split(text))))


def cell_seconds(cell: object, zone: ZoneInfo, row: int, kind: Kind) -> float | None:
    """Return the time of a journal's row in seconds, None where it is blank."""
    try:
        moment = cell_moment(cell)
    except ValueError:
        value = masked(repr(cell), Strength.SHARED, column="dates")
        raise ConfigError(
            "In {journal}, row {row} (counted from 0): expected a date as dd-mm-YYYY HH:MM:SS, in ISO form or as a "
            "datetime, got {value}. Mend the cell, or leave it blank.",
            journal=JOURNALS[kind],
            row=row,
            value=value,
        ) from None
    return None if moment is None else seconds_of(moment, zone)


def cell_moment(cell: object) -> datetime | None:
    """Read a date cell; ValueError when it is neither blank nor a date."""
    if is_blank(cell):
        return None
    if hasattr(cell, "to_pydatetime"):
        return cell.to_pydatetime(warn=False)  # type: ignore[no-any-return]
    if isinstance(cell, datetime):
        return cell
    text = cell_text(cell)
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


def normal_phone(text: str) -> str:
    """Turn a phone in any format into digits, by the vendor's rule: 11 of them, from 7.

    >>> normal_phone("8 (915) 777-11-22"), normal_phone("915 777-11-22"), normal_phone("+375 29 123-45-67")
    ('79157771122', '79157771122', '375291234567')
    """
    digits = NOT_DIGITS.sub("", text)
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return "7" + digits if len(digits) == 10 else digits
