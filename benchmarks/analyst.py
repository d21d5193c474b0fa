"""The plain way, as a competent analyst goes it without ctnb: a function of a row, ``df.apply``, ``json.dumps``.

It reads the shapes that these deals hold, and no others; it checks no limits, knows no duplicates, and keeps no
reasons. Every choice is the plain one: a library for each cell, nothing cached.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import phonenumbers

if TYPE_CHECKING:
    from collections.abc import Callable

EXPONENT = re.compile(r"[0-9]\.[0-9]{4,}E\+[0-9]{2}")
EMAIL = re.compile(r"[a-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
ISO = re.compile(r"[0-9]{4}-")
DAY_FIRST = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S")
VENDOR_DATE = "%d-%m-%Y %H:%M:%S"
MOSCOW = ZoneInfo("Europe/Moscow")
BATCH = 100


def phone_of(cell: str) -> str | None:
    """Read a text as one number: parse, check, format."""
    try:
        number = phonenumbers.parse(cell, "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def phones_of(cell: Any) -> list[str]:
    """Read the numbers of a cell."""
    if pd.isna(cell):
        return []
    found = []
    for part in re.split("[,;/]", cell):
        piece = part.strip().removesuffix(".0")
        found.append(phone_of(str(int(float(piece))) if EXPONENT.fullmatch(piece) else piece))
    return [number for number in found if number]


def ready_phones_of(cell: Any) -> list[str]:
    """Return the number of a cell that was read before."""
    return [] if pd.isna(cell) else [cell]


def emails_of(cell: Any) -> list[str]:
    """Read the address of a cell."""
    address = "" if pd.isna(cell) else cell.strip().rstrip(",").lower()
    return [address] if EMAIL.fullmatch(address) else []


def moment_of(cell: Any) -> str | None:
    """Read a moment with pandas, and write it as the vendor does."""
    moment = pd.to_datetime(cell, dayfirst=not ISO.match(cell), errors="coerce")
    if pd.isna(moment):
        return None
    if moment.tzinfo is not None:
        moment = moment.tz_convert(MOSCOW)
    return moment.strftime(VENDOR_DATE)


def moment_by_form(cell: Any) -> str | None:
    """Read a moment with the standard library, form by form, which is far faster for one cell than pandas is."""
    if ISO.match(cell):
        try:
            moment = dt.datetime.fromisoformat(cell)
        except ValueError:
            return None
        return (moment if moment.tzinfo is None else moment.astimezone(MOSCOW)).strftime(VENDOR_DATE)
    for form in DAY_FIRST:
        try:
            return dt.datetime.strptime(cell, form).strftime(VENDOR_DATE)  # noqa: DTZ007 - wall clock
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Analyst:
    """An analyst's way to write the loop.

    Attributes
    ----------
    phones, moment : callable
        Read a cell of phones, a cell with a date.
    description : str
        Its words in the table.
    """

    phones: Callable[[Any], list[str]]
    moment: Callable[[Any], str | None]
    description: str

    def lead_of(self, row: Any) -> dict[str, Any] | None:
        """Make the lead of a deal; None where no rule has its data."""
        matching: list[dict[str, Any]] = []
        if not pd.isna(row["call_id"]):
            matching.append({"type": "call", "callParams": {"callId": int(float(row["call_id"]))}})
        phones, more = self.phones(row["phone"]), self.phones(row["phone_2"])
        emails, date = emails_of(row["email"]), self.moment(row["created_at"])
        if date and (phones or more):
            params: dict[str, Any] = {"phones": list(dict.fromkeys(phones + more)), "date": date}
            params |= {"callTypeToMatch": "nearestUniqLead", "searchDepth": 120}
            matching.append({"type": "callContact", "callContactParams": params})
        if date and (phones or emails):
            params = {name: values for name, values in (("phones", phones), ("emails", emails)) if values}
            params |= {"date": date, "requestTypeToMatch": "nearestUniq", "searchDepth": 10080}
            matching.append({"type": "requestContact", "requestContactParams": params})
        if not matching:
            return None
        manager = "" if pd.isna(row["manager"]) else row["manager"]
        return {"matching": matching, "addComment": f"{row['stage']}: {manager}, {row['amount']} руб."}

    def leads_of(self, deals: pd.DataFrame) -> pd.Series[Any]:
        """Return the lead of each row, or None."""
        return deals.apply(self.lead_of, axis=1)

    def bodies_of(self, deals: pd.DataFrame) -> list[bytes]:
        """Return the bodies of the requests."""
        leads = self.leads_of(deals).dropna().tolist()
        batches = (leads[begin : begin + BATCH] for begin in range(0, len(leads), BATCH))
        return [json.dumps({"comments": batch}, ensure_ascii=False).encode() for batch in batches]


PLAIN = Analyst(phones_of, moment_of, "`phonenumbers` and `pd.to_datetime` per cell")
FASTER = Analyst(phones_of, moment_by_form, "`phonenumbers` and `strptime` per cell")
READY_MADE = Analyst(ready_phones_of, moment_by_form, "phones used as they are, `strptime` per cell")
