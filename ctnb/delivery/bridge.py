"""The bridge to sync: a coroutine in a loop on a thread of ours, while the caller waits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from ctnb.delivery.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

TICK: Final = 0.1
"""Seconds between two looks at a run from outside: what progress and an interrupt wait for at the most."""

T = TypeVar("T")


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
