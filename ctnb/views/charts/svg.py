"""Plots as SVG inside a page: no file, no pyplot state, no id that another plot of the page has."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ctnb.views.charts.headline import headline_of
from ctnb.views.charts.palette import DARK_PAGE, INK, PAGE, Palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

_REFERENCE: Final = re.compile(r"#([\w.:-]+)")
_NAMESPACE: Final = re.compile(r"^\{[^}]*\}")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}\b")
_FAMILY: Final = re.compile(r"font-family:[^;]*;?\s*")
# The plots are measured in DejaVu Sans; Verdana is as wide, and what other machines have is narrower.
_FONTS: Final = "'DejaVu Sans', Verdana, system-ui, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot in a page.

    Attributes
    ----------
    title : str
        The plot in words, for those who cannot see it.
    svg : str
        An ``<svg>`` element with its texts as text, in a font of the reader's machine; it loads nothing.
    """

    title: str
    svg: str


def draw_svg(draw: Callable[[Axes], Axes], *, name: str, width: float, height: float) -> Picture:
    """Draw a plot as SVG for a page, light or dark.

    Nothing is drawn behind it, and ink, quiet ink, grid and face are variables of the page's style sheet, as in
    ``var(--ctnb-ink, #1f2328)``: without a sheet they are those of a light page.

    Parameters
    ----------
    draw : callable
        Takes Axes and draws on them.
    name : str
        Begins every id in the plot: letters, digits and dashes, another one for each plot of a page.
    width, height : float
        Inches.
    """
    # The same data gives the same ids, so that a report made again differs only where its numbers do.
    with mpl.rc_context({**PAGE, "svg.hashsalt": name, "svg.fonttype": "none"}):
        figure, axes = _drawn(draw, width, height)
        figure.draw_without_rendering()
        # Laid out for good: once more for the file would take as long as the drawing.
        figure.set_layout_engine("none")
        # In a narrow plot the words beside the curves may stick out.
        right = max((text.get_window_extent().x1 / figure.dpi for text in axes.texts), default=0.0)
        # The page is seen through, whatever its colour is.
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        colours = _variables(Palette.of(axes))
    title = headline_of(axes)
    box = f"0 0 {72 * max(width, right + 0.04):.1f} {72 * height:.1f}"
    return Picture(title, _inline_svg(file.getvalue(), name, title, box, colours))


def draw_png(draw: Callable[[Axes], Axes], *, width: float, height: float, dark: bool = False) -> tuple[str, str]:
    """Draw a plot as PNG for pages that take no SVG, on white or dark; return it in words, and the image in base64."""
    with mpl.rc_context(DARK_PAGE if dark else PAGE):
        figure, axes = _drawn(draw, width, height)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=110, facecolor=figure.get_facecolor())
    return headline_of(axes), base64.b64encode(file.getvalue()).decode("ascii")


def _drawn(draw: Callable[[Axes], Axes], width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, draw(figure.add_subplot())


def _variables(palette: Palette) -> dict[str, str]:
    """Return the variables of style sheets that stand for the colours of a light plot."""
    return {
        palette.ink: "--ctnb-ink",
        palette.quiet: "--ctnb-quiet",
        palette.grid: "--ctnb-line",
        palette.face: "--ctnb-face",
    }


def _inline_svg(document: bytes, name: str, title: str, box: str, colours: dict[str, str]) -> str:
    """Return the root of an SVG document as an element of HTML."""
    root = ET.fromstring(document)  # noqa: S314  matplotlib has written it a moment ago
    for child in [child for child in root if _without_namespace(child.tag) == "metadata"]:
        root.remove(child)
    for parent in root.iter():
        for style in [child for child in parent if _without_namespace(child.tag) == "style"]:
            # It would hold for the whole page; the root's style is the same, for this plot alone.
            parent.remove(style)
    used = {
        found for element in root.iter() for value in element.attrib.values() for found in _REFERENCE.findall(value)
    }
    for element in root.iter():
        element.tag = _without_namespace(element.tag)
        attributes = {_without_namespace(key): value for key, value in element.attrib.items()}
        if attributes.get("id") not in used:
            attributes.pop("id", None)
        element.attrib = {key: _with_name(key, value, name) for key, value in attributes.items()}
        if element.text and "  " in element.text:
            # The gap between two numbers, which HTML would close.
            element.text = element.text.replace("  ", "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}")
        if "style" in element.attrib:
            own = _FAMILY.sub("", element.get("style", ""))
            element.set("style", _COLOUR.sub(lambda found: _variable(found[0], colours), own))
        elif element.tag == "text":
            # Matplotlib leaves black out.
            element.set("style", f"fill: {_variable(INK, colours)}")
    root.attrib = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": box,
        "role": "img",
        "aria-label": title,
        "style": f"stroke-linejoin: round; stroke-linecap: butt; font-family: {_FONTS}",
    }
    return ET.tostring(root, encoding="unicode")


def _variable(colour: str, colours: dict[str, str]) -> str:
    """Return a colour as the style sheet of the page has it, or as it is."""
    return f"var({colours[colour]}, {colour})" if colour in colours else colour


def _without_namespace(name: str) -> str:
    return _NAMESPACE.sub("", name)


def _with_name(key: str, value: str, name: str) -> str:
    """Put the plot's name before an id, and before every reference to one."""
    if key == "id":
        return f"{name}-{value}"
    refers = key == "href" or "url(" in value
    return _REFERENCE.sub(rf"#{name}-\1", value) if refers else value
