"""The running count of a delivery: what progress shows, and what a run is summed up from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.outcomes import Outcome, Reason, Status


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ended before its last lead."""

    reason: Reason
    message: str


@dataclass(slots=True)
class ProgressCounts:
    """Counts of one run; written by its loop, read by anybody.

    Attributes
    ----------
    leads : int
        Comments to deliver.
    statuses : Counter of Status
        Comments that have an outcome.
    replayed : int
        Of these, the ones that the ledger answered.
    requests : int
        Requests written.
    stop : Stop or None
        Why the run ended early.
    """

    leads: int
    statuses: Counter[Status] = field(default_factory=Counter)
    replayed: int = 0
    requests: int = 0
    stop: Stop | None = None

    @property
    def settled(self) -> int:
        """Comments that have an outcome."""
        return self.statuses.total()

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count outcomes."""
        self.statuses.update([outcome.status for outcome in outcomes])
        self.replayed += sum(outcome.replayed for outcome in outcomes)

    def add_all(self, outcome: Outcome, leads: int) -> None:
        """Count one outcome of so many leads."""
        self.statuses[outcome.status] += leads
        self.replayed += leads * outcome.replayed
