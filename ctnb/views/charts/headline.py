"""The title of a plot, which is a finding, and the quiet line under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.text import Annotation
from matplotlib.transforms import Affine2D, ScaledTranslation

from ctnb.views.charts.fitting import keep_fitted
from ctnb.views.charts.palette import Palette
from ctnb.views.charts.texts import elide, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZES: Final = (11.5, 10.5, 9.5)
_NARROW: Final = 3.0
_NOTE: Final = 8.5


def headline(ax: Axes, title: str, note: str, below: str = "", *, left: float = 0.0, beside: float = 0.0) -> None:
    """Put a title and a quiet line under it above the axes; a title that the user sets takes their place.

    Parameters
    ----------
    ax : Axes
        Where.
    title, note : str
        Already cleaned.
    below : str
        What the axis at the foot shows.
    left : float
        How far left of the axes title and note begin, in inches.
    beside : float
        Inches on the right of `below` that it leaves free.
    """
    keep_fitted(ax, _Headline(ax, (title, note, below), left=left, beside=beside))


def headline_of(ax: Axes) -> str:
    """Return the title of a plot on one line."""
    shown = ax.get_title() or ax.get_title(loc="left")
    return shown.replace("\n", " ").replace(r"\$", "$")


def empty(ax: Axes, title: str, text: str) -> Axes:
    """Leave the axes bare, with a quiet text in the middle."""
    ax.set_axis_off()
    colours = Palette.of(ax)
    headline(ax, title, "")
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=11, color=colours.note)
    return ax


class _Headline:
    """The texts around axes, fitted to their width."""

    def __init__(self, ax: Axes, texts: tuple[str, str, str], *, left: float, beside: float) -> None:
        self._axes = ax
        self._title, self._text, self._below = texts
        self._left, self._beside = left, beside
        self._shown: str | None = None
        self._lines = (2, 2)
        self._colours = Palette.of(ax)
        self._note = _Note("", (0, 1), (-72 * left, 7), xycoords="axes fraction", textcoords="offset points")
        self._note.set(va="bottom", color=self._colours.note, in_layout=False, annotation_clip=False)
        if self._text:
            ax.add_artist(self._note)
            # An artist that is added would be cut off by the axes.
            self._note.set_clip_on(False)

    def __call__(self, width: float, height: float) -> None:  # noqa: ARG002  the height of the axes is no matter
        ax, figure = self._axes, self._axes.figure
        laid_out = figure is not None and figure.get_layout_engine() is not None
        if self._shown is None:
            for side in ("left", "right"):
                ax.set_title("", loc=side)
        if self._shown is None and laid_out:
            # Before the layout the axes are wider than they will be, by about this.
            width = 0.96 * width - self._left
        small = width + self._left < _NARROW
        if self._below:
            size = 7.0 if small else _NOTE
            shown = elide(self._below, size, width - self._beside)
            ax.set_xlabel(shown, fontsize=size, color=self._colours.note, loc="left")
        if self._shown is not None and (ax.get_title() != self._shown or ax.get_title("left") or ax.get_title("right")):
            if ax.get_title() == self._shown:
                ax.set_title("")
            return
        # After a layout no line may be added: there would be no room for it.
        added = self._shown is None or not laid_out
        self._write(self._left + width, (2, 2) if added else self._lines, small=small)

    def _write(self, room: float, lines: tuple[int, int], *, small: bool) -> None:
        ax, figure = self._axes, self._axes.figure
        above = 72 * _room_above(ax)
        sizes = (9.0, 8.0, 7.5) if small else _SIZES
        size = next((size for size in sizes if width_of(self._title, size) <= room), sizes[-1])
        note_size = 7.5 if small else _NOTE
        # Lines that there is no room for would be cut off by the figure's edge.
        fits = above >= 24 + 1.3 * size
        quiet = elide(self._text, note_size, room, lines[1] if above >= 34 + 1.3 * size else 1) if fits else ""
        pad = 10 + 12 * (quiet.count("\n") + 1) if quiet else min(10.0, max(above - 1.4 * size, 3.0))
        self._shown = elide(self._title, size, room, lines[0] if above >= pad + 2.6 * size else 1)
        self._lines = (self._shown.count("\n") + 1, quiet.count("\n") + 1)
        title = ax.set_title(self._shown, fontsize=size, color=self._colours.title, pad=pad, ha="left")
        # In the place of a title in the middle, so that one set by the user replaces it; it begins at the left.
        if figure is not None:
            moved = ScaledTranslation(-self._left, 0, figure.dpi_scale_trans)
            title.set_transform(Affine2D().translate(-0.5, 0) + title.get_transform() + moved)
        self._note.set(text=quiet, fontsize=note_size)
        self._note.title = self._shown


class _Note(Annotation):
    """The line under a title: gone with it."""

    title = ""

    def get_visible(self) -> bool:
        """Tell whether the title is that of the line."""
        axes: Any = self.axes
        return bool(super().get_visible()) and (axes is None or axes.get_title() == self.title)


def _room_above(ax: Axes) -> float:
    """Return how many inches there are above the axes; any number where a layout engine makes room."""
    figure: Any = ax.figure
    if figure is None or figure.get_layout_engine() is not None:
        return float("inf")
    return float(figure.bbox.y1 - ax.get_window_extent().y1) / float(figure.dpi)
