"""The tools of a race: two sides timed in turn, and the row of the table that comes of it."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BEGIN = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measured figure should be: `bound` at the least, or at the most."""

    bound: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g}"

    def met(self, measured: float) -> bool:
        """Tell whether a figure is on the right side."""
        return measured >= self.bound if self.at_least else measured <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes
    ----------
    key : str
        Names the row in the JSON.
    work, size : str
    ours, against, theirs : str
        What ctnb took; the other side, and what it took.
    measured : float
        The figure that the goal is about.
    goal : Goal or None
        None for a figure that is shown for its own sake.
    samples : dict
        Every single timing (seconds, unless the name says otherwise), by side.
    differences : int or None
        How often the two sides came to different results; None where there is nothing to compare.
    unit : str
        Of the measured figure and the goal.
    notes : tuple of str
        Sentences below the table.
    """

    key: str
    work: str
    size: str
    ours: str
    against: str
    theirs: str
    measured: float
    goal: Goal | None
    samples: dict[str, list[float]]
    differences: int | None = None
    unit: str = ""
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, and the results are the same."""
        return None if self.goal is None else self.goal.met(self.measured) and not self.differences


def say(what: str) -> None:
    """Print on the standard error stream how far the run is."""
    print(f"[{time.perf_counter() - BEGIN:6.1f} s] {what}", file=sys.stderr, flush=True)


def timed(work: Callable[..., object], *given: object) -> float:
    """Return the seconds of one round; the garbage of others is collected first."""
    gc.collect()
    begin = time.perf_counter()
    work(*given)
    return time.perf_counter() - begin


def ratio(dividends: Sequence[float], divisors: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: the sides of one round shared the machine, however busy it was."""
    return statistics.median(dividend / divisor for dividend, divisor in zip(dividends, divisors, strict=True))


def spread(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """Return median (least to most)."""
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:,.{digits}f} {unit} ({least:,.{digits}f} to {most:,.{digits}f})"


def seconds(times: Sequence[float]) -> str:
    """Return median (least to most) in seconds."""
    return spread(times, "s", 2 if statistics.median(times) < 10 else 1)


def milliseconds(times: Sequence[float]) -> str:
    """Return median (least to most) in milliseconds."""
    return spread([1000 * time for time in times], "ms", 1 if statistics.median(times) < 0.01 else 0)
