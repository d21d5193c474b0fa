"""One chart of the sheet: a picture with its buttons, or the sentence that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctnb.views.charts.svg import draw_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from ctnb.views.charts.svg import Picture
    from ctnb.views.dashboard.overlay import BarButton
    from ctnb.views.html.table import Table

    Draw = Callable[[Axes], Axes]

PIXELS_AN_INCH: Final = 104
"""At which the texts of a plot, of 9 points, are as tall as those around it."""

_NARROWEST: Final = 3.3
_WIDEST: Final = 11.0
_NARROW: Final = 5.0


def inches(pixels: int) -> float:
    """Return the width to draw a plot at that has so many pixels in the page."""
    return min(max(pixels / PIXELS_AN_INCH, _NARROWEST), _WIDEST)


def height_of(bars: int, width: float) -> float:
    """Return the height of a chart of so many bars, each as tall as a finger; two lines of text where it is narrow."""
    return 1.45 + max(bars, 2) * (0.5 if bars <= 8 or width < _NARROW else 0.36)


@dataclass(frozen=True, slots=True)
class ChartView:
    """What stands where the chart does.

    Attributes
    ----------
    sentence : str
        Why nothing is drawn; blank where something is.
    picture : Picture or None
    buttons : sequence of BarButton
        One for each bar that rows can be chosen by.
    table : callable or None
        Returns the numbers of the chart, which are counted when they are asked for.
    cells : bool
        Whether the buttons lie over the cells of a map.
    draw, height : callable, float
        What drew it on Axes, and its height in inches, for a file.
    """

    sentence: str = ""
    picture: Picture | None = None
    buttons: Sequence[BarButton] = ()
    table: Callable[[], Table] | None = None
    draw: Draw | None = None
    height: float = 0.0
    cells: bool = False


def drawn(
    draw: Draw,
    *,
    name: str,
    size: tuple[float, float],
    table: Callable[[], Table],
    buttons: Callable[[Axes, Picture], Sequence[BarButton]],
    cells: bool = False,
) -> ChartView:
    """Draw a chart of a width and a height in inches, and lay its buttons where its bars have come to be."""
    kept: list[Axes] = []

    def draw_and_keep(axes: Axes) -> Axes:
        kept.append(draw(axes))
        return kept[0]

    picture = draw_svg(draw_and_keep, name=name, width=size[0], height=size[1])
    return ChartView("", picture, buttons(kept[0], picture), table, draw, size[1], cells)
