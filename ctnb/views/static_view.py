"""The static view of a widget: what a notebook shows in its place when no kernel keeps the widget alive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ctnb.views.charts.svg import draw_png
from ctnb.views.html import render as markup

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from ctnb.views.html.headline import Headline
    from ctnb.views.html.table import Table


LIVE: Final = "ctnb-live"
WIDGET: Final = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class StaticPlot:
    """A plot as two images in base64, of which style sheets choose one; and in words."""

    alt: str
    light: str
    dark: str

    @classmethod
    def drawn(cls, draw: Callable[[Axes], Axes], *, width: float, height: float) -> StaticPlot:
        """Draw it; width and height are inches."""
        alt, light = draw_png(draw, width=width, height=height)
        return cls(alt, light, draw_png(draw, width=width, height=height, dark=True)[1])


@dataclass(frozen=True, slots=True)
class StaticView:
    """A summary as text, and as HTML that runs nothing.

    Attributes
    ----------
    text : str
        One line.
    html : str
        A fragment, without a style sheet.
    """

    text: str
    html: str

    @classmethod
    def of(cls, headline: Headline, tables: list[tuple[str, Table]], plot: StaticPlot | None) -> StaticView:
        """Put a headline, a plot and tables with their titles under each other; tables without a row are left out."""
        titled = [replace(rows, title=title) for title, rows in tables if rows.rows]
        html = markup.rendered("static.html", headline=headline, shown="", tables=titled, plot=plot)
        return cls(headline.sentence, html)


class Beside:
    """A static view on display, and the widget under it that hides it while it lives.

    A front end shows the richest form of an output, so a view in the widget's own output is never seen where widgets
    are known and this one is gone. So the view is an output of its own. Style sheets alone hide it beside a widget that
    lives, and hide what JupyterLab says in place of one that does not.

    Parameters
    ----------
    view : StaticView
        What to show.
    widget : DOMWidget
        What hides it.
    """

    def __init__(self, view: StaticView, widget: Any) -> None:
        from IPython.display import display

        self._live = f"{LIVE}-{widget.model_id}"
        widget.add_class(LIVE).add_class(self._live)
        self._handle = display(self._bundle(view), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        display({WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}, raw=True)  # type: ignore[no-untyped-call]  # no types in IPython

    def replace(self, view: StaticView) -> None:
        """Show another view in place of the first, for a notebook that is saved from now on."""
        if self._handle is not None:
            self._handle.update(self._bundle(view), raw=True)

    def _bundle(self, view: StaticView) -> dict[str, str]:
        html = markup.rendered("static_output.html", html=view.html, live=self._live)
        return {"text/plain": view.text, "text/html": html}
