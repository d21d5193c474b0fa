"""The delivery table end to end on a durable ledger: each fault, before or after applying, on each batch.

After every run the cell is run again without a fault; what was applied is counted by the emulator's own record.
"""

import asyncio
import socket
import sqlite3
import ssl
from contextlib import contextmanager

import aiohttp
import pytest
from fault_proxy import (
    STOPPING,
    UNCERTAIN,
    answers_like,
    answers_with,
    closes,
    items_of,
    keeps_silent,
    refuses,
    with_items,
)

import ctnb
from ctnb import Call
from ctnb import run as verbs
from ctnb.delivery import client, sender, verdict
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.delivery.pace import history

LEADS = 250
BATCHES = {1: range(100), 2: range(100, 200), 3: range(200, 250)}

by_batch = pytest.mark.parametrize("batch", BATCHES, ids=["first", "middle", "last"])
by_applying = pytest.mark.parametrize("applied", [False, True], ids=["before applying", "after applying"])


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(verdict, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(sender, "FIRST_BACKOFF", 0.001)


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger" / "ledger.sqlite3"


@pytest.fixture
def deliver(connect, deals, vendor, ledger):
    """Comment the deals through the real client, one request after another."""

    def run(count=LEADS, *, timeout=10.0, base_url=None, **settings):
        connection = connect(base_url or vendor.base_url, concurrency=1, timeout=timeout, ledger=ledger)
        return ctnb.comment(
            deals(count), Call("call"), "deal {call}", connection=connection, progress=False, **settings
        )

    return run


@by_batch
@by_applying
@pytest.mark.parametrize("fault", UNCERTAIN.values(), ids=UNCERTAIN)
def test_a_batch_without_a_sure_answer_is_uncertain_and_stays_so(deliver, vendor, fault, applied, batch):
    vendor.faults[batch] = applied, fault

    done = deliver(timeout=1.0 if fault is keeps_silent else 10.0)

    assert statuses(done) == {**commented_but(batch), batch: "uncertain"}
    assert_own_answers(done)

    again = deliver()
    assert again["ct_status"].tolist() == done["ct_status"].tolist()
    assert again["ct_replayed"].all()
    assert len(vendor.posts) == 3
    assert_applied(vendor, but=() if applied else BATCHES[batch])


@by_batch
@by_applying
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_uncertain_and_stops(deliver, vendor, status, applied, batch):
    vendor.faults[batch] = applied, answers_with(status, Location=f"{vendor.base_url}/elsewhere")

    done = deliver()

    assert statuses(done) == {**unsent_after(batch), batch: "uncertain"}
    assert len(vendor.posts) == batch

    assert statuses(deliver()) == {**commented_but(batch), batch: "uncertain"}
    assert len(vendor.posts) == 3
    assert_applied(vendor, but=() if applied else BATCHES[batch])


@by_batch
@pytest.mark.parametrize(("fault", "status"), STOPPING.values(), ids=STOPPING)
def test_a_request_refused_for_good_stops_and_the_next_run_carries_on(
    deliver, vendor, monkeypatch, fault, status, batch
):
    monkeypatch.setattr(history, "LONGEST_PAUSE", 0.05)
    vendor.faults[batch] = False, fault

    done = deliver()

    assert statuses(done) == {**unsent_after(batch), batch: status}
    assert len(vendor.posts) == batch

    again = deliver()
    assert statuses(again) == commented_but()
    assert_own_answers(again)
    assert_applied(vendor)


@by_batch
@pytest.mark.parametrize("retry_after", [None, "0", "soon", "Thu, 01 Oct 2020 12:00:00 GMT"])
def test_a_rate_limited_request_is_sent_again(deliver, vendor, retry_after, batch):
    vendor.faults[batch] = False, answers_with(429, b"slow down", Retry_After=retry_after)

    done = deliver()

    assert statuses(done) == commented_but()
    assert set(done.loc[done["call"].isin(BATCHES[batch]).to_numpy(), "ct_attempts"]) == {2}
    assert_a_run_sends_nothing(deliver, vendor)
    assert_applied(vendor)


@by_batch
def test_five_rate_limited_requests_in_a_row_stop_the_run(deliver, vendor, batch):
    vendor.faults.update(dict.fromkeys(range(batch, batch + 5), (False, answers_with(429))))

    assert statuses(deliver()) == unsent_after(batch - 1)
    assert len(vendor.posts) == batch + 4

    assert statuses(deliver()) == commented_but()
    assert_applied(vendor)


@by_batch
def test_leads_at_fault_are_invalid_and_the_rest_is_sent_again(deliver, vendor, batch):
    vendor.faults[batch] = False, refuses("comments[0].addComment", "comments[49].matching[0]", "comments[49]")
    guilty = [BATCHES[batch][0], BATCHES[batch][49]]

    done = deliver()

    invalid = done[(done["ct_status"] == "invalid").to_numpy()]
    assert invalid["call"].tolist() == guilty
    assert invalid["ct_error"].iloc[0] == "addComment: This value is not valid."
    assert counts(done) == {"commented": LEADS - 2, "invalid": 2}
    assert_own_answers(done)
    assert_a_run_sends_nothing(deliver, vendor)
    assert_applied(vendor, but=guilty)


@by_batch
def test_a_refusal_that_was_no_leads_is_survived(deliver, vendor, batch):
    vendor.faults[batch] = False, refuses("comments", "comments[100].x")

    done = deliver()

    assert statuses(done) == commented_but()
    assert_own_answers(done)
    assert_applied(vendor)


@by_batch
def test_a_batch_that_is_refused_halved_too_is_invalid(deliver, vendor, batch):
    vendor.faults.update(dict.fromkeys(range(batch, batch + 3), (False, refuses("comments"))))

    assert statuses(deliver()) == {**commented_but(batch), batch: "invalid"}
    assert_a_run_sends_nothing(deliver, vendor)
    assert_applied(vendor, but=BATCHES[batch])


@by_applying
@pytest.mark.parametrize("change", [lambda _: [], lambda items: items[::-1]], ids=["none", "the other way round"])
def test_a_second_answer_whose_positions_mean_nothing_stops_the_run(deliver, vendor, change, applied):
    fault = answers_like(lambda answer: with_items(change(items_of(answer))))
    vendor.faults.update(dict.fromkeys((1, 2), (applied, fault)))

    assert statuses(deliver()) == {1: "uncertain", 2: "uncertain", 3: "unsent"}
    assert statuses(deliver()) == {1: "uncertain", 2: "uncertain", 3: "commented"}
    assert_applied(vendor, but=() if applied else range(200))


@by_applying
def test_three_uncertain_batches_in_a_row_stop_the_run(deliver, vendor, applied):
    vendor.faults.update(dict.fromkeys((2, 3, 4), (applied, closes)))

    done = deliver(600)

    assert counts(done) == {"commented": 100, "uncertain": 300, "unsent": 200}
    assert done["ct_error"].notna().sum() == 500
    assert counts(deliver(600)) == {"commented": 300, "uncertain": 300}
    assert_applied(vendor, leads=600, but=() if applied else range(100, 400))


# ---- before anything is written -----------------------------------------------------------------


async def never(_key):
    await asyncio.Event().wait()


def failing(error, *arguments):
    async def fail(key):
        raise error(key, *arguments)

    return fail


UNREACHABLE = {
    "DNS": failing(aiohttp.ClientConnectorDNSError, socket.gaierror(8, "not known")),
    "refused": failing(aiohttp.ClientConnectorError, ConnectionRefusedError(111, "Connection refused")),
    "TLS": failing(aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError("self-signed")),
    "connect time-out": never,
}


@pytest.fixture
def unreachable(monkeypatch, vendor):
    """Fail so many connections once so many requests have been answered."""

    @contextmanager
    def broken(fail, *, after, times):
        tries = 0
        connect = aiohttp.TCPConnector.connect

        async def connecting(self, req, *details):
            nonlocal tries
            tries += len(vendor.posts) >= after
            if 0 < tries <= times:
                await fail(req.connection_key)
            return await connect(self, req, *details)

        with monkeypatch.context() as patched:
            patched.setattr(aiohttp.TCPConnector, "connect", connecting)
            patched.setattr(client, "CONNECT_TIMEOUT", 0.05 if fail is never else 15.0)
            yield

    return broken


@by_batch
@pytest.mark.parametrize("fail", UNREACHABLE.values(), ids=UNREACHABLE)
def test_without_a_connection_the_rest_is_unsent_and_the_next_run_sends_it(deliver, vendor, unreachable, fail, batch):
    with unreachable(fail, after=batch - 1, times=5):
        done = deliver()

    assert statuses(done) == unsent_after(batch - 1)
    assert set(done.loc[(done["ct_status"] == "unsent").to_numpy(), "ct_error_code"]) == {"no_connection"}
    assert statuses(deliver()) == commented_but()
    assert_applied(vendor)


@by_batch
@pytest.mark.parametrize("fail", UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_connection_that_comes_back_is_used(deliver, vendor, unreachable, fail, batch):
    with unreachable(fail, after=batch - 1, times=4):
        done = deliver()

    assert statuses(done) == commented_but()
    assert_applied(vendor)


def test_a_port_that_nobody_listens_on_is_no_connection(deliver, vendor):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    done = deliver(base_url=f"http://127.0.0.1:{port}")

    assert statuses(done) == unsent_after(0)
    assert set(done["ct_error_code"]) == {"no_connection"}
    # Rehearsals on other ports are one endpoint to a ledger.
    assert statuses(deliver()) == commented_but()
    assert_applied(vendor)


# ---- the ledger itself --------------------------------------------------------------------------


class FullDisk(sqlite3.Connection):
    """A database whose chosen commit fails, as on a full disk."""

    fails = staticmethod(lambda: False)

    def execute(self, statement, *values):
        if statement.strip().upper().startswith("COMMIT") and self.fails():
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(statement, *values)


@pytest.fixture
def full_disk(monkeypatch):
    """Fail each commit of the n-th batch that a method of the ledger is asked for, alone or among others."""

    @contextmanager
    def full(method, *, at):
        batches, doomed = [], False
        plain, connect = getattr(SqliteLedger, method), sqlite3.connect

        def counted(self, named, *arguments):
            nonlocal doomed
            batch = next(iter(named))
            if batch not in batches:
                batches.append(batch)
            doomed = doomed or batches.index(batch) == at - 1
            return plain(self, named, *arguments)

        def fails():
            nonlocal doomed
            failing, doomed = doomed, False
            return failing

        with monkeypatch.context() as patched:
            patched.setattr(SqliteLedger, method, counted)
            patched.setattr(FullDisk, "fails", staticmethod(fails))
            patched.setattr(sqlite3, "connect", lambda *path, **settings: connect(*path, factory=FullDisk, **settings))
            yield

    return full


@by_batch
def test_an_intent_that_cannot_be_kept_stops_and_is_an_error_before_anything_is_sent(deliver, vendor, full_disk, batch):
    with full_disk("intend", at=batch):
        if batch == 1:
            with pytest.raises(ctnb.LedgerError, match="disk is full"):
                deliver()
        else:
            assert statuses(deliver()) == unsent_after(batch - 1)

    assert len(vendor.posts) == batch - 1
    done = deliver()
    assert statuses(done) == commented_but()
    assert done["ct_replayed"].sum() == 100 * (batch - 1)
    assert_applied(vendor)


@by_batch
def test_an_answer_that_cannot_be_kept_is_shown_and_uncertain_from_then_on(deliver, vendor, full_disk, batch):
    with full_disk("record", at=batch):
        done = deliver()

    assert statuses(done) == unsent_after(batch)
    assert_own_answers(done)
    not_recorded = done["call"][done["ct_error_code"] == "not_recorded"]
    assert sorted(not_recorded) == [call for call in BATCHES[batch] if call < LEADS]
    assert statuses(deliver()) == {**commented_but(batch), batch: "uncertain"}
    assert_applied(vendor)


@by_batch
def test_an_interrupt_drains_records_and_the_next_run_carries_on(deliver, vendor, monkeypatch, batch):
    interrupted = []

    @contextmanager
    def interrupting(_counts, **_):
        def tick():
            if len(vendor.posts) >= batch and not interrupted:
                interrupted.append(True)
                raise KeyboardInterrupt

        yield tick

    async def late(writer, answer):
        while not interrupted:  # noqa: ASYNC110  another thread interrupts
            await asyncio.sleep(0.005)
        await answers_with(200, answer)(writer, answer)

    vendor.faults[batch] = True, late
    with monkeypatch.context() as patched:
        patched.setattr(verbs, "progress_bar", interrupting)
        with pytest.raises(KeyboardInterrupt):
            deliver()

    assert len(vendor.posts) == batch
    done = deliver()
    assert statuses(done) == commented_but()
    assert done["ct_replayed"].sum() == BATCHES[batch].stop
    assert_applied(vendor)


# ---- on purpose ---------------------------------------------------------------------------------


@by_batch
@by_applying
def test_an_uncertain_batch_is_sent_again_only_when_asked_for(deliver, vendor, applied, batch):
    vendor.faults[batch] = applied, closes

    deliver()
    done = deliver(resend="uncertain")

    assert statuses(done) == commented_but()
    assert set(vendor.applied) == set(range(LEADS))
    assert {lead for lead, times in vendor.applied.items() if times == 2} == set(BATCHES[batch] if applied else ())


# ---- helpers ------------------------------------------------------------------------------------


def statuses(done):
    """The one status of each batch; every row is in exactly one."""
    assert done["call"].tolist() == list(range(LEADS))
    found = {batch: set(done.loc[done["call"].isin(calls).to_numpy(), "ct_status"]) for batch, calls in BATCHES.items()}
    assert {len(each) for each in found.values()} == {1}
    return {batch: each.pop() for batch, each in found.items()}


def commented_but(*batches):
    return {batch: "commented" for batch in BATCHES if batch not in batches}


def unsent_after(batch):
    return {number: "commented" if number <= batch else "unsent" for number in BATCHES}


def counts(done):
    found = done["ct_status"].astype(str).value_counts().to_dict()
    assert sum(found.values()) == len(done)
    return found


def assert_own_answers(done):
    """Each commented row carries the answer to its own lead."""
    commented = done[(done["ct_status"] == "commented").to_numpy()]
    assert commented["ct_call_id"].tolist() == [str(number) for number in commented["call"]]


def assert_applied(vendor, leads=LEADS, but=()):
    """By the emulator's own record, each lead was commented once, but for those."""
    assert vendor.applied == dict.fromkeys(set(range(leads)) - set(but), 1)


def assert_a_run_sends_nothing(deliver, vendor):
    posts = len(vendor.posts)
    assert deliver()["ct_replayed"].all()
    assert len(vendor.posts) == posts
