"""The ledger writer: what several batches ask at once is one durable change, and none of them spoils another."""

import asyncio
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from stub_comments import PlainLedger, PlainMemoryLedger

from ctnb.delivery.ledger import writer as writer_module
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import DurableLedger, Terms
from ctnb.delivery.ledger.writer import LedgerWriter
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

RUN = Terms("run", "rules")
DONE = Outcome(Status.COMMENTED, call_id="1")


def names(*numbers):
    return [number.to_bytes(32, "big") for number in numbers]


class Watched(PlainLedger):
    """A ledger that waits with its first change until it may go on, and notes what was one change."""

    def __init__(self, path):
        super().__init__(path)
        self.go_on, self.begun, self.changes = threading.Event(), threading.Event(), []

    @contextmanager
    def together(self):
        with super().together():
            self.changes.append("together")
            yield

    def claim(self, identities, terms, most=None):
        self.begun.set()
        self.go_on.wait(10)
        return super().claim(identities, terms, most)


@pytest.fixture
def ledger(tmp_path):
    watched = Watched(tmp_path / "ledger.sqlite3")
    yield watched
    watched.close()


def states(ledger):
    wanted = names(*range(100))
    found = zip(wanted, ledger.entries(wanted), strict=True)
    return {int.from_bytes(identity, "big"): known.state for identity, known in found if known}


def test_a_file_is_a_ledger_that_waits_for_a_disk_and_memory_is_none(ledger):
    assert isinstance(ledger, DurableLedger)
    assert not isinstance(MemoryLedger(), DurableLedger)


async def test_what_is_asked_while_the_disk_is_busy_is_one_change(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        claimed = writer.claim(names(*range(6)))
        assert ledger.begun.wait(10)
        intents = [writer.intend(names(number), f"attempt {number}") for number in range(6)]
        records = [writer.record(dict.fromkeys(names(number), DONE), f"attempt {number}") for number in range(3)]
        ledger.go_on.set()
        assert await claimed == [None] * 6
        await asyncio.gather(*intents, *records)

        assert ledger.changes == ["together"]
        assert states(ledger) == {
            0: "commented",
            1: "commented",
            2: "commented",
            3: "sending",
            4: "sending",
            5: "sending",
        }


async def test_one_that_fails_does_not_spoil_those_beside_it(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        writer.claim(names(1, 2, 3))
        assert ledger.begun.wait(10)
        asked = [writer.intend(names(number), f"attempt {number}") for number in (1, 99, 2)]
        ledger.go_on.set()
        first, stranger, second = await asyncio.gather(*asked, return_exceptions=True)

        assert (first, second) == (None, None)
        assert isinstance(stranger, LedgerError)
        assert states(ledger) == {1: "sending", 2: "sending", 3: "claimed"}


async def test_half_of_a_batch_is_never_intended(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        writer.claim(names(1, 2))
        assert ledger.begun.wait(10)
        asked = [writer.intend(names(1, 99), "a"), writer.intend(names(2), "b")]
        ledger.go_on.set()
        await asyncio.gather(*asked, return_exceptions=True)

        assert states(ledger) == {1: "claimed", 2: "sending"}


async def test_who_asked_may_be_gone(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        writer.claim(names(1)).cancel()
        assert ledger.begun.wait(10)
        intended = writer.intend(names(1), "a")
        ledger.go_on.set()
        await intended

    assert states(ledger) == {1: "sending"}


async def test_everything_that_was_asked_is_carried_out_before_the_writer_leaves(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        writer.claim(names(1, 2))
        assert ledger.begun.wait(10)
        writer.intend(names(1, 2), "a")
        writer.record(dict.fromkeys(names(1, 2), DONE), "a")
        ledger.go_on.set()

    assert states(ledger) == {1: "commented", 2: "commented"}


async def test_what_was_asked_before_is_kept_when_the_writer_has_caught_up(ledger):
    with LedgerWriter(ledger, RUN) as writer:
        claimed = writer.claim(names(1))
        assert ledger.begun.wait(10)
        intended = writer.intend(names(1), "a")
        ledger.go_on.set()
        await writer.caught_up()

        assert claimed.done()
        assert intended.done()


async def test_claims_let_everything_else_go_first(ledger):
    order = []
    with LedgerWriter(ledger, RUN) as writer:
        first = writer.claim(names(1))
        assert ledger.begun.wait(10)
        asked = {
            "claim": writer.claim(names(2)),
            "caught up": writer.caught_up(),
            "intent": writer.intend(names(1), "a"),
        }
        for name, answered in asked.items():
            answered.add_done_callback(lambda _, name=name: order.append(name))
        ledger.go_on.set()
        await asyncio.gather(first, *asked.values())

    assert order == ["intent", "claim", "caught up"]


async def test_a_ledger_in_memory_is_asked_at_once():
    with LedgerWriter(PlainMemoryLedger(), RUN) as writer:
        assert writer.claim(names(1)).result() == [None]
        assert isinstance(writer.intend(names(2), "a").exception(), LedgerError)


async def test_outcomes_wait_for_the_next_intent_and_are_one_change_with_it(ledger, monkeypatch):
    monkeypatch.setattr(writer_module, "GATHERING", 60)
    ledger.go_on.set()
    with LedgerWriter(ledger, RUN) as writer:
        await writer.claim(names(1, 2))
        await writer.intend(names(1), "a")
        recorded = writer.record(dict.fromkeys(names(1), DONE), "a")
        await asyncio.sleep(0.05)
        assert not recorded.done()
        await writer.intend(names(2), "b")

        assert recorded.done()
        assert ledger.changes == ["together"]


async def test_outcomes_do_not_wait_for_ever(ledger):
    ledger.go_on.set()
    with LedgerWriter(ledger, RUN) as writer:
        await writer.claim(names(1))
        await writer.intend(names(1), "a")
        await asyncio.wait_for(writer.record(dict.fromkeys(names(1), DONE), "a"), 10)

        assert states(ledger) == {1: "commented"}


def test_outcomes_wait_no_longer_for_more_outcomes():
    waiting = SimpleNamespace(can_wait=True)
    assert writer_module._seconds_for_more([waiting], [], until=0.0) == 0
    assert writer_module._seconds_for_more([waiting, waiting], [], until=float("inf")) > 0
    assert writer_module._seconds_for_more([waiting, SimpleNamespace(can_wait=False)], [], until=float("inf")) == 0


async def test_outcomes_that_wait_are_kept_when_the_writer_leaves(ledger, monkeypatch):
    monkeypatch.setattr(writer_module, "GATHERING", 60)
    ledger.go_on.set()
    with LedgerWriter(ledger, RUN) as writer:
        await writer.claim(names(1))
        await writer.intend(names(1), "a")
        writer.record(dict.fromkeys(names(1), DONE), "a")

    assert states(ledger) == {1: "commented"}


async def test_a_run_that_asks_nothing_renews_its_lease(ledger):
    renewed = asyncio.Event()
    loop = asyncio.get_running_loop()
    ledger.renewal, ledger.renew = 0.01, lambda: loop.call_soon_threadsafe(renewed.set)

    with LedgerWriter(ledger, RUN):
        await asyncio.wait_for(renewed.wait(), 10)
