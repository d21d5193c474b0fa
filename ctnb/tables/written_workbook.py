"""A table written as a workbook of one sheet, row by row, so that it takes no memory of its own."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pandas as pd

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.i18n.message import lazy_gettext
from ctnb.tables.workbooks import MOST_CHARACTERS, MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_YEAR: Final = 1900
"""Before it a sheet has no dates."""

AS_THEY_ARE: Final = frozenset({str, bool, int, type(None)})
"""Types of cells that are written as they come."""

OPTIONS: Final = {
    "constant_memory": True,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
    # What is text stays text.
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def check_xlsxwriter() -> None:
    """Check that workbooks can be written here.

    Raises
    ------
    MissingExtraError
        When XlsxWriter is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise MissingExtraError.of("xlsxwriter", extra="excel", purpose=lazy_gettext("Writing a workbook"))


def write_workbook(cells: pd.DataFrame, header: list[str], file: BinaryIO) -> None:
    """Write one sheet, its heading frozen.

    Parameters
    ----------
    cells : DataFrame
        As `ctnb.tables.safe_cells.safe_column` leaves each column.
    header : list of str
    file : binary file
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    columns = [values_of(cells[name]) for name in cells]
    longest = max((len(cell) for column in columns for cell in set(column) if isinstance(cell, str)), default=0)
    if len(cells) >= MOST_ROWS or longest > MOST_CHARACTERS:
        raise ConfigError(
            "A sheet holds {rows:n} rows under the heading and {characters:n} characters in a cell; the table has "
            "{count:n} and {longest:n}. Write CSV.",
            rows=MOST_ROWS - 1,
            characters=MOST_CHARACTERS,
            count=len(cells),
            longest=longest,
        )
    with tempfile.TemporaryDirectory() as folder:
        # Into a file of its own: what breaks off leaves nothing open of the caller's.
        whole = Path(folder) / "whole.xlsx"
        book = xlsxwriter.Workbook(whole, OPTIONS | {"tmpdir": folder})
        book.use_zip64()
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for number, name in enumerate(header):
            sheet.write_string(0, number, name, bold)
        writers: dict[type, Callable[..., Any]] = {
            str: sheet.write_string,
            bool: sheet.write_boolean,
            int: sheet.write_number,
            float: sheet.write_number,
            datetime: sheet.write_datetime,
        }
        for row, values in enumerate(zip(*columns, strict=True), 1):
            for number, value in enumerate(values):
                if value is not None:
                    writers[type(value)](row, number, value)
        try:
            book.close()
        except FileCreateError as error:  # of the system's own error
            raise error.args[0] from None
        with whole.open("rb") as written:
            shutil.copyfileobj(written, file)


def values_of(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column as text, truth values, numbers and dates of Python; None for a missing one."""
    values = column.astype(object).where(column.notna(), None).tolist()
    return [value if type(value) in AS_THEY_ARE else _value(value) for value in values]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.year < FIRST_YEAR else pd.Timestamp(value).to_pydatetime(warn=False)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    number = float(value)
    return number if np.isfinite(number) else str(number)
