"""The tables of the contract and of the delivery protocol: what an exchange means for its batch."""

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
    data = {"type": "validationError", "apiErrorData": None, "validationErrorData": {"violations": listed}}
    return json.dumps({"meta": [], "data": data}).encode()


def api_error(code=10003, **beside):
    error = {"errorCode": code, "errorMessage": "Лимит исчерпан"}
    return {"meta": [], "data": {"type": "apiError", "apiErrorData": error, "validationErrorData": None, **beside}}


def verdict(status, body=b"", leads=3, retry_after=None):
    return judge(Answer(status, body, retry_after), leads, NOW)


def test_as_many_answers_as_leads_are_trusted():
    found = verdict(200, done(3))

    assert isinstance(found, Answered)
    assert len(found.items) == 3


@pytest.mark.parametrize("status", [201, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429])
@pytest.mark.parametrize("count", [0, 2, 3])
def test_answers_under_a_status_that_is_not_theirs_are_doubtful(status, count):
    found = verdict(status, done(count), retry_after="1")

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


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


NO_ANSWERS = [
    b"",
    PAGE,
    b"{}",
    b"[]",
    b'{"message": "Not here"}',
    b'<script>"comments": 1</script>',
    b'{"a": "comments"}',
]
MAYBE_ANSWERS = [
    done(3),
    done(1),
    done(3)[:-5],
    b'{"comments": []}',
    b'{"data": {"comments": null}}',
    b'{"data": {"items": {"comments": 3}}}',
    b'[{"comments": []}]',
    b'{"data": {"comments": []}, "data": {}}',
    b'{"data": {"\\u0063omments": 5}}',
    b'{"data": {"\\u0063omments": 5}, "data": {}}',
    b'\n{"data": {"comments": NaN}}',
    b'\xef\xbb\xbf{"data": {"comments": []}}',
    done(3).decode().encode("utf-16"),
]


@pytest.mark.parametrize("status", [404, 405, 413, 415])
@pytest.mark.parametrize("body", NO_ANSWERS)
def test_no_such_endpoint_stops_and_rejects_nothing(status, body):
    found = verdict(status, body)

    assert (type(found), found.reason, found.rejected) == (RequestRefused, Reason.WRONG_ADDRESS, False)


@pytest.mark.parametrize("body", NO_ANSWERS)
def test_too_many_requests_pause(body):
    found = verdict(429, body, retry_after="7")

    assert (type(found), found.seconds) == (RateLimited, 7.0)


def test_too_many_requests_pause_whatever_their_code_and_keep_the_text():
    assert verdict(429, as_json(api_error()), retry_after="7") == RateLimited(7.0, "Лимит исчерпан (code 10003)")


@pytest.mark.parametrize("status", [404, 405, 413, 415, 429])
@pytest.mark.parametrize("body", MAYBE_ANSWERS)
def test_a_status_says_nothing_beside_a_body_that_may_hold_answers(status, body):
    found = verdict(status, body, retry_after="7")

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


def as_json(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


# ---- refusals: status and body ------------------------------------------------------------------

CLIENT_ERRORS = [400, 401, 402, 403, 404, 405, 409, 413, 415, 418, 422, 429, 451, 499]
ANY = [200, 201, 204, 299, *CLIENT_ERRORS]

TOKEN_TEXTS = ["Access token не найден", " access TOKEN НЕ найден. ", "Access token не найден.\n"]
ACCESS_TEXTS = ["Ошибка доступа", "ОШИБКА ДОСТУПА.", "\u00a0ошибка доступа\t"]


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("text", TOKEN_TEXTS)
def test_the_sentence_on_the_token_counts_under_any_status(status, text):
    for body in ({"message": text}, {"message": text, "data": []}, {"message": text, "data": None, "meta": []}):
        assert verdict(status, as_json(body)) == RequestRefused(Reason.TOKEN_REFUSED, text, rejected=True)


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("text", ACCESS_TEXTS)
def test_the_sentence_on_the_account_counts_under_any_status(status, text):
    found = verdict(status, as_json({"meta": [], "data": {"message": text}}))

    assert found == RequestRefused(Reason.ACCESS_DENIED, text, rejected=True)


DOORS = {401: Reason.TOKEN_REFUSED, 403: Reason.ACCESS_DENIED}
RESEMBLING = [
    "Сервис временно недоступен",
    "Database access timeout",
    "Unexpected token <",
    "CSRF token mismatch",
    "Access token не найден в кэше, повторите запрос",
    "Ошибка доступа к базе данных",
    "Ошибка: доступа",
    "Ошибка доступа..",
    "Invalid credentials",
    "access",
    "token",
    "Access token",
]


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("text", RESEMBLING)
def test_a_text_that_only_resembles_a_refusal_counts_at_the_door_alone(status, text):
    for body in ({"message": text}, {"data": {"message": text}}):
        found = verdict(status, as_json(body))

        if status in DOORS:
            assert found == RequestRefused(DOORS[status], text, rejected=True)
        elif status in {404, 405, 413, 415}:
            assert (type(found), found.rejected) == (RequestRefused, False)
        elif status == 429:
            assert found == RateLimited(SHORTEST_PAUSE, text)
        else:
            assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)
            assert text in found.message


@pytest.mark.parametrize("status", [200, 201, 400, 409, 422])
@pytest.mark.parametrize(
    "body",
    [
        {"message": "Ошибка доступа"},
        {"data": {"message": "Access token не найден"}},
        {"error": "Access token не найден"},
        {"meta": {"message": "Access token не найден"}},
        {"data": {"data": {"message": "Ошибка доступа"}}},
        {"message": ["Access token не найден"]},
        ["Access token не найден"],
        "Access token не найден",
    ],
)
def test_a_known_sentence_counts_only_where_the_contract_has_it(status, body):
    found = verdict(status, as_json(body))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        PAGE,
        b'"Forbidden"',
        b'[{"message": "no"}]',
        b"{}",
        {"message": ""},
        {"message": "  "},
        {"message": 5},
        {"message": None, "data": {"message": None}},
        {"error": "Forbidden"},
        {"message": "no", "comments": []},
        {"message": "no", "data": {"comments": []}},
        {"message": "no", "data": {"comments": None}},
        b'{"message": "no", "message": "no"}',
    ],
)
def test_who_is_turned_away_without_a_text_is_in_doubt(status, body):
    found = verdict(status, as_json(body))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize("status", [status for status in CLIENT_ERRORS if status != 429])
@pytest.mark.parametrize("body", [api_error(), api_error("10003"), api_error(type="any"), api_error(message="beside")])
def test_an_error_with_a_code_refuses_under_a_client_error(status, body):
    found = verdict(status, as_json(body))

    assert found == RequestRefused(Reason.REFUSED, "Лимит исчерпан (code 10003)", rejected=True)


@pytest.mark.parametrize("status", [200, 201, 299])
def test_an_error_with_a_code_is_doubtful_under_a_success(status):
    found = verdict(status, as_json(api_error()))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)
    assert "Лимит исчерпан (code 10003)" in found.message


@pytest.mark.parametrize("status", [200, 400, 409, 422])
@pytest.mark.parametrize(
    "data",
    [
        {"apiErrorData": {"errorCode": 5}},
        {"apiErrorData": {"errorMessage": "no"}},
        {"apiErrorData": {"errorCode": True, "errorMessage": "no"}},
        {"apiErrorData": {"errorCode": 5, "errorMessage": None}},
        {"apiErrorData": "no"},
        {"apiErrorData": {"errorCode": 5, "errorMessage": "no"}, "comments": []},
        {"apiErrorData": {"errorCode": 5, "errorMessage": "no"}, "comments": None},
    ],
)
def test_an_error_that_is_not_whole_or_stands_beside_answers_is_doubtful(status, data):
    found = verdict(status, as_json({"data": data}))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


REFUSED_TOO = [
    {"message": "Access token не найден"},
    {"message": "OK"},
    {"apiErrorData": {"errorCode": 5, "errorMessage": "no"}},
    {"data": {"message": "Ошибка доступа"}},
    {"data": {"type": "validationError"}},
    {"data": {"apiErrorData": {"errorCode": 5, "errorMessage": "no"}}},
    {"data": {"validationErrorData": {"violations": []}}},
    {"comments": []},
]


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("refusal", REFUSED_TOO)
def test_answers_and_a_refusal_in_one_are_doubtful(status, refusal):
    answers = json.loads(done(3))["data"]
    found = verdict(status, as_json({**refusal, "data": {**answers, **refusal.get("data", {})}}))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


ANSWERS = done(3).decode()[len('{"data": ') : -1]
TWICE = {
    "data": f'{{"data": {{}}, "data": {ANSWERS}}}',
    "data, the answers first": f'{{"data": {ANSWERS}, "data": {ANSWERS}}}',
    "data, escaped": f'{{"data": {ANSWERS}, "d\\u0061ta": {ANSWERS}}}',
    "comments": f'{{"data": {{"comments": [], {ANSWERS[1:]}}}',
    "comments, the same": f'{{"data": {{{ANSWERS[1:-1]}, {ANSWERS[1:]}}}',
    "comments, escaped": f'{{"data": {{{ANSWERS[1:-1]}, "comment\\u0073": []}}}}',
    "meta": f'{{"meta": [], "meta": [], "data": {ANSWERS}}}',
    "inside of meta": f'{{"meta": {{"a": 1, "a": 2}}, "data": {ANSWERS}}}',
    "meta behind": f'{{"meta": [], "data": {ANSWERS}, "meta": []}}',
    "a field that nobody knows": f'{{"took": 1, "data": {ANSWERS}, "took": 2}}',
    "type": f'{{"data": {{"type": null, "type": null, {ANSWERS[1:]}}}',
    "message": f'{{"message": null, "message": null, "data": {ANSWERS}}}',
    "commented": ANSWERS.join(('{"data": ', "}")).replace("true}", 'true, "commented": false}', 1),
    "a refusal's message": '{"message": "Access token не найден", "message": "Access token не найден"}',
    "an error's code": '{"data": {"apiErrorData": {"errorCode": 1, "errorCode": 2, "errorMessage": "no"}}}',
}


@pytest.mark.parametrize("status", [200, 400, 401, 403, 422])
@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_a_field_that_comes_twice_makes_an_answer_doubtful(status, body):
    found = verdict(status, body.encode())

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 418])
@pytest.mark.parametrize("body", [b"", PAGE, done(3)[:-4], b"{}", b'{"data":{"comments":null}}'])
def test_a_body_that_is_no_answer_is_doubtful(status, body):
    found = verdict(status, body)

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize("reason", [Reason.TIMED_OUT, Reason.CONNECTION_LOST, Reason.UNREADABLE_ANSWER])
def test_a_lost_answer_is_doubtful(reason):
    assert judge(Lost(reason, "what broke"), 3, NOW) == Uncertain(reason, "what broke")


@pytest.mark.parametrize("status", [200, *CLIENT_ERRORS])
def test_violations_name_their_leads(status):
    found = verdict(status, violations("comments[0].addComment", "comments[2].matching[0]"))

    assert found == ValidationFailed({0: "addComment: wrong", 2: "matching[0]: wrong"}, "no reason given")


@pytest.mark.parametrize("status", [201, 204, 299])
def test_violations_are_doubtful_under_another_success(status):
    found = verdict(status, violations("comments[0]"))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "apiError"},
        {"type": ["validationError"]},
        {"apiErrorData": {"errorCode": 5}},
        {"apiErrorData": []},
        {"comments": []},
        {"comments": None},
        {"type": None, "validationErrorData": {"violations": []}},
        {"validationErrorData": None},
        {"validationErrorData": {"violations": [None]}},
        {"validationErrorData": {"violations": [{"fieldPath": "comments[0]", "message": None}]}},
    ],
)
def test_violations_of_another_form_are_doubtful(changed):
    data = json.loads(violations("comments[0]"))["data"]
    found = verdict(400, as_json({"data": {**data, **changed}}))

    assert (type(found), found.reason) == (Uncertain, Reason.UNREADABLE_ANSWER)


def test_violations_need_not_name_their_type():
    listed = [{"fieldPath": "comments[1].x", "message": "wrong"}]

    found = verdict(400, as_json({"data": {"validationErrorData": {"violations": listed}}}))

    assert found == ValidationFailed({1: "x: wrong"}, "no reason given")


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
