"""The loop that a delivery runs in: the caller's own, or one on a thread of ours."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from ctnb.delivery.client import open_client
from ctnb.delivery.interrupts import Interrupts
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.naming import refuse_other_names
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.writer import LedgerWriter
from ctnb.delivery.pace.limiter import rate_limiter_of
from ctnb.delivery.sender import Attribute, Sender
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import RunLedger
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Answers, Status

log = logging.getLogger("ctnb")

TICK: Final = 0.1
"""Seconds between two looks at a run from outside: what progress and an interrupt wait for at the most."""

T = TypeVar("T")


async def deliver(
    plan: Plan,
    connection: Connection,
    *,
    attribute: Attribute,
    rules: str,
    resend: frozenset[Status],
    limit: int | None,
    counts: ProgressCounts,
    answers: Answers,
) -> None:
    """Deliver a plan's leads in the running loop.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    attribute : callable
        Finds which rule won.
    rules : str
        Fingerprint of the rules.
    resend : frozenset of Status
        Earlier outcomes that are sent again.
    limit : int or None
        Leads that are sent at the most.
    counts : ProgressCounts
        Updated as the run goes on.
    answers : Answers
        Filled by row of the plan; it holds each of ``plan.sent`` at the end, however the run ends.

    Raises
    ------
    ConfigError
        When earlier runs named the leads otherwise.
    LedgerError
        When the ledger cannot be used, and no request was sent.
    KeyboardInterrupt, CancelledError
        When the user interrupts and the running loop is the main thread's: as asyncio itself does.
    """
    terms = Terms(owner=secrets.token_hex(16), rules=rules, resend=resend)
    sender: Sender | None = None

    def stop() -> None:
        if sender is not None:
            sender.interrupt()

    interrupts = Interrupts(stop, loop=asyncio.get_running_loop())
    try:
        async with contextlib.AsyncExitStack() as opened:
            opened.enter_context(interrupts)
            ledger = open_ledger(connection)
            opened.callback(_close, ledger)
            refuse_other_names(plan, connection, ledger)
            writer = opened.enter_context(LedgerWriter(ledger, terms))
            client = await opened.enter_async_context(open_client(connection))
            limiter = rate_limiter_of(connection)
            sender = Sender(
                plan,
                connection,
                client,
                limiter,
                writer,
                attribute=attribute,
                counts=counts,
                answers=answers,
                limit=limit,
            )
            await sender.run()
    finally:
        await _raise_interrupt(interrupts)


async def _raise_interrupt(interrupts: Interrupts) -> None:
    """Raise the interrupt that came while a run in this loop was under way."""
    if interrupts.arrived:
        # Whatever is raised may end the loop, and other runs in it drain, too.
        while not interrupts.ended:  # noqa: ASYNC110  a signal has no event
            await asyncio.sleep(TICK)
        interrupts.hand_on()
        await asyncio.sleep(0)  # a handler of asyncio's cancels the task
        raise KeyboardInterrupt


def _close(ledger: RunLedger) -> None:
    """Close a ledger; what fails now was recorded or shown before, and must not cost the user the run's answers."""
    try:
        ledger.close()
    except LedgerError as failure:
        log.warning("The ledger could not be closed: %s", failure)


def run_sync(work: Callable[[], Coroutine[Any, Any, T]], *, tick: Callable[[], None]) -> T:
    """Run a coroutine to its end in a loop and a thread of its own.

    It works in a script and under a live loop alike, on every system. The calling thread waits.

    Parameters
    ----------
    work : callable
        Makes the coroutine.
    tick : callable
        Called in the calling thread about ten times a second while it waits.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts, once or many times: the coroutine is cancelled, once, and waited for before.
    """
    runner = _Runner(work)
    with Interrupts(runner.cancel) as interrupts:
        broken = _waited_for(runner, tick)
    if interrupts.arrived:
        interrupts.hand_on()
        raise KeyboardInterrupt
    if broken is not None:
        raise broken
    return runner.result()


def _waited_for(runner: _Runner[Any], tick: Callable[[], None]) -> BaseException | None:
    """Carry a runner to its end; return what the tick raised first, for which it was cancelled."""
    thread = threading.Thread(target=runner.run, name="ctnb-run", daemon=True)
    broken: BaseException | None = None
    thread.start()
    # Short waits, because Windows does not interrupt a long one; on an event, because an interrupted join takes a live
    # thread for an ended one.
    while not runner.ended.is_set():
        try:
            if not runner.ended.wait(TICK) and broken is None:
                tick()
        except BaseException as error:  # noqa: BLE001  a fault of the display: the run is drained first
            broken = broken or error
            runner.cancel()
    thread.join()
    return broken


class _Runner(Generic[T]):
    """A coroutine that runs in another thread."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self.ended = threading.Event()
        self._is_cancelled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Run to the end; what it raises is kept for `result`."""
        try:
            self._value = asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            self._error = error
        finally:
            self.ended.set()

    async def _main(self) -> T:
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        if self._is_cancelled:
            raise asyncio.CancelledError
        return await self._work()

    def cancel(self) -> None:
        """Cancel the coroutine from another thread, once; it takes no lock, and so may be called by a signal."""
        if not self._is_cancelled:
            self._is_cancelled = True
            if self._loop is not None and self._task is not None:
                # A loop that has just ended takes no calls.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._task.cancel)

    def result(self) -> T:
        """Return what the coroutine returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return cast("T", self._value)
