"""Previews to look at: rules by id and by contact, a clock that is off, deals without a lead."""

import numpy as np
import pandas as pd
from preview_agreement import previewed

from ctnb import Call, CallContact, RequestContact

PHONE, EMAIL = "79157771122", "ivan.canary@mail.example"
RULES = [
    Call("call_id"),
    CallContact("phone", "created", depth="2h", match="nearest"),
    RequestContact("created", phones="phone", emails="email", depth="1d"),
]


def shown_preview(n=300, *, hours_off=3, rules=RULES, texts="{manager|-} {phone}", key=None):
    """n deals: a third of them has its call minutes away, a third a request within hours, a third none; every second
    deal of the first has the call's id. The source ``crm`` is some hours off."""
    at = np.arange(n)
    when = pd.Timestamp("2026-05-14 12:00") + pd.to_timedelta(at * 7, unit="h")
    phone = np.array([f"7915{row:07}" for row in at])
    source = np.where(at % 4 == 0, "crm", "site")
    created = when - pd.to_timedelta(np.where(source == "crm", hours_off, 0), unit="h")
    deals = pd.DataFrame(
        {
            "call_id": pd.array(np.where(at % 6 == 0, 1000 + at, -1), dtype="Int64"),
            "phone": np.where(at % 50 == 49, "no number", phone),
            "email": [EMAIL if row % 50 == 49 else None for row in at],
            "created": created.strftime("%d-%m-%Y %H:%M:%S"),
            "source": source,
            "pair": at // 2,
            "minutes": np.where(at % 2 == 0, 15, 600),
            "manager": np.array(["Анна", "Борис", "$x$", None], dtype=object)[at % 4],
        }
    )
    deals["call_id"] = deals["call_id"].mask(deals["call_id"] < 0)
    called, asked = at % 3 == 0, at % 3 == 1
    form = "%d-%m-%Y %H:%M:%S"
    calls = pd.DataFrame(
        {
            "callId": 1000 + at[called],
            "callerNumber": phone[called],
            "date": (when[called] - pd.Timedelta("10min")).strftime(form),
            "uniqueCall": True,
            "callTags": "",
        }
    )
    requests = pd.DataFrame(
        {
            "requestId": 5000 + at[asked],
            "phoneNumber": phone[asked],
            "email": "",
            "date": (when[asked] + pd.to_timedelta(at[asked] % 11 * 30, unit="min")).strftime(form),
            "uniqueRequest": True,
            "tags": "",
        }
    )
    return previewed(deals, rules, calls, requests, comment=texts, key=key)
