"""The runs of a ledger as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ctnb.outcomes import End, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctnb.delivery.ledger.run_lines import RunLine

SHORT: Final = 12
"""Letters of a run's name."""


def frame_of_runs(lines: Iterable[RunLine]) -> pd.DataFrame:
    """Return a row per run; see `ctnb.Ledger.runs`."""
    lines = list(lines)
    # None where a run has written no end.
    counted = [line.statuses if line.requests is not None else None for line in lines]
    statuses = {
        status.value: [None if known is None else known.get(status, 0) for known in counted] for status in Status
    }
    rows = [None if known is None else sum(known.values()) for known in counted]
    frame = pd.DataFrame(
        {
            "run": pd.array([line.run[:SHORT] for line in lines], dtype="string"),
            "began_at": _moments([line.began_at_us for line in lines]),
            "ended_at": _moments([line.ended_at_us for line in lines]),
            "who": pd.array([line.who for line in lines], dtype="string"),
            "site": pd.array([line.site for line in lines], dtype="Int64"),
            "job": pd.array([line.job for line in lines], dtype="string"),
            "ended": pd.Categorical([line.ended.value for line in lines], categories=[end.value for end in End]),
            "reason": pd.array([line.reason or None for line in lines], dtype="string"),
            "requests": pd.array([line.requests for line in lines], dtype="Int64"),
            "rows": pd.array(rows, dtype="Int64"),
            "replayed": pd.array([line.replayed for line in lines], dtype="Int64"),
            **{name: pd.array(rows, dtype="Int64") for name, rows in statuses.items()},
        }
    )
    answered = frame["commented"] + frame["unmatched"]
    frame["match_rate"] = (frame["commented"] / answered.where(answered > 0)).astype("Float64")
    return frame


def _moments(microseconds: list[int] | list[int | None]) -> pd.Series[pd.Timestamp]:
    known = pd.array(microseconds, dtype="Int64")
    return pd.to_datetime(pd.Series(known), unit="us", utc=True).astype("datetime64[us, UTC]")
