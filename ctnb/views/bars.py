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
        The fraction and its interval, NaN where none is drawn.
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
    ax.set_yticks(range(len(bars)), room.labels, fontsize=room.size, color=INK)
    _write_notes(ax, bars, room, top)
    ax.set_ylim(len(bars) - 0.5, -0.5)
    style.calm(ax, along="x")
    style.percent_ticks(ax.xaxis, top)
    ax.set_xlabel(axis_label, fontsize=8.5, color=QUIET, loc="left")
    style.headline(ax, title, note, left=room.left, axes_width=room.width)


@dataclass(frozen=True, slots=True)
class _Room:
    """What fits: the labels as they are written, and the inches left of the axes, in them, and for a row of them.

    ``size`` is that of the texts, in points; ``lines`` how many of them a row takes.
    """

    labels: list[str]
    left: float
    width: float
    pitch: float
    size: float
    lines: int

    @classmethod
    def of(cls, ax: Axes, bars: Sequence[Bar]) -> _Room:
        width, height, movable = style.inches(ax)
        pitch = height / len(bars)
        size = min(9.0, max(6.0, 72 * pitch * 0.6))
        lines = 2 if pitch >= _TALL_ROW else 1
        most = 0.34 * width if movable else 2.2
        labels = [_label(bar, size, most, lines) for bar in bars]
        left = max(width_of(label, size) for label in labels) + 0.06
        return cls(labels, left, width - left if movable else width, pitch, size, lines)


def _label(bar: Bar, size: float, most: float, lines: int) -> str:
    if not bar.aside:
        return elide(bar.label, size, most, lines)
    return bar.label + ("\n" if lines == 2 else " · ") + bar.aside


def _draw_bar(ax: Axes, at: int, bar: Bar, *, height: float) -> None:
    if pd.isna(bar.length):
        return
    colour, hatch = bar.look
    ax.barh(at, bar.length, height, bar.start, color=colour, hatch=hatch, edgecolor="white", linewidth=0, zorder=2)
    if pd.isna(bar.low):
        return
    end = bar.start + bar.length
    reach = [[max(bar.length - bar.low, 0.0)], [max(bar.high - bar.length, 0.0)]]
    ax.errorbar(end, at, xerr=reach, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.5, capthick=1.2, zorder=3)


def _write_notes(ax: Axes, bars: Sequence[Bar], room: _Room, top: float) -> None:
    """Set the numbers in columns right of `top`, so that no bar and no interval runs into them."""
    first = max(width_of(bar.note, room.size) for bar in bars)
    second = max(width_of(bar.detail, room.size - 1) for bar in bars)
    wanted = max(first, second) if room.lines == 2 else first + second + _GAP
    share = min((wanted + 1.5 * _GAP) / room.width, 0.62)
    ax.set_xlim(0, top / (1 - share))
    beside, above, under = 72 * _GAP, 1, -2
    for at, bar in enumerate(bars):
        if room.lines == 2:
            _write(ax, bar.note, (top, at), (beside, above), "bottom", room.size, INK)
            _write(ax, bar.detail, (top, at), (beside, under), "top", room.size - 1, QUIET)
        else:
            _write(ax, bar.note, (top, at), (beside, 0), "center", room.size, INK)
            _write(ax, bar.detail, (top, at), (beside + 72 * (first + _GAP), 0), "center", room.size - 1, QUIET)


def _write(
    ax: Axes, text: str, where: tuple[float, float], offset: tuple[float, float], va: str, size: float, color: str
) -> None:
    note = ax.annotate(text, where, offset, textcoords="offset points", va=va, fontsize=size, color=color)
    note.set_in_layout(False)
