"""What a comparison of two results amounts to, as text, card and plot show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """Figures of a comparison; no key, and no cell of the frames.

    Attributes
    ----------
    rows_before, rows_after : int
        Rows of the frames.
    predicted_before, predicted_after : bool
        Whether a frame is a preview's.
    counts : Series
        Pairs and rows without a partner by change; see `ctnb.results.compare.Comparison.counts`.
    changes : DataFrame
        Pairs by status before and after.
    unpaired : DataFrame
        Rows without a partner: a row for each reason of `ctnb.results.change.Unpaired`, columns ``before`` and
        ``after``.
    rates : dict
        The one row of `ctnb.results.compare.Comparison.rates` for all pairs.
    """

    rows_before: int
    rows_after: int
    predicted_before: bool
    predicted_after: bool
    counts: pd.Series[int]
    changes: pd.DataFrame
    unpaired: pd.DataFrame
    rates: dict[str, Any]

    @property
    def pairs(self) -> int:
        """Pairs, answered or not."""
        return int(self.changes.to_numpy().sum())
