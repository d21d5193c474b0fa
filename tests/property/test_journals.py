"""Journals: the flat form and the vendor's nested one say the same; anything a server may answer is read or refused."""

import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb.emulator.journal_methods import JournalMethods
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor
from ctnb.exceptions import JournalError
from ctnb.journals.columns import CALL_FORM, FORMS, REQUEST_FORM
from ctnb.journals.flat import flat_journal
from ctnb.journals.records import AnswerFault, flat_records, read_page

ZONE, TOKEN = "Europe/Moscow", "token"
DAYS = {"clientApiId": TOKEN, "siteId": "1", "withCallTags": "true", "withComments": "true", "withRequestTags": "true"}

WORDS = st.text(st.characters(categories=["L", "Nd", "Zs", "P"], exclude_characters=",;\u2028"), min_size=1, max_size=9)
NAMES = WORDS.map(str.strip).filter(lambda text: text and text != "None" and not text.startswith("["))
PHONES = st.from_regex(r"79[0-9]{9}", fullmatch=True)
EMAILS = st.from_regex(r"[a-z]{1,6}@[a-z]{1,6}\.ru", fullmatch=True)
TAGS = st.lists(NAMES, unique=True, max_size=3)
MOMENTS = st.integers(0, 31 * 86_400 - 1).map(lambda second: pd.Timestamp("2026-03-01") + pd.Timedelta(seconds=second))
IDS = st.one_of(st.none(), st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True))


@st.composite
def comments(draw):
    texts = draw(st.lists(NAMES, max_size=2))
    found = [{"commentId": draw(st.integers(1, 10**9)), "comment": text, "partyName": None} for text in texts]
    return found or None


@st.composite
def call_frames(draw):
    rows = draw(st.lists(st.tuples(IDS, IDS, PHONES, MOMENTS, *[st.booleans()] * 3, TAGS, comments()), max_size=6))
    return pd.DataFrame([(number, *row) for number, row in enumerate(rows, 1)], columns=CALL_FORM.names)


@st.composite
def request_frames(draw):
    contacts = (st.lists(PHONES, unique=True, max_size=3), st.lists(EMAILS, unique=True, max_size=3))
    rows = draw(st.lists(st.tuples(IDS, MOMENTS, *contacts, *[st.booleans()] * 3, TAGS, comments()), max_size=6))
    return pd.DataFrame([(number, *row) for number, row in enumerate(rows, 1)], columns=REQUEST_FORM.names)


def nested(methods, form, paged):
    if form is CALL_FORM:
        period = {"dateFrom": "01/03/2026", "dateTo": "31/03/2026", "page": "1", "limit": "1000"}
        answered = methods.calls("1", DAYS | period)
    else:
        answered = methods.requests(DAYS | {"dateFrom": "03/01/2026", "dateTo": "03/31/2026"})
    status, answer = answered
    assert status == 200
    records = answer["records"] if form is CALL_FORM else answer
    return json.dumps(answer if paged else records).encode()


def in_sets(flat, form):
    """Return the rows by id; lists as sets, for the vendor has an order of its own."""
    lists = {form.columns.tags, "phoneNumber", "email"}
    rows = {}
    for row in flat.frame.to_dict("records"):
        key = row.pop(form.vendor_id)
        assert key not in rows
        rows[key] = {
            name: frozenset(value if isinstance(value, list) else ())
            if name in lists
            else (None if not isinstance(value, list) and pd.isna(value) else value)
            for name, value in row.items()
        }
    return rows


@settings(max_examples=40)
@given(calls=call_frames(), requests=request_frames(), paged=st.booleans())
def test_the_vendors_form_of_a_journal_is_the_journal(calls, requests, paged):
    vendor = Vendor(Journals(calls, requests, timezone=ZONE), token=TOKEN, site_id=1)
    methods = JournalMethods(vendor)
    for form, frame in zip(FORMS, (calls, requests), strict=True):
        page = read_page(nested(methods, form, paged), form)
        came = in_sets(flat_records(page.records, form, ZONE), form)
        given_rows = in_sets(flat_journal(frame, form, ZONE), form)
        if form is REQUEST_FORM:  # where the site sent no number, the vendor shows its own id
            for key, row in given_rows.items():
                row["requestNumber"] = row["requestNumber"] or key
        assert came == given_rows


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *CALL_FORM.names,
    *REQUEST_FORM.names,
    *("timestamp", "dateStr", "client", "RequestTags", "phones", "contacts", "phoneNumber", "contactValue", "names"),
)
ODD = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)
IDENTIFIED = st.fixed_dictionaries(
    {name: st.integers(1) | st.text(min_size=1, max_size=4) for name in ("callId", "requestId")},
    optional={name: ODD for name in FIELDS if name not in {"callId", "requestId"}},
)
RECORDS = st.lists(IDENTIFIED | st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=12), max_size=4)
ENVELOPES = st.dictionaries(
    st.sampled_from(["records", "page", "pageTotal", "totalPage", "recordsTotal", "errorCode", "message", "data"]),
    RECORDS | ODD,
)


@settings(max_examples=50)
@given(answer=RECORDS | ENVELOPES | ODD, form=st.sampled_from(FORMS))
def test_whatever_is_answered_is_read_or_refused(answer, form):
    page = read_page(json.dumps(answer).encode(), form)
    if isinstance(page, AnswerFault):
        assert page.text
        return
    try:
        flat = flat_records(page.records, form, ZONE)
    except JournalError as error:
        assert f"expected an id in {form.vendor_id}" in str(error)  # noqa: PT017  the other way out is as good
        return
    assert len(flat) == len(page.records)
    if len(flat):
        assert set(flat.frame.columns) == set(form.names)


@given(body=st.binary(max_size=60), form=st.sampled_from(FORMS))
def test_bytes_of_any_kind_are_refused_or_read(body, form):
    assert read_page(body, form) is not None
