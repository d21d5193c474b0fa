"""Tables in and out: ids and phones stay the text that people typed."""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from importlib.util import find_spec
from numbers import Integral, Real
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pandas as pd

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.delimited import decoded, text_cells

TEXT_ENDINGS: Final = (".csv", ".txt", ".tsv")
EXCEL_ENDINGS: Final = (".xlsx", ".xlsm")
ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"

FORMULA: Final = re.compile("[=+\\-@\t\r\n＝＋－＠]")
NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
# After "+7 9" or "+7 (915)" a spreadsheet can no longer read arithmetic, and without a letter no function or cell.
PHONE: Final = re.compile(r"\+\d{1,3}(?:[ \xa0]\d|[ \xa0]?\(\d{2,5}\))[\d \xa0(),;.+-]*")
UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MOST_EXCEL_ROWS: Final = 1_048_576
MOST_EXCEL_CHARACTERS: Final = 32_767
MOST_EXCEL_DIGITS: Final = 15


def read_leads(
    path: str | os.PathLike[str] | BinaryIO,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: int | str = 0,
) -> pd.DataFrame:
    r"""Read a table of deals as people typed it.

    Parameters
    ----------
    path : str, path or binary file
        CSV, TXT, TSV, XLSX or XLSM.
    encoding : str, optional
        Of a text table. Found when not given: a byte-order mark, then UTF-8, then Windows-1251, DOS 866, KOI8-R or
        Mac Cyrillic; Windows-1251 where the text is too short to tell.
    delimiter : str, optional
        Of a text table, one character. Found when not given: the first line ``sep=;`` of Excel, then whichever of
        ``;`` ``,`` tab ``|`` cuts the rows as it cuts the heading; none of them makes a table of one column.
    sheet : int or str
        Of a workbook: 0-based place or name.

    Returns
    -------
    DataFrame
        A row per row of the file, under a fresh ``RangeIndex``. Everything is text in the string dtype of the running
        pandas, and nothing is read as a number: leading zeros and ``79157771122.0`` stay. Blank cells are
        missing; words such as ``NA`` stay words. A workbook's column of nothing but dates is ``datetime64``; its other
        dates are ISO text, its numbers digits without ``.0`` or exponent, its booleans ``True`` and ``False``.

    Raises
    ------
    ConfigError
        When the file is of another kind, is empty, cannot be read in its encoding, or has a row with more cells than
        the heading; the message names the line.
    FileNotFoundError
        When there is no such file; the message names the nearest ones.
    MissingExtraError
        When a workbook is read and openpyxl is not installed.

    Notes
    -----
    The first row that is not blank is the heading. Spaces, no-break spaces and line breaks in it become single spaces;
    repeats are numbered as pandas does (``phone``, ``phone.1``), a blank one over data becomes ``Unnamed: 2``. Wholly
    blank rows are left out, and so are columns with neither heading nor data. The apostrophe that `write_table` sets
    before a formula is taken off.

    Examples
    --------
    >>> import io
    >>> deals = read_leads(io.BytesIO("Сделка;Телефон\r\n007;8 (915) 777-11-22\r\n".encode("cp1251")))
    >>> deals.to_dict("records")
    [{'Сделка': '007', 'Телефон': '8 (915) 777-11-22'}]
    """
    data, name, ending = load(path)
    if not data.strip():
        raise ConfigError(f"{name} is empty. Export it again, with the headings in the first line.")
    if data.startswith(OLE_MAGIC):
        raise ConfigError(
            f"{name} is an old or password-protected workbook. Save it as XLSX or CSV without a password."
        )
    if data.startswith(ZIP_MAGIC) or ending in EXCEL_ENDINGS:
        return table(excel_cells(data, name, sheet), name)
    text = decoded(data, name, encoding)
    return table(text_cells(text, name, delimiter), name)


def load(path: str | os.PathLike[str] | BinaryIO) -> tuple[bytes, str, str]:
    """Return a file's bytes, its name for messages and its ending in lower case."""
    if not isinstance(path, str | os.PathLike):
        return path.read(), "The table", ""
    file = Path(path)
    ending = file.suffix.lower()
    if file.is_dir():
        raise ConfigError(f"{str(file)!r} is a folder. Name the file in it.")
    if not file.exists():
        raise FileNotFoundError(f"There is no file {str(file)!r}. {nearby(file)}")
    if ending not in TEXT_ENDINGS + EXCEL_ENDINGS:
        raise ConfigError(
            f"{file.name!r} ends with {ending!r}; {', '.join(TEXT_ENDINGS + EXCEL_ENDINGS)} are read. "
            "Open it in a spreadsheet and save it as XLSX or CSV."
        )
    return file.read_bytes(), repr(file.name), ending


def nearby(file: Path) -> str:
    """Advise on a file that is not there."""
    if not file.parent.is_dir():
        return f"There is no folder {str(file.parent)!r} either."
    names = sorted(
        entry.name for entry in file.parent.iterdir() if entry.suffix.lower() in TEXT_ENDINGS + EXCEL_ENDINGS
    )
    near = get_close_matches(file.name, names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"The folder has {', '.join(map(repr, names[:10]))}." if names else "The folder has no table."


def excel_cells(data: bytes, name: str, sheet: int | str) -> pd.DataFrame:
    """Return the cells of a worksheet as openpyxl has them, its heading as the first row."""
    if find_spec("openpyxl") is None:
        raise MissingExtraError.of("openpyxl", extra="excel", purpose="Reading a workbook")
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
                raise ConfigError(f"sheet is {sheet!r}; {name} has {', '.join(map(repr, known))}.")
            return pd.read_excel(
                book, sheet_name=sheet, header=None, dtype=object, keep_default_na=False, na_values=[""]
            )


def table(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Make the first row that is not blank the heading, and every column text or dates."""
    cells = cells.apply(without_blanks)
    rows = cells.notna().any(axis=1).to_numpy().nonzero()[0]
    if not len(rows):
        raise ConfigError(f"{name} is empty. Export it again, with the headings in the first line.")
    headings = [clean_heading(cell) for cell in cells.iloc[rows[0]]]
    body = cells.iloc[rows[1:]].reset_index(drop=True)
    kept = [place for place, heading in enumerate(headings) if heading or body.iloc[:, place].notna().any()]
    frame = pd.concat([as_text_or_dates(body.iloc[:, place]) for place in kept], axis=1)
    frame.columns = unique_names(headings)[kept]
    return frame


def without_blanks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Make cells of nothing but white space missing."""
    if pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}:
        return column.mask(column.str.isspace().eq(True))
    return column.mask(column.map(lambda cell: isinstance(cell, str) and cell.isspace()))


def clean_heading(cell: object) -> str:
    """Return a heading's words, one space between them; blank when the cell is."""
    return "" if pd.isna(cell) else " ".join(released(excel_text(cell)).replace("\ufeff", " ").split())  # type: ignore[call-overload]


def unique_names(headings: list[str]) -> pd.Index[Any]:
    """Let pandas number repeated headings and name blank ones."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(headings)
    return pd.read_csv(io.StringIO(line.getvalue(), newline=""), nrows=0, index_col=False).columns


def as_text_or_dates(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return dates as ``datetime64`` when the column has nothing else, otherwise text."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "datetime":
        try:
            return pd.to_datetime(column)
        except pd.errors.OutOfBoundsDatetime:
            kind = "mixed"
    if kind not in {"string", "empty"}:
        column = column.map(excel_text, na_action="ignore")
    # The running pandas' own dtype of text: str from 3.0, object before.
    column = column.astype(pd.Series(["text"]).dtype)
    guarded = column.str.startswith("'").eq(True)
    return column.mask(guarded, column[guarded].map(released)) if guarded.any() else column


def excel_text(cell: object) -> str:
    """Return a cell as people see it: digits without ``.0`` or exponent, ISO dates."""
    if isinstance(cell, float):
        # A spreadsheet keeps 15 digits; more would show 0.30000000000000004.
        return format(Decimal(f"{cell:.{MOST_EXCEL_DIGITS}g}"), "f")
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table that a double click opens right in a Russian Excel.

    Parameters
    ----------
    frame : DataFrame
        Any columns. A named index is written as columns in front, an unnamed one is left out.
    path : str or path
        ``.csv`` and ``.txt`` are written in UTF-8 with a byte-order mark, ``;`` and CRLF; ``.tsv`` the same with tabs;
        ``.xlsx`` as a workbook, which also shows long ids in full.

    Raises
    ------
    ConfigError
        When the ending is another, the file is open in another program, or the table is larger than a sheet.
    MissingExtraError
        When a workbook is written and openpyxl is not installed.

    Notes
    -----
    Lists, tuples, sets and arrays are joined with ``, ``. Characters that a sheet cannot hold become ``\ufffd``.

    No cell may run as a formula. Text (headings too) that begins with ``=`` ``+`` ``-`` ``@``, their full-width forms,
    a tab or a line end gets an apostrophe in front, after any apostrophes it has. Left as they are: a number
    (``-5.3``, ``+79157771122``, ``7.9E+10``), and a phone: a plus and a country code, then a space and a digit or an
    area code in brackets, then nothing but digits, spaces, brackets and ``, ; . + -``. So ``+7 915 777-11-22`` stays,
    and ``+7-915-777-11-22``, which Excel would reckon out, does not. `read_leads` takes the apostrophe off again.
    """
    file = Path(path)
    ending = checked_ending(file)
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    frame = frame.reset_index(drop=True)
    shown = pd.DataFrame({place: shown_column(frame.iloc[:, place]) for place in range(frame.shape[1])})
    header = [shown_text(str(name)) for name in frame.columns]
    try:
        if ending == ".xlsx":
            write_workbook(shown, header, file)
        else:
            separator = "\t" if ending == ".tsv" else ";"
            shown.to_csv(file, sep=separator, header=header, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    except PermissionError:
        raise ConfigError(f"{str(file)!r} cannot be written. If it is open in Excel, close it there.") from None
    except OSError as error:
        raise ConfigError(f"{str(file)!r} cannot be written: {error.strerror}.") from None


def checked_ending(file: Path) -> str:
    """Return the ending of a table's file when it is one that is written."""
    ending = file.suffix.lower()
    if ending not in (*TEXT_ENDINGS, ".xlsx"):
        raise ConfigError(f"{file.name!r} ends with {ending!r}; {', '.join((*TEXT_ENDINGS, '.xlsx'))} are written.")
    if ending == ".xlsx" and find_spec("openpyxl") is None:
        raise MissingExtraError.of("openpyxl", extra="excel", purpose="Writing a workbook")
    return ending


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check that a table can be written before the work that it is to hold is done.

    Raises
    ------
    ConfigError, MissingExtraError
        As `write_table`, and when the folder does not exist.
    """
    file = Path(path)
    checked_ending(file)
    existed = file.exists()
    try:
        with file.open("ab"):
            pass
    except OSError as error:
        raise ConfigError(
            f"{str(file)!r} cannot be written: {error.strerror}. Name another place for the table."
        ) from None
    if not existed:
        file.unlink()


def write_workbook(shown: pd.DataFrame, header: list[str], file: Path) -> None:
    """Write one sheet, its heading frozen."""
    longest = max((len(cell) for column in shown for cell in shown[column] if isinstance(cell, str)), default=0)
    if len(shown) >= MOST_EXCEL_ROWS or longest > MOST_EXCEL_CHARACTERS:
        raise ConfigError(
            f"A sheet holds {MOST_EXCEL_ROWS - 1:,} rows under the heading and {MOST_EXCEL_CHARACTERS:,} characters in "
            f"a cell; the table has {len(shown):,} and {longest:,}. Write CSV."
        )
    shown.to_excel(file, header=header, index=False, freeze_panes=(1, 0), engine="openpyxl")


def shown_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers, booleans and naive dates as they are, everything else as safe text."""
    plain = pd.api.types.is_float_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    if plain or (column.dtype.kind == "M" and not isinstance(column.dtype, pd.DatetimeTZDtype)):
        return column
    # Not map, which would make floats of whole numbers with a gap.
    return pd.Series([shown_value(value) for value in column], dtype=object)


def shown_value(value: Any) -> Any:
    """Return a cell for a sheet."""
    if isinstance(value, str):
        return shown_text(value)
    if pd.api.types.is_list_like(value) and not isinstance(value, dict):
        parts = [str(part) for part in value]
        return shown_text(", ".join(sorted(parts) if isinstance(value, AbstractSet) else parts))
    if pd.isna(value):
        return None
    if isinstance(value, Real) and not (isinstance(value, Integral) and abs(int(value)) >= 10**MOST_EXCEL_DIGITS):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.tzinfo else value
    return shown_text(str(value))


def shown_text(text: str) -> str:
    """Return text that no spreadsheet runs and every file can hold."""
    text = UNWRITABLE.sub("\ufffd", text)
    return f"'{text}" if runs(text) else text


def released(text: str) -> str:
    """Take off the apostrophe that `shown_text` put in front."""
    return text[1:] if text.startswith("'") and runs(text) else text


def runs(text: str) -> bool:
    """Tell whether text, apostrophes aside, would run as a formula."""
    bare = text.lstrip("'")
    return bool(FORMULA.match(bare)) and not NUMBER.fullmatch(bare) and not PHONE.fullmatch(bare)
