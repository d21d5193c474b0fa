"""Leads that would take the comments of several deals."""

from preview_agreement import previewed
from preview_frames import BY_CALL_ID, OTHER, by_call, by_request, calls_of, deals_of, requests_of


def collisions(deals, rules, *journals, **options):
    return previewed(deals, rules, *journals, **options).collisions()


def test_a_lead_that_takes_several_comments_is_named_the_most_first():
    calls, requests = calls_of({}), requests_of({"phoneNumber": OTHER})
    deals = deals_of({}, {}, {"phone": OTHER}, {"phone": OTHER}, {"phone": OTHER}, {"phone": None})
    found = collisions(deals, [by_call(), by_request()], calls, requests)
    assert found.values.tolist() == [["requests", "51", 3, 3], ["calls", "11", 2, 2]]
    assert list(found.columns) == ["journal", "lead", "comments", "rows"]


def test_a_lead_with_one_comment_is_none_however_many_rows_share_it():
    deals = deals_of({}, {}).assign(key="one", note="same text")
    assert len(collisions(deals, [by_call()], calls_of({}), None, key="key")) == 0


def test_rows_of_the_journal_with_one_id_are_one_lead():
    calls = calls_of({}, {"callId": 11, "callerNumber": OTHER})
    found = collisions(deals_of({}, {"phone": OTHER}, {"id": 11}), [BY_CALL_ID, by_call()], calls, None)
    assert found.values.tolist() == [["calls", "11", 3, 3]]
