import json
from datetime import UTC, datetime

import pytest

from ctnb.delivery.client import Answer, Lost, NotSent
from ctnb.journals.answer import CHECK_ACCESS, CHECK_ADDRESS, SETTLE, AskAgain, Refused, TooLarge, judge_reading
from ctnb.journals.columns import CALL_FORM
from ctnb.journals.records import Page
from ctnb.outcomes import Reason

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ERROR = {"errorCode": "500", "message": "Произошла ошибка"}


def judged(exchange):
    return judge_reading(exchange, CALL_FORM, NOW)


def answer(status, value, retry_after=None):
    return Answer(status, value if isinstance(value, bytes) else json.dumps(value).encode(), retry_after)


def test_records_under_200_are_a_page():
    page = judged(answer(200, [{"callId": 1}]))
    assert isinstance(page, Page)
    assert [record.call_id for record in page.records] == [1]


AGAIN = {
    "not sent": NotSent("no connection in time"),
    "lost": Lost(Reason.CONNECTION_LOST, "the connection failed"),
    "timed out": Lost(Reason.TIMED_OUT, "no answer in time"),
    "500": answer(500, b"<html>"),
    "503 with an error": answer(503, ERROR),
    "408": answer(408, b""),
    "error in place of data": answer(200, ERROR),
}


@pytest.mark.parametrize("exchange", AGAIN.values(), ids=AGAIN)
def test_what_may_go_better_is_asked_again(exchange):
    found = judged(exchange)
    assert isinstance(found, AskAgain)
    assert found.pause is None
    assert found.text


REFUSED = {
    "redirect": (answer(302, b""), CHECK_ADDRESS, "redirects (HTTP 302)"),
    "help page": (answer(200, b"<html>"), CHECK_ADDRESS, "the answer is not JSON"),
    "nothing": (answer(200, b""), CHECK_ADDRESS, "the answer is empty"),
    "object for an array": (answer(200, {"meta": []}), CHECK_ADDRESS, "expected an array of leads"),
    "404": (answer(404, {"message": "нет"}), CHECK_ADDRESS, "HTTP 404: нет"),
    "400": (answer(400, {"errorCode": "400", "message": "dateFrom"}), SETTLE, "HTTP 400: dateFrom (code 400)"),
    "spent points": (
        answer(400, {"meta": [], "data": {"apiErrorData": {"errorCode": 7, "errorMessage": "Points"}}}),
        SETTLE,
        "HTTP 400: Points (code 7)",
    ),
    "a field": (
        answer(400, {"data": {"validationErrorData": {"violations": [{"fieldPath": "dateTo", "message": "odd"}]}}}),
        SETTLE,
        "HTTP 400: odd",
    ),
    "records under 404": (answer(404, [{"callId": 1}]), CHECK_ADDRESS, "HTTP 404: records"),
    "401": (answer(401, {"message": "Invalid credentials"}), CHECK_ACCESS, "Invalid credentials"),
    "403": (answer(403, b"<html>"), CHECK_ACCESS, "HTTP 403"),
    "token under 200": (answer(200, {"message": "Access token не найден"}), CHECK_ACCESS, "Access token не найден"),
    "access under 500": (answer(500, {"data": {"message": "Ошибка доступа."}}), CHECK_ACCESS, "Ошибка доступа"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_goes_no_better_is_refused_with_what_to_do(name):
    exchange, advice, text = REFUSED[name]
    found = judged(exchange)
    assert isinstance(found, Refused)
    assert found.advice == advice
    assert text in found.text


def test_an_answer_that_is_too_large_is_to_be_asked_for_in_parts():
    assert judged(Lost(Reason.UNREADABLE_ANSWER, "the answer is larger than 32 MiB")) == TooLarge()


def test_a_429_is_waited_for_unless_it_asks_for_hours():
    assert judged(answer(429, b"", "7")).pause == 7
    assert judged(answer(429, b"")).pause > 1
    assert isinstance(judged(answer(429, b"", "86400")), Refused)
