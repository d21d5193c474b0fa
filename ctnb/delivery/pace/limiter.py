"""The pace: at most so many requests in any sliding second, as the server sees them.

A turn is taken after connecting and given back when the request is written; its stamp is the moment
of writing, for that is the nearest to what the server sees. All processes of the machine take turns:
the vendor counts by address (contract, Limits).
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ctnb.delivery.pace.history import KEPT, MemoryRing
from ctnb.delivery.pace.shared_file import ring_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.connection import Connection
    from ctnb.delivery.pace.history import Ring, Trail

SPACING: Final = 0.9
"""Least gap between two requests, as a share of the even one: a small burst, not a volley."""

POLL: Final = 0.005
"""Seconds between looks at a turn that another one holds; it waits out most of a gap after it, so none is lost."""


class Pace:
    """Gives turns to write a request.

    Parameters
    ----------
    rate : float
        Requests a second; ``inf`` gives turns at once.
    ring : Ring, optional
        Shared with the other paces of the same address; without one it is this pace's own.
    clock : callable
        Monotonic seconds, the same for all that share the ring. Since Python 3.10 `time.perf_counter` counts
        from one moment for all processes, on every system; on Windows `time.monotonic` steps by 16 ms.
    sleep : callable
        Awaitable pause in seconds.
    """

    def __init__(
        self,
        rate: float,
        ring: Ring | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._unlimited = math.isinf(rate)
        self._burst = 1 if self._unlimited else min(max(1, math.floor(rate)), KEPT)
        self._window = self._burst / rate
        self._gap = SPACING / rate
        self._ring = MemoryRing() if ring is None else ring
        self._clock = clock
        self._sleep = sleep

    async def take(self) -> None:
        """Wait for a turn; every turn taken must be given back with `written` or `drop`."""
        if self._unlimited:
            await self._wait_until(lambda trail, _: trail.paused_until)
            return
        # Looked at now and then, for runs in several threads and processes have no loop in common. One of
        # this process at a time looks at the machine's turn.
        while not self._ring.queue.acquire(blocking=False):
            await self._sleep(POLL)
        try:
            while not self._ring.take():
                await self._sleep(POLL)
        except BaseException:
            self._ring.queue.release()
            raise
        try:
            self._change(lambda trail, now: trail.recovered(now))
            await self._wait_until(self._due)
            self._change(lambda trail, _: trail.marked())
        except BaseException:
            self._give()
            raise

    def written(self) -> None:
        """Give the turn back: the request is written now."""
        if not self._unlimited:
            self._change(lambda trail, now: trail.stamped(now))
            self._give()

    def drop(self) -> None:
        """Give the turn back: nothing was written."""
        if not self._unlimited:
            self._change(lambda trail, _: trail.dropped())
            self._give()

    def pause(self, seconds: float) -> None:
        """Give nobody a turn for so many seconds, and leave more room from then on: the server said 429."""
        self._change(lambda trail, now: trail.refused(now, seconds))

    def _give(self) -> None:
        self._ring.give()
        self._ring.queue.release()

    def _change(self, change: Callable[[Trail, float], Trail]) -> Trail:
        """Change the trail; the clock is read when nobody else can write a later time."""

        def changed(trail: Trail) -> Trail:
            now = self._clock()
            return change(trail.at(now), now)

        return self._ring.change(changed)

    async def _wait_until(self, due: Callable[[Trail, float], float]) -> None:
        # Looked at anew after each sleep: another process may have paused everybody.
        while (left := self._left(due)) > 0:
            await self._sleep(left)

    def _left(self, due: Callable[[Trail, float], float]) -> float:
        trail, now = self._change(lambda trail, _: trail), self._clock()
        return due(trail, now) - now

    def _due(self, trail: Trail, now: float) -> float:
        """Return the moment from which the next request may be written."""
        stamps = trail.stamps
        due = trail.paused_until
        if stamps:
            due = max(due, stamps[-1] + self._gap)
        if len(stamps) >= self._burst:
            due = max(due, stamps[-self._burst] + self._window + trail.room(now))
        return due


_rings: dict[tuple[object, ...], Ring] = {}
_rings_lock = threading.Lock()


def pace_of(connection: Connection) -> Pace:
    """Return a connection's pace: all processes of the machine that send to its host and port share it.

    An unlimited one is an emulator's, and shares its pauses with the runs of this process alone.
    """
    address = address_of(connection.base_url)
    limited = math.isfinite(connection.rate)
    make = partial(ring_of, address, loopback=connection.loopback) if limited else MemoryRing
    # A process that was forked has turns of its own.
    key = (os.getpid(), address, limited)
    with _rings_lock:
        if key not in _rings:
            _rings[key] = make()
        return Pace(connection.rate, _rings[key])


def address_of(base_url: str) -> str:
    """Return host and port."""
    parts = urlsplit(base_url)
    return f"{parts.hostname}:{parts.port or {'http': 80}.get(parts.scheme, 443)}"
