"""Small journals and deals for the tests of the preview."""

import pandas as pd

from ctnb import Call, CallContact, Request, RequestContact

NOON = "14-05-2026 12:00:00"
PHONE = "79165551101"
OTHER = "79165551102"


def at(clock):
    """A moment of 14 May 2026: ``at("12:30")``."""
    return f"14-05-2026 {clock}:00"


def calls_of(*leads, **shared):
    """A journal of calls, each given by what is not as usual."""
    usual = {"callerNumber": PHONE, "date": NOON, "uniqueCall": True, "callTags": ""} | shared
    columns = ["callId", *usual]
    rows = [{"callId": number, **usual, **lead} for number, lead in enumerate(leads, start=11)]
    return pd.DataFrame(rows, columns=list(dict.fromkeys([*columns, *(name for row in rows for name in row)])))


def requests_of(*leads, **shared):
    """A journal of requests, each given by what is not as usual."""
    usual = {"phoneNumber": PHONE, "email": "", "date": NOON, "uniqueRequest": True, "tags": ""} | shared
    columns = ["requestId", *usual]
    rows = [{"requestId": number, **usual, **lead} for number, lead in enumerate(leads, start=51)]
    return pd.DataFrame(rows, columns=list(dict.fromkeys([*columns, *(name for row in rows for name in row)])))


def deals_of(*deals, **shared):
    """Deals, each given by what is not as usual."""
    usual = {"id": None, "phone": PHONE, "email": None, "created": NOON} | shared
    rows = [{**usual, "note": f"row {row}", **deal} for row, deal in enumerate(deals)]
    return pd.DataFrame(rows, columns=list(dict.fromkeys([*usual, "note", *(name for row in rows for name in row)])))


def by_call(**policy):
    return CallContact("phone", "created", **{"depth": 60, **policy})


def by_request(**policy):
    return RequestContact("created", **{"phones": "phone", "depth": 60, **policy})


BY_CALL_ID = Call("id")
BY_REQUEST_ID = Request("id")
