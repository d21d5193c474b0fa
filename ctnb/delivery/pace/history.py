"""The rate limiter's history: when requests to one address were last written, and what a 429 asked for.

A history is kept in memory here. `ctnb.delivery.pace.shared_file` keeps one for all processes of the machine, and
`ctnb.delivery.pace.shared_postgres` one for the machines of a team that share an outside address.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

KEPT: Final = 1000
"""Write times kept at the most; a rate above it is an emulator's."""

JITTER: Final = 0.007
"""Seconds allowed for between our write time and the server's; a 429 doubles it, up to `MOST_JITTER`."""

MOST_JITTER: Final = 0.25

RELAXING: Final = 600.0
"""Seconds without a 429 in which what was added to the jitter halves: whoever shared the address may be gone."""

LONGEST_PAUSE: Final = 60.0
"""Seconds of the longest pause after a 429; when a longer one is asked for, the run stops."""


@dataclass(frozen=True, slots=True)
class History:
    """What was written lately; times are seconds of a clock that all processes of the machine share.

    Attributes
    ----------
    stamps : tuple of float
        When requests were written, ascending, `KEPT` at the most.
    busy : bool
        Whether a request may be on its way that has no stamp yet.
    paused_until : float
        No request before it.
    jitter : float
        Seconds that were allowed for at the latest 429.
    limited_at : float
        The latest 429.
    holder : str
        Process that has the slot, or had it last.
    whole : bool
        False when what was kept is damaged: requests may have been written just now.
    """

    stamps: tuple[float, ...] = ()
    busy: bool = False
    paused_until: float = -math.inf
    jitter: float = JITTER
    limited_at: float = -math.inf
    holder: str = ""
    whole: bool = True

    def at(self, now: float) -> History:
        """Return what holds now: a damaged history is full of requests, and the future is from before a reboot."""
        if not self.whole:
            return History(stamps=(now,) * KEPT)
        return replace(
            self,
            stamps=self.stamps if not self.stamps or self.stamps[-1] <= now else self._past(now),
            paused_until=self.paused_until if self.paused_until <= now + LONGEST_PAUSE else -math.inf,
            limited_at=self.limited_at if self.limited_at <= now else -math.inf,
        )

    def _past(self, now: float) -> tuple[float, ...]:
        return tuple(stamp for stamp in self.stamps if stamp <= now)

    def taken(self, holder: str, now: float) -> History:
        """Return the history for the next holder of the slot: a busy one was left by a holder that died."""
        return replace(self.stamped(now) if self.busy else self, holder=holder)

    def marked_busy(self) -> History:
        """Note that a request may be written from now on."""
        return replace(self, busy=True)

    def stamped(self, now: float) -> History:
        """Note that a request was written."""
        return replace(self, stamps=(*self.stamps, now)[-KEPT:], busy=False)

    def dropped(self) -> History:
        """Note that nothing was written after all."""
        return replace(self, busy=False)

    def limited(self, now: float, seconds: float) -> History:
        """Pause after a 429 and allow for more jitter from then on; those that come in a pause count once."""
        jitter = min(2 * self.jitter_at(now), MOST_JITTER) if now >= self.paused_until else self.jitter
        until = max(self.paused_until, now + min(seconds, LONGEST_PAUSE))
        return replace(self, paused_until=until, jitter=jitter, limited_at=now)

    def jitter_at(self, now: float) -> float:
        """Return the jitter to allow for, in seconds: less and less as the latest 429 goes by."""
        return max(JITTER, self.jitter * math.exp2((self.limited_at - now) / RELAXING))


SPACING: Final = 0.9
"""Least gap between two requests, as a share of the even one: a small burst, not a volley."""


class Rate:
    """A rate, and from when the next request may be written under it.

    Parameters
    ----------
    per_second : float
        Requests a second; ``inf`` is kept to by nobody.
    """

    def __init__(self, per_second: float) -> None:
        self.is_unlimited = math.isinf(per_second)
        self.burst = 1 if self.is_unlimited else min(max(1, math.floor(per_second)), KEPT)
        self.window = self.burst / per_second
        self._gap = SPACING / per_second

    def due(self, history: History, now: float) -> float:
        """Return the moment from which the next request may be written."""
        stamps = history.stamps
        due = history.paused_until
        if stamps:
            due = max(due, stamps[-1] + self._gap)
        if len(stamps) >= self.burst:
            due = max(due, stamps[-self.burst] + self.window + history.jitter_at(now))
        return due


Change: TypeAlias = Callable[[History], History]


class HistoryStore(Protocol):
    """Where a history is kept, and who has the slot; nothing here waits, and nothing raises."""

    @property
    def queue(self) -> threading.Lock:
        """Held by the one limiter of this process that waits for the slot, or has it."""
        ...

    def take_slot(self) -> bool:
        """Take the slot if it is free; only the holder of the queue asks."""
        ...

    def free_slot(self) -> None:
        """Give the slot back."""
        ...

    def change(self, change: Change) -> History:
        """Change the history in one step and return it changed; no slot is needed for it."""
        ...


class MemoryStore:
    """A history in the memory of this process, shared by its threads."""

    def __init__(self) -> None:
        self.queue = threading.Lock()
        self._lock = threading.Lock()
        self._history = History()

    def take_slot(self) -> bool:
        """Take the slot: the holder of the queue has it."""
        return True

    def free_slot(self) -> None:
        """Give the slot back, with the queue."""

    def change(self, change: Change) -> History:
        """Change the history; see `HistoryStore.change`."""
        with self._lock:
            self._history = change(self._history)
            return self._history
