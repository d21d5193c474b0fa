"""One bar of a plot of fractions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.views.charts.style import Look


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a bar, or a bar that lies on others: a fraction, its look, and whether it is an outline alone."""

    start: float
    length: float
    look: Look
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one fraction, NaN where there is none.

    Attributes
    ----------
    label, aside : str
        The name of its group, and a second word that goes under it where there is room.
    length, low, high : float
        The fraction and its interval, NaN where none is drawn.
    look : tuple of str
        Colour and hatch.
    note, detail : str
        Texts beside it: the rate, two blanks and its interval; and the counts.
    start : float
        Where the bar begins.
    mark : float
        A second fraction, that a mark shows on the bar's row; NaN where there is none.
    hollow : bool
        Whether only its outline is drawn, for what is not there.
    layers : sequence of Layer
        What is drawn in place of the bar of `length`, one after another.
    """

    label: str
    length: float
    low: float
    high: float
    look: Look
    note: str
    detail: str
    aside: str = ""
    start: float = 0.0
    mark: float = math.nan
    hollow: bool = False
    layers: Sequence[Layer] = ()
