"""The rows that a plot of rates counts, and the plot that stands where none is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.i18n.language import gettext, percent
from ctnb.results.restore import restore
from ctnb.views.charts.bars import new_axes
from ctnb.views.charts.headline import empty
from ctnb.views.predicted import marked, match_rate_title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How many rows are answered, and how many of them matched."""

    answered: int
    matched: int

    @classmethod
    def of(cls, matched: pd.Series[Any]) -> AnswerCounts:
        """Count the answers of a column such as ``ct_matched``."""
        return cls(int(matched.notna().sum()), int(matched.sum()))

    @classmethod
    def in_frame(cls, frame: pd.DataFrame, prefix: str) -> AnswerCounts:
        """Count the answers of a frame of results."""
        return cls.of(restore(frame, prefix, only=["status", "matched"])["matched"])

    @property
    def rate(self) -> float:
        """The match rate; there must be an answer."""
        return self.matched / self.answered

    def title(self, frame: pd.DataFrame, prefix: str, grouped: str) -> str:
        """Return the title of a plot of these match rates."""
        return match_rate_title(frame, prefix, grouped=grouped, rate=percent(self.rate), answered=self.answered)


def bare_plot(
    title: str,
    frame: pd.DataFrame,
    prefix: str,
    *,
    ax: Axes | None,
    figsize: tuple[float, float] | None,
    text: str | None = None,
) -> Axes:
    """Say on bare axes why there is nothing to draw: by default that no row is answered."""
    axes = new_axes(0, figsize) if ax is None else ax
    return empty(axes, marked(title, frame, prefix), text or gettext("no answers yet"))
