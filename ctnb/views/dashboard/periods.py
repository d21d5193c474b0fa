"""Periods of time of a chart: their step, and the match rate of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pandas.tseries.frequencies import to_offset

from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.results.rates import wilson
from ctnb.views.dashboard.bar_texts import share_text
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS: Final = ("15min", "h", "6h", "D", "W-MON")
_MOST_MONTHS: Final = 240
"""One wrong date, such as the year 1900, makes thousands, which no chart has room for: then years are shown."""
_MOST: Final = 36
"""Periods that have room side by side for a finger or a cursor."""


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods from the first answered row to the last.

    Attributes
    ----------
    step : str
        A frequency of pandas.
    starts, ends : sequence of Timestamp
        The first moment of each, and the first after it.
    answered, matched : sequence of int
    """

    step: str
    starts: Sequence[pd.Timestamp]
    ends: Sequence[pd.Timestamp]
    answered: Sequence[int]
    matched: Sequence[int]

    @classmethod
    def of(cls, moments: pd.Series[Any], matched: pd.Series[Any]) -> Periods:
        """Count the rows by the shortest step that makes few enough periods; one moment at least is given."""
        step = _step(moments.min(), moments.max())
        grouped = (
            matched.set_axis(pd.DatetimeIndex(moments)).astype("int64").resample(step, closed="left", label="left")
        )
        counts, sums = grouped.count(), grouped.sum()
        starts = list(counts.index)
        return cls(step, starts, [start + to_offset(step) for start in starts], counts.tolist(), sums.tolist())

    def texts(self) -> list[str]:
        """Name each period by its first moment."""
        form = "%d.%m.%Y" if self.step in ("D", "W-MON", "MS", "YS") else "%d.%m.%Y %H:%M"
        return [start.strftime(form) for start in self.starts]

    def labels(self) -> list[str]:
        """Say the rate of each period, for its button."""
        return [
            share_text(name, part, whole)
            for name, part, whole in zip(self.texts(), self.matched, self.answered, strict=True)
        ]

    def rates(self) -> list[tuple[str, str]]:
        """Return the rate of each period and its interval, as texts."""
        low, high = wilson(self.matched, self.answered)
        return [
            (percent(part / whole if whole else float("nan")), interval(float(low[at]), float(high[at])))
            for at, (part, whole) in enumerate(zip(self.matched, self.answered, strict=True))
        ]

    def table(self) -> Table:
        """Return the periods that have rows as a table."""
        rows = [
            (name, number(part), number(whole), *rate)
            for name, part, whole, rate in zip(self.texts(), self.matched, self.answered, self.rates(), strict=True)
            if whole
        ]
        headings = (
            gettext("Period from"),
            gettext("Matched"),
            gettext("Answered"),
            gettext("Match rate"),
            gettext("95 % interval"),
        )
        return Table(headings, rows, frozenset({1, 2, 3, 4}))


def _step(first: pd.Timestamp, last: pd.Timestamp) -> str:
    months = "MS" if first + _MOST_MONTHS * to_offset("MS") > last else "YS"
    return next((step for step in _STEPS if first + _MOST * to_offset(step) > last), months)
