"""The bridge between a run and whoever waits for it: scripts, live loops, interrupts."""

import asyncio
import signal
import threading
import time
from _thread import interrupt_main
from contextlib import contextmanager

import pytest

import ctnb
from ctnb import Call
from ctnb import run as verbs
from ctnb.delivery.bridge import run_sync
from ctnb.delivery.sender import Sender


@pytest.fixture(autouse=True)
def usual_handlers():
    """Begin with the handlers of a plain Python, whatever this suite was started under."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, before[0])
    signal.signal(signal.SIGTERM, before[1])


def nothing():
    """A tick that does nothing."""


def raising(error):
    """Make a tick that raises, once it is called."""

    def tick():
        raise error

    return tick


class Work:
    """A coroutine that ends only when it is cancelled, and then has something to finish."""

    def __init__(self, *, times=1, when_cancelled=nothing):
        self.times, self.when_cancelled = times, when_cancelled
        self.cancelled, self.drained = 0, False

    async def __call__(self):
        while self.cancelled < self.times:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                await asyncio.sleep(0.02)
                self.when_cancelled()
        self.drained = True


async def test_a_run_works_under_a_running_loop_in_a_thread_of_its_own():
    async def where():
        return asyncio.get_running_loop(), threading.current_thread()

    loop, thread = run_sync(where, tick=nothing)

    assert loop is not asyncio.get_running_loop()
    assert thread is not threading.current_thread()


def test_a_run_works_in_a_script():
    async def work():
        await asyncio.sleep(0)
        return 42

    assert run_sync(work, tick=nothing) == 42


def test_it_ticks_in_the_thread_that_waits():
    ticks = []

    async def work():
        while len(ticks) < 2:  # noqa: ASYNC110  another thread counts them
            await asyncio.sleep(0.005)

    run_sync(work, tick=lambda: ticks.append(threading.current_thread()))

    assert set(ticks) == {threading.current_thread()}


@pytest.mark.parametrize("error", [ctnb.LedgerError("disk full"), ZeroDivisionError(), asyncio.CancelledError()])
def test_what_the_work_raises_passes_through(error):
    async def work():
        raise error

    with pytest.raises(type(error)) as raised:
        run_sync(work, tick=nothing)

    assert raised.value is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("the terminal is gone")])
def test_an_interrupt_or_a_broken_display_drains_the_work_and_is_raised_then(error):
    work = Work()

    with pytest.raises(type(error)):
        run_sync(work, tick=raising(error))

    assert (work.drained, work.cancelled) == (True, 1)


def test_an_interrupt_outweighs_an_error_of_the_work():
    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            raise ctnb.LedgerError("disk full")

    with pytest.raises(KeyboardInterrupt):
        run_sync(work, tick=raising(KeyboardInterrupt()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2, 3, 20])
def test_interrupts_cancel_once_and_are_raised_when_all_is_drained(number, times):
    def interrupting():
        for _ in range(times):
            signal.raise_signal(number)

    work = Work(when_cancelled=lambda: [interrupt_main() for _ in range(times)])
    with pytest.raises(KeyboardInterrupt):
        run_sync(work, tick=interrupting)

    assert (work.drained, work.cancelled) == (True, 1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert "ctnb-run" not in {thread.name for thread in threading.enumerate()}


def test_an_interrupt_before_the_first_step_lets_nothing_begin(monkeypatch):
    begun = []

    async def work():
        begun.append(1)

    class Late(threading.Thread):
        """A thread that begins when the interrupt has come."""

        def run(self):
            time.sleep(0.05)
            super().run()

        def start(self):
            super().start()
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(threading, "Thread", Late)
    with pytest.raises(KeyboardInterrupt):
        run_sync(work, tick=nothing)

    assert begun == []


def test_an_interrupt_when_the_work_has_just_ended_is_not_lost():
    async def work():
        asyncio.get_running_loop().call_soon(interrupt_main)

    with pytest.raises(KeyboardInterrupt):
        run_sync(work, tick=nothing)


# ---- the verbs ----------------------------------------------------------------------------------


@pytest.fixture
def journey(connect, deals, vendor):
    """What the verbs are given for a run of three batches, one after another."""
    connection = connect(vendor.base_url, concurrency=1)
    return (deals(250), Call("call"), "deal {call}"), {"connection": connection, "progress": False}


@pytest.fixture
def held(vendor):
    """Hold back the answer to the second batch until the event is set."""
    release = threading.Event()

    async def instead(writer, answer):
        while not release.is_set():  # noqa: ASYNC110  another thread sets it
            await asyncio.sleep(0.002)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)

    vendor.faults[2] = True, instead
    yield release
    release.set()


def assert_carried_on(done, vendor):
    """The run after an interrupt sends what is left, and nothing twice."""
    assert set(done["ct_status"]) == {"commented"}
    assert done["ct_call_id"].tolist() == [str(number) for number in done["call"]]
    assert done["ct_replayed"].sum() == 200
    assert list(map(len, vendor.posts)) == [100, 100, 50]
    assert set(vendor.applied.values()) == {1}


def test_an_interrupt_of_comment_drains_what_is_in_flight(journey, vendor, held, monkeypatch):
    @contextmanager
    def interrupting(_counts, **_):
        def tick():
            if len(vendor.posts) == 2:
                held.set()
                raise KeyboardInterrupt

        yield tick

    arguments, settings = journey
    with monkeypatch.context() as patched:
        patched.setattr(verbs, "progress_bar", interrupting)
        with pytest.raises(KeyboardInterrupt):
            ctnb.comment(*arguments, **settings)

    assert len(vendor.posts) == 2
    assert_carried_on(ctnb.comment(*arguments, **settings), vendor)


async def test_a_cancelled_acomment_drains_what_is_in_flight(journey, vendor, held):
    arguments, settings = journey
    task = asyncio.create_task(ctnb.acomment(*arguments, **settings))
    while len(vendor.posts) < 2:  # noqa: ASYNC110  the vendor's thread counts them
        await asyncio.sleep(0.002)

    task.cancel()
    await asyncio.sleep(0.02)
    assert not task.done()
    held.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert_carried_on(await ctnb.acomment(*arguments, **settings), vendor)


@pytest.mark.parametrize("times", [2, 3, 20])
async def test_acomment_cancelled_again_and_again_drains_what_is_in_flight(journey, vendor, held, times):
    arguments, settings = journey
    task = asyncio.create_task(ctnb.acomment(*arguments, **settings))
    while len(vendor.posts) < 2:  # noqa: ASYNC110  the vendor's thread counts them
        await asyncio.sleep(0.002)

    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.005)
    assert not task.done()
    held.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert_carried_on(await ctnb.acomment(*arguments, **settings), vendor)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("verb", ["comment", "acomment"])
def test_signals_drain_what_is_in_flight(journey, vendor, held, verb, number):
    arguments, settings = journey

    def call():
        if verb == "comment":
            ctnb.comment(*arguments, **settings)
        else:
            asyncio.run(ctnb.acomment(*arguments, **settings))

    def interrupting():
        while len(vendor.posts) < 2:
            time.sleep(0.002)
        for _ in range(5):
            signal.pthread_kill(threading.main_thread().ident, number)
            time.sleep(0.01)
        held.set()

    thread = threading.Thread(target=interrupting)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        call()
    thread.join()

    assert len(vendor.posts) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert_carried_on(ctnb.comment(*arguments, **settings), vendor)


async def interrupted_and_broken(_sender):
    signal.raise_signal(signal.SIGINT)
    raise ctnb.LedgerError("disk full")


def test_an_interrupt_outweighs_an_error_of_acomment_too(journey, monkeypatch):
    arguments, settings = journey
    monkeypatch.setattr(Sender, "run", interrupted_and_broken)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ctnb.acomment(*arguments, **settings))

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_signals_drain_two_runs_in_one_loop(journey, vendor, held):
    arguments, settings = journey

    async def both():
        await asyncio.gather(
            ctnb.acomment(*arguments, **settings), ctnb.acomment(*arguments, job="another", **settings)
        )

    def interrupting():
        while len(vendor.posts) < 2:
            time.sleep(0.002)
        for _ in range(3):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.01)
        held.set()

    thread = threading.Thread(target=interrupting)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(both())
    thread.join()

    done = ctnb.comment(*arguments, **settings)
    again = ctnb.comment(*arguments, job="another", **settings)
    assert set(done["ct_status"]) == set(again["ct_status"]) == {"commented"}
    assert set(vendor.applied.values()) == {2}


async def test_a_time_out_of_the_callers_is_the_callers(journey, vendor, held):
    arguments, settings = journey
    release = asyncio.get_running_loop().call_later(0.1, held.set)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ctnb.acomment(*arguments, **settings)

    release.cancel()
    assert set(vendor.applied.values()) <= {1}


async def test_comment_works_in_a_live_loop_beside_acomment(journey, vendor):
    arguments, settings = journey

    first = ctnb.comment(*arguments, **settings)
    second, third = await asyncio.gather(ctnb.acomment(*arguments, **settings), ctnb.acomment(*arguments, **settings))

    assert set(first["ct_status"]) == {"commented"}
    for again in (second, third):
        assert again["ct_replayed"].all()
        assert again["ct_call_id"].tolist() == first["ct_call_id"].tolist()
    assert len(vendor.posts) == 3
