"""Tables read and written: ids and phones stay the text that people typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text
from ctnb.paths import checked_path, shown
from ctnb.tables.binary_workbooks import binary_workbook_cells
from ctnb.tables.delimited import text_cells, write_delimited
from ctnb.tables.encodings import decode
from ctnb.tables.frames import table
from ctnb.tables.html_table import html_cells
from ctnb.tables.notes import Notes
from ctnb.tables.open_document import open_document_cells
from ctnb.tables.parquet import index_as_columns, read_parquet, write_parquet
from ctnb.tables.place import check_place, place
from ctnb.tables.safe_cells import safe_column, safe_text
from ctnb.tables.selection import Header, Selection, SkipRows, UseColumns
from ctnb.tables.sources import PARQUET_ENDINGS, TEXT_ENDINGS, FileKind, empty, file_bytes, kind_of
from ctnb.tables.workbooks import MOST_COLUMNS, workbook_cells
from ctnb.tables.written_workbook import check_xlsxwriter, write_workbook

if TYPE_CHECKING:
    import os
    from pathlib import Path

WRITTEN_ENDINGS: Final = (*TEXT_ENDINGS, ".xlsx", *PARQUET_ENDINGS)


def read_leads(
    path: str | os.PathLike[str] | BinaryIO,
    *,
    header: Header = "infer",
    skiprows: SkipRows = None,
    nrows: int | None = None,
    usecols: UseColumns = None,
    sheet_name: int | str = 0,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> pd.DataFrame:
    r"""Read a table of deals as people typed it.

    Parameters
    ----------
    path : str, path or binary file
        CSV, TXT, TSV, XLSX, XLSM, XLS, XLSB, ODS, HTML or Parquet. What the file holds decides, not its ending: an XLS
        that is a page of HTML, or text, is read as that.
    header : int, "infer" or None
        0-based number of the heading's row, after those that are passed over; where that row is blank, the next that
        is not. ``"infer"`` takes the first row, or the row below a title. ``None``: there is no heading, and the
        columns are numbered from 0.
    skiprows : int, collection of int, or callable, optional
        How many of the first rows are passed over, or which, by 0-based number; lines, in a text table.
    nrows : int, optional
        How many rows below the heading are read.
    usecols : list of str, list of int, str or callable, optional
        Columns by name, by 0-based number, by a sheet's letters (``"A,C:E"``) or by a function of the name; they come
        in the file's order.
    sheet_name : int or str
        Of a workbook: its 0-based number or its name.
    encoding : str, optional
        Of a text table or HTML. Found out when not given: a byte-order mark, then UTF-8, then Windows-1251, DOS 866,
        KOI8-R or Mac Cyrillic; Windows-1251 where the text is too short to tell.
    delimiter : str, optional
        Of a text table, one character. Found out when not given: the first line ``sep=;`` of Excel, then whichever of
        ``;`` ``,`` tab ``|`` cuts the rows as it cuts the heading; none of them makes a table of one column.

    Returns
    -------
    DataFrame
        A row per row of the file, under a fresh ``RangeIndex``. Everything is text in the string dtype of the running
        pandas, and nothing is read as a number: leading zeros and ``79157771122.0`` stay. Blank cells are
        missing; words such as ``NA`` stay words. A workbook's column of nothing but dates is ``datetime64``; its other
        dates are ISO text, its booleans ``True`` and ``False``, its numbers the digits that the file stores, without
        ``.0``; ``1.23456789012345E+18``, whose final digits the spreadsheet has lost, stays so. Only Parquet keeps its
        types.

        What was left out, mended or found on the way is logged as a warning, and is in ``frame.attrs["ctnb_notes"]``,
        a list of dicts with ``code`` (``title``, ``total``, ``quotes``, ``encoding``, ``formulas``, ``hidden_rows``,
        ``tables``), ``rows``, ``message`` and the ``values`` of its fields.

    Raises
    ------
    ConfigError
        When the file is of another kind, is empty, cannot be read in its encoding, has more than 16,384 columns, or
        has a row with more cells than the heading; the message names the line.
    ColumnNotFoundError
        When `usecols` names a column that is not there.
    FileNotFoundError
        When there is no such file; the message names the nearest ones.
    MissingExtraError
        When a workbook is read and openpyxl, or for XLS and XLSB python-calamine, is not installed.

    Notes
    -----
    Spaces, no-break spaces and line breaks in a heading become single spaces; repeats are numbered as pandas does
    (``phone``, ``phone.1``), a blank one over data becomes ``Unnamed: 2``. Wholly blank rows are left out, and so are
    columns with neither heading nor data, and the totals at the end. Lines that were quoted whole are read as what is
    in the quotes; lines in UTF-8 among those of another encoding as what they are. Rows that a filter hides are read.
    A formula without a stored value is blank. The apostrophe that `write_table` sets before a formula is taken off.

    Examples
    --------
    >>> import io
    >>> deals = read_leads(io.BytesIO("Сделка;Телефон\r\n007;8 (915) 777-11-22\r\n".encode("cp1251")))
    >>> deals.to_dict("records")
    [{'Сделка': '007', 'Телефон': '8 (915) 777-11-22'}]
    """
    selection = Selection(header, skiprows, nrows, usecols)
    data, name = file_bytes(path)
    if not data.strip():
        raise empty(name)
    notes = Notes(name)
    kind = kind_of(data, name)
    if kind is FileKind.PARQUET:
        return read_parquet(data, name, selection)
    if kind is FileKind.TEXT:
        cells = text_cells(decode(data, notes, encoding), delimiter, selection, notes)
    else:
        if kind is FileKind.HTML:
            cells = html_cells(data, encoding, notes)
        elif kind is FileKind.OPEN_DOCUMENT:
            cells = open_document_cells(data, sheet_name, notes)
        elif kind is FileKind.BINARY:
            cells = binary_workbook_cells(data, sheet_name, notes)
        else:
            cells = workbook_cells(data, sheet_name, notes)
        cells = selection.without_skipped(cells)
    return notes.put_on(table(cells, selection, notes))


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table that a double click opens right in a Russian Excel.

    Parameters
    ----------
    frame : DataFrame
        Any columns. A named index is written as columns in front, an unnamed one is left out.
    path : str or path
        ``.csv`` and ``.txt`` are written in UTF-8 with a byte-order mark, ``;`` and CRLF; ``.tsv`` the same with tabs;
        ``.xlsx`` as a workbook, which also shows long ids in full; ``.parquet`` and ``.pq`` with the columns' types.

    Raises
    ------
    ConfigError
        When the ending is another, the file is open in another program, or the table is larger than a sheet; a text
        table has as many columns as a sheet at the most.
    MissingExtraError
        When a workbook is written and XlsxWriter is not installed.

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
    Parquet, which no spreadsheet runs, keeps every text as it is.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ConfigError.instead_of_a_frame(frame)
    file = checked_path(path)
    ending = checked_ending(file)
    frame = index_as_columns(frame)
    header = [safe_text(str(name)) for name in frame.columns]
    if len(header) > MOST_COLUMNS:
        raise ConfigError(
            "The table has {count:n} columns; at most {most:n} are written, as many as a sheet has.",
            count=len(header),
            most=MOST_COLUMNS,
        )
    try:
        if ending in PARQUET_ENDINGS:
            place(file, partial(write_parquet, frame))
            return
        cells = pd.DataFrame({number: safe_column(frame.iloc[:, number]) for number in range(frame.shape[1])})
        if ending == ".xlsx":
            place(file, partial(write_workbook, cells, header))
        else:
            place(file, partial(write_delimited, cells, header, "\t" if ending == ".tsv" else ";"))
    except PermissionError:
        raise ConfigError(
            "{file!r} cannot be written. If it is open in Excel, close it there.", file=str(file)
        ) from None
    except OSError as error:
        raise ConfigError("{file!r} cannot be written: {error}.", file=shown(file), error=system_text(error)) from None


def checked_ending(file: Path) -> str:
    """Return the ending of a file that a table can be written to."""
    ending = file.suffix.lower()
    if ending not in WRITTEN_ENDINGS:
        raise ConfigError(
            "The table's file: expected a name that ends with {endings}, got {name!r}.",
            endings=" ".join(WRITTEN_ENDINGS),
            name=file.name,
        )
    if ending == ".xlsx":
        check_xlsxwriter()
    return ending


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check, before the work is done, that a table can be written.

    Raises
    ------
    ConfigError, MissingExtraError
        As `write_table`, and when the folder does not exist.
    """
    file = checked_path(path)
    checked_ending(file)
    try:
        check_place(file)
    except OSError as error:
        raise ConfigError(
            "{file!r} cannot be written: {error}. Name another place for the table.",
            file=shown(file),
            error=system_text(error),
        ) from None
