"""Tables as people have them, in files and in memory."""

import io

import openpyxl
import pandas as pd
from openpyxl.styles import Font

from ctnb.tables.files import read_leads


def text_file(folder, text, *, name="deals.csv", encoding="utf-8"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def workbook(folder, *rows, name="deals.xlsx", title="Сделки", merged=None, **corner):
    """Write a workbook; `corner` is what the last cell of the sheet holds, None for a style alone."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    for value in corner.values():
        last = book.active.cell(1_048_576, 16_384, value)
        last.font = Font(bold=True)
    file = folder / name
    book.save(file)
    return file


def cells(frame):
    """Rows as lists, missing as None."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.astype(object).to_numpy().tolist()]


def read_text(text, **options):
    return read_leads(io.BytesIO(text.encode("utf-8")), **options)


def notes(frame):
    """The codes of the notes on a frame, each with its rows."""
    return {note["code"]: note["rows"] for note in frame.attrs.get("ctnb_notes", [])}
