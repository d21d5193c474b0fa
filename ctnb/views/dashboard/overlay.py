"""Where the bars of a drawn plot are: buttons without a face are laid over them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from matplotlib import dates as mdates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.filters import RowFilter

_VIEW_BOX: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in fractions of its width and height from its left upper corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BarButton:
    """What a click on a bar does.

    Attributes
    ----------
    label : str
        The bar in words: its group, its rows, its rate.
    wanted : tuple of RowFilter
        What leaves the rows of the bar; nothing where no rows can be chosen by it.
    pressed : bool
        Whether the filters ask for them already.
    box : Box
        Where it is.
    """

    label: str
    wanted: tuple[RowFilter, ...]
    pressed: bool
    box: Box


def row_boxes(axes: Axes, bars: int) -> list[Box]:
    """Return the whole row of each of so many horizontal bars, which stand at 0, 1, 2 and so on from the top."""
    figure = axes.get_figure()
    if figure is None:
        return []
    tall = figure.bbox.height
    edges = [1 - float(axes.transData.transform((0, bar - 0.5))[1]) / tall for bar in range(bars + 1)]
    return [Box(0.0, top, 1.0, end - top) for top, end in pairwise(edges)]


def period_boxes(
    axes: Axes, starts: Sequence[pd.Timestamp], ends: Sequence[pd.Timestamp], picture: Picture
) -> list[Box]:
    """Return the column of each of some periods on an axis of dates."""
    figure = axes.get_figure()
    if figure is None:
        return []
    box, tall, wide = axes.get_window_extent(), float(figure.bbox.height), _width_of(picture, figure.bbox.height)
    top, height = 1 - float(box.y1) / tall, float(box.height) / tall
    found = []
    for start, end in zip(starts, ends, strict=True):
        first, last = (
            float(axes.transData.transform((mdates.date2num(each), 0))[0])  # type: ignore[no-untyped-call]
            for each in (start, end)
        )
        found.append(Box(first / wide, top, (last - first) / wide, height))
    return found


def cell_boxes(axes: Axes, rows: int, columns: int, picture: Picture) -> list[Box]:
    """Return the cells of a map one line after the other; each is 1 wide and tall."""
    figure = axes.get_figure()
    if figure is None:
        return []
    tall, wide = float(figure.bbox.height), _width_of(picture, figure.bbox.height)
    corners = axes.transData.transform([(at, at) for at in range(max(rows, columns) + 1)])
    lefts, tops = corners[: columns + 1, 0] / wide, 1 - corners[: rows + 1, 1] / tall
    return [
        Box(float(left), float(top), float(right - left), float(foot - top))
        for top, foot in pairwise(tops)
        for left, right in pairwise(lefts)
    ]


def _width_of(picture: Picture, height: float) -> float:
    """Return how wide a picture is of this height; texts that stick out make it wider than its figure."""
    drawn = _VIEW_BOX.search(picture.svg)
    return float(height) * (float(drawn[1]) / float(drawn[2]) if drawn else 1.0)
