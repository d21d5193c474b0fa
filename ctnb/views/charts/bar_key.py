"""What the parts of bars mean: a line of small boxes and words above the bars, inside the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.patches import Rectangle

from ctnb.views.charts.style import shown_look
from ctnb.views.charts.texts import elide, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ctnb.views.charts.palette import Palette
    from ctnb.views.charts.style import Look

# Inches: a line, a box, and the gaps after a box and after a text.
_LINE: Final = 0.2
_BOX: Final = 0.13
_GAP: Final = 0.06
_BETWEEN: Final = 0.22
_SIZE: Final = 8.0
_SMALL: Final = 6.5


class BarKey:
    """Boxes and words, which are put into lines of the width that the axes have.

    Parameters
    ----------
    ax : Axes
    entries : sequence of (text, look, hollow)
    colours : Palette
    """

    def __init__(self, ax: Axes, entries: Sequence[tuple[str, Look, bool]], colours: Palette) -> None:
        self.colours = colours
        self._entries = []
        for text, look, hollow in entries:
            colour, hatch = shown_look(look, colours.face)
            fill, edge = ("none", colour) if hollow else (colour, colours.face)
            box = Rectangle((0, 0), 0, 0, facecolor=fill, edgecolor=edge, hatch=hatch, linewidth=float(hollow))
            box.set(transform=ax.transAxes, clip_on=False, in_layout=False)
            ax.add_artist(box)
            words = ax.text(0, 0, "", transform=ax.transAxes, va="center", color=colours.ink, in_layout=False)
            # The grid ends behind the words.
            words.set_bbox({"facecolor": colours.face, "edgecolor": "none", "pad": 1})
            self._entries.append((text, box, words))

    def fit(self, width: float, height: float) -> float:
        """Place the entries in axes of some inches; return the inches that they take at the top."""
        size = _SIZE if width >= 3 else _SMALL
        left, line = 0.0, 0
        for text, box, words in self._entries:
            shown = elide(text, size, width - _BOX - _GAP)
            wide = _BOX + _GAP + width_of(shown, size)
            if left and left + wide > width:
                left, line = 0.0, line + 1
            middle = 1 - (line + 0.5) * _LINE / height
            box.set(x=left / width, y=middle - _BOX / 2 / height, width=_BOX / width, height=_BOX / height)
            words.set(text=shown, x=(left + _BOX + _GAP) / width, y=middle, fontsize=size)
            left += wide + _BETWEEN
        return (line + 1) * _LINE + 0.04 if self._entries else 0.0
