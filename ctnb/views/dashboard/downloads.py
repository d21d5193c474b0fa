"""Files for the browser: the rows as a table, the chart as a picture."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ctnb.tables.files import write_table
from ctnb.views.charts.svg import draw_png

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.views.dashboard.chart_view import ChartView

LARGEST: Final = 100_000_000
"""Bytes that go through the browser; a larger file is written beside the notebook."""

_KINDS: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class FileToSave:
    """A file to be saved: its name, its MIME type, and what is in it."""

    name: str
    kind: str
    data: bytes


def table_file(rows: pd.DataFrame, ending: str) -> FileToSave:
    """Return rows as ``.csv`` or ``.xlsx``, as `ctnb.tables.files.write_table` writes them."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"ctnb_rows{ending}"
        write_table(rows, file)
        return FileToSave(file.name, _KINDS[ending], file.read_bytes())


def picture_file(view: ChartView, ending: str, *, name: str, width: float) -> FileToSave:
    """Return a chart as ``.svg`` or ``.png``; there must be one."""
    if ending == ".svg":
        data = f'<?xml version="1.0" encoding="utf-8"?>\n{view.picture.svg if view.picture else ""}\n'.encode()
    elif view.draw is not None:
        data = base64.b64decode(draw_png(view.draw, width=width, height=view.height)[1])
    return FileToSave(f"ctnb_{name}{ending}", _KINDS[ending], data)
