"""Colours of texts and lines that can be read on what the axes stand on, light or dark."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.colors import to_hex, to_rgb, to_rgba

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#1f2328"
"""What matplotlib's own black is drawn as."""
_LIGHT: Final = "#ffffff"
_DARK: Final = "#000000"
# WCAG 2 asks 4.5 of texts and 3 of what is drawn; the grid is to be seen and no more.
_TEXT: Final = 4.5
_QUIET: Final = 5.2
_DRAWN: Final = 3.0
_GRID: Final = 1.27
_STEPS: Final = 20

PAGE: Final[dict[Any, Any]] = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "figure.edgecolor"), _LIGHT),
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "patch.edgecolor", "xtick.color", "ytick.color"), _DARK
    ),
    "axes.prop_cycle": mpl.rcParamsDefault["axes.prop_cycle"],
    "axes.titlecolor": "auto",
    "xtick.labelcolor": "inherit",
    "lines.color": "C0",
    "grid.color": "#b0b0b0",
}
"""Settings of matplotlib for the pictures of a page, whatever the reader's own are."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as hex: `face` is what the axes stand on, and the others can be read on it.

    Attributes
    ----------
    ink, quiet : str
        Of texts and lines inside the axes, and of those that come second.
    grid : str
        Of lines that are to be seen and no more.
    title, note, label : str
        Of the texts outside the axes, which stand on the figure.
    """

    face: str
    ink: str
    quiet: str
    grid: str
    title: str
    note: str
    label: str

    @classmethod
    def of(cls, ax: Axes) -> Palette:
        """Choose the colours of axes by what they stand on, and by the settings of matplotlib."""
        figure = ax.figure
        grounds = [figure.figure.get_facecolor(), figure.get_facecolor()] if figure is not None else []
        rc = mpl.rcParams
        title = rc["text.color"] if str(rc["axes.titlecolor"]) == "auto" else rc["axes.titlecolor"]
        tick = rc["xtick.color"] if str(rc["xtick.labelcolor"]) == "inherit" else rc["xtick.labelcolor"]
        wanted = (rc["text.color"], title, rc["axes.labelcolor"], tick, rc["grid.color"])
        return _palette((*map(to_rgba, grounds), to_rgba(ax.get_facecolor())), tuple(map(to_hex, wanted)))


def contrast(one: str, other: str) -> float:
    """Return how far two colours are apart in lightness, from 1 to 21: (L1 + 0.05) / (L2 + 0.05), as in WCAG 2."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@functools.lru_cache(maxsize=1024)
def seen(colour: str, face: str) -> str:
    """Return a colour that has a contrast of 3 with the face: the nearest between it and black, or white."""
    ink = _readable(INK, face, _DRAWN)
    mixed = (_mix(ink, colour, step / _STEPS) for step in range(_STEPS + 1))
    return next((each for each in mixed if contrast(each, face) >= _DRAWN), ink)


def readable_on(face: str) -> str:
    """Return ink or white, whichever can be read on a colour."""
    return _readable(INK, face)


@functools.lru_cache(maxsize=256)
def _palette(grounds: tuple[tuple[float, ...], ...], wanted: tuple[str, ...]) -> Palette:
    """Choose the colours: `grounds` lie on each other, the last is that of the axes."""
    text, title, label, tick, grid = wanted
    # A page that the figure lets through is as light as its texts are dark.
    page = _LIGHT if contrast(text, _LIGHT) >= contrast(text, _DARK) else _DARK
    for ground in grounds[:-1]:
        page = _over(ground, page)
    face = _over(grounds[-1], page)
    ink = _readable(text, face)
    return Palette(
        face=face,
        ink=ink,
        quiet=_quiet(ink, face),
        grid=_grid(grid, face),
        title=_readable(title, page),
        note=_quiet(_readable(label, page), page),
        label=_readable(tick, page),
    )


def _readable(wanted: str, face: str, enough: float = _TEXT) -> str:
    """Return the wanted colour where it can be read, black as ink; else black or white."""
    softer = INK if wanted == _DARK else wanted
    return next(
        (each for each in (softer, wanted) if contrast(each, face) >= enough),
        max((_DARK, _LIGHT), key=lambda each: contrast(each, face)),
    )


def _quiet(ink: str, face: str) -> str:
    """Return the colour between face and ink that can well be read and stands back."""
    mixed = (_mix(ink, face, step / _STEPS) for step in range(_STEPS))
    return next((each for each in mixed if contrast(each, face) >= _QUIET), ink)


def _grid(colour: str, face: str) -> str:
    ink = _readable(INK, face)
    mixed = [_mix(over, face, step / _STEPS) for over in (colour, ink) for step in range(1, _STEPS + 1)]
    return next((each for each in mixed if contrast(each, face) >= _GRID), ink)


def _over(colour: tuple[float, ...], ground: str) -> str:
    red, green, blue, alpha = colour
    return _mix(to_hex((red, green, blue)), ground, alpha)


def _mix(colour: str, other: str, share: float) -> str:
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))
    return to_hex((red, green, blue))


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
