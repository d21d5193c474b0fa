"""Text tables: the delimiter and the cells."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.tables.headings import found_heading
from ctnb.tables.line_quotes import DELIMITERS, without_line_quotes
from ctnb.tables.sources import empty
from ctnb.tables.workbooks import MOST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.tables.notes import Notes
    from ctnb.tables.selection import Selection

# A character that no table holds: with it a line is one cell, whatever commas stand in it.
NO_DELIMITER: Final = "\x1f"
SNIFFED_LINES: Final = 500
SNIFFED_CHARACTERS: Final = 100_000
FIRST_LINE: Final = re.compile(r"sep=(.)(?:\r\n|\r|\n|$)", re.IGNORECASE)
LINE_END: Final = re.compile(r"\r\n|\r|\n")
LINE_TEXT: Final = re.compile(r"[^\r\n]+")
LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")


def text_cells(text: str, delimiter: str | None, selection: Selection, notes: Notes) -> pd.DataFrame:
    """Return the cells of a text table; the index numbers its rows, the lines that are passed over are blank."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ConfigError(
            "delimiter: expected one character, no quote and no line end, got {value!r}.", value=delimiter
        )
    name = notes.name
    first_line = FIRST_LINE.match(text)
    if first_line:
        # The line is blanked, not cut off, so that messages count lines as an editor does.
        text = text[first_line.end(1) :]
        delimiter = delimiter or first_line[1]
    text = without_line_quotes(without_lines(text, selection), delimiter, notes)
    chosen = delimiter or found_delimiter(text)
    if text.partition("\n")[0].count(chosen) >= MOST_COLUMNS:
        widest(text, chosen, selection, name, open_quote=False)
    lines = text.lstrip("\r\n")
    above = len(LINE_END.findall(text, 0, len(text) - len(lines)))
    try:
        cells = cut_by_pandas(lines, chosen)
    except pd.errors.EmptyDataError:
        raise empty(name) from None
    except pd.errors.ParserError as error:
        width = widest(text, chosen, selection, name, open_quote="EOF inside string" in str(error))
        try:
            cells = cut_by_pandas(lines, chosen, width)
        except pd.errors.ParserError as again:
            raise ConfigError(
                "{name} cannot be cut into cells by {delimiter!r}: {error}. Save it as XLSX.",
                name=name,
                delimiter=chosen,
                error=again,
            ) from None
    if any(column.str.contains("\n", regex=False, na=False).any() for _, column in cells.items()):
        refuse_swallowed_rows(text, chosen, name)
    return cells.set_axis(range(above, above + len(cells)))


def without_lines(text: str, selection: Selection) -> str:
    """Blank the lines that are passed over; the others keep their numbers."""
    if selection.skiprows is None:
        return text
    lines = enumerate(LINE.findall(text))
    return "".join(LINE_TEXT.sub("", line) if selection.skips(number) else line for number, line in lines)


def cut_by_pandas(text: str, delimiter: str, width: int | None = None) -> pd.DataFrame:
    """Return the cells that pandas reads; it refuses a row that is wider than the first, or than `width`."""
    return pd.read_csv(
        io.StringIO(text, newline=""),
        sep=delimiter,
        header=None,
        names=None if width is None else range(width),
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        # Skipping also takes the leading spaces of a row's first cell.
        skip_blank_lines=False,
    )


def refuse_swallowed_rows(text: str, delimiter: str, name: str) -> None:
    """Refuse a quote that is closed lines later in the middle of a cell: the rows in between would be lost in it."""
    cut = re.escape(delimiter)
    quoted = re.compile(rf'(?m)(?:^|{cut})"((?:[^"]|"")*)"(?=([^{cut}\r\n]?))')
    for found in quoted.finditer(text):
        if found[2] and LINE_END.search(found[1]):
            line = len(LINE_END.findall(text, 0, found.start(1))) + 1
            raise ConfigError(
                "The double quote that opens in line {line} of {name} closes lines later in the middle of a cell, so "
                'that rows would be lost in it. Close it, or write "" for a quote inside a cell.',
                line=line,
                name=name,
            )


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a text table with the 1-based line on which each begins."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for cells in rows:
        yield begins, cells
        begins = rows.line_num + 1


def found_delimiter(text: str) -> str:
    """Choose the delimiter that cuts most rows into as many cells as the heading, and the heading into most."""
    sample = text[:SNIFFED_CHARACTERS]
    if len(text) > SNIFFED_CHARACTERS:
        sample = sample.rpartition("\n")[0] or sample
    widths = {delimiter: row_widths(sample, delimiter) for delimiter in DELIMITERS}
    nothing_left = [delimiter for delimiter in DELIMITERS if not widths[delimiter]]
    if nothing_left:
        return nothing_left[0]

    def fit(delimiter: str) -> tuple[float, int]:
        heading, *rows = widths[delimiter]
        if heading == 1 or sum(width == 1 for width in rows) > len(rows) / 2:
            return 0, 1
        return sum(width == heading for width in rows) / max(len(rows), 1), heading

    best = max(DELIMITERS, key=fit)
    if fit(best)[1] > 1:
        return best
    # Something above the heading: let its width be refused, with advice, rather than read lines as one column.
    titled = (
        delimiter for delimiter in DELIMITERS if len(set(widths[delimiter][1:])) == 1 and widths[delimiter][1] > 2
    )
    return next(titled, NO_DELIMITER)


def row_widths(sample: str, delimiter: str) -> list[int]:
    """Count the cells of the first rows that are not blank, from the heading on."""
    rows = [cells for _, cells in islice(records(sample, delimiter), SNIFFED_LINES) if any(cells)]
    return [len(cells) for cells in rows[found_heading(rows) :]]


def widest(text: str, delimiter: str, selection: Selection, name: str, *, open_quote: bool) -> int:
    """Return the most cells of a row, when those past the heading are blank; otherwise say which row is at fault."""
    heading = 0
    most, begins = 0, 1
    try:
        rows = [cells for _, cells in islice(records(text, delimiter), SNIFFED_LINES)]
        heading = heading_width(rows, selection)
        for begins, cells in records(text, delimiter):
            if len(cells) > MOST_COLUMNS:
                raise ConfigError(
                    "Line {line} of {name} has {count:n} cells; at most {most:n} are read, as many as a sheet has "
                    "columns. Leave out what is not needed, or pass delimiter=...",
                    line=begins,
                    name=name,
                    count=len(cells),
                    most=MOST_COLUMNS,
                )
            if heading and any(cell.strip() for cell in cells[heading:]) and not open_quote:
                raise ConfigError(
                    "Line {line} of {name} has {count} cells, the heading has {heading}. Put a cell that holds "
                    "{delimiter!r} in double quotes, or pass delimiter=..., or header=... if the heading is another "
                    "line.",
                    line=begins,
                    name=name,
                    count=len(cells),
                    heading=heading,
                    delimiter=delimiter,
                )
            most = max(most, len(cells))
    except csv.Error:
        open_quote = True
    if open_quote:
        raise ConfigError(
            'A double quote in the row that begins at line {line} of {name} is never closed. Close it, or write "".',
            line=begins,
            name=name,
        )
    return most


def heading_width(rows: list[list[str]], selection: Selection) -> int:
    """Count the cells of the heading; 0 where any width is right, for there is no heading."""
    if selection.header is None:
        return 0
    named = selection.header_row()
    filled = [cells for number, cells in enumerate(rows) if any(cells) and number >= (named or 0)]
    return len(filled[found_heading(filled) if named is None else 0]) if filled else 0


def write_delimited(cells: pd.DataFrame, header: list[str], separator: str, file: BinaryIO) -> None:
    """Write a text table in UTF-8 with a byte-order mark and CRLF."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    cells.to_csv(text, sep=separator, header=header, index=False, lineterminator="\r\n")
    text.detach()
