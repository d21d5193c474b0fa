"""The sender against a vendor that is scripted, request by request."""

import asyncio
import json
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctnb
from ctnb.connection import Connection
from ctnb.delivery.client import Answer, Lost, NotSent
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.writer import LedgerWriter
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.progress_counts import ProgressCounts
from ctnb.delivery.sender import Sender
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Answers, Outcome, Reason, Status

NOW = datetime(2020, 10, 1, 12, tzinfo=UTC)
UNDECIDED = [Status.UNSENT, Status.BUSY]

# ---- the vendor ---------------------------------------------------------------------------------


class Reply:
    """What the vendor does with one request: whether it applies the leads, and what comes back."""

    def __init__(self, exchange, *, applied=False):
        self.exchange, self.applied = exchange, applied


def done(ids):
    """Each lead is commented, by the call whose id it carries."""
    items = [{"commented": True, "callInfo": {"callId": number}} for number in ids]
    return Reply(Answer(200, answer(items)), applied=True)


def unmatched(ids):
    return Reply(Answer(200, answer([{"commented": False, "error": "Лид не найден"}] * len(ids))))


def miscounted(ids):
    return Reply(Answer(200, answer([{"commented": True}] * (len(ids) + 1))), applied=True)


def mixed_up(ids):
    """Each lead is commented, and the answers come in another order."""
    reply = done(ids)
    return Reply(Answer(200, answer(json.loads(reply.exchange.body)["data"]["comments"][::-1])), applied=True)


def unavailable(ids):
    return Reply(Answer(400, json.dumps({"message": "Сервис временно недоступен"}).encode()), applied=True)


def lost(ids):
    return Reply(Lost(Reason.CONNECTION_LOST, "the connection broke"), applied=True)


def failed(ids):
    return Reply(Answer(503, b"<html>"))


def redirected(ids):
    return Reply(Answer(307, b""))


def rate_limited(ids):
    return Reply(Answer(429, b"", "2"))


def rate_limited_long(ids):
    return Reply(Answer(429, b"", "3600"))


def no_endpoint(ids):
    return Reply(Answer(404, b"<html>"))


def no_token(ids):
    return Reply(Answer(401, '{"message": "Access token не найден"}'.encode()))


def no_access(ids):
    return Reply(Answer(403, '{"data": {"message": "Ошибка доступа"}}'.encode()))


def bad_credentials(ids):
    return Reply(Answer(403, b'{"message": "Invalid credentials"}'))


def no_points(ids):
    error = {"errorCode": 10003, "errorMessage": "no points"}
    return Reply(Answer(400, json.dumps({"data": {"type": "apiError", "apiErrorData": error}}).encode()))


def unreachable(ids):
    return Reply(NotSent("refused"))


def refusing(*paths):
    return lambda ids: Reply(violations(*paths))


def refusing_leads(bad, path="comments[{}].addComment"):
    """Refuse requests that hold bad leads, by their index, and apply others."""

    def reply(ids):
        found = [position for position, number in enumerate(ids) if number in bad]
        return Reply(violations(*(path.format(position) for position in found))) if found else done(ids)

    return reply


def answer(items):
    return json.dumps({"meta": [], "data": {"comments": items}}).encode()


def violations(*paths):
    listed = [{"fieldPath": path, "message": "wrong"} for path in paths]
    return Answer(400, json.dumps({"data": {"validationErrorData": {"violations": listed}}}).encode())


@dataclass
class Vendor:
    """Plays a script of replies through the sender's gate; the last one plays on."""

    script: list
    requests: list = field(default_factory=list)
    applied: Counter = field(default_factory=Counter)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    turn: int = 0
    dead: list = field(default_factory=list)

    async def alive(self):
        """Tell whether the connection lives when the intent is kept; the first in the list does not."""
        return not (self.dead and self.dead.pop())

    async def exchange(self, body, gate):
        ids = [lead["matching"][-1]["callParams"]["callId"] for lead in json.loads(body)["comments"]]
        assert 1 <= len(ids) <= 100
        act = self.script[min(self.turn, len(self.script) - 1)]
        self.turn += 1
        if act is unreachable:
            await asyncio.sleep(0)
            return act(ids).exchange
        if isinstance(act, Held) and act.before:
            self.reached.set()
            await act.until.wait()
        await gate.take_slot()
        if not await gate.open(self.alive):
            return NotSent("called off")
        self.requests.append(ids)
        gate.written()
        reply = act(ids)
        self.applied.update(ids if reply.applied else ())
        if isinstance(act, Held):
            self.reached.set()
            await act.until.wait()
        for _ in range(10):  # so that several are in flight at once
            await asyncio.sleep(0)
        return reply.exchange


@dataclass
class Held:
    """A reply that waits, before the gate or after writing."""

    then: object = done
    before: bool = False
    until: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, ids):
        return self.then(ids)


# ---- a run --------------------------------------------------------------------------------------


@lru_cache
def plan_of(leads, tags=None):
    return ctnb.plan(pd.DataFrame({"call": range(leads)}), ctnb.Call("call", tags=tags), "deal {call}")


@dataclass
class Clock:
    """Time that passes only in pauses."""

    now: float = 0.0
    pauses: list = field(default_factory=list)

    def time(self):
        return self.now

    async def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Run:
    """One delivery of leads 0 to n-1, each found by the call of its own number."""

    def __init__(
        self,
        leads,
        *script,
        ledger=None,
        concurrency=1,
        rate=math.inf,
        owner="run",
        rules="1",
        resend=(),
        window=100,
        limiter=None,
        attribute=None,
        sleep=None,
        plan=None,
    ):
        self.leads, self.vendor, self.clock = leads, Vendor(list(script)), Clock()
        self.ledger = MemoryLedger() if ledger is None else ledger
        self.progress, self.outcomes = ProgressCounts(leads), Answers(leads)
        self.limiter = limiter or RateLimiter(rate, clock=self.clock.time, sleep=self.clock.sleep)
        self.sender = Sender(
            plan or plan_of(leads),
            connection(concurrency),
            self.vendor,
            self.limiter,
            LedgerWriter(self.ledger, Terms(owner, rules, frozenset(resend))),
            attribute=attribute or (lambda _plan, _rows, outcomes: list(outcomes)),
            counts=self.progress,
            answers=self.outcomes,
            window=window,
            sleep=sleep or self.clock.sleep,
            now=lambda: NOW,
        )

    async def ended(self):
        try:
            await self.sender.run()
        finally:
            self.check()
        return self

    def check(self):
        """Conservation: each lead in one status, its own answer, the counts add up, and nothing twice."""
        assert sorted(self.outcomes) == list(range(self.leads))
        assert self.progress.statuses == Counter(outcome.status for outcome in self.outcomes.values())
        assert self.progress.settled == self.leads
        assert self.progress.requests == len(self.vendor.requests)
        assert all(times == 1 for times in self.vendor.applied.values())
        for row, outcome in self.outcomes.items():
            if outcome.status is Status.COMMENTED:
                assert outcome.call_id == str(row)
            if outcome.status in {Status.INVALID, Status.REJECTED} and not outcome.replayed:
                assert row not in self.vendor.applied
            if outcome.status is Status.UNSENT:
                assert row not in self.vendor.applied
                assert (outcome.batch, outcome.attempts, outcome.answered_at) == (None, None, None)

    def rows(self, status):
        return [row for row, outcome in sorted(self.outcomes.items()) if outcome.status is status]

    @property
    def counts(self):
        return {str(status): count for status, count in self.progress.statuses.items() if count}

    @property
    def reason(self):
        return self.progress.stop.reason if self.progress.stop else None


def connection(concurrency=1):
    return Connection(1, "token", base_url="http://127.0.0.1:9", concurrency=concurrency, ledger=None)


async def run(leads, *script, **settings):
    return await Run(leads, *script, **settings).ended()


# ---- the good case ------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_leads_go_out_a_hundred_at_a_time_and_each_gets_its_own_answer(concurrency):
    ran = await run(250, done, concurrency=concurrency)

    assert sorted(map(len, ran.vendor.requests)) == [50, 100, 100]
    assert ran.counts == {"commented": 250}
    assert [ran.outcomes[row].batch for row in (0, 100, 249)] == [1, 2, 3]
    assert {(outcome.attempts, outcome.answered_at) for outcome in ran.outcomes.values()} == {(1, NOW)}
    assert ran.progress.stop is None


async def test_a_plan_without_leads_asks_nobody():
    ran = await run(0, done)

    assert (ran.counts, ran.vendor.requests) == ({}, [])


async def test_answers_of_both_kinds_are_joined_by_position():
    def every_third(ids):
        items = [{"commented": number % 3 == 0, "callInfo": {"callId": number}} for number in ids]
        return Reply(Answer(200, answer(items)), applied=False)

    ran = await run(120, every_third)

    assert ran.rows(Status.COMMENTED) == list(range(0, 120, 3))
    assert ran.outcomes[1].reason is Reason.LEAD_NOT_FOUND


@pytest.mark.parametrize(
    ("error", "reason", "shown"),
    [
        (None, Reason.LEAD_NOT_FOUND, "no lead found"),
        ("Лид не найден", Reason.LEAD_NOT_FOUND, "Лид не найден"),
        ("Lead not found", Reason.LEAD_NOT_FOUND, "Lead not found"),
        ("Превышена длина", Reason.VENDOR_ERROR, "Превышена длина"),
    ],
)
async def test_why_a_lead_was_not_commented(error, reason, shown):
    ran = await run(1, lambda ids: Reply(Answer(200, answer([{"commented": False, "error": error}]))))

    found = ran.outcomes[0]
    assert (found.status, found.reason, found.error) == (Status.UNMATCHED, reason, shown)


@pytest.mark.parametrize("window", [1, 7, 100, 130, 1000])
async def test_however_many_are_claimed_at_once_batches_are_full(window):
    ledger = MemoryLedger()
    held = PlanComments(plan_of(350), [5, 50, 110], connection(), ledger.secret)
    ledger.claim(held, Terms("another", "1"))

    ran = await run(350, done, ledger=ledger, window=window)

    assert list(map(len, ran.vendor.requests)) == [100, 100, 100, 47]
    assert ran.counts == {"commented": 347, "busy": 3}


async def test_what_was_claimed_ahead_is_given_back_when_the_run_stops():
    ran = await run(1000, no_token, window=1000)

    assert ran.counts == {"rejected": 100, "unsent": 900}
    assert (await run(1000, done, ledger=ran.ledger, owner="second")).counts == {"commented": 1000}


# ---- violations ---------------------------------------------------------------------------------

MANY = set(range(1, 100, 7))


@pytest.mark.parametrize(
    "bad", [{0}, {99}, {149}, {0, 99, 100, 149}, MANY], ids=["first", "last", "rest", "ends", "many"]
)
async def test_leads_at_fault_are_invalid_and_the_rest_is_sent_again(bad):
    ran = await run(150, refusing_leads(bad))

    assert ran.rows(Status.INVALID) == sorted(bad)
    assert ran.counts == {"commented": 150 - len(bad), "invalid": len(bad)}
    fault = ran.outcomes[min(bad)]
    assert (fault.reason, fault.error, fault.attempts) == (Reason.VIOLATION, "addComment: wrong", 1)
    assert ran.outcomes[48].attempts == (2 if min(bad) < 100 else 1)


async def test_a_batch_of_nothing_but_faults_is_not_sent_again():
    ran = await run(100, refusing_leads(set(range(100))))

    assert (ran.counts, len(ran.vendor.requests)) == ({"invalid": 100}, 1)


async def test_faults_that_show_one_after_another_are_all_found():
    ran = await run(10, refusing("comments[2].x"), refusing("comments[2].x"), done)

    assert ran.rows(Status.INVALID) == [2, 3]
    assert ran.outcomes[9].attempts == 3


@pytest.mark.parametrize(
    ("paths", "bad"),
    [
        (["comments[4].x", "comments[4].x", "comments[4].y"], [4]),
        (["comments[4].x", "comments[100].x"], [4]),
        (["comments[4].x", "comments"], [4]),
        (["comments[4].x", "comments[-1].x", "comments[x"], [4]),
    ],
    ids=["duplicate", "out of range", "nameless beside", "malformed"],
)
async def test_paths_that_name_no_lead_do_not_disturb_those_that_do(paths, bad):
    ran = await run(10, refusing(*paths), done)

    assert ran.rows(Status.INVALID) == bad
    assert ran.counts == {"commented": 9, "invalid": 1}


@pytest.mark.parametrize("path", ["comments", "", "comments[100].x", "comments[-1]", "comments[x"])
@pytest.mark.parametrize("culprit", [0, 37, 99])
async def test_a_culprit_without_a_name_is_found_by_halving(path, culprit):
    ran = await run(100, refusing_leads({culprit}, path))

    assert ran.rows(Status.INVALID) == [culprit]
    assert ran.counts == {"commented": 99, "invalid": 1}
    assert len(ran.vendor.requests) <= 1 + 2 * 7


async def test_halving_ends_when_both_halves_are_refused():
    ran = await run(100, refusing("comments"), refusing("comments"), refusing("comments"), done)

    assert (ran.counts, len(ran.vendor.requests)) == ({"invalid": 100}, 3)
    assert ran.outcomes[0].error == "comments: wrong"


async def test_a_single_lead_that_is_refused_without_a_name_is_invalid():
    ran = await run(1, refusing("comments"))

    assert (ran.counts, len(ran.vendor.requests)) == ({"invalid": 1}, 1)


async def test_three_batches_refused_without_a_name_stop_the_run():
    ran = await run(500, refusing("comments"))

    assert ran.counts == {"invalid": 300, "unsent": 200}
    assert (ran.reason, len(ran.vendor.requests)) == (Reason.STOPPED, 9)


async def test_refusals_without_a_name_that_are_not_in_a_row_do_not_stop_the_run():
    giving_up = [refusing("comments")] * 3
    ran = await run(600, *giving_up, *giving_up, done, *giving_up, *giving_up, done)

    assert ran.counts == {"invalid": 400, "commented": 200}


async def test_a_named_fault_and_then_one_without_a_name_in_the_same_batch():
    def reply(ids):
        return refusing_leads({3})(ids) if 3 in ids else refusing_leads({8}, "comments")(ids)

    ran = await run(20, reply)

    assert ran.rows(Status.INVALID) == [3, 8]
    assert ran.counts == {"commented": 18, "invalid": 2}


async def test_a_half_that_has_a_named_fault_of_its_own():
    def reply(ids):
        if len(ids) == 20:
            return Reply(violations("comments"))
        return refusing_leads({3})(ids) if 3 in ids else refusing_leads({8}, "comments")(ids)

    ran = await run(20, reply)

    assert ran.rows(Status.INVALID) == [3, 8]
    assert ran.counts == {"commented": 18, "invalid": 2}


# ---- too many requests --------------------------------------------------------------------------


async def test_a_rate_limited_batch_waits_and_is_sent_again():
    ran = await run(150, rate_limited, done)

    assert ran.counts == {"commented": 150}
    assert ran.clock.now >= 2.0
    assert (ran.outcomes[0].attempts, ran.outcomes[149].attempts) == (2, 1)


async def test_five_in_a_row_stop_the_run():
    ran = await run(250, rate_limited)

    assert ran.counts == {"unsent": 250}
    assert (ran.reason, len(ran.vendor.requests)) == (Reason.RATE_LIMITED, 5)
    assert ran.outcomes[0].reason is Reason.RATE_LIMITED


async def test_four_in_a_row_do_not_and_an_answer_in_between_counts_anew():
    ran = await run(300, *[rate_limited] * 4, done, *[rate_limited] * 4, done)

    assert ran.counts == {"commented": 300}


async def test_a_pause_of_more_than_a_minute_stops_at_once_and_does_not_hold_the_next_run_for_so_long():
    ran = await run(250, rate_limited_long)

    assert (ran.counts, len(ran.vendor.requests)) == ({"unsent": 250}, 1)
    assert (ran.reason, ran.clock.now) == (Reason.RATE_LIMITED, 0.0)
    await ran.limiter.take()
    assert ran.clock.now <= 60.0


async def test_several_in_flight_that_are_rate_limited_count_once():
    ran = await run(400, *[rate_limited] * 16, done, concurrency=4)

    assert ran.counts == {"commented": 400}
    assert len(ran.vendor.requests) == 20


def test_requests_that_waited_for_their_slot_count_each(counted):
    async def main():
        limiter = RateLimiter(5.0, clock=asyncio.get_running_loop().time)
        return await run(400, rate_limited, concurrency=4, limiter=limiter)

    ran = counted(main())

    assert (ran.counts, ran.reason) == ({"unsent": 400}, Reason.RATE_LIMITED)
    assert len(ran.vendor.requests) == 5


# ---- doubt --------------------------------------------------------------------------------------


@pytest.mark.parametrize("doubt", [lost, failed])
async def test_a_batch_in_doubt_is_uncertain_and_never_sent_again(doubt):
    ran = await run(250, done, doubt, done)

    assert ran.rows(Status.UNCERTAIN) == list(range(100, 200))
    assert ran.counts == {"commented": 150, "uncertain": 100}
    found = ran.outcomes[100]
    assert (found.batch, found.attempts, found.answered_at) == (2, 1, None)


async def test_three_in_a_row_stop_the_run():
    ran = await run(600, done, lost, failed, lost, done)

    assert ran.counts == {"commented": 100, "uncertain": 300, "unsent": 200}
    assert ran.reason is Reason.STOPPED


@pytest.mark.parametrize("rate", [math.inf, 5.0])
async def test_after_a_doubt_one_request_goes_at_a_time_until_a_good_answer_comes(rate):
    doubtful, limited, good = Held(lost), Held(rate_limited), Held(done)
    ran = Run(1000, doubtful, limited, limited, good, concurrency=3, rate=rate)
    running = asyncio.create_task(ran.ended())
    requests = ran.vendor.requests

    await turns_until(lambda: len(requests) == 3)
    doubtful.until.set()
    assert len(await requests_later(requests)) == 3  # two are under way still
    limited.until.set()
    assert len(await requests_later(requests)) == 4  # one goes, and the other two wait for its answer
    good.until.set()
    await running

    assert ran.counts == {"commented": 900, "uncertain": 100}
    assert len(requests) == 12


async def turns_until(reached):
    for _ in range(1000):
        if reached():
            return
        await asyncio.sleep(0)
    pytest.fail("what was waited for did not come")


async def requests_later(requests):
    """Return the requests when all that could go has gone."""
    for _ in range(500):
        await asyncio.sleep(0)
    return requests


async def test_an_outage_with_many_requests_under_way_costs_no_more_than_those():
    held = Held(lost)
    ran = Run(2000, held, held, held, held, lost, concurrency=4)
    running = asyncio.create_task(ran.ended())

    await turns_until(lambda: len(ran.vendor.requests) == 4)
    held.until.set()
    await running

    assert ran.counts == {"uncertain": 400, "unsent": 1600}


async def test_doubts_that_are_not_in_a_row_do_not():
    ran = await run(900, lost, lost, done, failed, lost, done, lost, lost, done)

    assert ran.counts == {"commented": 300, "uncertain": 600}


async def test_a_wrong_number_of_answers_makes_the_batch_uncertain_and_the_second_one_stops():
    ran = await run(500, miscounted, done, done, miscounted, done)

    assert ran.counts == {"commented": 200, "uncertain": 200, "unsent": 100}
    assert ran.outcomes[0].reason is Reason.WRONG_COUNT


async def test_answers_against_the_ids_offered_make_the_batch_uncertain_and_the_second_one_stops():
    ran = await run(500, mixed_up, done, done, mixed_up, done)

    assert ran.counts == {"commented": 200, "uncertain": 200, "unsent": 100}
    assert (ran.outcomes[0].reason, ran.outcomes[0].call_id) == (Reason.CONTRADICTED, None)
    assert (ran.reason, ran.outcomes[499].reason) == (Reason.STOPPED, Reason.STOPPED)
    again = await run(500, done, ledger=ran.ledger, owner="second")
    assert again.counts == {"commented": 300, "uncertain": 200}


async def test_two_kinds_of_answers_that_cannot_be_placed_are_counted_apart():
    ran = await run(400, mixed_up, miscounted, done)

    assert ran.counts == {"commented": 200, "uncertain": 200}


async def test_a_redirect_is_uncertain_and_stops_at_once():
    ran = await run(250, redirected, done)

    assert ran.counts == {"uncertain": 100, "unsent": 150}
    assert ran.outcomes[0].reason is Reason.REDIRECTED
    assert ran.reason is Reason.REDIRECTED


# ---- refused for good ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (no_token, Reason.TOKEN_REFUSED),
        (no_access, Reason.ACCESS_DENIED),
        (bad_credentials, Reason.ACCESS_DENIED),
        (no_points, Reason.REFUSED),
    ],
)
async def test_a_refused_token_or_account_rejects_the_batch_and_stops(refusal, reason):
    ran = await run(250, done, refusal, done)

    assert ran.counts == {"commented": 100, "rejected": 100, "unsent": 50}
    assert {ran.outcomes[row].reason for row in (150, 249)} == {reason}

    mended = await run(250, done, ledger=ran.ledger, owner="second")
    assert (mended.counts, mended.progress.replayed) == ({"commented": 250}, 100)


async def test_a_wrong_address_leaves_everything_unsent():
    ran = await run(150, no_endpoint, done)

    assert (ran.counts, ran.reason) == ({"unsent": 150}, Reason.WRONG_ADDRESS)
    assert (await run(150, done, ledger=ran.ledger, owner="second")).counts == {"commented": 150}


async def test_what_is_in_flight_when_another_stops_the_run_is_waited_for():
    ran = await run(300, no_token, done, concurrency=2)

    assert ran.counts == {"commented": 100, "rejected": 100, "unsent": 100}


# ---- no connection ------------------------------------------------------------------------------


async def test_a_failed_connection_is_tried_five_times_with_longer_and_longer_pauses():
    ran = await run(250, unreachable)

    assert (ran.counts, ran.reason) == ({"unsent": 250}, Reason.NO_CONNECTION)
    assert (ran.clock.pauses, ran.vendor.turn, ran.progress.requests) == ([0.5, 1.0, 2.0, 4.0], 5, 0)
    assert "refused" in ran.outcomes[0].error


async def test_a_connection_that_dies_while_the_intent_is_committed_sends_nothing_and_is_made_anew():
    ran = Run(250, done, rate=1.0)
    ran.vendor.dead = [True, False]

    await ran.ended()

    assert ran.counts == {"commented": 250}
    assert len(ran.vendor.requests) == 3
    assert [(ran.outcomes[row].batch, ran.outcomes[row].attempts) for row in (0, 100, 200)] == [(1, 1), (2, 1), (3, 1)]


async def test_connections_that_die_each_time_stop_the_run_with_nothing_uncertain():
    ran = Run(250, done)
    ran.vendor.dead = [True] * 5

    await ran.ended()

    assert (ran.counts, ran.reason) == ({"unsent": 250}, Reason.NO_CONNECTION)
    assert (await run(250, done, ledger=ran.ledger, owner="second")).counts == {"commented": 250}


async def test_a_connection_that_comes_back_in_time_carries_the_batch_once():
    ran = await run(100, *[unreachable] * 4, done)

    assert ran.counts == {"commented": 100}
    assert ran.outcomes[0].attempts == 1


# ---- a ledger that fails ------------------------------------------------------------------------


class FailingLedger(MemoryLedger):
    """Fails at one step, from its so-manieth call on."""

    def __init__(self, step, turn=1):
        super().__init__()
        self.step, self.turn = step, turn

    def failing(self, step):
        if step == self.step:
            self.turn -= 1
            if self.turn < 1:
                raise LedgerError("disk full")

    def claim(self, *arguments):
        self.failing("claim")
        return super().claim(*arguments)

    def intend(self, *arguments):
        self.failing("intend")
        super().intend(*arguments)

    def withdraw(self, *arguments):
        self.failing("withdraw")
        super().withdraw(*arguments)

    def record(self, *arguments):
        self.failing("record")
        super().record(*arguments)

    def release(self, *arguments):
        self.failing("release")
        super().release(*arguments)


@pytest.mark.parametrize("step", ["claim", "intend"])
async def test_a_ledger_that_cannot_keep_a_claim_or_an_intent_ends_the_run_before_anything_is_sent(step):
    ran = Run(250, done, ledger=FailingLedger(step))

    with pytest.raises(LedgerError, match="disk full"):
        await ran.ended()

    assert (ran.counts, ran.vendor.requests) == ({"unsent": 250}, [])
    assert "disk full" in ran.outcomes[0].error


async def test_an_intent_that_cannot_be_kept_gives_the_slot_back():
    ran = Run(100, done, ledger=FailingLedger("intend"), rate=1.0)
    with pytest.raises(LedgerError):
        await ran.ended()

    await asyncio.wait_for(ran.limiter.take(), timeout=5)


@pytest.mark.parametrize("step", ["claim", "intend"])
async def test_a_ledger_that_fails_after_sending_keeps_what_was_answered_and_ends_without_an_error(step):
    ran = await run(250, done, ledger=FailingLedger(step, turn=2))

    assert ran.counts == {"commented": 100, "unsent": 150}
    assert (ran.outcomes[0].reason, ran.outcomes[249].reason) == (None, Reason.LEDGER_FAILED)
    assert "disk full" in ran.outcomes[249].error


@pytest.mark.parametrize(
    ("reply", "status", "error"),
    [(done, "commented", None), (unmatched, "unmatched", "Лид не найден"), (no_token, "rejected", "Access token")],
)
async def test_an_answer_that_cannot_be_recorded_is_shown_says_so_and_ends_the_run(reply, status, error):
    ran = await run(250, reply, ledger=FailingLedger("record"))

    assert ran.counts == {status: 100, "unsent": 150}
    assert {ran.outcomes[row].reason for row in range(100)} == {Reason.NOT_RECORDED}
    assert (ran.outcomes[5].error or "").startswith(error or "")
    assert ran.outcomes[5].call_id == ("5" if reply is done else None)
    assert ran.outcomes[249].reason is ran.reason
    ran.ledger.step = None
    again = await run(250, done, ledger=ran.ledger, owner="second")
    assert 0 not in again.vendor.applied


async def test_of_several_answers_those_that_were_recorded_say_nothing():
    ran = await run(350, done, ledger=FailingLedger("record", turn=2))

    assert ran.counts == {"commented": 200, "unsent": 150}
    assert [ran.outcomes[row].reason for row in (0, 100, 349)] == [None, Reason.NOT_RECORDED, Reason.LEDGER_FAILED]


async def test_a_doubt_that_cannot_be_recorded_keeps_its_reason():
    ran = await run(250, lost, ledger=FailingLedger("record"))

    assert ran.counts == {"uncertain": 100, "unsent": 150}
    assert ran.outcomes[0].reason is Reason.CONNECTION_LOST


async def test_a_batch_that_cannot_be_taken_back_is_uncertain():
    ran = await run(250, rate_limited, done, ledger=FailingLedger("withdraw"))

    assert ran.counts == {"uncertain": 100, "unsent": 150}


async def test_a_release_that_fails_costs_no_answer():
    ran = await run(150, no_endpoint, ledger=FailingLedger("release"))

    assert (ran.counts, ran.reason) == ({"unsent": 150}, Reason.WRONG_ADDRESS)


async def test_a_release_that_fails_before_a_request_is_raised():
    ran = Run(150, unreachable, ledger=FailingLedger("release"))

    with pytest.raises(LedgerError):
        await ran.ended()

    assert ran.counts == {"unsent": 150}


async def test_a_fault_of_our_own_ends_the_run_and_loses_no_row():
    def broken(_plan, _rows, _outcomes):
        raise ZeroDivisionError

    ran = Run(250, done, attribute=broken)
    with pytest.raises(ZeroDivisionError):
        await ran.ended()

    assert ran.counts == {"uncertain": 100, "unsent": 150}


# ---- interrupted --------------------------------------------------------------------------------


async def cancelled(ran, *, times=1, then=None):
    """Cancel a run once its vendor was reached, so many times; then let the held requests go."""
    task = asyncio.create_task(ran.ended())
    await ran.vendor.reached.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    if then is not None:
        then.until.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_interrupt_before_writing_leaves_everything_unsent():
    ran = Run(250, Held(before=True))

    await cancelled(ran)

    assert (ran.counts, ran.vendor.requests) == ({"unsent": 250}, [])
    assert ran.outcomes[0].reason is Reason.INTERRUPTED
    assert (await run(250, done, ledger=ran.ledger, owner="second")).counts == {"commented": 250}


async def test_an_interrupt_in_a_pause_ends_it():
    asleep = asyncio.Event()

    async def sleep(_):
        asleep.set()
        await asyncio.Event().wait()

    ran = Run(250, unreachable, sleep=sleep)
    task = asyncio.create_task(ran.ended())
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ran.counts == {"unsent": 250}


async def test_an_interrupt_in_flight_waits_for_the_answer_and_records_it():
    held = Held()
    ran = Run(250, done, held, done)

    await cancelled(ran, then=held)

    assert ran.counts == {"commented": 200, "unsent": 50}
    again = await run(250, done, ledger=ran.ledger, owner="second")
    assert (again.progress.replayed, len(again.vendor.requests)) == (200, 1)


@pytest.mark.parametrize("times", [2, 3, 20])
async def test_further_interrupts_wait_for_what_is_in_flight_too(times):
    held = Held()
    ran = Run(250, done, held)

    await cancelled(ran, times=times, then=held)

    assert ran.counts == {"commented": 200, "unsent": 50}
    assert ran.outcomes[249].reason is Reason.INTERRUPTED


async def test_a_loop_that_ends_in_mid_run_records_what_is_in_flight_as_uncertain():
    ran = Run(250, done, Held())
    task = asyncio.create_task(ran.ended())
    await ran.vendor.reached.wait()

    for each in asyncio.all_tasks() - {asyncio.current_task()}:  # as asyncio.run does
        each.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ran.counts == {"commented": 100, "uncertain": 100, "unsent": 50}
    found = ran.outcomes[100]
    assert (found.batch, found.attempts, found.answered_at) == (2, 1, None)
    again = await run(250, done, ledger=ran.ledger, owner="second")
    assert again.counts == {"commented": 150, "uncertain": 100}


async def test_an_interrupt_gives_the_slot_back():
    held = Held()
    ran = Run(100, held, rate=1.0)
    await cancelled(ran, then=held)

    await asyncio.wait_for(ran.limiter.take(), timeout=5)


@pytest.mark.parametrize("turns", range(8))
async def test_a_stop_that_is_asked_for_again_and_again_never_raises(turns):
    ran = Run(400, done, concurrency=4, limiter=RateLimiter(5.0))
    ran.limiter.pause(30.0)
    task = asyncio.create_task(ran.ended())
    for _ in range(turns):
        await asyncio.sleep(0)

    for _ in range(5):
        ran.sender.stop(Reason.STOPPED, "enough")
        await asyncio.sleep(0)
    await task

    assert ran.counts == {"unsent": 400}
    assert ran.progress.stop.message == "enough"


# ---- again --------------------------------------------------------------------------------------


async def test_a_run_again_sends_nothing_and_has_the_same_outcomes():
    first = await run(250, refusing_leads({3}), unmatched, lost)
    second = await run(250, done, ledger=first.ledger, owner="second")

    assert second.vendor.requests == []
    assert second.progress.replayed == 250
    assert second.counts == first.counts
    assert all(outcome.replayed for outcome in second.outcomes.values())


@pytest.mark.parametrize(("reply", "status"), [(unmatched, Status.UNMATCHED), (lost, Status.UNCERTAIN)])
async def test_what_is_asked_for_is_sent_again_and_nothing_else(reply, status):
    first = await run(200, done, reply)
    second = await run(200, done, ledger=first.ledger, owner="second", resend=[status])

    assert second.vendor.requests == [list(range(100, 200))]
    assert (second.counts, second.progress.replayed) == ({"commented": 200}, 100)


async def test_other_rules_send_what_no_comment_has_reached():
    first = await run(300, done, unmatched, lost)
    second = await run(300, done, ledger=first.ledger, owner="second", rules="2", plan=plan_of(300, "tag"))

    assert second.vendor.requests == [list(range(100, 200))]
    assert second.counts == {"commented": 200, "uncertain": 100}


async def test_other_rules_that_offer_the_same_for_a_row_send_it_no_second_time():
    first = await run(300, done, unmatched)
    second = await run(300, done, ledger=first.ledger, owner="second", rules="2")

    assert second.vendor.requests == []


async def test_what_another_run_holds_is_busy_and_left_to_it():
    ledger = MemoryLedger()
    held = PlanComments(plan_of(120), [5, 50, 110], connection(), ledger.secret)
    ledger.claim(held, Terms("another", "1"))

    ran = await run(120, done, ledger=ledger)

    assert ran.rows(Status.BUSY) == [5, 50, 110]
    assert ran.counts == {"commented": 117, "busy": 3}
    assert sorted(map(len, ran.vendor.requests)) == [17, 100]


async def test_two_runs_at_once_send_each_lead_once():
    ledger = MemoryLedger()
    one, other = (Run(500, done, ledger=ledger, owner=owner, concurrency=2) for owner in ("one", "other"))

    await asyncio.gather(one.ended(), other.ended())

    applied = one.vendor.applied + other.vendor.applied
    assert sorted(applied) == list(range(500))
    assert set(applied.values()) == {1}
    for row in range(500):
        statuses = {one.outcomes[row].status, other.outcomes[row].status}
        assert statuses <= {Status.COMMENTED, Status.BUSY}


async def test_rules_that_won_are_asked_for_commented_leads_alone():
    asked = []

    def attribute(_plan, rows, outcomes):
        asked.extend(rows)
        return [Outcome(outcome.status, call_id=outcome.call_id, rule=1) for outcome in outcomes]

    ran = await run(200, done, unmatched, attribute=attribute)

    assert asked == list(range(100))
    assert (ran.outcomes[0].rule, ran.outcomes[100].rule) == (1, None)


CONTACT, CALL = ctnb.CallContact("phone", "at", depth=5), ctnb.Call("call")


def plan_of_rules(*rules):
    deals = pd.DataFrame(
        {"call": range(3), "phone": ["89157771122", None, "89157771122"], "at": ["2024-03-01", "2024-03-01", None]}
    )
    return ctnb.plan(deals, rules, "deal {call}", key="call")


@pytest.mark.parametrize(
    "act",
    [done, unmatched, lost, no_token, refusing("comments[0]", "comments[1]", "comments[2]")],
    ids=["commented", "unmatched", "uncertain", "rejected", "invalid"],
)
async def test_every_outcome_of_a_request_says_what_was_offered(act):
    ran = await run(3, act, plan=plan_of_rules(CONTACT, CALL))

    assert [ran.outcomes[row].offered for row in range(3)] == ["callContact>call", "call", "call"]


@pytest.mark.parametrize("act", [done, lost])
async def test_what_was_offered_is_replayed_whatever_the_rules_are_now(act):
    first = await run(3, act, plan=plan_of_rules(CONTACT, CALL))
    second = await run(3, done, ledger=first.ledger, owner="second", rules="2", plan=plan_of_rules(CALL))

    assert second.vendor.requests == []
    assert [second.outcomes[row].offered for row in range(3)] == ["callContact>call", "call", "call"]


async def test_what_is_not_sent_says_nothing_of_an_offer():
    ran = await run(3, no_endpoint, plan=plan_of_rules(CONTACT, CALL))

    assert {ran.outcomes[row].offered for row in range(3)} == {None}


# ---- whatever happens ---------------------------------------------------------------------------

PARTLY = st.sets(st.integers(0, 349), max_size=5).map(refusing_leads)
NAMELESS = st.sets(st.integers(0, 349), max_size=2).map(lambda bad: refusing_leads(bad, "comments"))
PLAIN = st.sampled_from(
    [done] * 4
    + [
        unmatched,
        miscounted,
        mixed_up,
        unavailable,
        lost,
        failed,
        redirected,
        rate_limited,
        rate_limited,
        rate_limited_long,
        no_endpoint,
    ]
    + [
        no_token,
        no_access,
        bad_credentials,
        no_points,
        unreachable,
        unreachable,
        refusing("comments"),
        refusing("comments[0]", "comments[7]"),
    ]
)
SCRIPTS = st.lists(PLAIN | PARTLY | NAMELESS, min_size=1, max_size=12)
FAILURES = st.none() | st.tuples(
    st.sampled_from(["claim", "intend", "withdraw", "record", "release"]), st.integers(1, 5)
)


@settings(max_examples=150, deadline=None)
@given(
    SCRIPTS,
    st.integers(1, 4),
    st.sampled_from([1, 99, 101, 350]),
    FAILURES,
    st.lists(st.integers(0, 60), max_size=4),
    st.sampled_from([7, 100, 1000]),
    st.lists(st.booleans(), max_size=6),
)
def test_nothing_is_lost_and_nothing_is_sent_twice(script, concurrency, leads, failure, interrupts, window, dead):
    ledger = MemoryLedger() if failure is None else FailingLedger(*failure)

    async def both():
        first = Run(leads, *script, ledger=ledger, concurrency=concurrency, window=window)
        first.vendor.dead = dead
        task = asyncio.create_task(first.ended())
        for turns in interrupts:
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
        (raised,) = await asyncio.gather(task, return_exceptions=True)
        assert raised is first or isinstance(raised, LedgerError | asyncio.CancelledError)
        if isinstance(ledger, FailingLedger):
            ledger.step = None
        return first, await run(leads, done, ledger=ledger, owner="second")

    first, second = asyncio.run(both())

    if first.outcomes:  # one that is cancelled before its first step has none
        assert set((first.vendor.applied + second.vendor.applied).values()) <= {1}
        for row, outcome in first.outcomes.items():
            if outcome.status in UNDECIDED and failure is None:
                assert second.outcomes[row].status is Status.COMMENTED
            if outcome.status in {Status.COMMENTED, Status.UNCERTAIN}:
                assert row not in second.vendor.applied
