"""The facts of one ``ctnb comment`` for machines: counts and codes, no contact and no comment; see docs/json.md."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ctnb.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.run import Run

SCHEMA: Final = 1
"""Version of the fields: it rises when one is removed, or comes to mean something else."""


def utc_now() -> str:
    """Return the time in UTC, to the second, as ISO 8601 has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_line(facts: dict[str, Any]) -> str:
    """Return one line of ASCII: an output that has no Russian letters must not spoil it."""
    return json.dumps(facts)


@dataclass(slots=True)
class Facts:
    """What one run came to, filled as it goes on; what is not known is None.

    The attributes are the fields of the JSON, in its order; docs/json.md explains each of them.
    """

    schema: int = SCHEMA
    version: str = __version__
    command: str = "comment"
    site: int | None = None
    job: str | None = None
    began: str = field(default_factory=utc_now)
    ended: str | None = None
    end: str = "done"
    reason: str | None = None
    exit_code: int = 0
    error: dict[str, str | None] | None = None
    rows: int | None = None
    statuses: dict[str, int] | None = None
    leads: int | None = None
    requests: int | None = None
    answered: dict[str, int] | None = None
    matched: int | None = None
    match_rate: float | None = None
    uncertain: int | None = None
    left: dict[str, int] | None = None
    error_codes: dict[str, int] | None = None

    def count(self, run: Run, done: pd.DataFrame) -> None:
        """Take the counts of a run that has ended, however it ended."""
        from ctnb.outcomes import Reason, Status
        from ctnb.results.rates import counts

        status, prefix = done[f"{run.prefix}status"], run.prefix
        replayed = done[f"{prefix}replayed"].to_numpy(dtype=bool)
        answered = status.isin([Status.COMMENTED, Status.UNMATCHED]).to_numpy(dtype=bool)
        codes = done[f"{prefix}error_code"].astype("string").value_counts()
        self.rows = len(done)
        self.statuses = {str(name): int(rows) for name, rows in counts(done, prefix=prefix).items()}
        self.leads, self.requests = run.counts.leads, run.counts.requests
        new = int((answered & ~replayed).sum())
        self.answered = {"new": new, "replayed": int((answered & replayed).sum())}
        self.matched = int(((status == Status.COMMENTED).to_numpy(dtype=bool) & ~replayed).sum())
        self.match_rate = self.matched / new if new else None
        self.uncertain = self.statuses[Status.UNCERTAIN]
        self.error_codes = {str(code): int(rows) for code, rows in codes.items() if rows}
        self.left = {str(code): self.error_codes.get(code, 0) for code in (Reason.LIMITED, Reason.NOT_NEW)}
        if run.counts.stop is not None:
            self.reason = str(run.counts.stop.reason)

    @property
    def line(self) -> str:
        """All of it as one line of JSON."""
        return json_line(asdict(self))
