"""Hold-ups: a slot that one holder keeps while others wait, as a suspended process does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.delivery.pace.history import History

LONG: Final = 5.0
"""Seconds that one holder keeps the slot, no pause being on, until those who wait for it say so."""

LOOK_EVERY: Final = 0.5
"""Seconds between two looks at the history: it takes its guard, and others want it."""

_log = logging.getLogger(__name__)


class HoldUp:
    """Watches one wait for a slot, and logs who keeps it; it goes on waiting, for a suspended request may be written.

    Parameters
    ----------
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next = self._since = clock()
        self._seen: tuple[object, ...] = ()
        self._has_warned = False

    @property
    def wants_to_look(self) -> bool:
        """Whether it is time to look at the history."""
        if self._clock() < self._next:
            return False
        self._next = self._clock() + LOOK_EVERY
        return True

    def look(self, history: History, *, is_paused: bool) -> None:
        """Look at the history; a pause is no hold-up."""
        now = self._clock()
        seen = history.holder, history.stamps[-1:]
        if seen != self._seen or is_paused:
            self._seen, self._since, self._has_warned = seen, now, False
        elif now - self._since >= LONG and not self._has_warned:
            self._has_warned = True
            _log.warning(
                "The turn to send has been held for %.0f seconds by %s, which may be suspended. This run waits for it: "
                "let that process go on, or end it.",
                now - self._since,
                history.holder or "another process",
            )
