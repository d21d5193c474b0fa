"""The sheet in the browser: a widget that draws what Python has put into its traits, and sends commands back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import traitlets
from anywidget import AnyWidget

from ctnb.views.html.render import rendered

if TYPE_CHECKING:
    from ctnb.views.dashboard.downloads import FileToSave

_PAGE: Final = Path(__file__).parent / "page"
_PIECE: Final = 4_000_000
"""Bytes of a message; proxies before a kernel refuse much longer ones."""


class Sheet(AnyWidget):
    """What the browser shows. Every text in the traits is data, which ``page/sheet.js`` escapes.

    Attributes
    ----------
    words : dict
        Words of the sheet in the reader's language.
    head, filters, offer, chart, table : dict
        The parts of the sheet, as `ctnb.views.dashboard.sheet_state` makes them.
    problem : str
        HTML of what went wrong, blank where nothing has.
    notice : str
        What has been done, such as where a file is.
    command : dict
        From the browser: ``n``, its number, ``do``, what to do, and its values.
    done : int
        The number of the last command that has been carried out.
    """

    # One module, for the browser has no address to import another from.
    _esm = "\n".join((_PAGE / name).read_text(encoding="utf-8") for name in ("elements.js", "bars.js", "sheet.js"))
    _css = rendered("sheet.css")

    words = traitlets.Dict().tag(sync=True)
    head = traitlets.Dict().tag(sync=True)
    filters = traitlets.Dict().tag(sync=True)
    offer = traitlets.Dict().tag(sync=True)
    chart = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    command = traitlets.Dict().tag(sync=True)
    done = traitlets.Int(0).tag(sync=True)

    def send_file(self, file: FileToSave) -> None:
        """Give a file to the browser, which saves it as it does others."""
        pieces = range(0, max(len(file.data), 1), _PIECE)
        for number, start in enumerate(pieces):
            message: dict[str, Any] = {"name": file.name, "type": file.kind, "piece": number, "pieces": len(pieces)}
            self.send(message, [file.data[start : start + _PIECE]])
