"""The look that all plots share: colours, hatches, texts, axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from ctnb.outcomes import Kind, Status
from ctnb.views.charts.palette import Palette, seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Look = tuple[str, str]
"""Fill colour (Okabe-Ito, or a grey) and hatch."""

PLAIN: Final[Look] = ("#0072B2", "")
TOTAL: Final[Look] = ("#009E73", "")
REST: Final[Look] = ("#999999", "")
UNKNOWN: Final[Look] = ("#999999", "..")
KIND_LOOK: Final[dict[str, Look]] = {
    Kind.CALL: ("#0072B2", ""),
    Kind.REQUEST: ("#D55E00", ""),
    Kind.CALL_CONTACT: ("#56B4E9", "///"),
    Kind.REQUEST_CONTACT: ("#E69F00", "\\\\\\"),
}
STATUS_LOOK: Final[dict[str, Look]] = {
    Status.COMMENTED: ("#009E73", ""),
    Status.UNMATCHED: ("#E69F00", ""),
    Status.INVALID: ("#D55E00", "///"),
    Status.REJECTED: ("#CC79A7", "xx"),
    Status.UNCERTAIN: ("#0072B2", "\\\\\\"),
    Status.UNSENT: ("#999999", ".."),
    Status.BUSY: ("#56B4E9", "--"),
}

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_SMALL: Final = 3.0
"""Inches of width below which the texts around axes are smaller."""


def inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height that the axes have, or will have, about, where a layout engine is to fit them."""
    figure = ax.get_figure()
    if figure is None:
        return 5.0, 3.5
    spec = ax.get_subplotspec()
    if figure.get_layout_engine() is None or spec is None:
        box = ax.get_window_extent()
        return box.width / figure.dpi, box.height / figure.dpi
    grid = spec.get_gridspec()
    width, height = figure.bbox.width / figure.dpi / grid.ncols, figure.bbox.height / figure.dpi / grid.nrows
    # Less the room of the paddings, and of the texts above and below.
    return width * len(spec.colspan) - 0.15, max(height * len(spec.rowspan) - 1.05, 0.5)


def tick_size(ax: Axes) -> float:
    """Return the size of the texts along the axes, in points."""
    return 9.0 if inches(ax)[0] >= _SMALL else 7.5


def calm(ax: Axes, along: str) -> Palette:
    """Leave the one spine on which the bars or periods stand, and a light grid along the rates (x or y).

    Returns the colours that can be read on the axes.
    """
    colours = Palette.of(ax)
    base = "left" if along == "x" else "bottom"
    for side, spine in ax.spines.items():
        spine.set_visible(side == base)
        spine.set_color(colours.quiet)
    ax.tick_params(length=0, colors=colours.label, labelsize=tick_size(ax))
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x" if along == "x" else "y", color=colours.grid, linewidth=0.8)
    ax.set_axisbelow(True)
    return colours


def percent_ticks(axis: Axis, top: float, room: float) -> None:
    """Tick an axis of fractions from 0 to `top`, which are `room` inches, in percent."""
    steps = [step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if step <= top]
    step = next((step for step in steps if top / step <= min(5.001, room / 0.5)), steps[-1])
    ticks = [count * step for count in range(int(top / step + 1e-9) + 1)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter([f"{100 * tick:.0f}{_NO_BREAK}%" for tick in ticks]))
    axis.set_minor_locator(NullLocator())


def top_of(highs: Iterable[float]) -> float:
    """Choose the end of an axis of fractions: the first round one that holds every value."""
    highest = max((high for high in highs if not pd.isna(high)), default=0.0)
    return next((top for top in (0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8) if highest <= top), 1.0)


def shown_look(look: Look, face: str) -> Look:
    """Return the look of a series where it can be seen on a face."""
    return seen(look[0], face), look[1]
