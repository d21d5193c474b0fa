"""The page itself: an export to choose, then the studio over it. It runs in the page's kernel."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from ctnb.i18n.choice import set_language
from ctnb.i18n.language import gettext
from ctnb.tables.files import read_leads
from ctnb.tables.notes import note_texts
from ctnb.tables.sources import READ_ENDINGS
from ctnb.views.studio.message import Message
from ctnb.views.studio.studio import Studio
from ctnb.views.studio.widgets import heading, row, style_sheet

if TYPE_CHECKING:
    import pandas as pd

DEALS: Final = "CTNB_STUDIO_DEALS"
FOLDER: Final = "CTNB_STUDIO_FOLDER"
READING: Final = "CTNB_STUDIO_READING"
LANGUAGE: Final = "CTNB_STUDIO_LANGUAGE"
"""Variables of the environment in which the server passes what the page needs to the kernel.

They are the export and the options of reading it as JSON, the folder, and the language.
"""

ENDINGS: Final = ",".join(READ_ENDINGS)


class StudioPage:
    """A button to choose an export, and the studio over the one that was chosen."""

    def __init__(self) -> None:
        self.studio: Studio | None = None
        self.message = Message()
        self.upload = ipywidgets.FileUpload(description=gettext("Choose an export"), accept=ENDINGS)
        self.upload.tooltip = gettext("Choose an export")
        self._studio_box = ipywidgets.VBox()
        about = gettext("Open an export of deals, CSV or Excel.")
        about += " " + gettext(
            "Keep the page open while comments are sent: soon after it is closed the run stops. What was sent is "
            "recorded; to carry on, open the page and send again."
        )
        head = ipywidgets.VBox(
            [
                style_sheet(),
                heading(
                    gettext("Comments on Calltouch leads"),
                    about,
                ),
                row([self.upload]),
                self.message.widget,
            ]
        )
        head.add_class("ctnb-studio")
        self.widget: Any = ipywidgets.VBox([head, self._studio_box])
        self.upload.observe(lambda _: self.message.guarded(self._uploaded)(), "value")

    def open(self, deals: pd.DataFrame, name: str) -> None:
        """Open the studio over a table; it replaces the studio that was open."""
        if self.studio is not None and not self.studio.wait(0):
            self.message.show(gettext("Something is still going on. Wait for its end, or stop it."))
            return
        self.studio = Studio(deals)
        self._studio_box.children = [self.studio.widget]
        self.message.show(" ".join([gettext("Open: {name}", name=name), *note_texts(deals)]), "good")

    def read(self, path: str, **options: Any) -> None:
        """Open a file of this machine."""
        self.message.guarded(lambda: self.open(read_leads(path, **options), os.path.basename(path)))()  # noqa: PTH119  a name to show

    def _uploaded(self) -> None:
        if not self.upload.value:
            return
        file = self.upload.value[0]
        # Out of the widget at once: its value is part of a state that can be saved.
        content = bytes(file["content"])
        name = str(file["name"])
        self.upload.value = ()
        self.message.show(gettext("Reading {name}…", name=name))
        self.open(read_leads(io.BytesIO(content)), name)


def show() -> None:
    """Show the page: the cell of its notebook."""
    from IPython.display import display

    # What is in the folder's .env, and files that are written, belong to where the command was given.
    os.chdir(os.environ[FOLDER])
    set_language(os.environ.get(LANGUAGE) or None)
    page = StudioPage()
    display(page.widget)  # type: ignore[no-untyped-call]
    path = os.environ.get(DEALS)
    if path:
        page.read(path, **json.loads(os.environ.get(READING) or "{}"))
