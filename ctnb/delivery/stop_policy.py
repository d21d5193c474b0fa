"""The stop policy: how much of what goes wrong a run puts up with (the limits of reliability's table)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ctnb.delivery.pace.history import LONGEST_PAUSE
from ctnb.delivery.progress_counts import Stop
from ctnb.delivery.verdict import Answered, RateLimited, RequestRefused, Uncertain, ValidationFailed
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from ctnb.delivery.verdict import Verdict

RATE_LIMITED_IN_A_ROW: Final = 5
UNCERTAIN_IN_A_ROW: Final = 3
MISPLACED: Final = 2
UNNAMED_IN_A_ROW: Final = 3

_MISPLACED: Final = frozenset({Reason.WRONG_COUNT, Reason.CONTRADICTED})
"""Answers whose positions cannot be trusted: a server that mixes them up does so again."""


class StopPolicy:
    """Counts the verdicts of a run; each method returns why the run is to stop, or None.

    Attributes
    ----------
    in_doubt : bool
        Whether a request was uncertain, and no good answer has come since; a refusal that was read whole is one.
    """

    def __init__(self) -> None:
        self.in_doubt = False
        self._rate_limited, self._uncertain, self._unnamed = 0, 0, 0
        self._misplaced: Counter[Reason] = Counter()
        self._written_at_limit = 0

    def judged(self, verdict: Verdict) -> Stop | None:
        """Count a verdict: three uncertain ones in a row stop, so that an outage does not burn the queue."""
        if not isinstance(verdict, RateLimited):
            self._rate_limited = 0
        self._uncertain = self._uncertain + 1 if isinstance(verdict, Uncertain) else 0
        if isinstance(verdict, Uncertain):
            self.in_doubt = True
        elif isinstance(verdict, Answered | ValidationFailed):
            self.in_doubt = False
        if isinstance(verdict, Answered):
            self._unnamed = 0
        if isinstance(verdict, RequestRefused):
            return Stop(verdict.reason, verdict.message)
        if isinstance(verdict, Uncertain):
            self._misplaced[verdict.reason] += verdict.reason in _MISPLACED
            misplaced = self._misplaced[verdict.reason] >= MISPLACED
            if verdict.stops or misplaced or self._uncertain >= UNCERTAIN_IN_A_ROW:
                return Stop(verdict.reason if verdict.stops else Reason.STOPPED, verdict.message)
        return None

    def rate_limited(self, verdict: RateLimited, *, number: int, written: int) -> Stop | None:
        """Count a 429: five in a row stop, and so does one that asks for more than `LONGEST_PAUSE`.

        Parameters
        ----------
        verdict : RateLimited
        number, written : int
            The request's number in the run, and how many are written by now: several in flight count once.
        """
        if number > self._written_at_limit:
            self._written_at_limit = written
            self._rate_limited += 1
        if verdict.seconds > LONGEST_PAUSE:
            text = OutcomeText.LONG_PAUSE_BECAUSE if verdict.message else OutcomeText.LONG_PAUSE
        elif self._rate_limited >= RATE_LIMITED_IN_A_ROW:
            text = OutcomeText.RATE_LIMITED_BECAUSE if verdict.message else OutcomeText.RATE_LIMITED
        else:
            return None
        seconds = f"{verdict.seconds:.0f}"
        message = text.format(seconds=seconds, requests=self._rate_limited, text=verdict.message)
        return Stop(Reason.RATE_LIMITED, message)

    def unnamed(self, message: str) -> Stop | None:
        """Count a refusal of a whole request for which halving found no culprit: three in a row stop."""
        self._unnamed += 1
        if self._unnamed < UNNAMED_IN_A_ROW:
            return None
        return Stop(Reason.STOPPED, OutcomeText.ALL_REFUSED.format(text=message))
