"""Rows whose answer hangs on what the vendor does not say."""

import datetime as dt

import pandas as pd
import pytest
from preview_agreement import planned
from preview_frames import (
    BY_CALL_ID,
    BY_REQUEST_ID,
    OTHER,
    PHONE,
    at,
    by_call,
    by_request,
    calls_of,
    deals_of,
    requests_of,
)

from ctnb import CallContact
from ctnb.matching.index import index_journals
from ctnb.matching.preview import build_preview
from ctnb.matching.tables import JournalTables

YEARS = {"since": dt.date(2025, 1, 1), "until": dt.date(2027, 12, 31)}


def undecided(rules, calls=None, requests=None, *deals, look_back_only=False, **days):
    """The rules and reasons of all deals, in journals that cover them."""
    deals = deals_of(*(deals or [{}]))
    none = calls_of(), requests_of()
    tables = JournalTables(
        *(empty if given is None else given for given, empty in zip((calls, requests), none, strict=True)),
        "Europe/Moscow",
        **(days or YEARS),
    )
    preview = build_preview(planned(deals, rules), deals, index_journals(tables), look_back_only=look_back_only)
    found = preview.undecided()
    return list(zip(found.index, found["rule"], found["reason"], strict=True))


def test_a_row_with_one_lead_before_it_is_decided():
    assert undecided([by_call()], calls_of({"date": at("11:50")})) == []


def test_a_later_lead_hangs_on_whether_the_vendor_looks_forward():
    later = calls_of({"date": at("12:10")})
    assert undecided([by_call()], later) == [(0, 1, "looks_forward")]
    assert undecided([by_call()], later, look_back_only=True) == [(0, 1, "looks_forward")]


def test_the_rule_named_is_the_first_that_finds_another_lead():
    calls, requests = calls_of({"date": at("12:10")}), requests_of({"date": at("11:50")})
    assert undecided([BY_REQUEST_ID, by_call(), by_request()], calls, requests) == [(0, 2, "looks_forward")]
    assert undecided([by_request(), by_call()], calls, requests) == []


@pytest.mark.parametrize(
    ("calls", "requests", "hangs"),
    [
        # Flagged, and the first: every meaning takes it.
        (calls_of({"date": at("11:50")}), None, False),
        # Flagged, and a request was before.
        (calls_of({"date": at("11:50")}), requests_of({"date": at("11:00")}), True),
        # The first, and not flagged.
        (calls_of({"date": at("11:50"), "uniqueCall": False}), None, True),
        # Neither.
        (calls_of({"date": at("11:50"), "uniqueCall": False}), requests_of({"date": at("11:00")}), False),
    ],
)
def test_what_nearest_uniq_lead_means_decides(calls, requests, hangs):
    expected = [(0, 1, "unique_lead")] if hangs else []
    assert undecided([by_call(match="nearestUniqLead")], calls, requests) == expected
    assert undecided([by_call(match="nearestUniq")], calls, requests) == []


def test_a_tagged_lead_behind_one_without_tags_hangs_on_when_tags_are_looked_at():
    calls = calls_of({"date": at("11:50")}, {"date": at("11:30"), "callTags": "VIP"})
    assert undecided([by_call(tags="VIP")], calls) == [(0, 1, "tags")]
    assert undecided([by_call(tags="VIP", depth=20)], calls) == []
    assert undecided([by_call(tags="other")], calls) == []
    # An earlier rule takes the comment whatever the answer.
    assert undecided([by_call(), by_call(tags="VIP")], calls) == []


def test_a_tagged_email_behind_a_phone_without_tags_hangs_on_it_too():
    requests = requests_of(
        {"date": at("11:50")}, {"phoneNumber": "", "email": "a@mail.ru", "date": at("11:30"), "tags": "VIP"}
    )
    rule = by_request(emails="email", tags="VIP")
    assert undecided([rule], None, requests, {"email": "a@mail.ru"}) == [(0, 1, "tags")]


def test_a_text_id_of_several_leads_hangs_on_which_is_meant():
    calls = calls_of({"sipCallId": "sip"}, {"sipCallId": "sip"})
    assert undecided([BY_CALL_ID], calls, None, {"id": "sip", "phone": None}) == [(0, 1, "shared_id")]
    assert undecided([BY_CALL_ID], calls, None, {"id": "11", "phone": None}) == []


@pytest.mark.parametrize(
    "leads",
    [
        [{"date": at("11:50")}, {"date": at("11:50")}],
        [{"date": at("11:50")}, {"date": at("11:50"), "callerNumber": OTHER}],
    ],
)
def test_leads_of_one_moment_hang_on_which_is_taken(leads):
    rule = CallContact(["phone", "phone_2"], "created", depth=60)
    assert undecided([rule], calls_of(*leads), None, {"phone_2": OTHER}) == [(0, 1, "one_moment")]


def test_leads_as_near_on_both_sides_hang_on_which_is_taken():
    calls = calls_of({"date": at("11:50")}, {"date": at("12:10")})
    assert undecided([by_call()], calls) == [(0, 1, "one_moment")]
    assert undecided([by_call()], calls, look_back_only=True) == []


def test_one_call_that_stands_twice_in_the_journal_is_no_choice():
    assert undecided([by_call()], calls_of({"date": at("11:50")}, {"callId": 11, "date": at("11:50")})) == []


def test_a_tagged_lead_as_near_as_one_without_tags_hangs_on_both():
    calls = calls_of({"date": at("11:50")}, {"date": at("11:50"), "callTags": "VIP"})
    assert undecided([by_call(tags="VIP")], calls) == [(0, 1, "tags"), (0, 1, "one_moment")]


def test_days_that_the_journal_does_not_cover_may_hold_a_nearer_lead():
    may = {"since": dt.date(2026, 5, 14), "until": dt.date(2026, 5, 14)}
    near_midnight = {"created": at("00:10")}
    calls = calls_of({"date": at("00:30"), "callerNumber": OTHER}, {"date": at("00:05")})
    assert undecided([by_call()], calls, None, near_midnight, **may) == []
    outside = [(0, 1, "outside_journal")]
    assert (
        undecided([by_call(depth=60)], calls, None, {"created": at("00:10"), "phone": "79160000000"}, **may) == outside
    )
    farther = calls_of({"date": at("00:05")})
    assert undecided([by_call()], farther, None, {"created": "13-05-2026 23:50:00"}, **may)[-1] == outside[0]
    # The rule that takes the comment comes first.
    assert undecided([by_call(), by_request(depth="1d")], calls, None, near_midnight, **may) == []


def test_rows_of_one_comment_are_all_named_under_the_deals_index():
    deals = deals_of({}, {}).assign(note="same text").set_index(pd.Index(["a", "b"], name="deal"))
    tables = JournalTables(calls_of({"date": at("12:10")}), None, "Europe/Moscow", **YEARS)
    found = build_preview(planned(deals, [by_call()]), deals, index_journals(tables)).undecided()
    assert found.index.tolist() == ["a", "b"]
    assert found.index.name == "deal"
    assert PHONE not in str(found)
