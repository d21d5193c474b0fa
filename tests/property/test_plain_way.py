"""Plans, bodies and identities of whole columns equal those of a plain way that goes row by row, lead by lead."""

import hmac
import json
import unicodedata
from unittest import mock

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Connection, Request, RequestContact, col
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.wire_encode import PATH, Encoder, encode
from ctnb.leads.emails import emails_in
from ctnb.leads.identifiers import identifier_in
from ctnb.leads.phones.api import phones_in
from ctnb.leads.spreadsheet_numbers import only_whole

RULES = [
    Call("call"),
    CallContact(["phone", "phone_2"], "created", depth="2h", match="nearestUniqLead", tags=["VIP", 'a"b']),
    RequestContact("created", depth=col("depth"), phones=["phone"], emails=["mail"], tags=col("tags")),
    Request("request", tags=["site"]),
]
FORMS = ["%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d-%m-%Y %H:%M:%S"]
CONNECTION = Connection(4242, "token", ledger=None)
SECRET = b"k" * 32

moments = st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-12-31")).map(
    lambda moment: moment.replace(microsecond=0)
)
ids = st.sampled_from([None, "", "-", 4242, 7, "7", "form-77", " 8 ", "9.0", 12.0, 0.5, 'q"\\', "я"]) | st.integers(
    1, 10**15
)
phones = st.sampled_from(
    [None, "", "+7 915 777-11-22", "8 (915) 777-11-22", "89167771122", "79157771122, 79167771122", "8 916 77", "нет"]
)
mails = st.sampled_from(
    [None, "ivan@mail.ru", " Ivan@Mail.ru;", "a@b.ru, ivan@mail.ru", "ivan@mail", "я@почта.рф", "q @w.ru"]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["won", "", "  ", "и\u0306", "й", " won\r\n", "wo\u200bn", "won\u00a0", "5000", "5000.0", "5000.0 won", "1,5000.0"]
)
rows = st.fixed_dictionaries(
    {
        "key": st.sampled_from([None, 1, 2, "1", "2.0", "d-1", "д"]),
        "call": ids,
        "request": ids,
        "phone": phones,
        "phone_2": phones,
        "mail": mails,
        "depth": st.sampled_from([15, "2h", "x"]),
        "tags": st.sampled_from([None, "site"]),
        "moment": st.none() | moments,
        "form": st.sampled_from(FORMS),
        "text": texts,
    }
)


def frame_of(cells):
    """Return the deals; dates are written in their forms."""
    deals = pd.DataFrame(cells, dtype=object)
    deals["created"] = [cell["moment"] and cell["moment"].strftime(cell["form"]) for cell in cells]
    return deals.drop(columns=["moment", "form"])


def whole_ids(cells):
    """Tell which columns of ids hold whole numbers only."""
    return {name: only_whole(pd.Series([cell[name] for cell in cells], dtype=object)) for name in ("call", "request")}


def plain_rules(cell, whole):
    """Return the vendor's rules of one deal."""
    date = cell["moment"] and f"{cell['moment']:%d-%m-%Y %H:%M:%S}"
    own, other = (phones_in(cell[name]).contacts for name in ("phone", "phone_2"))
    both = list(dict.fromkeys(own + other))
    call, request = (identifier_in(cell[name], whole=whole[name])[0] for name in ("call", "request"))
    depth = {15: 15, "2h": 120}.get(cell["depth"])
    found = []
    if call is not None:
        found.append({"type": "call", "callParams": {"callId": call}})
    if date and both:
        parameters = {"phones": both, "date": date, "callTypeToMatch": "nearestUniqLead", "searchDepth": 120}
        found.append(
            {"type": "callContact", "callContactParams": {**parameters, "tags": ["VIP", 'a"b'], "tagsLogic": "and"}}
        )
    contacts = {"phones": list(own), "emails": list(emails_in(cell["mail"]).contacts)}
    contacts = {name: several for name, several in contacts.items() if several}
    if date and contacts and depth:
        tags = {"tags": [cell["tags"]], "tagsLogic": "and"} if cell["tags"] else {}
        parameters = {**contacts, "date": date, "requestTypeToMatch": "nearest", "searchDepth": depth}
        found.append({"type": "requestContact", "requestContactParams": {**parameters, **tags}})
    if request is not None:
        found.append({"type": "request", "requestParams": {"requestId": request, "tags": ["site"], "tagsLogic": "and"}})
    return found


def plain_lead(cell, whole):
    """Return what names the lead of one deal: its key, else its ids, else its contacts."""
    key = identifier_in(cell["key"])[0]
    if key is not None:
        return compact(["key", plain_canonical(str(key))])
    ids = {
        name: [unicodedata.normalize("NFC", str(identifier_in(cell[name], whole=whole[name])[0] or ""))]
        for name in ("call", "request")
    }
    contacts = {
        "phone": phones_in(cell["phone"]).contacts + phones_in(cell["phone_2"]).contacts,
        "email": emails_in(cell["mail"]).contacts,
    }
    for named in (ids, contacts):
        sides = [[side, *sorted({*values} - {""})] for side, values in named.items()]
        if any(len(side) > 1 for side in sides):
            break
    return compact([side for side in sides if len(side) > 1])


def plain_canonical(text):
    """Return the form of a text by which texts that look alike are one, sign by sign."""
    invisible = {0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)}
    seen = unicodedata.normalize("NFC", "".join(sign for sign in text if ord(sign) not in invisible))
    words = "".join(" " if sign.isspace() else sign for sign in seen).split(" ")
    folded = " ".join(word for word in words if word)
    kept = ""
    for at, sign in enumerate(folded):
        before = at - 1 if sign == "." else at - 2
        if sign in ".0" and folded[max(before + 1, 0) :].startswith(".0") and ends_number(folded, before):
            continue
        kept += sign
    return kept


def ends_number(text, last):
    """Tell whether a number ends here, and it and the two signs behind it touch no letter, digit, dot or comma."""
    begin = last
    while begin >= 0 and text[begin] in "0123456789":
        begin -= 1
    around = text[begin : begin + 1] if begin >= 0 else "", text[last + 3 : last + 4]
    return begin < last and not any(sign.isalnum() or sign in set(".,") for sign in around)


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def plain_identity(cell, whole):
    account = ["4242", "https://api.calltouch.ru" + PATH, ""]
    message = compact([*account, plain_lead(cell, whole), plain_canonical(cell["text"])])
    return hmac.digest(SECRET, message.encode(), "sha256")


@settings(max_examples=200)
@given(st.lists(rows, min_size=1, max_size=12), st.sampled_from([1, 5, 1000]))
def test_columns_equal_the_plain_way(cells, window):
    with mock.patch("ctnb.leads.plan.WINDOW", window):
        plan = ctnb.plan(frame_of(cells), RULES, col("text"), key="key")

    whole = whole_ids(cells)
    ready = [bool(plain_rules(cell, whole)) and not cell["text"].isspace() and cell["text"] != "" for cell in cells]
    assert plan.ready.tolist() == ready
    everything = [row for row, sendable in enumerate(ready) if sendable]
    names = [plain_identity(cell, whole) for cell in cells]
    first = {}
    for row in everything:
        first.setdefault(names[row], row)
    assert plan.sent.tolist() == list(first.values())
    assert PlanComments(plan, everything, CONNECTION, SECRET).identities == [names[row] for row in everything]
    # What several rows of a lead offer is put together: tests/unit/leads/test_united.py.
    shared = [names[row] for row in everything]
    alone = [row for row in everything if shared.count(names[row]) == 1]
    if alone:
        leads = [{"matching": plain_rules(cells[row], whole), "addComment": cells[row]["text"]} for row in alone]
        assert json.loads(encode(plan, alone)) == {"comments": leads}


@settings(max_examples=60)
@given(st.lists(rows, min_size=1, max_size=12), st.data())
def test_bodies_asked_for_in_any_order_are_those_of_each_request_alone(cells, data):
    plan = ctnb.plan(frame_of(cells), RULES, "won", job="x")
    rows_sent = plan.sent.tolist()
    encoder = Encoder(plan, window=data.draw(st.integers(1, 4)))
    for _ in range(6 if rows_sent else 0):
        chosen = sorted(data.draw(st.sets(st.sampled_from(rows_sent), min_size=1)))
        assert encoder.body(chosen) == encode(plan, chosen)
