"""What all requests to one address share: when the last ones were written, and what a 429 asked for.

A ring is kept in memory here; `ctnb.delivery.pace.shared_file` keeps one for all processes of the machine.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

KEPT: Final = 1000
"""Stamps kept at the most; a rate above it is an emulator's."""

JITTER: Final = 0.007
"""Seconds allowed for between our stamp and the server's; a 429 doubles it, up to `MOST_JITTER`."""

MOST_JITTER: Final = 0.25

RELAXING: Final = 600.0
"""Seconds without a 429 in which what was added to the jitter halves: who shared the address may be gone."""

LONGEST_PAUSE: Final = 60.0
"""Seconds that one 429 can ask for; a pause that ends later was written before the machine started anew."""


@dataclass(frozen=True, slots=True)
class Trail:
    """What was written lately; times are seconds of a clock that all processes of the machine share.

    Attributes
    ----------
    stamps : tuple of float
        When requests were written, ascending, `KEPT` at the most.
    busy : bool
        Whether one may be on its way that has no stamp yet.
    paused_until : float
        No request before it.
    jitter : float
        Seconds that were allowed for at the latest 429.
    refused_at : float
        The latest 429.
    whole : bool
        False when what was kept is damaged: requests may have been written just now.
    """

    stamps: tuple[float, ...] = ()
    busy: bool = False
    paused_until: float = -math.inf
    jitter: float = JITTER
    refused_at: float = -math.inf
    whole: bool = True

    def at(self, now: float) -> Trail:
        """Return what still holds: a damaged trail is full of requests, and the future is from before a reboot."""
        if not self.whole:
            return Trail(stamps=(now,) * KEPT)
        return replace(
            self,
            stamps=self.stamps if not self.stamps or self.stamps[-1] <= now else self._past(now),
            paused_until=self.paused_until if self.paused_until <= now + LONGEST_PAUSE else -math.inf,
            refused_at=self.refused_at if self.refused_at <= now else -math.inf,
        )

    def _past(self, now: float) -> tuple[float, ...]:
        return tuple(stamp for stamp in self.stamps if stamp <= now)

    def recovered(self, now: float) -> Trail:
        """Return the trail for who takes the turn: one that is still busy was left by a holder that died."""
        return self.stamped(now) if self.busy else self

    def marked(self) -> Trail:
        """Say that a request may be written from now on."""
        return replace(self, busy=True)

    def stamped(self, now: float) -> Trail:
        """Say that a request was written."""
        return replace(self, stamps=(*self.stamps, now)[-KEPT:], busy=False)

    def dropped(self) -> Trail:
        """Say that nothing was written after all."""
        return replace(self, busy=False)

    def refused(self, now: float, seconds: float) -> Trail:
        """Pause after a 429 and leave more room from then on; those that come in a pause are one refusal."""
        widened = min(2 * self.room(now), MOST_JITTER) if now >= self.paused_until else self.jitter
        until = max(self.paused_until, now + min(seconds, LONGEST_PAUSE))
        return replace(self, paused_until=until, jitter=widened, refused_at=now)

    def room(self, now: float) -> float:
        """Return the jitter to allow for, in seconds: less and less as the latest 429 goes by."""
        return max(JITTER, self.jitter * math.exp2((self.refused_at - now) / RELAXING))


Change: TypeAlias = Callable[[Trail], Trail]


class Ring(Protocol):
    """Where a trail is kept, and whose turn it is; nothing here waits, and nothing raises."""

    @property
    def queue(self) -> threading.Lock:
        """Held by the one of this process that waits for the turn, or has it."""
        ...

    def take(self) -> bool:
        """Take the turn if it is free; only who holds the queue asks."""
        ...

    def give(self) -> None:
        """Give the turn back."""
        ...

    def change(self, change: Change) -> Trail:
        """Change the trail, alone with it, and return it changed; it needs no turn."""
        ...


class MemoryRing:
    """A ring in the memory of this process, shared by its threads."""

    def __init__(self) -> None:
        self.queue = threading.Lock()
        self._alone = threading.Lock()
        self._trail = Trail()

    def take(self) -> bool:
        """Take the turn: it is whose the queue is."""
        return True

    def give(self) -> None:
        """Give the turn back, with the queue."""

    def change(self, change: Change) -> Trail:
        """Change the trail; see `Ring.change`."""
        with self._alone:
            self._trail = change(self._trail)
            return self._trail
