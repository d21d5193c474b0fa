"""Copy as code: the cell that does what the studio was told, and a button that copies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.i18n.language import gettext
from ctnb.views.html.render import rendered
from ctnb.views.studio.look import button, card, field, note, row, shown_if

if TYPE_CHECKING:
    from ctnb.exceptions import CtnbError


class Copying:
    """The cell as text."""

    def __init__(self) -> None:
        self.text = field(
            ipywidgets.Textarea, gettext("A cell that does the same; the token is not in it"), "wide", "code", rows=12
        )
        labels = {"label": gettext("Copy"), "copied": gettext("Copied")}
        self._button = ipywidgets.HTML(rendered("studio/copy.html", within="ctnb-card", **labels))
        self._fault = ipywidgets.HTML()
        # Not an accordion: the keyboard does not reach the head of one.
        self.toggle = button(gettext("Copy as code"), self._turn)
        self.widget: Any = card([row([self.text]), self._button, self._fault])
        shown_if(self.widget, shown=False)

    def _turn(self) -> None:
        """Open what is closed, and close what is open."""
        shown_if(self.widget, self.widget.layout.display == "none")

    def show(self, code: str) -> None:
        """Show a cell."""
        self.text.value, self._fault.value = code, ""

    def fail(self, error: CtnbError) -> None:
        """Show why there is no cell yet."""
        self.text.value, self._fault.value = "", note(str(error))
