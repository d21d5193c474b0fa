"""Horizontal bars of fractions, each with its interval and its numbers beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib import pyplot as plt

from ctnb.i18n.language import gettext, percent
from ctnb.views.charts import style
from ctnb.views.charts.bar import Layer
from ctnb.views.charts.bar_key import BarKey
from ctnb.views.charts.bar_room import STRIP, BarRoom
from ctnb.views.charts.fitting import keep_fitted
from ctnb.views.charts.headline import headline
from ctnb.views.charts.style import Look, inches
from ctnb.views.charts.texts import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle
    from matplotlib.text import Annotation

    from ctnb.views.charts.bar import Bar
    from ctnb.views.charts.palette import Palette

# Inches that a bar takes at the least, for its texts to stand apart.
_LEAST_PITCH: Final = 0.125


def plot_height(bars: int) -> float:
    """Return the height, in inches, of a plot of so many bars."""
    return max(2.0, 1.6 + (0.5 if bars <= 8 else 0.29) * bars)


def new_axes(bars: int, figsize: tuple[float, float] | None = None) -> Axes:
    """Open a figure, by default of the usual width, as tall as its bars need."""
    return axes_of(max(plot_height(bars), plt.rcParams["figure.figsize"][1] / 2), figsize)


def axes_of(height: float, figsize: tuple[float, float] | None = None) -> Axes:
    """Open a figure, by default of the usual width and so many inches tall."""
    size = figsize or (plt.rcParams["figure.figsize"][0], height)
    axes: Axes = plt.subplots(figsize=size, layout="constrained")[1]
    return axes


def most_bars(ax: Axes | None, figsize: tuple[float, float] | None, wanted: int, *, above: float = STRIP) -> int:
    """Return how many bars are drawn: as many as wanted, or as there is room for, less some inches above them."""
    if ax is None and figsize is None:
        return wanted
    height = inches(ax)[1] if ax is not None else (figsize or (0.0, 0.0))[1] - 1.05
    return max(min(wanted, int((height - above) / _LEAST_PITCH)), 1)


def draw_bars(
    ax: Axes,
    bars: Sequence[Bar],
    *,
    title: str,
    note: str,
    axis_label: str,
    top: float,
    overall: float | None = None,
    key: Sequence[tuple[str, Look, bool]] = (),
) -> None:
    """Draw the bars from the top down on an axis of percent from 0 to `top`, and the texts around them.

    Parameters
    ----------
    ax : Axes
    bars : sequence of Bar
    title, note, axis_label : str
    top : float
        End of the axis, as a fraction.
    overall : float, optional
        The rate of all rows together, which a line across the bars shows.
    key : sequence of (text, look, hollow)
        What the layers of the bars mean, above them.
    """
    colours = style.calm(ax, along="x")
    boxes = [box for y, bar in enumerate(bars) for box in _draw_bar(ax, y, bar, colours)]
    keep_fitted(ax, _BarTexts(ax, bars, boxes, top=top, overall=overall, key=BarKey(ax, key, colours)))
    headline(ax, title, note, axis_label)


def _draw_bar(ax: Axes, y: int, bar: Bar, colours: Palette) -> list[Rectangle]:
    if pd.isna(bar.length):
        return []
    boxes: list[Rectangle] = []
    for at, layer in enumerate(bar.layers or [Layer(bar.start, bar.length, bar.look, bar.hollow)]):
        colour, hatch = style.shown_look(layer.look, colours.face)
        fill, edge = ("none", colour) if layer.hollow else (colour, colours.face)
        boxes += ax.barh(
            y, layer.length, 0.6, layer.start, color=fill, hatch=hatch, edgecolor=edge, linewidth=float(layer.hollow),
            zorder=2 + at / 100,
        )  # fmt: skip
    if not pd.isna(bar.mark):
        ax.plot(
            bar.mark, y, marker="D", markersize=6, markerfacecolor=colours.face, markeredgecolor=colours.ink, zorder=4
        )
    if pd.isna(bar.low):
        return boxes
    end = bar.start + bar.length
    reach = [[max(bar.length - bar.low, 0.0)], [max(bar.high - bar.length, 0.0)]]
    ax.errorbar(end, y, xerr=reach, fmt="none", ecolor=colours.ink, elinewidth=1.2, capsize=2.5, capthick=1.2, zorder=3)
    return boxes


class _BarTexts:
    """Labels on the left, numbers on the right, and the rate of all: inside the axes, however large these are."""

    def __init__(
        self,
        ax: Axes,
        bars: Sequence[Bar],
        boxes: Sequence[Rectangle],
        *,
        top: float,
        overall: float | None,
        key: BarKey,
    ) -> None:
        self._axes, self._bars, self._boxes = ax, bars, boxes
        colours = key.colours
        self._top, self._overall, self._colours, self._key = top, overall, colours, key
        self._notes = [(_beside(ax, y, colours.ink), _beside(ax, y, colours.quiet)) for y in range(len(bars))]
        self._line: Annotation | None = None
        if overall is not None:
            foot = len(bars) - 0.5
            ax.plot([overall] * 2, [-0.5, foot], color=colours.ink, linewidth=1, linestyle=(0, (3, 2)), zorder=2.5)
            self._line = ax.annotate(
                gettext("all: {rate}", rate=percent(overall)), (overall, -0.5), (0, 0), textcoords="offset points",
                va="bottom", color=colours.ink, in_layout=False,
            )  # fmt: skip

    def __call__(self, width: float, height: float) -> None:
        ax, bars, top = self._axes, self._bars, self._top
        strip = (STRIP if self._line is not None else 0.0) + self._key.fit(width, height)
        room = BarRoom.of(bars, width, max(height - strip, 0.1))
        inch = top / room.middle
        # The labels stand inside the axes, left of 0, so that no layout can cut them off.
        ax.set_xlim(-room.left * inch, top + room.right * inch)
        ax.spines["left"].set_position(("data", 0))
        ax.spines["left"].set_bounds(len(bars) - 0.5, -0.5)
        ax.set_yticks(range(len(bars)), room.labels, fontsize=room.size, color=self._colours.ink)
        ax.set_ylim(len(bars) - 0.5, -0.5 - strip / room.pitch)
        ax.tick_params(axis="x", labelsize=min(room.size + 0.5, 9.0))
        style.percent_ticks(ax.xaxis, top, room.middle)
        thick = min(0.64, 0.36 / room.pitch)
        for box in self._boxes:
            middle = box.get_y() + box.get_height() / 2
            box.set(y=middle - thick / 2, height=thick)
        for bar, (note, detail) in zip(bars, self._notes, strict=True):
            room.place(bar, note, detail)
        if self._line is not None and self._overall is not None:
            size = min(room.size, 8.5)
            wide, at = width_of(self._line.get_text(), size), self._overall / inch
            # Centred on the line, but not over the labels, nor over the numbers.
            begins = min(max(at - wide / 2, 0.04), max(room.middle - wide, 0.04))
            self._line.set(fontsize=size, ha="left")
            self._line.xyann = (72 * (begins - at), 2)


def _beside(ax: Axes, y: int, colour: str) -> Annotation:
    """Add a text that ends with the axes, so that no bar and no interval runs into it."""
    text = ax.annotate("", (1, y), (0, 0), xycoords=("axes fraction", "data"), textcoords="offset points")
    text.set(color=colour, in_layout=False)
    return text
