"""The emulator's journal methods: the vendor's form of calls and requests, its dates, its pages, its refusals."""

import pandas as pd
import pytest

from ctnb.emulator.journal_methods import JournalMethods
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor

TOKEN = "canary-5f0e1c"
CALLS = pd.DataFrame(
    {
        "callId": [101, 102, 103],
        "callReferenceId": ["r-1", None, None],
        "callerNumber": "8 (915) 777-11-22",
        "date": ["01-03-2026 09:05:00", "01-03-2026 23:59:59", "02-03-2026 00:00:00"],
        "uniqueCall": [True, False, False],
        "targetCall": [True, True, False],
        "callTags": ["VIP, Москва", None, None],
        "comments": [[{"commentId": 7, "comment": "by hand", "partyName": "Анна"}], None, None],
    }
)
REQUESTS = pd.DataFrame(
    {
        "requestId": [55, 56],
        "requestNumber": [None, "form-2"],
        "date": ["01-03-2026 12:00:00", "01-03-2026 12:00:01"],
        "phoneNumber": ["79157771122, 79261112233", None],
        "email": [None, "a@b.ru; c@d.ru"],
        "tags": ["Форма", None],
    }
)
DAY = {"clientApiId": TOKEN, "siteId": "4242", "dateFrom": "01/03/2026", "dateTo": "01/03/2026"}
OF_REQUESTS = DAY | {"dateFrom": "03/01/2026", "dateTo": "03/01/2026"}


@pytest.fixture
def vendor():
    return Vendor(Journals(CALLS, REQUESTS), token=TOKEN, site_id=4242)


@pytest.fixture
def methods(vendor):
    return JournalMethods(vendor)


def calls(methods, **query):
    return methods.calls("4242", DAY | query)


def test_one_day_of_calls_without_a_page_is_an_array(methods):
    status, records = calls(methods, withCallTags="true", withComments="true")
    assert status == 200
    assert [record["callId"] for record in records] == [101, 102]
    first = records[0]
    assert (first["date"], first["timestamp"]) == ("01/03/2026 09:05:00", 1772345100)
    assert (first["callerNumber"], first["phoneNumber"]) == ("79157771122", "74950000000")
    assert (first["uniqueCall"], first["targetCall"], first["uniqTargetCall"]) == (True, True, False)
    assert first["callTags"] == [{"category": "", "type": "MANUAL", "names": ["VIP", "Москва"]}]
    assert [(comment["commentId"], comment["comment"]) for comment in first["comments"]] == [(7, "by hand")]


def test_tags_and_comments_of_calls_come_only_when_asked_for(methods):
    _, records = calls(methods)
    assert (records[0]["callTags"], records[0]["comments"]) == (None, None)


def test_calls_come_in_pages(methods):
    period = {"dateTo": "02/03/2026", "limit": "2"}
    status, page = calls(methods, **period, page="1")
    assert (status, page["pageTotal"], page["recordsTotal"], page["pageSize"]) == (200, 2, 3, 2)
    assert [record["callId"] for record in page["records"]] == [101, 102]
    assert [record["callId"] for record in calls(methods, **period, page="2")[1]["records"]] == [103]
    assert calls(methods, **period, page="3")[1]["records"] == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"dateTo": "02/03/2026"}, "Without page only one day"),
        ({"dateFrom": "2026-03-01"}, "dateFrom: expected dd/mm/yyyy"),
        ({"dateFrom": "31/02/2026"}, "dateFrom: expected dd/mm/yyyy"),
        ({"dateTo": "01/02/2026"}, "dateTo is before dateFrom"),
        ({"dateTo": "01/06/2026", "page": "1"}, "At most 3 months"),
        ({"page": "0"}, "page: expected"),
        ({"page": "1", "limit": "1001"}, "limit: expected"),
        ({"timeFrom": "9:00"}, "timeFrom: expected hh:mm:ss"),
    ],
)
def test_a_wrong_query_is_refused(methods, query, says):
    status, answer = calls(methods, **query)
    assert status == 400
    assert answer["message"].startswith(says)


def test_three_months_are_allowed(methods):
    assert calls(methods, dateTo="31/05/2026", page="1")[0] == 200


def test_a_day_of_requests_is_an_array_with_months_first(methods):
    status, records = methods.requests(OF_REQUESTS | {"withRequestTags": "true"})
    assert status == 200
    first, second = records
    assert (first["requestId"], first["requestNumber"], second["requestNumber"]) == (55, "55", "form-2")
    assert (first["date"], first["dateStr"]) == (1772355600000, "01/03/2026 12:00:00")
    assert [phone["phoneNumber"] for phone in first["client"]["phones"]] == ["79157771122", "79261112233"]
    assert [contact["contactValue"] for contact in second["client"]["contacts"]] == ["a@b.ru", "c@d.ru"]
    assert first["RequestTags"][0]["names"] == ["Форма"]
    assert "RequestTags" not in methods.requests(OF_REQUESTS)[1][0]


def test_times_narrow_a_day(methods):
    for times, ids in (
        ({"timeTo": "12:00:00"}, [55]),
        ({"timeFrom": "12:00:01"}, [56]),
        ({"timeFrom": "12:00:00", "timeTo": "12:00:01"}, [55, 56]),
    ):
        assert [record["requestId"] for record in methods.requests(OF_REQUESTS | times)[1]] == ids


def test_another_token_and_another_site_are_turned_away(methods):
    assert calls(methods, clientApiId="other")[0] == 401
    assert methods.calls("7", DAY)[0] == 403
    assert methods.requests(OF_REQUESTS | {"siteId": "7"})[0] == 403


def test_comments_that_were_posted_are_there_with_growing_ids(vendor, methods):
    for text in ("one", "two"):
        lead = {"addComment": text, "matching": [{"type": "call", "callParams": {"callId": 101}}]}
        vendor.carry_out([lead])
    vendor.carry_out([{"addComment": "three", "matching": [{"type": "request", "requestParams": {"requestId": 55}}]}])
    comments = calls(methods, withComments="true")[1][0]["comments"]
    assert [(comment["commentId"], comment["comment"]) for comment in comments] == [
        (7, "by hand"),
        (8, "one"),
        (9, "two"),
    ]
    assert [comment["partyName"] for comment in comments] == ["Анна", None, None]
    assert [comment["commentId"] for comment in methods.requests(OF_REQUESTS)[1][0]["comments"]] == [10]
