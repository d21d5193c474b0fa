"""Horizontal bars of fractions, each with its interval and its numbers beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib import pyplot as plt

from ctnb.views.charts import style
from ctnb.views.charts.style import INK, QUIET, Look, elide, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

# Inches: where a row has this much, its texts take two lines.
_TALL_ROW: Final = 0.34
_GAP: Final = 0.12


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
        Texts beside it: the rate, and the counts.
    start : float
        Where the bar begins.
    mark : float
        A second fraction, that a mark shows on the bar's row; NaN where there is none.
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


def plot_height(bars: int) -> float:
    """Return the height, in inches, of a plot of so many bars."""
    return max(2.0, 1.45 + (0.5 if bars <= 8 else 0.29) * bars)


def new_axes(bars: int) -> Axes:
    """Open a figure of the default width, as tall as its bars need."""
    return axes_of(max(plot_height(bars), plt.rcParams["figure.figsize"][1] / 2))


def axes_of(height: float) -> Axes:
    """Open a figure of the default width, so many inches tall."""
    axes: Axes = plt.subplots(figsize=(plt.rcParams["figure.figsize"][0], height), layout="constrained")[1]
    return axes


def draw_bars(ax: Axes, bars: Sequence[Bar], *, title: str, note: str, axis_label: str, top: float) -> None:
    """Draw the bars from the top down on an axis of percent from 0 to `top`, and the texts around them."""
    room = _Room.of(ax, bars)
    style.calm(ax, along="x")
    for y, bar in enumerate(bars):
        _draw_bar(ax, y, bar, height=min(0.64, 0.36 / room.pitch))
    _write_notes(ax, bars, room)
    middle = room.width - room.left - room.right
    inch = top / middle
    # The labels stand inside the axes, left of 0, so that no layout can cut them off.
    ax.set_xlim(-room.left * inch, top + room.right * inch)
    ax.spines["left"].set_position(("data", 0))
    ax.set_yticks(range(len(bars)), room.labels, fontsize=room.size, color=INK)
    ax.set_ylim(len(bars) - 0.5, -0.5)
    style.percent_ticks(ax.xaxis, top, middle)
    ax.set_xlabel(axis_label, fontsize=8.5, color=QUIET, loc="left")
    style.headline(ax, title, note, width=room.width)


@dataclass(frozen=True, slots=True)
class _Room:
    """The shares of the axes, in inches: labels left, numbers right, the bars between; and the size of the texts.

    ``first`` is the width of the first column of numbers; ``pitch`` the height of a bar's row; ``size`` is in points;
    ``lines`` are the lines of text in a bar's row.
    """

    labels: list[str]
    width: float
    left: float
    right: float
    first: float
    pitch: float
    size: float
    lines: int

    @classmethod
    def of(cls, ax: Axes, bars: Sequence[Bar]) -> _Room:
        width, height = style.inches(ax)
        pitch = height / len(bars)
        size = min(9.0, max(6.0, 72 * pitch * 0.6))
        lines = 2 if pitch >= _TALL_ROW else 1
        first = max(width_of(bar.note, size) for bar in bars)
        second = max(width_of(bar.detail, size - 1) for bar in bars)
        right = (max(first, second) if lines == 2 else first + second + _GAP) + 1.5 * _GAP
        # Long labels get the room that the bars can spare.
        most = max(0.34 * width, min(0.45 * width, 0.72 * width - right))
        labels = [_label(bar, size, most, lines) for bar in bars]
        left = max(width_of(label, size) for label in labels) + 0.08
        # In a narrow plot the bars keep a quarter, and the numbers stick out.
        return cls(labels, width, left, min(right, 0.75 * width - left), first, pitch, size, lines)


def _label(bar: Bar, size: float, most: float, lines: int) -> str:
    if not bar.aside:
        return elide(bar.label, size, most, lines)
    if lines == 2:
        return elide(bar.label, size, most) + "\n" + elide(bar.aside, size, most)
    aside = elide(bar.aside, size, max(most / 2, most - width_of(bar.label, size)))
    return elide(bar.label, size, most - width_of(aside, size)) + " · " + aside


def _draw_bar(ax: Axes, y: int, bar: Bar, *, height: float) -> None:
    if pd.isna(bar.length):
        return
    colour, hatch = bar.look
    ax.barh(y, bar.length, height, bar.start, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
    if not pd.isna(bar.mark):
        ax.plot(bar.mark, y, marker="D", markersize=6, markerfacecolor="white", markeredgecolor=INK, zorder=4)
    if pd.isna(bar.low):
        return
    end = bar.start + bar.length
    reach = [[max(bar.length - bar.low, 0.0)], [max(bar.high - bar.length, 0.0)]]
    ax.errorbar(end, y, xerr=reach, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.5, capthick=1.2, zorder=3)


def _write_notes(ax: Axes, bars: Sequence[Bar], room: _Room) -> None:
    """Set the numbers in columns that end with the axes, so that no bar and no interval runs into them."""
    start = 72 * (_GAP - room.right)
    two = room.lines == 2
    second = (start, -2) if two else (start + 72 * (room.first + _GAP), 0)
    for y, bar in enumerate(bars):
        for text, offset, va, size, color in (
            (bar.note, (start, 1 if two else 0), "bottom", room.size, INK),
            (bar.detail, second, "top", room.size - 1, QUIET),
        ):
            note = ax.annotate(text, (1, y), offset, xycoords=("axes fraction", "data"), textcoords="offset points")
            note.set(va=va if two else "center", fontsize=size, color=color, in_layout=False)
