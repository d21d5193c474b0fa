"""The table of the delivery protocol: what an exchange means for its batch."""

import datetime as dt
import email.utils
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.client import Answer, Lost
from ctnb.delivery.verdict import (
    SHORTEST_PAUSE,
    Answered,
    RateLimited,
    RequestRefused,
    Uncertain,
    ValidationFailed,
    judge,
    pause_of,
)
from ctnb.outcomes import Reason

NOW = dt.datetime(2020, 10, 1, 12, tzinfo=dt.UTC)
PAGE = b"<html>nginx</html>"


def done(leads):
    return json.dumps({"data": {"comments": [{"commented": True}] * leads}}).encode()


def violations(*paths):
    listed = [{"fieldPath": path, "message": "wrong"} for path in paths]
    return json.dumps({"data": {"validationErrorData": {"violations": listed}}}).encode()


def verdict(status, body=b"", leads=3, retry_after=None):
    return judge(Answer(status, body, retry_after), leads, NOW)


@pytest.mark.parametrize("status", [200, 201, 400, 403])
def test_an_answer_to_each_lead_counts_whatever_the_status(status):
    found = verdict(status, done(3))

    assert isinstance(found, Answered)
    assert len(found.items) == 3


@pytest.mark.parametrize("count", [0, 2, 4, 100])
def test_another_number_of_answers_is_doubtful(count):
    found = verdict(200, done(count))

    assert (type(found), found.reason, found.stops) == (Uncertain, Reason.WRONG_COUNT, False)
    assert str(count) in found.message


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_is_doubtful_and_stops(status):
    found = verdict(status, done(3))

    assert (type(found), found.reason, found.stops) == (Uncertain, Reason.REDIRECTED, True)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 599])
@pytest.mark.parametrize("body", [b"", PAGE, done(3), violations("comments[0]")])
def test_a_server_that_failed_may_have_applied_it_whatever_it_says(status, body):
    found = verdict(status, body, retry_after="1")

    assert (type(found), found.reason, found.stops) == (Uncertain, Reason.SERVER_ERROR, False)


@pytest.mark.parametrize("status", [404, 405, 413, 415])
def test_no_such_endpoint_stops_and_rejects_nothing(status):
    found = verdict(status, PAGE)

    assert (type(found), found.reason, found.rejected) == (RequestRefused, Reason.WRONG_ADDRESS, False)


@pytest.mark.parametrize("body", [b"", PAGE, done(3)])
def test_too_many_requests_turns_away(body):
    assert verdict(429, body, retry_after="7") == RateLimited(7.0)


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "Access token не найден"}, Reason.TOKEN_REFUSED),
        ({"meta": [], "data": {"message": "Ошибка доступа"}}, Reason.ACCESS_DENIED),
    ],
)
def test_a_refused_token_or_account_rejects(status, body, reason):
    found = verdict(status, json.dumps(body).encode())

    assert (type(found), found.reason, found.rejected) == (RequestRefused, reason, True)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 418])
@pytest.mark.parametrize("body", [b"", PAGE, done(3)[:-4], b"{}", b'{"data":{"comments":null}}'])
def test_a_body_that_is_no_answer_is_doubtful(status, body):
    found = verdict(status, body)

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize("reason", [Reason.TIMED_OUT, Reason.CONNECTION_LOST, Reason.UNREADABLE_ANSWER])
def test_a_lost_answer_is_doubtful(reason):
    assert judge(Lost(reason, "what broke"), 3, NOW) == Uncertain(reason, "what broke")


@pytest.mark.parametrize("status", [200, 400, 422])
def test_violations_name_their_leads(status):
    found = verdict(status, violations("comments[0].addComment", "comments[2].matching[0]"))

    assert found == ValidationFailed({0: "addComment: wrong", 2: "matching[0]: wrong"}, "no reason given")


def test_several_violations_of_one_lead_are_joined_and_stand_once():
    found = verdict(400, violations("comments[1].b", "comments[1].a", "comments[1].b", "comments[1]"))

    assert found.faults == {1: "b: wrong; a: wrong; wrong"}


@pytest.mark.parametrize("path", ["comments", "", "comments[3].x", "comments[99]", "comments[-1].x", "comments[1.x"])
def test_a_violation_that_names_no_lead_of_the_request_names_none(path):
    found = verdict(400, violations(path))

    assert found.faults == {}
    assert "wrong" in found.message


def test_an_index_that_is_out_of_range_does_not_hide_one_that_is_not():
    found = verdict(400, violations("comments[7].x", "comments[0].x"))

    assert found.faults == {0: "x: wrong"}


def test_a_refusal_without_violations_names_no_lead():
    assert verdict(400, violations()) == ValidationFailed({}, "no reason given")


def http_date(seconds):
    return email.utils.format_datetime(NOW + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("3", 3.0),
        (" 3 ", 3.0),
        ("2.5", 2.5),
        ("1000000", 1_000_000.0),
        (http_date(30), 30.0),
        (http_date(86_400), 86_400.0),
    ],
)
def test_a_pause_is_as_long_as_asked(retry_after, seconds):
    assert pause_of(retry_after, NOW) == seconds


RUBBISH = [
    None,
    "",
    "  ",
    "0",
    "1",
    "-5",
    "+5",
    "1e3",
    "0x10",
    "soon",
    "inf",
    "nan",
    "٣",
    "5 seconds",
    "Thu, 01 Oct 2020 11:59:00 GMT",
    "Thu, 01 Oct 2020 12:00:30 -0000",
    "Thu, 99 Oct 2020 12:00:30 GMT",
    "Thu, 01 Oct 99999 12:00:30 GMT",
    "Thu, 01 Oct 2020 12:00:30 +99999999999999999999",
]


@pytest.mark.parametrize("retry_after", RUBBISH)
def test_rubbish_and_the_past_read_as_the_shortest_pause(retry_after):
    assert pause_of(retry_after, NOW) == SHORTEST_PAUSE


@pytest.mark.parametrize("retry_after", ["9999999999", "9" * 400, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_huge_pause_is_long_and_finite(retry_after):
    assert 60 < pause_of(retry_after, NOW) <= 1e9


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [+-]\d+"))
def test_no_header_makes_a_pause_fail(retry_after):
    assert SHORTEST_PAUSE <= pause_of(retry_after, NOW) <= 1e9
