"""OpenDocument sheets: numbers as their text stands in the file."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import IO, TYPE_CHECKING, Final
from xml.etree.ElementTree import iterparse
from zipfile import ZipFile

from ctnb.exceptions import ConfigError
from ctnb.tables.notes import FORMULAS, HIDDEN_ROWS
from ctnb.tables.workbooks import (
    MOST_COLUMNS,
    MOST_ROWS,
    UNREADABLE,
    compact,
    sheet_number,
    too_many_columns,
    too_many_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    import pandas as pd

    from ctnb.tables.notes import Notes

TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DURATION: Final = re.compile(r"PT(?P<hours>\d+)H(?P<minutes>\d+)M(?P<seconds>\d+)(?:[.,]\d+)?S")
NUMBERS: Final = frozenset({"float", "percentage", "currency"})
CELLS: Final = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")


def open_document_cells(data: bytes, sheet_name: int | str, notes: Notes) -> pd.DataFrame:
    """Return the cells of a sheet that hold something, as `ctnb.tables.workbooks.workbook_cells` does."""
    try:
        with ZipFile(io.BytesIO(data)) as book:
            known = _sheet_names(book)
            sheet = _Sheet(sheet_number(sheet_name, known, notes.name), notes.name)
            with book.open("content.xml") as content:
                cells = compact(sheet.rows(content), notes.name)
    except UNREADABLE as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError("{name} is not a sheet that can be read. Save it as XLSX or CSV.", name=notes.name) from None
    notes.add("hidden_rows", sheet.hidden, HIDDEN_ROWS, count=sheet.hidden)
    notes.add("formulas", sheet.without_value, FORMULAS, count=sheet.without_value)
    return cells


def _sheet_names(book: ZipFile) -> list[str]:
    names = []
    with book.open("content.xml") as content:
        for event, element in _events(content):
            if event == "start" and element.tag == f"{TABLE}table":
                names.append(element.get(f"{TABLE}name", ""))
            elif event == "end" and element.tag == f"{TABLE}table-row":
                element.clear()
    return names


def _events(content: IO[bytes]) -> Iterator[tuple[str, Element]]:
    # Expat itself bounds what entities of entities come to, and openpyxl reads XLSX with it, too.
    return iterparse(content, ("start", "end"))  # noqa: S314


class _Sheet:
    """One sheet of the document, by its number."""

    def __init__(self, number: int, name: str) -> None:
        self.number, self.name = number, name
        self.hidden = self.without_value = 0

    def rows(self, content: IO[bytes]) -> Iterator[tuple[int, list[tuple[int, object]]]]:
        """Yield the rows with cells that hold something; a row that is repeated, each time."""
        sheet, number = -1, 0
        for event, element in _events(content):
            if event == "start":
                sheet += element.tag == f"{TABLE}table"
            elif element.tag == f"{TABLE}table-row":
                if sheet == self.number:
                    times = int(element.get(f"{TABLE}number-rows-repeated", "1"))
                    cells = self._cells(element)
                    if cells:
                        if number + times > MOST_ROWS:
                            raise too_many_rows(self.name)
                        hidden = element.get(f"{TABLE}visibility") in {"filter", "collapse"}
                        self.hidden += times * hidden
                        yield from ((number + each, cells) for each in range(times))
                    number += times
                element.clear()

    def _cells(self, row: Element) -> list[tuple[int, object]]:
        cells: list[tuple[int, object]] = []
        position = 0
        for cell in row:
            if cell.tag not in CELLS:
                continue
            times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            value = _value(cell)
            if value is not None:
                if position + times > MOST_COLUMNS:
                    raise too_many_columns(self.name)
                cells += ((position + each, value) for each in range(times))
            elif cell.get(f"{TABLE}formula") and cell.get(f"{OFFICE}value-type") is None:
                self.without_value += 1
            position += times
        return cells


def _value(cell: Element) -> object:
    """Return what a cell holds: its stored value where it has one, else its text; None for nothing and errors."""
    kind = cell.get(f"{OFFICE}value-type")
    with suppress(ValueError, InvalidOperation):
        if kind in NUMBERS:
            number = Decimal(cell.get(f"{OFFICE}value", ""))
            whole = number.as_tuple().exponent == 0
            return int(number) if whole else number
        if kind == "date":
            text = cell.get(f"{OFFICE}date-value", "")
            return datetime.fromisoformat(text)
        if kind == "time" and (found := DURATION.fullmatch(cell.get(f"{OFFICE}time-value", ""))):
            hours, minutes, seconds = map(int, found.groups())
            return time(hours, minutes, seconds)
        if kind == "boolean":
            return cell.get(f"{OFFICE}boolean-value") == "true"
    text = "\n".join(_text(line) for line in cell if line.tag == f"{TEXT}p")
    if cell.get(f"{TABLE}formula") and text.startswith(("#", "Err:")) and kind != "string":
        return None
    return text or None


def _text(element: Element) -> str:
    """Return a paragraph's text with its spaces, tabs and line breaks."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT}s":
            parts.append(" " * min(int(child.get(f"{TEXT}c", "1")), 1000))
        elif child.tag == f"{TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{TEXT}line-break":
            parts.append("\n")
        else:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
