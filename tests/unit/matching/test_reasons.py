"""Why a rule does not match: each outcome by the smallest example that has it."""

import datetime as dt

import pandas as pd
import pytest
from preview_agreement import planned, previewed
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

from ctnb.matching.index import index_journals
from ctnb.matching.preview import build_preview
from ctnb.matching.tables import JournalTables

MAY = {"since": dt.date(2026, 5, 1), "until": dt.date(2026, 5, 31)}


def reason(rules, calls=None, requests=None, deal=None, *, look_back_only=False, **days):
    """Outcome, lead and minutes of the last rule for one deal, in journals that cover May."""
    deals = deals_of(deal or {})
    tables = JournalTables(calls, requests, "Europe/Moscow", **(days or MAY))
    preview = build_preview(planned(deals, rules), deals, index_journals(tables), look_back_only=look_back_only)
    *_, last = preview.reasons.itertuples(index=False)
    return last.outcome, *(None if pd.isna(cell) else cell for cell in (last.lead, last.minutes))


def test_nothing_of_the_rows_is_offered():
    assert reason([by_request(), BY_CALL_ID], calls_of({}), requests_of({})) == ("not_offered", None, None)


def test_an_invalid_row_offers_nothing():
    assert reason([by_call()], calls_of({}), deal={"note": "  "}) == ("not_offered", None, None)


def test_a_match_is_told_with_its_lead():
    assert reason([by_call()], calls_of({"date": at("11:30")})) == ("would_match", "11", -30.0)


def test_a_match_behind_another_is_shadowed():
    assert reason([by_request(), by_call()], calls_of({}), requests_of({})) == ("shadowed", "11", 0.0)


def test_no_lead_of_the_kind_has_the_contact():
    assert reason([by_call()], calls_of({"callerNumber": OTHER})) == ("unknown_contact", None, None)
    assert reason([by_call()], calls_of({"date": None})) == ("unknown_contact", None, None)
    assert reason([by_call()], calls_of(), requests_of({})) == ("unknown_contact", None, None)


def test_no_lead_has_the_id():
    assert reason([BY_CALL_ID], calls_of({}), deal={"id": "99"}) == ("unknown_id", None, None)


def test_the_nearest_lead_is_beyond_the_depth():
    calls = calls_of({"date": at("14:00")}, {"date": at("09:00")})
    assert reason([by_call()], calls) == ("too_far", "11", 120.0)
    assert reason([by_call()], calls, look_back_only=True) == ("too_far", "12", -180.0)


def test_a_later_lead_is_too_far_where_only_earlier_ones_are_taken():
    assert reason([by_call()], calls_of({"date": at("12:05")}), look_back_only=True) == ("too_far", "11", 5.0)


@pytest.mark.parametrize("match", ["nearestUniq", "nearestUniqLead"])
def test_a_lead_that_is_near_enough_is_not_unique(match):
    calls = calls_of({"uniqueCall": False}, {"date": at("15:00")})
    requests = requests_of({"date": at("10:00")})
    assert reason([by_call(match=match)], calls, requests) == ("not_unique", "11", 0.0)


def test_a_unique_lead_that_is_too_far_asks_for_more_depth():
    calls = calls_of({"uniqueCall": False, "date": at("14:00")}, {"date": at("15:00")})
    assert reason([by_call(match="nearestUniq")], calls) == ("too_far", "12", 180.0)


def test_more_depth_alone_finds_nothing_where_no_lead_is_unique():
    calls = calls_of({"uniqueCall": False, "date": at("14:00")})
    assert reason([by_call(match="nearestUniq")], calls) == ("not_unique", "11", 120.0)


def test_the_lead_found_lacks_the_tags():
    assert reason([by_call(tags="VIP")], calls_of({"date": at("12:10")})) == ("tags", "11", 10.0)
    assert reason([by_call(), BY_CALL_ID], calls_of({}), deal={"id": 11, "phone": None})[0] == "would_match"
    by_id = type(BY_CALL_ID)("id", tags="VIP")
    assert reason([by_id], calls_of({}), deal={"id": 11}) == ("tags", "11", None)


def test_a_window_that_the_journal_does_not_cover_decides_nothing():
    early = {"created": "01-05-2026 00:30:00"}
    assert reason([by_call()], calls_of({}), deal=early) == ("outside_journal", "11", pytest.approx(19_410.0))
    assert reason([by_call(depth=30)], calls_of({}), deal=early)[0] == "too_far"
    late = {"created": "31-05-2026 23:30:00"}
    assert reason([by_call()], calls_of({}), deal=late)[0] == "outside_journal"
    assert reason([by_call()], calls_of({}), deal=late, look_back_only=True)[0] == "too_far"


def test_a_match_counts_though_its_window_is_not_covered():
    early = {"created": "01-05-2026 00:30:00"}
    assert reason([by_call()], calls_of({"date": "01-05-2026 00:40:00"}), deal=early)[0] == "would_match"


def test_an_id_that_is_not_found_may_be_outside_the_journal():
    rules = [by_call(), BY_CALL_ID]
    assert reason(rules, calls_of({}), deal={"id": "99", "created": "01-06-2026 00:00:00"})[0] == "outside_journal"
    assert reason(rules, calls_of({}), deal={"id": "99"})[0] == "unknown_id"


def test_a_journal_that_was_not_read_covers_no_day():
    assert reason([by_request()], calls_of({}))[0] == "outside_journal"
    assert reason([BY_REQUEST_ID], calls_of({}), deal={"id": "99"})[0] == "outside_journal"


def test_an_empty_journal_of_some_days_covers_them():
    assert reason([by_call()], calls_of())[0] == "unknown_contact"


def test_a_journal_covers_the_days_of_its_leads_unless_it_says_more():
    calls = calls_of({"callerNumber": OTHER}, {"callerNumber": OTHER, "date": "16-05-2026 01:00:00"})
    for created, outcome in {
        "14-05-2026 01:00:00": "unknown_contact",
        "14-05-2026 00:59:59": "outside_journal",
        "16-05-2026 22:59:59": "unknown_contact",
        "16-05-2026 23:00:00": "outside_journal",
    }.items():
        preview = previewed(deals_of({"created": created}), [by_call()], calls, None)
        assert preview.reasons["outcome"].tolist() == [outcome], created


def test_the_nearer_of_phone_and_email_is_shown():
    requests = requests_of({"date": at("18:00")}, {"phoneNumber": "", "email": "a@mail.ru", "date": at("15:00")})
    rule = by_request(emails="email")
    assert reason([rule], None, requests, {"email": "a@mail.ru"}) == ("too_far", "52", 180.0)
    assert reason([rule], None, requests) == ("too_far", "51", 360.0)


def test_contacts_of_a_row_are_looked_for_together():
    calls = calls_of({"callerNumber": OTHER, "date": at("15:00")})
    assert reason([by_call()], calls, deal={"phone": f"{PHONE}, {OTHER}"}) == ("too_far", "11", 180.0)
