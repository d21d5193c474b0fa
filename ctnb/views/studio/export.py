"""Copy as code: the cell that does what the studio was told, and a button that copies it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.i18n.language import gettext
from ctnb.views.studio.widgets import button, card, field, note, row, shown_if

if TYPE_CHECKING:
    from ctnb.exceptions import CtnbError

# The browser copies; where it may not, the text is selected, and Ctrl-C does it.
COPY = (
    "const text=this.closest('.ctnb-studio').querySelector('.ctnb-code textarea');text.focus();text.select();"
    "const was=this.textContent,told=()=>{{this.textContent='{copied}';setTimeout(()=>{{this.textContent=was}},2000)}};"
    "navigator.clipboard?navigator.clipboard.writeText(text.value).then(told,()=>document.execCommand('copy')):"
    "document.execCommand('copy')&&told();"
)


class Copying:
    """The cell as text."""

    def __init__(self) -> None:
        self.text = field(
            ipywidgets.Textarea, gettext("A cell that does the same; the token is not in it"), "wide", "code", rows=12
        )
        label = html.escape(gettext("Copy"))
        script = html.escape(COPY.format(copied=gettext("Copied")), quote=True)
        self._button = ipywidgets.HTML(
            f'<button type="button" class="jupyter-button" onclick="{script}">{label}</button>'
        )
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
