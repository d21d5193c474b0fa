"""The job to take along: a cell that does it, and a rulebook that notebooks, the command line and the studio open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.i18n.language import gettext
from ctnb.leads.rules_file import format_rulebook
from ctnb.tables.place import place_text
from ctnb.views.html.render import rendered
from ctnb.views.own_files import OwnFiles
from ctnb.views.studio.message import Message
from ctnb.views.studio.widgets import button, card, field, row, show_if

if TYPE_CHECKING:
    from ctnb.exceptions import CtnbError
    from ctnb.leads.rulebook import Rulebook


class Export:
    """The job as two texts, each with a button that copies it; the rulebook can also be saved.

    Attributes
    ----------
    cell, rulebook : Textarea
        Python, without the token; and TOML. Both are blank while the job cannot be used.
    file, save : Text, Button
        The name of the rulebook's file, and what writes it.
    toggle : Button
        Opens and closes `widget`.
    """

    def __init__(self) -> None:
        self._files = OwnFiles()
        self.cell = field(
            ipywidgets.Textarea, gettext("A cell that does the same; the token is not in it"), "wide", "code", rows=12
        )
        self.rulebook = field(
            ipywidgets.Textarea,
            gettext("A rulebook of the same job, for notebooks, the command line and the studio"),
            "wide",
            rows=12,
        )
        self.message = Message()
        self.file = field(ipywidgets.Text, gettext("File of the rulebook"), value="rules.toml")
        self.save = button(gettext("Save the rulebook"), self.message.guarded(self._save))
        # Not an accordion: the keyboard does not reach the head of one.
        self.toggle = button(gettext("Copy as code or save"), self._open_or_close)
        self.widget: Any = card(
            [
                copyable(self.cell, gettext("Copy")),
                copyable(self.rulebook, gettext("Copy the rulebook")),
                row([self.file, self.save]),
                self.message.widget,
            ]
        )
        show_if(False, self.widget)

    def show(self, cell: str, book: Rulebook) -> None:
        """Show a job."""
        self.cell.value, self.rulebook.value = cell, format_rulebook(book)
        self.save.disabled = False
        self.message.show("")

    def fail(self, error: CtnbError) -> None:
        """Show why the job cannot be used yet."""
        self.cell.value = self.rulebook.value = ""
        self.save.disabled = True
        self.message.show(str(error))

    def _open_or_close(self) -> None:
        show_if(self.widget.layout.display == "none", self.widget)

    def _save(self) -> None:
        """Write the rulebook, and never over a file that is not of this studio."""
        text = str(self.rulebook.value)
        file = self._files.write(self.file.value, ".toml", lambda path: place_text(path, text))
        self.message.show(gettext("The rulebook is in {file}", file=str(file)), "good")


def copyable(text: Any, label: str) -> Any:
    """Return a text with a button that copies it."""
    copy = rendered("studio/copy.html", within="ctnb-export", label=label, copied=gettext("Copied"))
    box = ipywidgets.VBox([row([text]), ipywidgets.HTML(copy)])
    box.add_class("ctnb-export")
    return box
