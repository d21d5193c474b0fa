"""The look that all plots share: colours, hatches, texts, axes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib import font_manager, rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from ctnb.i18n.language import gettext
from ctnb.outcomes import Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

INK: Final = "#2b2b2b"
QUIET: Final = "#6b6b6b"
GRID: Final = "#e4e4e4"

Look = tuple[str, str]
"""Fill colour (Okabe-Ito, or a grey) and hatch."""

PLAIN: Final[Look] = ("#0072B2", "")
TOTAL: Final[Look] = ("#009E73", "")
REST: Final[Look] = ("#d9d9d9", "")
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
_UNSHOWN: Final = "\N{WHITE SQUARE}"


def clean(value: Any) -> str:
    """Turn a user's value into text that can be drawn: one line, no formula, no character that the font lacks."""
    text = gettext("(missing)") if pd.api.types.is_scalar(value) and pd.isna(value) else " ".join(str(value).split())
    known = _glyphs(tuple(rcParams["font.family"]))
    shown = "".join(sign if ord(sign) in known else _UNSHOWN for sign in text)
    return shown.replace("$", r"\$") or gettext("(blank)")


@functools.lru_cache(maxsize=8)
def _glyphs(families: tuple[str, ...]) -> frozenset[int]:
    paths = [font_manager.findfont(FontProperties(family=[family])) for family in families]
    return frozenset().union(*(font_manager.get_font(path).get_charmap() for path in paths))


def width_of(text: str, size: float) -> float:
    """Measure the widest line of a text, in inches, at a font size in points."""
    # Hinting on a screen draws a little wider than the outlines are.
    return 1.05 * size * max(_inches_per_point(line) for line in text.split("\n"))


@functools.lru_cache(maxsize=4096)
def _inches_per_point(line: str) -> float:
    shown = line.strip().replace(r"\$", "$")
    font = FontProperties(size=72)
    return float(text_to_path.get_text_width_height_descent(shown, font, ismath=False)[0]) / 72 / 72


def elide(text: str, size: float, room: float, lines: int = 1) -> str:
    """Break a text into at most `lines` lines of `room` inches, and put an ellipsis for the rest."""
    kept: list[str] = []
    words = text.split(" ")
    while words and len(kept) < lines - 1:
        fitting = next((n for n in range(len(words), 1, -1) if width_of(" ".join(words[:n]), size) <= room), 1)
        kept.append(_cut(" ".join(words[:fitting]), size, room))
        words = words[fitting:]
    return "\n".join([*kept, *([_cut(" ".join(words), size, room)] if words else [])])


def _cut(line: str, size: float, room: float) -> str:
    if width_of(line, size) <= room:
        return line
    most = next((n for n in range(len(line) - 1, 1, -1) if width_of(line[:n] + "…", size) <= room), 1)
    return line[:most].rstrip(" \\") + "…"


def inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height that the axes have, or will have where a layout engine is to fit them."""
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
    return width * len(spec.colspan) - 0.15, height * len(spec.rowspan) - 1.05


def calm(ax: Axes, along: str) -> None:
    """Leave the one spine on which the bars or periods stand, and a light grid along the rates (x or y)."""
    base = "left" if along == "x" else "bottom"
    for side, spine in ax.spines.items():
        spine.set_visible(side == base)
        spine.set_color(QUIET)
    ax.tick_params(length=0, colors=INK, labelsize=9)
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x" if along == "x" else "y", color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)


def headline(ax: Axes, title: str, note: str, *, width: float, left: float = 0.0) -> None:
    """Put a title and a quiet line under it above the axes.

    Parameters
    ----------
    ax : Axes
        Where.
    title, note : str
        Already cleaned.
    width, left : float
        How wide the axes are, and how far left of them the texts begin, in inches.
    """
    size = next((size for size in (11.5, 10.5) if width_of(title, size) <= left + width), 9.5)
    # Lines that there is no room for would be cut off by the figure's edge.
    room = 72 * _room_above(ax)
    quiet = elide(note, 8.5, left + width, lines=2 if room >= 34 + 1.3 * size else 1)
    pad = 10 + 12 * (quiet.count("\n") + 1) if quiet else 10
    text = elide(title, size, left + width, lines=2 if room >= pad + 2.6 * size else 1)
    shown = ax.set_title(text, loc="left", fontsize=size, color=INK, pad=pad)
    figure = ax.get_figure()
    if figure is not None:
        shown.set_transform(shown.get_transform() + ScaledTranslation(-left, 0, figure.dpi_scale_trans))
    under = ax.annotate(quiet, (0, 1), (-72 * left, 7), xycoords="axes fraction", textcoords="offset points")
    under.set(va="bottom", fontsize=8.5, color=QUIET, in_layout=False, annotation_clip=False)


def _room_above(ax: Axes) -> float:
    """Return how many inches there are above the axes; any number where a layout engine makes room."""
    figure = ax.get_figure()
    if figure is None or figure.get_layout_engine() is not None:
        return float("inf")
    return float(figure.bbox.y1 - ax.get_window_extent().y1) / figure.dpi


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


def empty(ax: Axes, title: str, text: str) -> Axes:
    """Leave the axes bare, with a quiet text in the middle."""
    ax.set_axis_off()
    ax.set_title(title, loc="left", fontsize=11.5, color=INK)
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=11, color=QUIET)
    return ax
