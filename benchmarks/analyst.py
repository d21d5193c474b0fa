"""What a competent analyst writes without ctnb: a function of a row, ``df.apply``, ``json.dumps``.

It reads the shapes that these deals hold, and no others; it checks no limits, knows no duplicates, and keeps no reason
for what it leaves out. Every choice is the plain one: a library for each cell, nothing cached.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pandas as pd
import phonenumbers

__all__ = ["bodies_of", "leads_of", "phone_of", "phones_of", "ready_phones_of"]

EXPONENT = re.compile(r"[0-9]\.[0-9]{4,}E\+[0-9]{2}")
EMAIL = re.compile(r"[a-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
ISO = re.compile(r"[0-9]{4}-")
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
    """Take the number of a cell that was read before."""
    return [] if pd.isna(cell) else [cell]


def emails_of(cell: Any) -> list[str]:
    """Read the address of a cell."""
    address = "" if pd.isna(cell) else cell.strip().rstrip(",").lower()
    return [address] if EMAIL.fullmatch(address) else []


def moment_of(cell: Any) -> str | None:
    """Read a moment, and write it as the vendor does."""
    moment = pd.to_datetime(cell, dayfirst=not ISO.match(cell), errors="coerce")
    if pd.isna(moment):
        return None
    if moment.tzinfo is not None:
        moment = moment.tz_convert("Europe/Moscow")
    return moment.strftime("%d-%m-%Y %H:%M:%S")


def lead_of(row: Any, read_phones: Any) -> dict[str, Any] | None:
    """Make the lead of a deal; None where no rule has its data."""
    matching: list[dict[str, Any]] = []
    if not pd.isna(row["call_id"]):
        matching.append({"type": "call", "callParams": {"callId": row["call_id"]}})
    phones, more = read_phones(row["phone"]), read_phones(row["phone_2"])
    emails, date = emails_of(row["email"]), moment_of(row["created_at"])
    if date and (phones or more):
        params = {"phones": list(dict.fromkeys(phones + more)), "date": date}
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


def leads_of(deals: pd.DataFrame, *, ready: bool) -> pd.Series[Any]:
    """Return the lead of each row, or None; `ready` tells that the phones are digits already."""
    return deals.apply(partial(lead_of, read_phones=ready_phones_of if ready else phones_of), axis=1)


def bodies_of(deals: pd.DataFrame, *, ready: bool) -> list[bytes]:
    """Return the bodies of the requests."""
    leads = leads_of(deals, ready=ready).dropna().tolist()
    batches = (leads[begin : begin + BATCH] for begin in range(0, len(leads), BATCH))
    return [json.dumps({"comments": batch}, ensure_ascii=False).encode() for batch in batches]
