"""Copy as code: the cell that does what the studio was told, and a button that copies it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.language import said
from ctnb.views.studio.look import field, note

if TYPE_CHECKING:
    from ctnb.errors import CtnbError

__all__ = ["Copying"]

# The browser copies; where it may not, the text is selected, and Ctrl-C does it.
COPY = (
    "const text=this.closest('.ctnb-studio').querySelector('.ctnb-code textarea');text.focus();text.select();"
    "const told=()=>{{this.textContent='{copied}'}};"
    "navigator.clipboard?navigator.clipboard.writeText(text.value).then(told,()=>document.execCommand('copy')):"
    "document.execCommand('copy')&&told();"
)


class Copying:
    """The cell as text."""

    def __init__(self) -> None:
        self.text = field(
            ipywidgets.Textarea, said("A cell that does the same; the token is not in it"), "wide", "code", rows=12
        )
        script = html.escape(COPY.format(copied=said("Copied")), quote=True)
        self._button = ipywidgets.HTML(
            f'<button type="button" class="jupyter-button" onclick="{script}">{html.escape(said("Copy"))}</button>'
        )
        self._fault = ipywidgets.HTML()
        self.widget: Any = ipywidgets.VBox([self.text, self._button, self._fault])

    def show(self, code: str) -> None:
        """Show a cell."""
        self.text.value, self._fault.value = code, ""

    def fail(self, error: CtnbError) -> None:
        """Show why there is no cell yet."""
        self.text.value, self._fault.value = "", note(str(error))
