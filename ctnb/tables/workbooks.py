"""Workbooks: their cells as people see them, and a table written as one sheet."""

from __future__ import annotations

import io
import warnings
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from ctnb.exceptions import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
"""Columns of a sheet; more are read and written in text tables neither."""

MOST_CHARACTERS: Final = 32_767
MOST_DIGITS: Final = 15
"""Digits of a number that a spreadsheet keeps."""


def check_openpyxl(purpose: str) -> None:
    """Check that workbooks can be read and written here.

    Raises
    ------
    MissingExtraError
        When openpyxl is not installed; `purpose` begins the message.
    """
    if find_spec("openpyxl") is None:
        raise MissingExtraError.of("openpyxl", extra="excel", purpose=purpose)


def workbook_cells(data: bytes, name: str, sheet: int | str) -> pd.DataFrame:
    """Return the cells of a worksheet that hold something.

    Returns
    -------
    DataFrame of object
        The rows that are not blank, the heading first; a column for each of the sheet's that is not blank, under its
        0-based number. So a cell in a far corner costs no more than itself.
    """
    check_openpyxl("Reading a workbook")
    import openpyxl

    # openpyxl warns of styles and validations that it does not keep; no data is in them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                return _compact(_sheet_of(book, name, sheet), name)
        except (BadZipFile, KeyError, OSError, ParseError, TypeError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"{name} is not a workbook that can be read. Save it as XLSX or CSV.") from None


def _sheet_of(book: Workbook, name: str, sheet: int | str) -> Any:
    """Return a worksheet by its 0-based number or its name."""
    sheets: list[Any] = book.worksheets
    known = [each.title for each in sheets]
    if sheet not in known and not (isinstance(sheet, int) and 0 <= sheet < len(known)):
        names = ", ".join(map(repr, known))
        raise ConfigError(f"sheet: expected a 0-based number or a name, got {sheet!r}; {name} has {names}.")
    return sheets[sheet if isinstance(sheet, int) else known.index(sheet)]


def _compact(sheet: Any, name: str) -> pd.DataFrame:
    """Read the cells that hold something, column by column."""
    # What the file says of its own size is not believed.
    sheet.reset_dimensions()
    found: dict[int, tuple[list[int], list[object]]] = {}
    rows = 0
    for number, cells in enumerate(sheet.iter_rows()):
        if number >= MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise ConfigError(f"{name} has more than the {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns of a sheet.")
        held = [(position, value) for position, cell in enumerate(cells) if (value := _held(cell)) is not None]
        for position, value in held:
            places, values = found.setdefault(position, ([], []))
            places.append(rows)
            values.append(value)
        rows += bool(held)
    columns = {}
    for position, (places, values) in sorted(found.items()):
        columns[position] = np.full(rows, None, dtype=object)
        columns[position][places] = np.fromiter(values, dtype=object, count=len(values))
    return pd.DataFrame(columns, index=range(rows), dtype=object)


def _held(cell: Any) -> object:
    """Return what a cell holds, whole numbers without a fraction; None for nothing, for white space and an error."""
    value = cell.value
    if value is None or cell.data_type == "e" or (isinstance(value, str) and (not value or value.isspace())):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def cell_text(cell: object) -> str:
    """Return a cell as people see it: digits without ``.0`` or exponent, ISO dates."""
    if isinstance(cell, float):
        # More digits than a spreadsheet keeps would show 0.30000000000000004.
        return format(Decimal(f"{cell:.{MOST_DIGITS}g}"), "f")
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def write_workbook(cells: pd.DataFrame, header: list[str], file: BinaryIO) -> None:
    """Write one sheet, its heading frozen."""
    longest = max((len(cell) for column in cells for cell in cells[column] if isinstance(cell, str)), default=0)
    if len(cells) >= MOST_ROWS or longest > MOST_CHARACTERS:
        raise ConfigError(
            f"A sheet holds {MOST_ROWS - 1:,} rows under the heading and {MOST_CHARACTERS:,} characters in a cell; "
            f"the table has {len(cells):,} and {longest:,}. Write CSV."
        )
    cells.to_excel(file, header=header, index=False, freeze_panes=(1, 0), engine="openpyxl")
