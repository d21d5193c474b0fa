"""Workbooks of Excel's binary kinds, XLS and XLSB, through python-calamine."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.workbooks import MOST_COLUMNS, MOST_ROWS, compact, sheet_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ctnb.tables.notes import Notes

MOST_CELLS: Final = 50_000_000
"""Cells between a sheet's corners: calamine makes room for each, blank or not."""

ROW: Final = 0
BLANK_CELL: Final = 1
LAST_CELL: Final = 11
"""Kinds of records in a sheet of XLSB: a row, and its cells from the blank one to the last formula."""


def binary_workbook_cells(data: bytes, sheet_name: int | str, notes: Notes) -> pd.DataFrame:
    """Return the cells of a worksheet that hold something, as `ctnb.tables.workbooks.workbook_cells` does."""
    if find_spec("python_calamine") is None:
        raise MissingExtraError.of("python-calamine", extra="excel", purpose="Reading XLS and XLSB")
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if data.startswith(b"PK"):
            check_corners(data, notes)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_index(sheet_number(sheet_name, book.sheet_names, notes.name))
            if sheet.total_width > MOST_COLUMNS:
                raise ConfigError(f"{notes.name} has more than the {MOST_COLUMNS:,} columns of a sheet.")
            return compact(_rows(sheet), notes.name)
    except (CalamineError, BadZipFile, KeyError, IndexError, OSError) as error:
        if "password" in str(error).casefold():
            raise ConfigError(f"{notes.name} is protected by a password. Save it as XLSX or CSV without one.") from None
        raise ConfigError(
            f"{notes.name} is not a workbook that can be read: damaged, or protected by a password. Save it as XLSX or "
            "CSV without a password."
        ) from None


def _rows(sheet: Any) -> Iterator[tuple[int, Iterator[tuple[int, object]]]]:
    """Yield the rows of a sheet; calamine begins a row at the first column that is not blank."""
    first = sheet.start[1] if sheet.start else 0
    return ((number, enumerate(cells, first)) for number, cells in enumerate(sheet.iter_rows()))


def check_corners(data: bytes, notes: Notes) -> None:
    """Check that no sheet of an XLSB workbook has cells so far apart that there is no room for those between."""
    with ZipFile(io.BytesIO(data)) as book:
        for part in book.namelist():
            if part.startswith("xl/worksheets/sheet") and part.endswith(".bin"):
                rows, columns = far_corner(book.read(part))
                if rows > MOST_ROWS or columns > MOST_COLUMNS:
                    raise ConfigError(
                        f"{notes.name} has more than the {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns of a sheet."
                    )
                if rows * columns > MOST_CELLS:
                    raise ConfigError(
                        f"{notes.name} has cells too far apart, in {rows:,} rows and {columns:,} columns. Delete what "
                        "stands far from the table, or save it as XLSX."
                    )


def far_corner(sheet: bytes) -> tuple[int, int]:
    """Return how many rows and columns a sheet of XLSB needs; its own word for that is not believed.

    Its records are a kind and a length, in one to four bytes of seven bits each, and then the content: of a row its
    number, of a cell its column (MS-XLSB 2.1.4, 2.4.728, 2.5.9).
    """
    rows = columns = row = position = 0
    end = len(sheet)
    while position < end:
        kind = sheet[position]
        position += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (sheet[position] & 0x7F) << 7
            position += 1
        length = shift = 0
        for _ in range(4):
            byte = sheet[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if kind == ROW:
            row = int.from_bytes(sheet[position : position + 4], "little") + 1
        elif BLANK_CELL < kind <= LAST_CELL:
            rows = max(rows, row)
            columns = max(columns, int.from_bytes(sheet[position : position + 4], "little") + 1)
        position += length
    return rows, columns
