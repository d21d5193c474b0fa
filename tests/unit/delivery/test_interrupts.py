"""Signals while a run is under way: held, and handed on when it has ended."""

import asyncio
import signal
import sys
import threading

import pytest

from ctnb.delivery.interrupts import Interrupts

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture(autouse=True)
def usual_handlers():
    """Begin with the handlers of a plain Python, whatever this suite was started under."""
    before = [signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGTERM, signal.SIG_DFL)]
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


def handlers():
    return [signal.getsignal(number) for number in SIGNALS]


def arrived(*numbers, **settings):
    """Send signals while a run is under way, and return how often it was asked to stop, and what came."""
    stops = []
    with Interrupts(lambda: stops.append(1), **settings) as interrupts:
        for number in numbers:
            signal.raise_signal(number)
    return len(stops), interrupts


@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 5, SIGNALS * 3])
def test_signals_ask_a_run_to_stop_and_raise_nothing_in_it(numbers):
    before = handlers()

    stops, interrupts = arrived(*numbers)

    assert stops == len(numbers)
    assert interrupts.arrived == list(dict.fromkeys(numbers))
    assert handlers() == before


def test_without_a_signal_nothing_is_handed_on():
    stops, interrupts = arrived()

    interrupts.hand_on()
    assert (stops, interrupts.arrived) == (0, [])


@pytest.mark.parametrize("handler", [signal.SIG_DFL, lambda *_: None], ids=["default", "its own"])
def test_the_handler_of_sigterm_is_put_back(handler):
    signal.signal(signal.SIGTERM, handler)

    arrived(signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) == handler


def test_a_handler_of_the_callers_gets_the_signal_when_the_run_has_ended():
    seen = []
    signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))

    _, interrupts = arrived(signal.SIGTERM, signal.SIGTERM)
    assert seen == []
    interrupts.hand_on()
    assert seen == [signal.SIGTERM]


def test_the_default_handler_of_sigint_raises_when_the_run_has_ended():
    _, interrupts = arrived(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupts.hand_on()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_is_ignored_stays_ignored(number):
    signal.signal(number, signal.SIG_IGN)

    stops, interrupts = arrived(number)

    assert (stops, interrupts.arrived) == (0, [])
    assert signal.getsignal(number) == signal.SIG_IGN


def test_handlers_are_put_back_when_the_run_breaks():
    before = handlers()

    with pytest.raises(ZeroDivisionError), Interrupts(lambda: None):
        raise ZeroDivisionError

    assert handlers() == before


def test_another_thread_leaves_the_handlers_alone():
    before, seen = handlers(), []

    def run():
        with Interrupts(lambda: None):
            seen.extend(handlers())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert seen == before


def test_two_runs_that_overlap_stop_both_and_the_last_puts_the_handlers_back():
    before, stops = handlers(), []
    first, second = (Interrupts(lambda name=name: stops.append(name)) for name in ("first", "second"))
    first.__enter__()
    second.__enter__()

    signal.raise_signal(signal.SIGINT)
    first.__exit__()
    signal.raise_signal(signal.SIGINT)
    assert not first.ended
    assert handlers() != before
    second.__exit__()

    assert stops == ["first", "second", "second"]
    assert handlers() == before
    assert first.ended
    with pytest.raises(KeyboardInterrupt):
        first.hand_on()
    second.hand_on()  # once is enough


def test_a_run_in_the_callers_loop_leaves_his_own_handlers_alone():
    seen = []
    signal.signal(signal.SIGINT, lambda number, _: seen.append(number))

    async def main():
        return arrived(signal.SIGINT, signal.SIGTERM, loop=asyncio.get_running_loop())[1].arrived

    with asyncio.Runner() as runner:
        assert runner.run(main()) == [signal.SIGTERM]
    assert seen == [signal.SIGINT]


def test_a_run_in_a_loop_of_asyncios_is_stopped_in_the_loop_and_cancelled_when_it_has_ended():
    async def main():
        asked = asyncio.Event()
        with Interrupts(asked.set, loop=asyncio.get_running_loop()) as interrupts:
            for _ in range(3):
                signal.raise_signal(signal.SIGINT)
            await asked.wait()
            ended.append("drained")
        interrupts.hand_on()
        await asyncio.sleep(0)
        ended.append("not cancelled")

    ended = []
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())

    assert ended == ["drained"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("closed", [False, True])
def test_a_loop_that_was_left_with_a_run_in_it_holds_nothing(closed):
    async def main():
        with Interrupts(lambda: None, loop=asyncio.get_running_loop()):
            await asyncio.Event().wait()

    loop, before = asyncio.new_event_loop(), handlers()
    work = loop.create_task(main())
    loop.call_soon(loop.call_soon, loop.stop)
    loop.run_forever()
    assert handlers() != before
    if closed:
        loop.close()

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not closed:
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(work)
        loop.close()


def test_a_run_that_is_given_up_late_leaves_a_newer_handler_alone():
    interrupts = Interrupts(lambda: None)
    interrupts.__enter__()
    newer = lambda *_: None  # noqa: E731
    signal.signal(signal.SIGTERM, newer)

    interrupts.__exit__()

    assert signal.getsignal(signal.SIGTERM) is newer
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no loop with handlers of its own")
def test_a_handler_of_the_callers_loop_is_called_at_once_and_once():
    async def main():
        seen = []
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: seen.append(1))
        _, interrupts = arrived(signal.SIGTERM, loop=asyncio.get_running_loop())
        interrupts.hand_on()
        await asyncio.sleep(0.01)
        return seen, interrupts.arrived

    assert asyncio.run(main()) == ([1], [])
