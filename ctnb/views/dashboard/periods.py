"""Periods of time of a chart: their step, and the match rate of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pandas.tseries.frequencies import to_offset

from ctnb.i18n.language import gettext
from ctnb.views.charts.texts import fit_labels
from ctnb.views.dashboard.bar_texts import rate_cells, short_rate_text
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.views.dashboard.bar_texts import RateTexts

_STEPS: Final = ("15min", "h", "6h", "D", "W-MON")
_MOST_MONTHS: Final = 240
"""One wrong date, such as the year 1900, makes thousands, which no chart has room for: then years are shown."""
_MOST: Final = 36
"""Periods that have room side by side for a finger or a cursor."""
_TIP: Final = 1.5
_TIP_SIZE: Final = 8.0
"""Inches of a name, and points, in a tooltip."""


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
    groups : tuple of (name, answered, matched)
        The same counts of some groups of the rows.
    """

    step: str
    starts: Sequence[pd.Timestamp]
    ends: Sequence[pd.Timestamp]
    answered: Sequence[int]
    matched: Sequence[int]
    groups: tuple[tuple[str, Sequence[int], Sequence[int]], ...] = ()

    @classmethod
    def of(cls, moments: pd.Series[Any], matched: pd.Series[Any]) -> Periods:
        """Count the rows by the shortest step that makes few enough periods; one moment at least is given."""
        step = _step(moments.min(), moments.max())
        counts, sums = _counted(moments, matched, step)
        starts = list(counts.index)
        return cls(step, starts, [start + to_offset(step) for start in starts], counts.tolist(), sums.tolist())

    def with_group(self, name: str, moments: pd.Series[Any], matched: pd.Series[Any]) -> Periods:
        """Count a group of the rows in the same periods."""
        counted = _counted(moments, matched, self.step)
        counts, sums = (each.reindex(pd.Index(self.starts), fill_value=0).tolist() for each in counted)
        return replace(self, groups=(*self.groups, (name, counts, sums)))

    def texts(self) -> list[str]:
        """Name each period by its first moment."""
        form = "%d.%m.%Y" if self.step in ("D", "W-MON", "MS", "YS") else "%d.%m.%Y %H:%M"
        return [start.strftime(form) for start in self.starts]

    def labels(self, texts: RateTexts) -> list[str]:
        """Say the rate of each period, for its button, and those of its groups on lines of their own."""
        labels = []
        # Long names that are alike would fill the tooltip.
        names = fit_labels([name for name, _, _ in self.groups], _TIP_SIZE, _TIP)
        for at, name in enumerate(self.texts()):
            lines = [texts.answered(name, self.matched[at], self.answered[at])]
            lines += [
                short_rate_text(group, matched[at], answered[at])
                for group, (_, answered, matched) in zip(names, self.groups, strict=True)
                if answered[at]
            ]
            labels.append("\n".join(lines))
        return labels

    def table(self, texts: RateTexts) -> Table:
        """Return the periods that have rows as a table; those of groups, where there are some."""
        rows = [
            (name, *([group] if self.groups else []), *rate_cells(matched, answered))
            for at, name in enumerate(self.texts())
            for group, matched, answered in self._groups_at(at)
            if answered
        ]
        headings = (
            gettext("Period from"),
            *([gettext("Group")] if self.groups else []),
            *texts.headings(),
        )
        return Table(headings, rows, frozenset(range(len(headings) - 4, len(headings))))

    def _groups_at(self, at: int) -> list[tuple[str, int, int]]:
        """Return name, matched and answered rows of each group in a period; without groups, of all rows together."""
        groups = self.groups or (("", self.answered, self.matched),)
        return [(name, matched[at], answered[at]) for name, answered, matched in groups]


def _counted(moments: pd.Series[Any], matched: pd.Series[Any], step: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Count the answered and the matched rows of each period."""
    dated = matched.set_axis(pd.DatetimeIndex(moments)).astype("int64")
    grouped = dated.resample(step, closed="left", label="left")
    return grouped.count(), grouped.sum()


def _step(first: pd.Timestamp, last: pd.Timestamp) -> str:
    months = "MS" if first + _MOST_MONTHS * to_offset("MS") > last else "YS"
    return next((step for step in _STEPS if first + _MOST * to_offset(step) > last), months)
