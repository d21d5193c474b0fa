"""For any frame: rows stay where they are and carry their own answers; what is ready is accepted."""

import datetime as dt
import math
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Emulator, Request, RequestContact, col

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
whole_frames = settings(slow, max_examples=30)
messy_frames = settings(slow, max_examples=80)

STATUSES = ["commented", "unmatched", "invalid", "rejected", "uncertain", "unsent", "busy"]
KINDS = ["call", "request", "callContact", "requestContact"]
TEXTS = ["call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "error"]
COLUMNS = ["status", "matched", "matched_by", "rule", "attribution", "offered", *TEXTS, "error_code"]
COLUMNS += ["replayed", "predicted"]
COLUMNS = [f"ct_{name}" for name in (*COLUMNS, "batch", "attempts", "answered_at")]


# Rows, order, index, answers.

LEADS = range(300)
FIRST_CALL = 1_904_500_000


def by_id(lead):
    return lead % 5 in {0, 1}


def by_phone(lead):
    return lead % 5 == 2


def expected_status(lead):
    """By its number a lead is found by its id or its phone, unknown to the account, or without any data."""
    if by_id(lead) or by_phone(lead):
        return "commented"
    return "unmatched" if lead % 5 == 3 else "invalid"


def journal():
    """One call for each lead that is to be found, with a phone of its own."""
    found = [lead for lead in LEADS if expected_status(lead) == "commented"]
    return pd.DataFrame(
        {
            "callId": [FIRST_CALL + lead for lead in found],
            "callerNumber": [f"79165550{lead:03}" for lead in found],
            "date": "01-03-2026 12:00:00",
        }
    )


CALLS = journal()

ID_FORMS = {
    "Int64": lambda ids: pd.array(ids, dtype="Int64"),
    "float64": lambda ids: np.array([np.nan if one is None else one for one in ids], dtype="float64"),
    "object": lambda ids: np.array([None if one is None else str(one) for one in ids], dtype=object),
    "string": lambda ids: pd.array([None if one is None else str(one) for one in ids], dtype="string"),
}

INDEXES = {
    "range": pd.RangeIndex,
    "backwards": lambda n: pd.Index(range(n, 0, -1), name="row"),
    "duplicates": lambda n: pd.Index([row // 3 for row in range(n)]),
    "one label": lambda n: pd.Index(["same"] * n, dtype=object),
    "strings": lambda n: pd.Index([f"deal {row * 7 % 11}" for row in range(n)]),
    "dates": lambda n: pd.date_range("2026-03-29", periods=n, freq="30min", tz="Europe/Berlin"),
    "gaps": lambda n: pd.Index([np.nan if row % 2 else float(row) for row in range(n)], dtype="float64"),
    "levels": lambda n: pd.MultiIndex.from_arrays(
        [[row % 2 for row in range(n)], ["a" if row < 5 else "b" for row in range(n)]], names=["left", None]
    ),
}


def deals_of(leads, index, ids):
    """Return a frame with a row for each lead, among columns that are no business of ours."""
    known = [FIRST_CALL + lead if by_id(lead) else lead if lead % 5 == 3 else None for lead in leads]
    frame = pd.DataFrame(
        {
            "note": pd.Series([f"lead {lead}" for lead in leads], dtype=object),
            "call_id": pd.Series(ID_FORMS[ids](known)),
            "phone": pd.Series([f"8 (916) 555-0{lead:03}" if by_phone(lead) else None for lead in leads], dtype=object),
            "created": pd.Series(["01.03.2026 12:30"] * len(leads), dtype=object),
            7: pd.Series([[lead] for lead in leads], dtype=object),
            "stage": pd.Categorical([f"stage {lead % 3}" for lead in leads]),
            "ct_manager": pd.Series([float(lead) for lead in leads], dtype="float64"),
        }
    )
    frame.index = INDEXES[index](len(leads))
    return frame


lead_lists = st.one_of(st.sampled_from([0, 1, 101, 250]), st.integers(0, 40)).flatmap(
    lambda rows: st.lists(st.sampled_from(LEADS), min_size=rows, max_size=rows)
)
frames = st.builds(deals_of, lead_lists, st.sampled_from(sorted(INDEXES)), st.sampled_from(sorted(ID_FORMS)))


def commented(deals, vendor):
    rules = [Call("call_id"), CallContact("phone", "created", depth="2h")]
    return ctnb.comment(deals, rules, "{note}", connection=vendor.connection, progress=False)


def leads_in(frame):
    return [cell[0] for cell in frame[7]]


@whole_frames
@given(frames)
def test_rows_order_index_and_the_other_columns_stay(deals):
    before = deals.copy(deep=True)
    with Emulator(CALLS, rate=None) as vendor:
        done = commented(deals, vendor)
    pd.testing.assert_frame_equal(deals, before)
    pd.testing.assert_frame_equal(done[list(deals.columns)], before)
    pd.testing.assert_index_equal(done.index, before.index, exact=True)
    assert list(done.columns) == [*before.columns, *COLUMNS]
    assert_dtypes_of_the_design(done)


def assert_dtypes_of_the_design(done):
    assert list(done["ct_status"].cat.categories) == STATUSES
    assert list(done["ct_matched_by"].cat.categories) == KINDS
    assert list(done["ct_attribution"].cat.categories) == ["exact", "inferred", "ambiguous"]
    for name in ("ct_offered", "ct_error_code"):
        assert isinstance(done[name].dtype, pd.CategoricalDtype), name
    for name in TEXTS:
        assert done[f"ct_{name}"].dtype == pd.StringDtype(), name
    assert {str(done[name].dtype) for name in ("ct_rule", "ct_batch", "ct_attempts")} == {"Int64"}
    assert {str(done[name].dtype) for name in ("ct_matched", "ct_replayed")} == {"boolean"}
    assert str(done["ct_answered_at"].dtype) == "datetime64[us]"


@whole_frames
@given(frames)
def test_each_row_carries_its_own_leads_answer(deals):
    with Emulator(CALLS, rate=None) as vendor:
        done = commented(deals, vendor)
        applied, posts = vendor.comments, vendor.posts
    leads = leads_in(deals)
    statuses = [expected_status(lead) for lead in leads]
    assert done["ct_status"].astype(object).tolist() == statuses
    assert done["ct_matched"].tolist() == [{"commented": True, "unmatched": False}.get(one, pd.NA) for one in statuses]
    found = done[done["ct_status"] == "commented"]
    assert found["ct_call_id"].tolist() == [str(FIRST_CALL + lead) for lead in leads_in(found)]
    assert found["ct_rule"].tolist() == [1 if by_id(lead) else 2 for lead in leads_in(found)]
    assert done.loc[done["ct_status"] != "commented", ["ct_call_id", "ct_rule"]].isna().all(axis=None)
    assert done.calltouch.counts().sum() == len(deals)
    assert (posts["status"] == 200).all()
    assert (posts["leads"] <= 100).all()
    ready = {lead for lead in leads if expected_status(lead) != "invalid"}
    assert posts["leads"].sum() == len(ready)
    # The right text reached the right call, once.
    wanted = {f"lead {lead}": str(FIRST_CALL + lead) for lead in ready if expected_status(lead) == "commented"}
    assert dict(zip(applied["comment"], applied["call_id"], strict=True)) == wanted
    assert len(applied) == len(wanted)


@whole_frames
@given(frames)
def test_rows_that_repeat_a_lead_share_one_answer(deals):
    with Emulator(CALLS, rate=None) as vendor:
        done = commented(deals, vendor)
    answers = {}
    cells = done[COLUMNS].astype(object).where(done[COLUMNS].notna(), None)
    for lead, row in zip(leads_in(deals), cells.itertuples(index=False, name=None), strict=True):
        assert answers.setdefault(lead, row) == row


# What the plan calls ready the emulator accepts.

any_text = st.text(st.characters(exclude_categories=()), max_size=12)
digits = st.text("0123456789", min_size=1, max_size=13)

odd_cells = st.one_of(
    st.sampled_from([None, math.nan, math.inf, pd.NA, pd.NaT, "", " ", "\u00a0", "нет", "-", True, False, 0, -1]),
    st.sampled_from([b"7916", Decimal(79165551122), dt.timedelta(hours=2), 1 << 63, 1e300, [], {}, ("a", 1), {"x"}]),
    any_text,
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.lists(any_text, max_size=2),
)


def mostly(likely):
    """Three cells of four as they should be or nearly so, or else most rows would have no rule at all."""
    return st.integers(0, 3).flatmap(lambda number: likely if number else odd_cells)


texts = st.one_of(
    any_text,
    st.sampled_from(
        ["Новый: Анна", "👩‍👩‍👧 звонок", "\x00\x07", "\ud800", "а\ud83d", "\u200b", "\u2028", "\r\n", "{x}"]
    ),
    st.sampled_from(["я" * 10_000, "z" * 10_001]),
)
mobiles = st.integers(0, 9_999_999).map("916{:07}".format)
phone_shapes = st.sampled_from(
    ["8{}", "+7{}", "7{}", "{}", "'8{}", "8 ({}", "{} доб. 12", "7{}.0", "тел. {}", '="8{}"', "8{0}; +375{0}", "٧{}"]
)
phones = st.one_of(
    st.builds(lambda shape, number: shape.format(number), phone_shapes, st.one_of(mobiles, digits)),
    st.sampled_from([89165551122, 79165551122.0, "7.9165551122E+10", "8-916-555-11-22" * 99]),
    st.sampled_from([["89165551122", "+7 916 555 11 23"], "375 29 123-45-67", "+44 20 7946 0958"]),
)
emails = st.one_of(
    st.sampled_from(["a@b.c", "a@b", "ivan@почта.рф", "a b@c.d", "a@b.c, d@e.f", "x@y..z", "@", "a@@b.c", "<a@b.c>"]),
    st.builds("{}@{}".format, any_text, st.sampled_from(["b.c", "mail.ru", "b.c\u00a0", "b.\u200bc"])),
)
moments = st.one_of(
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2027, 1, 1)),  # noqa: DTZ001  naive dates are data here
    st.datetimes(),
)
day_first = ["%d-%m-%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y", "%d.%m.%Y"]
date_shapes = st.sampled_from([*day_first, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S+03:00", "%m/%d/%Y"])
dates = st.one_of(
    st.builds(lambda moment, shape: moment.strftime(shape), moments, date_shapes),
    moments,
    moments.map(lambda moment: moment.date()),
    moments.map(lambda moment: moment.replace(tzinfo=dt.UTC)),
    st.sampled_from([pd.Timestamp("2026-03-01 12:00"), pd.Timestamp.max, np.datetime64("2026-03-01")]),
    st.sampled_from([45_000.5, "31.02.2026", "01.03.2026"]),
)

CELLS = {
    "number": odd_cells,
    "form": mostly(digits),
    "phone": mostly(phones),
    "phone_2": mostly(phones),
    "email": mostly(emails),
    "created": mostly(dates),
    "depth": mostly(st.sampled_from([1, 525_600, 525_601, 0, "2h", "7d", "90m", 60.0, 0.5, dt.timedelta(hours=3)])),
    "match": mostly(st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead", "latest"])),
    "tags": mostly(st.sampled_from(["VIP", "VIP, новый", "a;b;c", ["x", "y"], [""], ["x", None], "и"])),
    "logic": mostly(st.sampled_from(["and", "or", "xor"])),
    "note": mostly(texts),
}


@st.composite
def messy_deals(draw):
    rows = draw(st.integers(1, 5))
    columns = {name: draw(st.lists(cells, min_size=rows, max_size=rows)) for name, cells in CELLS.items()}
    return pd.DataFrame({name: series_of(cells) for name, cells in columns.items()})


def series_of(cells):
    column = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        column[row] = cell
    return pd.Series(column, dtype=object)


tags = {
    "tags": st.sampled_from([None, "VIP", ["a", "b"], col("tags")]),
    "tags_logic": st.sampled_from(["and", "or", col("logic")]),
}
search = {
    **tags,
    "match": st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead", col("match")]),
    "depth": st.sampled_from([1, "2h", 525_600, dt.timedelta(days=7), col("depth")]),
}
ids = st.sampled_from(["number", "form", "phone", "note"])
numbers = st.sampled_from([["phone"], ["phone", "phone_2"], ["phone_2", "form", "number"]])
addresses = st.sampled_from([["email"], ["email", "note"]])
rules = st.one_of(
    st.builds(Call, ids, **tags),
    st.builds(Request, ids, **tags),
    st.builds(CallContact, numbers, st.just("created"), **search),
    st.builds(RequestContact, st.just("created"), phones=numbers, **search),
    st.builds(RequestContact, st.just("created"), emails=addresses, **search),
    st.builds(RequestContact, st.just("created"), phones=numbers, emails=addresses, **search),
)
rule_lists = st.one_of(st.lists(rules, min_size=1, max_size=4), st.lists(rules, min_size=19, max_size=20))
comments = st.sampled_from([col("note"), "{note}", "{note} {phone}", "сделка {number}", "звонок"])
keys = st.sampled_from([None, "number", "note"])


@messy_frames
@given(messy_deals(), rule_lists, comments, keys)
def test_what_the_plan_calls_ready_is_accepted_without_a_violation(deals, listed, text, key):
    with Emulator(CALLS, rate=None) as vendor:
        planned = ctnb.plan(deals, listed, text, key=key, connection=vendor.connection)
        done = ctnb.comment(deals, listed, text, key=key, connection=vendor.connection, progress=False)
        posts = vendor.posts
    assert posts["status"].tolist() == [200] * planned.requests
    assert posts["leads"].sum() == len(planned.sent)
    assert not (done["ct_error_code"] == "violation").any()
    answered = done["ct_status"].isin(["commented", "unmatched"])
    assert answered.tolist() == (planned.frame["status"] == "ready").tolist()
    # A bad row is data with a reason.
    assert done.loc[~answered, ["ct_error", "ct_error_code"]].notna().all(axis=None)


# What is called exact is what happened.

few_ids = st.sampled_from(["11", "12", "13", "form-1", "sip-2", 11, 12, None])
few_phones = st.sampled_from(["+7 916 555 11 01", "8 916 555 11 02", "8 916 555 11 01, 8 916 555 11 03", None])
small_rules = st.one_of(
    st.builds(Call, st.sampled_from(["id", "id_2"]), tags=st.sampled_from([None, "VIP"])),
    st.builds(Request, st.sampled_from(["id", "id_2"]), tags=st.sampled_from([None, "VIP"])),
    st.builds(
        CallContact,
        st.sampled_from(["phone", "phone_2"]),
        st.just("created"),
        depth=st.sampled_from(["1h", "7d"]),
        match=st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead"]),
        tags=st.sampled_from([None, "VIP"]),
    ),
    st.builds(
        RequestContact,
        st.just("created"),
        phones=st.sampled_from(["phone", "phone_2"]),
        depth=st.sampled_from(["1h", "7d"]),
        match=st.sampled_from(["nearest", "nearestUniq"]),
    ),
)
small_rows = st.fixed_dictionaries({"id": few_ids, "id_2": few_ids, "phone": few_phones, "phone_2": few_phones})
small_journal = st.lists(
    st.fixed_dictionaries(
        {
            "phone": st.sampled_from(["79165551101", "79165551102", "79165551103", ""]),
            "date": st.sampled_from(["01-03-2026 11:50:00", "01-03-2026 12:20:00", "03-03-2026 12:00:00"]),
            "unique": st.sampled_from(["true", "false"]),
            "tags": st.sampled_from(["", "VIP"]),
        }
    ),
    min_size=1,
    max_size=4,
)


def small_calls(leads):
    return pd.DataFrame(
        {
            "callId": range(11, 11 + len(leads)),
            "callReferenceId": "",
            "sipCallId": [f"sip-{number}" for number, _ in enumerate(leads, start=1)],
            "callerNumber": [lead["phone"] for lead in leads],
            "date": [lead["date"] for lead in leads],
            "uniqueCall": [lead["unique"] for lead in leads],
            "callTags": [lead["tags"] for lead in leads],
        }
    )


def small_requests(leads):
    return pd.DataFrame(
        {
            "requestId": range(11, 11 + len(leads)),
            "requestNumber": [f"form-{number}" for number, _ in enumerate(leads, start=1)],
            "phoneNumber": [lead["phone"] for lead in leads],
            "date": [lead["date"] for lead in leads],
            "uniqueRequest": [lead["unique"] for lead in leads],
            "tags": [lead["tags"] for lead in leads],
        }
    )


@messy_frames
@given(
    small_journal,
    small_journal,
    st.lists(small_rows, min_size=1, max_size=8),
    st.lists(small_rules, min_size=1, max_size=5),
)
def test_what_is_called_exact_is_what_the_emulator_did(calls, requests, rows, listed):
    deals = (
        pd.DataFrame(rows)
        .astype(object)
        .assign(created="01.03.2026 12:00", note=[f"row {n}" for n in range(len(rows))])
    )
    with Emulator(small_calls(calls), small_requests(requests), rate=None) as vendor:
        planned = ctnb.plan(deals, listed, "{note}")
        done = ctnb.comment(deals, listed, "{note}", connection=vendor.connection, progress=False)
        applied = vendor.comments.set_index("comment")
    assert Counter(done["ct_status"])["commented"] == len(applied)
    for place, row in enumerate(done.itertuples()):
        if row.ct_status != "commented":
            continue
        truth = applied.loc[row.note]
        # The emulator counts within the lead's own matching; a rule without data in the row is not there.
        offered = [offer.rank for offer in planned.offers if offer.present[place]]
        if row.ct_attribution in {"exact", "inferred"}:
            assert row.ct_matched_by == truth["matched_by"]
        if row.ct_attribution == "exact":
            assert row.ct_rule == offered[truth["rule"] - 1]
