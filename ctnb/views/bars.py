"""Horizontal bars of fractions, each with its interval and its numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from ctnb.views import style
from ctnb.views.style import INK, QUIET, Look, elide, width_of

__all__ = ["Bar", "draw_bars", "new_axes"]

# Inches: where a row has this much, its texts take two lines.
_TALL_ROW: Final = 0.34
_GAP: Final = 0.12


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one fraction, NaN where there is none.

    Attributes
    ----------
    label, aside : str
        What it stands for, and a second word that goes under it where there is room.
    length, low, high : float
        The fraction and its interval.
    look : tuple of str
        Colour and hatch.
    note, detail : str
        Written beside it: the rate, and the counts.
    start : float
        Where the bar begins.
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


def new_axes(bars: int) -> Axes:
    """Open a figure of the default width, as tall as its bars need."""
    width, height = plt.rcParams["figure.figsize"]
    rows = 0.5 * bars if bars <= 8 else 0.29 * bars
    axes: Axes = plt.subplots(figsize=(width, max(1.45 + rows, height / 2)), layout="constrained")[1]
    return axes


def draw_bars(ax: Axes, bars: Sequence[Bar], *, title: str, note: str, axis_label: str, top: float) -> None:
    """Draw the bars from the top down on an axis of percent from 0 to `top`, and the texts around them."""
    room = _Room.of(ax, bars)
    for at, bar in enumerate(bars):
        _draw_bar(ax, at, bar, height=min(0.64, 0.36 / room.pitch))
    _label_rows(ax, bars, room)
    _write_notes(ax, bars, room, top)
    ax.set_ylim(len(bars) - 0.5, -0.5)
    style.calm(ax, along="x")
    style.percent_ticks(ax.xaxis, top)
    ax.set_xlabel(axis_label, fontsize=8.5, color=QUIET, loc="left")
    style.headline(ax, title, note, left=room.labels + 0.05, axes_width=room.axes)


@dataclass(frozen=True, slots=True)
class _Room:
    """Inches for the labels left of the axes, for the axes, and for one row; and the size of the texts in points."""

    labels: float
    axes: float
    pitch: float
    size: float

    @classmethod
    def of(cls, ax: Axes, bars: Sequence[Bar]) -> _Room:
        width, height, movable = style.inches(ax)
        pitch = height / len(bars)
        size = min(9.0, max(6.0, 72 * pitch * 0.6))
        longest = max(max(width_of(bar.label, size), width_of(bar.aside, size)) for bar in bars)
        labels = min(longest, 0.34 * width if movable else 2.2)
        return cls(labels=labels, axes=width - labels - 0.1 if movable else width, pitch=pitch, size=size)

    @property
    def lines(self) -> int:
        return 2 if self.pitch >= _TALL_ROW else 1


def _draw_bar(ax: Axes, at: int, bar: Bar, *, height: float) -> None:
    if pd.isna(bar.length):
        return
    colour, hatch = bar.look
    ax.barh(at, bar.length, height, bar.start, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
    end = bar.start + bar.length
    reach = [[max(bar.length - bar.low, 0.0)], [max(bar.high - bar.length, 0.0)]]
    ax.errorbar(end, at, xerr=reach, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.5, capthick=1.2, zorder=3)


def _label_rows(ax: Axes, bars: Sequence[Bar], room: _Room) -> None:
    def written(bar: Bar) -> str:
        if not bar.aside:
            return elide(bar.label, room.size, room.labels, lines=room.lines)
        return f"{bar.label}\n{bar.aside}" if room.lines == 2 else f"{bar.label} · {bar.aside}"

    ax.set_yticks(range(len(bars)), [written(bar) for bar in bars], fontsize=room.size, color=INK)
    ax.tick_params(axis="y", which="minor", left=False)


def _write_notes(ax: Axes, bars: Sequence[Bar], room: _Room, top: float) -> None:
    """Set the numbers in columns right of `top`, so that no bar and no interval runs into them."""
    first = max(width_of(bar.note, room.size) for bar in bars)
    second = max(width_of(bar.detail, room.size - 1) for bar in bars)
    wanted = max(first, second) if room.lines == 2 else first + second + _GAP
    share = min((wanted + 2 * _GAP) / room.axes, 0.62)
    end = top / (1 - share)
    ax.set_xlim(0, end)
    per_inch = end / room.axes
    for at, bar in enumerate(bars):
        if room.lines == 2:
            ax.text(top + _GAP * per_inch, at - 0.02, bar.note, fontsize=room.size, color=INK, va="bottom")
            ax.text(top + _GAP * per_inch, at + 0.06, bar.detail, fontsize=room.size - 1, color=QUIET, va="top")
        else:
            ax.text(top + _GAP * per_inch, at, bar.note, fontsize=room.size, color=INK, va="center")
            beside = top + (2 * _GAP + first) * per_inch
            ax.text(beside, at, bar.detail, fontsize=room.size - 1, color=QUIET, va="center")
