"""Tables read and written: ids and phones stay the text that people typed."""

from __future__ import annotations

import csv
import io
import os
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.tables.delimited import decode, text_cells, write_delimited
from ctnb.tables.place import check_place, place
from ctnb.tables.safe_cells import safe_column, safe_text, unguarded
from ctnb.tables.workbooks import MOST_COLUMNS, cell_text, check_openpyxl, workbook_cells, write_workbook

TEXT_ENDINGS: Final = (".csv", ".txt", ".tsv")
EXCEL_ENDINGS: Final = (".xlsx", ".xlsm")
WRITTEN_ENDINGS: Final = (*TEXT_ENDINGS, ".xlsx")
ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"


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
        Of a text table. Found out when not given: a byte-order mark, then UTF-8, then Windows-1251, DOS 866, KOI8-R or
        Mac Cyrillic; Windows-1251 where the text is too short to tell.
    delimiter : str, optional
        Of a text table, one character. Found out when not given: the first line ``sep=;`` of Excel, then whichever of
        ``;`` ``,`` tab ``|`` cuts the rows as it cuts the heading; none of them makes a table of one column.
    sheet : int or str
        Of a workbook: its 0-based number or its name.

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
        When the file is of another kind, is empty, cannot be read in its encoding, has more than 16,384 columns, or
        has a row with more cells than the heading; the message names the line.
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
    data, name, ending = file_bytes(path)
    if not data.strip():
        raise ConfigError(f"{name} is empty. Export it again, with the headings in the first line.")
    if data.startswith(OLE_MAGIC):
        raise ConfigError(
            f"{name} is an old or password-protected workbook. Save it as XLSX or CSV without a password."
        )
    if data.startswith(ZIP_MAGIC) or ending in EXCEL_ENDINGS:
        return with_headings(workbook_cells(data, name, sheet), name)
    text = decode(data, name, encoding)
    return with_headings(text_cells(text, name, delimiter), name)


def file_bytes(path: str | os.PathLike[str] | BinaryIO) -> tuple[bytes, str, str]:
    """Return a file's bytes, its name for messages and its ending in lower case."""
    if not isinstance(path, str | os.PathLike):
        return path.read(), "The table", ""
    file = Path(path)
    ending = file.suffix.lower()
    if file.is_dir():
        raise ConfigError(f"{str(file)!r} is a folder. Name the file in it.")
    if not file.exists():
        raise FileNotFoundError(f"There is no file {str(file)!r}. {nearest_files(file)}")
    if ending not in TEXT_ENDINGS + EXCEL_ENDINGS:
        raise ConfigError(
            f"The table's file: expected one that ends with {' '.join(TEXT_ENDINGS + EXCEL_ENDINGS)}, got "
            f"{file.name!r}. Open it in a spreadsheet and save it as XLSX or CSV."
        )
    return file.read_bytes(), repr(file.name), ending


def nearest_files(file: Path) -> str:
    """Name the tables that may be meant by a file that is not there."""
    if not file.parent.is_dir():
        return f"There is no folder {str(file.parent)!r} either."
    names = sorted(
        entry.name for entry in file.parent.iterdir() if entry.suffix.lower() in TEXT_ENDINGS + EXCEL_ENDINGS
    )
    near = get_close_matches(file.name, names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"The folder has {', '.join(map(repr, names[:10]))}." if names else "The folder has no table."


def with_headings(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Make the first row that is not blank the heading, and every column text or dates.

    The columns of ``cells`` are 0-based numbers, ascending; those that are blank may be left out.
    """
    cells = cells.apply(without_blanks)
    rows = cells.notna().any(axis=1).to_numpy().nonzero()[0]
    if not len(rows):
        raise ConfigError(f"{name} is empty. Export it again, with the headings in the first line.")
    positions = [int(column) for column in cells.columns]
    headings = [""] * (positions[-1] + 1)
    for position, cell in zip(positions, cells.iloc[rows[0]], strict=True):
        headings[position] = clean_heading(cell)
    body = cells.iloc[rows[1:]].reset_index(drop=True)
    kept = [position for position in positions if headings[position] or body[position].notna().any()]
    frame = pd.concat([as_text_or_dates(body[position]) for position in kept], axis=1)
    frame.columns = unique_names(headings)[kept]
    return frame


def without_blanks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Make cells of nothing but white space missing."""
    if pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}:
        return column.mask(column.str.isspace().eq(True))
    return column.mask(column.map(lambda cell: isinstance(cell, str) and cell.isspace()))


def clean_heading(cell: object) -> str:
    """Return a heading's words, one space between them; blank when the cell is."""
    if pd.isna(cell):  # type: ignore[call-overload]
        return ""
    return " ".join(unguarded(cell_text(cell)).replace("\ufeff", " ").split())


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
        column = column.map(cell_text, na_action="ignore")
    # The running pandas' own dtype of text: str from 3.0, object before.
    column = column.astype(pd.Series(["text"]).dtype)
    begun = column.str.startswith("'").eq(True)
    return column.mask(begun, column[begun].map(unguarded)) if begun.any() else column


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
        When the ending is another, the file is open in another program, or the table is larger than a sheet; a text
        table has as many columns as a sheet at the most.
    MissingExtraError
        When a workbook is written and openpyxl is not installed.

    Notes
    -----
    The file is written beside its place and moved there: what was there stays when writing fails, and a symbolic link
    is replaced, not followed. Lists, tuples, sets and arrays are joined with ``, ``. Characters that a sheet cannot
    hold become ``\ufffd``.

    No cell may run as a formula. Text (headings too) that begins with ``=`` ``+`` ``-`` ``@``, their full-width forms,
    a tab or a line end, whatever blanks and signs without a width stand before, gets an apostrophe in front, after any
    apostrophes it has. Left as they are: a number
    (``-5.3``, ``+79157771122``, ``7.9E+10``), and a phone: a plus and a country code, then a space and a digit or an
    area code in brackets, then nothing but digits, spaces, brackets and ``, ; . + -``. So ``+7 915 777-11-22`` stays,
    and ``+7-915-777-11-22``, which Excel would compute, does not. `read_leads` takes the apostrophe off again.
    """
    file = Path(path)
    ending = checked_ending(file)
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    frame = frame.reset_index(drop=True)
    cells = pd.DataFrame({number: safe_column(frame.iloc[:, number]) for number in range(frame.shape[1])})
    header = [safe_text(str(name)) for name in frame.columns]
    if len(header) > MOST_COLUMNS:
        raise ConfigError(
            f"The table has {len(header):,} columns; at most {MOST_COLUMNS:,} are written, as many as a sheet has."
        )
    try:
        if ending == ".xlsx":
            place(file, partial(write_workbook, cells, header))
        else:
            place(file, partial(write_delimited, cells, header, "\t" if ending == ".tsv" else ";"))
    except PermissionError:
        raise ConfigError(f"{str(file)!r} cannot be written. If it is open in Excel, close it there.") from None
    except OSError as error:
        raise ConfigError(f"{str(file)!r} cannot be written: {error.strerror}.") from None


def checked_ending(file: Path) -> str:
    """Return the ending of a file that a table can be written to."""
    ending = file.suffix.lower()
    if ending not in WRITTEN_ENDINGS:
        raise ConfigError(
            f"The table's file: expected a name that ends with {' '.join(WRITTEN_ENDINGS)}, got {file.name!r}."
        )
    if ending == ".xlsx":
        check_openpyxl("Writing a workbook")
    return ending


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check, before the work is done, that a table can be written.

    Raises
    ------
    ConfigError, MissingExtraError
        As `write_table`, and when the folder does not exist.
    """
    file = Path(path)
    checked_ending(file)
    try:
        check_place(file)
    except OSError as error:
        raise ConfigError(
            f"{str(file)!r} cannot be written: {error.strerror}. Name another place for the table."
        ) from None
