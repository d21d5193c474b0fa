"""How much of what goes wrong a run puts up with before it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.delivery.progress_counts import Stop
from ctnb.delivery.verdict import Answered, RateLimited, Stopped, Uncertain
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from ctnb.delivery.verdict import Verdict

TURNS_IN_A_ROW: Final = 5
LONGEST_PAUSE: Final = 60.0
"""Seconds that a 429 may ask for."""

DOUBTS_IN_A_ROW: Final = 3
WRONG_COUNTS: Final = 2
NAMELESS_IN_A_ROW: Final = 3


class StopPolicy:
    """Counts the verdicts of a run, in a row; each method returns why the run is to stop, or None."""

    def __init__(self) -> None:
        self._turns, self._doubts, self._wrong_counts, self._nameless = 0, 0, 0, 0
        self._turned_at = 0

    def judged(self, verdict: Verdict) -> Stop | None:
        """Count a verdict."""
        if not isinstance(verdict, RateLimited):
            self._turns = 0
        self._doubts = self._doubts + 1 if isinstance(verdict, Uncertain) else 0
        if isinstance(verdict, Answered):
            self._nameless = 0
        if isinstance(verdict, Stopped):
            return Stop(verdict.reason, verdict.message)
        if isinstance(verdict, Uncertain):
            self._wrong_counts += verdict.reason is Reason.WRONG_COUNT
            if verdict.stops or self._wrong_counts >= WRONG_COUNTS or self._doubts >= DOUBTS_IN_A_ROW:
                return Stop(Reason.STOPPED, f"the run stopped: {verdict.message}")
        return None

    def turned_away(self, seconds: float, *, number: int, written: int) -> Stop | None:
        """Count a 429 to the request of that number, when so many are written; several in flight are one refusal."""
        if number > self._turned_at:
            self._turned_at = written
            self._turns += 1
        if seconds > LONGEST_PAUSE:
            return Stop(Reason.RATE_LIMITED, f"the vendor asks for a pause of {seconds:.0f} seconds")
        if self._turns >= TURNS_IN_A_ROW:
            return Stop(Reason.RATE_LIMITED, f"the vendor refused {self._turns} requests in a row for their rate")
        return None

    def nameless(self, message: str) -> Stop | None:
        """Count a refusal of a whole request whose culprit cannot be found."""
        self._nameless += 1
        if self._nameless < NAMELESS_IN_A_ROW:
            return None
        return Stop(Reason.STOPPED, f"the vendor refuses one request after another: {message}")
