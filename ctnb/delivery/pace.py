"""The pace: at most so many requests in any sliding second, as the server sees them.

A turn is taken after connecting and given back when the request is written; its stamp is the moment
of writing, for that is the nearest to what the server sees.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.connection import Connection

__all__ = ["Pace", "Ring", "pace_of"]

JITTER: Final = 0.007
"""Seconds allowed for between our stamp and the server's; a 429 doubles it, up to `MOST_JITTER`."""

MOST_JITTER: Final = 0.25

SPACING: Final = 0.9
"""Least gap between two requests, as a share of the even one: a small burst, not a volley."""

MOST_BURST: Final = 1000
"""Stamps kept; a rate above it is an emulator's."""

POLL: Final = 0.004
"""Seconds between looks at a turn that another thread holds."""


@dataclass(slots=True)
class Ring:
    """What all paces of one address share: the last stamps, the turn, and what a 429 asked for."""

    stamps: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_BURST))
    turn: threading.Lock = field(default_factory=threading.Lock)
    paused_until: float = -math.inf
    jitter: float = JITTER


class Pace:
    """Gives turns to write a request.

    Parameters
    ----------
    rate : float
        Requests a second; ``inf`` gives turns at once.
    ring : Ring, optional
        Shared with the other paces of the same address.
    clock : callable
        Monotonic seconds.
    sleep : callable
        Awaitable pause in seconds.
    """

    def __init__(
        self,
        rate: float,
        ring: Ring | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._unlimited = math.isinf(rate)
        self._burst = 1 if self._unlimited else min(max(1, math.floor(rate)), MOST_BURST)
        self._window = self._burst / rate
        self._gap = SPACING / rate
        self._ring = Ring() if ring is None else ring
        self._clock = clock
        self._sleep = sleep

    async def take(self) -> None:
        """Wait for a turn; every turn taken must be given back with `written` or `drop`."""
        if self._unlimited:
            await self._wait_until(lambda: self._ring.paused_until)
            return
        # A thread lock, looked at now and then: runs in several threads share one ring.
        while not self._ring.turn.acquire(blocking=False):
            await self._sleep(POLL)
        try:
            await self._wait_until(self._due)
        except BaseException:
            self._ring.turn.release()
            raise

    def written(self) -> None:
        """Give the turn back: the request is written now."""
        if not self._unlimited:
            self._ring.stamps.append(self._clock())
            self._ring.turn.release()

    def drop(self) -> None:
        """Give the turn back: nothing was written."""
        if not self._unlimited:
            self._ring.turn.release()

    def pause(self, seconds: float) -> None:
        """Give no turn for so many seconds, and leave more room from now on: the server said 429."""
        self._ring.paused_until = max(self._ring.paused_until, self._clock() + seconds)
        self._ring.jitter = min(2 * self._ring.jitter, MOST_JITTER)

    async def _wait_until(self, due: Callable[[], float]) -> None:
        while (left := due() - self._clock()) > 0:
            await self._sleep(left)

    def _due(self) -> float:
        """Return the moment from which the next request may be written."""
        stamps = self._ring.stamps
        due = self._ring.paused_until
        if stamps:
            due = max(due, stamps[-1] + self._gap)
        if len(stamps) >= self._burst:
            due = max(due, stamps[-self._burst] + self._window + self._ring.jitter)
        return due


_rings: dict[str, Ring] = {}
_rings_lock = threading.Lock()


def pace_of(connection: Connection) -> Pace:
    """Return a connection's pace, which shares its ring with all runs of this process to the same address."""
    with _rings_lock:
        return Pace(connection.rate, _rings.setdefault(connection.base_url, Ring()))
