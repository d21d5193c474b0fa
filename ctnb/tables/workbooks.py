"""Workbooks: their cells as people see them, and a table written as one sheet."""

from __future__ import annotations

import io
import warnings
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pandas as pd

from ctnb.exceptions import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

MOST_ROWS: Final = 1_048_576
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
    """Return the cells of a worksheet as openpyxl has them, its heading as the first row."""
    check_openpyxl("Reading a workbook")
    # openpyxl warns of styles and validations that it does not keep; no data is in them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = pd.ExcelFile(io.BytesIO(data), engine="openpyxl")
        except (BadZipFile, KeyError, OSError, ParseError, TypeError, ValueError):
            raise ConfigError(f"{name} is not a workbook that can be read. Save it as XLSX or CSV.") from None
        with book:
            known = book.sheet_names
            if sheet not in known and not (isinstance(sheet, int) and 0 <= sheet < len(known)):
                names = ", ".join(map(repr, known))
                raise ConfigError(f"sheet: expected a 0-based number or a name, got {sheet!r}; {name} has {names}.")
            return pd.read_excel(
                book, sheet_name=sheet, header=None, dtype=object, keep_default_na=False, na_values=[""]
            )


def cell_text(cell: object) -> str:
    """Return a cell as people see it: digits without ``.0`` or exponent, ISO dates."""
    if isinstance(cell, float):
        # More digits than a spreadsheet keeps would show 0.30000000000000004.
        return format(Decimal(f"{cell:.{MOST_DIGITS}g}"), "f")
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def write_workbook(cells: pd.DataFrame, header: list[str], file: Path) -> None:
    """Write one sheet, its heading frozen."""
    longest = max((len(cell) for column in cells for cell in cells[column] if isinstance(cell, str)), default=0)
    if len(cells) >= MOST_ROWS or longest > MOST_CHARACTERS:
        raise ConfigError(
            f"A sheet holds {MOST_ROWS - 1:,} rows under the heading and {MOST_CHARACTERS:,} characters in a cell; "
            f"the table has {len(cells):,} and {longest:,}. Write CSV."
        )
    cells.to_excel(file, header=header, index=False, freeze_panes=(1, 0), engine="openpyxl")
