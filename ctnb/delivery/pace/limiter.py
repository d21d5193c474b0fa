"""The rate limiter: at most so many requests in any sliding second, as the server sees them.

A slot is taken after connecting and given back when the request is written; its stamp is the moment of writing, which
is the nearest to what the server sees. After a 429 nobody gets a slot until the pause is over. All processes of the
machine share the slots, because the vendor counts by address (contract, Limits).
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
from typing import TYPE_CHECKING, Final

from ctnb.delivery.pace.history import MemoryStore, Rate
from ctnb.delivery.pace.hold_up import HoldUp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.delivery.pace.history import History, HistoryStore

POLL: Final = 0.005
"""Seconds between looks at a slot that another one holds; it waits out most of a gap after it, so none is lost."""


class RateLimiter:
    """Gives slots, each for writing one request.

    Parameters
    ----------
    rate : float
        Requests a second; ``inf`` gives slots at once.
    store : HistoryStore, optional
        Shared with the other limiters of the same address; without one it is this limiter's own.
    clock : callable
        Monotonic seconds, the same for all that share the store. Since Python 3.10 `time.perf_counter` counts
        from one moment for all processes, on every system; on Windows `time.monotonic` steps by 16 ms.
    sleep : callable
        Awaitable pause in seconds.
    """

    def __init__(
        self,
        rate: float,
        store: HistoryStore | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._rate = Rate(rate)
        self.store = MemoryStore() if store is None else store
        self._clock = clock
        self._sleep = sleep

    async def take(self) -> None:
        """Wait for a slot; every slot taken must be given back with `written` or `drop`."""
        if self._rate.is_unlimited:
            await self._wait_until(lambda history, _: history.paused_until)
            return
        # Polled, because runs in several threads and processes have no loop in common. One limiter of this process
        # at a time polls the machine's slot.
        while not self.store.queue.acquire(blocking=False):
            await self._sleep(POLL)
        try:
            hold_up = HoldUp(self._clock)
            while not self.store.take_slot():
                if hold_up.wants_to_look:
                    history = self._read()
                    hold_up.look(history, is_paused=self._clock() < history.paused_until)
                await self._sleep(POLL)
        except BaseException:
            self.store.queue.release()
            raise
        try:
            self._change(lambda history, now: history.taken(holder_name(), now))
            await self._wait_until(self._rate.due)
            self._change(lambda history, _: history.marked_busy())
        except BaseException:
            self._free()
            raise

    def written(self) -> None:
        """Give the slot back: the request is written now."""
        if not self._rate.is_unlimited:
            self._change(lambda history, now: history.stamped(now))
            self._free()

    def drop(self) -> None:
        """Give the slot back: nothing was written."""
        if not self._rate.is_unlimited:
            self._change(lambda history, _: history.dropped())
            self._free()

    def pause(self, seconds: float) -> None:
        """Give no slot for so many seconds, at most `LONGEST_PAUSE`, and allow for more jitter: the answer to a 429."""
        self._change(lambda history, now: history.limited(now, seconds))

    def _free(self) -> None:
        self.store.free_slot()
        self.store.queue.release()

    def _change(self, change: Callable[[History, float], History]) -> History:
        """Change the history; the clock is read when nobody else can write a later time."""

        def changed(history: History) -> History:
            now = self._clock()
            return change(history.at(now), now)

        return self.store.change(changed)

    def _read(self) -> History:
        return self._change(lambda history, _: history)

    async def _wait_until(self, due: Callable[[History, float], float]) -> None:
        # Looked at anew after each sleep: another process may have paused everybody.
        while (left := self._left(due)) > 0:
            await self._sleep(left)

    def _left(self, due: Callable[[History, float], float]) -> float:
        history, now = self._read(), self._clock()
        return due(history, now) - now


def holder_name() -> str:
    """Return how this process is named to those that wait for it."""
    return f"process {os.getpid()} on {platform.node()}"
