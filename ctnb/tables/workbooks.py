"""Workbooks: their cells as people see them, and a table written as one sheet."""

from __future__ import annotations

import io
import warnings
import zlib
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.i18n.message import LazyMessage, lazy_gettext
from ctnb.tables.numbers import MOST_DIGITS, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctnb.tables.notes import Notes

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
"""Columns of a sheet; more are read and written in text tables neither."""

MOST_CHARACTERS: Final = 32_767


UNREADABLE: Final = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError),
    *(BadZipFile, ParseError, zlib.error),
)
"""What reading a damaged file raises, here or in the libraries that read it."""


def check_openpyxl(purpose: LazyMessage) -> None:
    """Check that workbooks can be read and written here.

    Raises
    ------
    MissingExtraError
        When openpyxl is not installed; `purpose` begins the message.
    """
    if find_spec("openpyxl") is None:
        raise MissingExtraError.of("openpyxl", extra="excel", purpose=purpose)


def workbook_cells(data: bytes, sheet_name: int | str, notes: Notes) -> pd.DataFrame:
    """Return the cells of a worksheet that hold something.

    Returns
    -------
    DataFrame of object
        The rows that are not blank, under their 0-based numbers; a column for each of the sheet's that is not blank,
        under its 0-based number. So a cell in a far corner costs no more than itself.
    """
    check_openpyxl(lazy_gettext("Reading a workbook"))
    import openpyxl

    from ctnb.tables.stored_sheet import StoredSheet

    # openpyxl warns of styles and validations that it does not keep; no data is in them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                sheets: list[Any] = book.worksheets
                sheet = sheets[sheet_number(sheet_name, [each.title for each in sheets], notes.name)]
                with StoredSheet.opened(sheet) as stored:
                    cells = compact(stored.rows(), notes.name)
                stored.tell(notes)
                return cells
        except UNREADABLE as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(
                "{name} is not a workbook that can be read. Save it as XLSX or CSV.", name=notes.name
            ) from None


def too_many_rows(name: str) -> ConfigError:
    """Return the error of a table that has more rows than a sheet."""
    return ConfigError("{name} has more than the {rows:n} rows of a sheet.", name=name, rows=MOST_ROWS)


def too_many_columns(name: str) -> ConfigError:
    """Return the error of a table that has more columns than a sheet."""
    return ConfigError("{name} has more than the {columns:n} columns of a sheet.", name=name, columns=MOST_COLUMNS)


def sheet_number(sheet_name: int | str, known: list[str], name: str) -> int:
    """Return the 0-based number of a sheet that is named or numbered."""
    if sheet_name in known:
        return known.index(sheet_name)
    if not isinstance(sheet_name, bool) and str(sheet_name).isdecimal() and int(sheet_name) < len(known):
        return int(sheet_name)
    names = ", ".join(map(repr, known))
    raise ConfigError(
        "sheet_name: expected a 0-based number or a name, got {value!r}; {name} has {names}.",
        value=sheet_name,
        name=name,
        names=names,
    )


def compact(rows: Iterable[tuple[int, Iterable[tuple[int, object]]]], name: str) -> pd.DataFrame:
    """Collect the cells that hold something, column by column, under the numbers of their rows and columns."""
    found: dict[int, tuple[list[int], list[object]]] = {}
    numbers: list[int] = []
    for number, cells in rows:
        held = [(position, value) for position, cell in cells if (value := _held(cell)) is not None]
        if not held:
            continue
        if number >= MOST_ROWS or held[-1][0] >= MOST_COLUMNS:
            raise ConfigError(
                "{name} has more than the {rows:n} rows and {columns:n} columns of a sheet.",
                name=name,
                rows=MOST_ROWS,
                columns=MOST_COLUMNS,
            )
        for position, value in held:
            places, values = found.setdefault(position, ([], []))
            places.append(len(numbers))
            values.append(value)
        numbers.append(number)
    columns = {}
    for position, (places, values) in sorted(found.items()):
        columns[position] = np.full(len(numbers), None, dtype=object)
        columns[position][places] = np.fromiter(values, dtype=object, count=len(values))
    return pd.DataFrame(columns, index=pd.Index(numbers, dtype="int64"), dtype=object)


def _held(value: object) -> object:
    """Return what a cell holds, whole numbers without a fraction; None for nothing and for white space."""
    if value is None or (isinstance(value, str) and (not value or value.isspace())):
        return None
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 10**MOST_DIGITS
    return int(value) if whole else value  # type: ignore[call-overload]


def cell_text(cell: object) -> str:
    """Return a cell as people see it: a number's digits, ISO dates."""
    if isinstance(cell, float | Decimal):
        return number_text(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)
