"""The delivery table end to end: a vendor that breaks in a named way, on the first, a middle or the last batch."""

import asyncio
import json
import socket

import pytest

import ctnb
from ctnb import Call
from ctnb.delivery import sender, verdict
from ctnb.delivery.memory_ledger import MemoryLedger

LEADS = 250
BATCHES = {1: range(100), 2: range(100, 200), 3: range(200, 250)}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(verdict, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(sender, "FIRST_BACKOFF", 0.001)


@pytest.fixture
def deliver(connect, deals, vendor):
    """Comment the deals through the real client, one request after another; a ledger is shared by all calls."""
    ledger = MemoryLedger()

    def run(*, timeout=10.0, **settings):
        connection = connect(vendor.base_url, concurrency=1, timeout=timeout, ledger=ledger)
        return ctnb.comment(
            deals(LEADS), Call("call"), "deal {call}", connection=connection, progress=False, **settings
        )

    return run


def answers_with(status, body=b"", **headers):
    """Answer this instead; headers whose value is None are left out."""

    async def instead(writer, _answer):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Content-Length": len(text), **{name.replace("_", "-"): told for name, told in headers.items()}}
        told = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        writer.write("\r\n".join([f"HTTP/1.1 {status} Told", *told]).encode() + b"\r\n\r\n" + text)

    return instead


def answers_like(change, cut=0, **headers):
    """Answer with a changed form of the right answer."""

    async def instead(writer, answer):
        body = change(answer)
        await answers_with(200, body, **{"Content_Length": len(body) + cut, **headers})(writer, answer)

    return instead


async def closes(writer, _answer):
    writer.close()


async def resets(writer, _answer):
    writer.transport.abort()


async def keeps_silent(_writer, _answer):
    await asyncio.Event().wait()


async def streams(writer, _answer):
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * (1 << 20))
        await writer.drain()


def items_of(answer):
    return json.loads(answer)["data"]["comments"]


def with_items(items):
    return json.dumps({"data": {"comments": items}}).encode()


DOUBTFUL = {
    "closes": closes,
    "resets": resets,
    "keeps silent": keeps_silent,
    "never ends": streams,
    "short of its length": answers_like(lambda answer: answer[:-10], cut=10),
    "cut without a length": answers_like(lambda answer: answer[:-10], Content_Length=None),
    "no answer at all": answers_with(200),
    "a page": answers_with(200, b"<html>OK</html>"),
    "not JSON": answers_like(lambda answer: answer[:-1]),
    "null items": answers_like(lambda answer: with_items([None] * len(items_of(answer)))),
    "wrong types": answers_like(lambda answer: answer.replace(b"true", b'"true"')),
    "one too few": answers_like(lambda answer: with_items(items_of(answer)[1:])),
    "one too many": answers_like(lambda answer: with_items([*items_of(answer), items_of(answer)[0]])),
    "none": answers_like(lambda _: with_items([])),
    "nested deeply": answers_with(200, b"[" * 1000),
    "NaN": answers_like(lambda answer: answer.replace(b"true", b"NaN", 1)),
    "unknown refusal": answers_with(403, {"message": "Forbidden by the firewall"}),
    "408": answers_with(408),
    "500": answers_with(500, b"<html>"),
    "502": answers_with(502, b"<html>"),
    "503": answers_with(503, {"message": "Access token"}, Retry_After="1"),
    "504": answers_with(504),
    "an invented status": answers_with(599),
}


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("fault", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_batch_in_doubt_is_uncertain_and_not_sent_again(deliver, vendor, fault, applied, batch):
    vendor.faults[batch] = applied, fault

    done = deliver(timeout=0.5 if fault is keeps_silent else 10.0)

    doubtful = done["call"].isin(BATCHES[batch])
    assert set(done.loc[doubtful.to_numpy(), "ct_status"]) == {"uncertain"}
    assert set(done.loc[~doubtful.to_numpy(), "ct_status"]) == {"commented"}
    assert_own_answers(done)

    again = deliver()
    assert again["ct_status"].tolist() == done["ct_status"].tolist()
    assert len(vendor.posts) == 3
    assert_none_twice(vendor)
    assert set(BATCHES[batch]) <= set(vendor.applied) or not applied


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_uncertain_and_stops(deliver, vendor, status, applied, batch):
    vendor.faults[batch] = applied, answers_with(status, Location=f"{vendor.base_url}/elsewhere")

    done = deliver()

    assert counts(done) == sized(commented=100 * (batch - 1), uncertain=len(BATCHES[batch]))
    assert len(vendor.posts) == batch

    deliver()
    assert_none_twice(vendor)
    assert len(vendor.posts) == 3


REFUSED = {
    "token": (answers_with(401, {"message": "Access token не найден"}), "rejected"),
    "access": (answers_with(403, {"meta": [], "data": {"message": "Ошибка доступа"}}), "rejected"),
    "404": (answers_with(404, b"<html>"), "unsent"),
    "405": (answers_with(405), "unsent"),
    "413": (answers_with(413), "unsent"),
    "415": (answers_with(415), "unsent"),
    "429 for long": (answers_with(429, Retry_After="3600"), "unsent"),
}


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_a_request_refused_for_good_stops_the_run_and_the_next_one_carries_on(
    deliver, vendor, monkeypatch, refusal, batch
):
    fault, status = refusal
    monkeypatch.setattr(sender, "LONGEST_PAUSE", 0.05)
    vendor.faults[batch] = False, fault

    done = deliver()

    refused = done["call"].isin(BATCHES[batch]).to_numpy()
    assert set(done.loc[refused, "ct_status"]) == {status}
    assert set(done.loc[(done["call"] >= 100 * batch).to_numpy(), "ct_status"]) <= {"unsent"}
    assert len(vendor.posts) == batch

    again = deliver()
    assert counts(again) == {"commented": LEADS}
    assert sorted(vendor.applied) == list(range(LEADS))
    assert_none_twice(vendor)
    assert_own_answers(again)


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize("retry_after", [None, "0", "soon", "Thu, 01 Oct 2020 12:00:00 GMT"])
def test_a_request_turned_away_is_sent_again(deliver, vendor, retry_after, batch):
    vendor.faults[batch] = False, answers_with(429, b"slow down", Retry_After=retry_after)

    done = deliver()

    assert counts(done) == {"commented": LEADS}
    assert set(done.loc[done["call"].isin(BATCHES[batch]).to_numpy(), "ct_attempts"]) == {2}
    assert_none_twice(vendor)


def violations(*paths):
    listed = [{"fieldPath": path, "message": "This value is not valid."} for path in paths]
    data = {"type": "validationError", "apiErrorData": None, "validationErrorData": {"violations": listed}}
    return answers_with(400, {"meta": [], "data": data})


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
def test_leads_at_fault_are_invalid_and_the_rest_is_sent_again(deliver, vendor, batch):
    vendor.faults[batch] = False, violations("comments[0].addComment", "comments[49].matching[0]", "comments[49]")

    done = deliver()

    first = BATCHES[batch][0]
    invalid = done[done["ct_status"] == "invalid"]
    assert invalid["call"].tolist() == [first, first + 49]
    assert invalid["ct_error"].iloc[0] == "addComment: This value is not valid."
    assert counts(done) == {"commented": LEADS - 2, "invalid": 2}
    assert_own_answers(done)
    assert_none_twice(vendor)


@pytest.mark.parametrize("batch", [1, 2, 3], ids=["first", "middle", "last"])
def test_a_refusal_that_was_no_leads_is_survived(deliver, vendor, batch):
    vendor.faults[batch] = False, violations("comments", "comments[100].x")

    done = deliver()

    assert counts(done) == {"commented": LEADS}
    assert_own_answers(done)
    assert_none_twice(vendor)


def test_three_doubtful_batches_in_a_row_stop_the_run(connect, deals, vendor):
    vendor.faults.update(dict.fromkeys((2, 3, 4), (True, closes)))
    connection = connect(vendor.base_url, concurrency=1)

    done = ctnb.comment(deals(600), Call("call"), "deal", connection=connection, progress=False)

    assert counts(done) == {"commented": 100, "uncertain": 300, "unsent": 200}
    assert done["ct_error"].notna().sum() == 500


def test_without_a_connection_everything_is_unsent_and_the_next_run_sends_it(connect, deals, vendor):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    nowhere = connect(f"http://127.0.0.1:{port}")
    # Rehearsals on other ports are one endpoint to a ledger.
    there = connect(vendor.base_url, ledger=nowhere.ledger)

    done = ctnb.comment(deals(LEADS), Call("call"), "deal", connection=nowhere, progress=False)

    assert counts(done) == {"unsent": LEADS}
    assert set(done["ct_error_code"]) == {"no_connection"}
    again = ctnb.comment(deals(LEADS), Call("call"), "deal", connection=there, progress=False)
    assert counts(again) == {"commented": LEADS}
    assert_none_twice(vendor)


def test_a_second_comment_is_sent_only_when_asked_for(deliver, vendor):
    vendor.faults[2] = True, closes

    deliver()
    done = deliver(resend="uncertain")

    assert counts(done) == {"commented": LEADS}
    assert {lead for lead, times in vendor.applied.items() if times == 2} == set(BATCHES[2])


def counts(done):
    found = done["ct_status"].astype(str).value_counts().to_dict()
    assert sum(found.values()) == len(done)
    return found


def sized(**told):
    """The statuses that there are, and the rest unsent."""
    found = {**told, "unsent": LEADS - sum(told.values())}
    return {status: count for status, count in found.items() if count}


def assert_own_answers(done):
    """Each commented row carries the answer to its own lead."""
    commented = done[(done["ct_status"] == "commented").to_numpy()]
    assert commented["ct_call_id"].tolist() == [str(number) for number in commented["call"]]


def assert_none_twice(vendor):
    assert set(vendor.applied.values()) <= {1}
