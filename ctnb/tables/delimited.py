"""Text tables: the encoding, the delimiter and the cells."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.tables.workbooks import MOST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS: Final = (";", ",", "\t", "|")
# A character that no table holds: with it a line is one cell, whatever commas stand in it.
NO_DELIMITER: Final = "\x1f"
SNIFFED_LINES: Final = 500
SNIFFED_CHARACTERS: Final = 100_000

# UTF-32 goes before UTF-16, whose mark its own begins with.
BOMS: Final = (
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
CYRILLIC: Final = ["cp1251", "cp866", "koi8_r", "mac_cyrillic"]

NON_ASCII_LINE: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
NON_ASCII_WORD: Final = re.compile(r"[^\x00-\x7f\xa0]+")
# Lower case, Capitalised or UPPER, in quotes or not: "Телефон", never "рЕКЕТНМ" or "’елефон".
NATURAL_WORD: Final = re.compile(r"[«„“№]*(?:[А-ЯЁІЇЄҐЎ]?[а-яёіїєґў]+|[А-ЯЁІЇЄҐЎ]+)?[»”…–—•°§№]*")


def decode(data: bytes, name: str, encoding: str | None) -> str:
    """Return the text of a table without its byte-order mark."""
    chosen = encoding or found_encoding(data, name)
    try:
        text = data.decode(chosen)
    except LookupError:
        raise ConfigError(f"encoding: expected a name that Python knows, such as 'cp1251', got {encoding!r}.") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = "Leave encoding out to have it found out, or name another." if encoding else "Name its encoding."
        raise ConfigError(
            f"{name} is not {chosen}: byte {error.start} (line {line}) is 0x{data[error.start]:02x}. {advice}"
        ) from None
    if "\0" in text:
        raise ConfigError(
            f"{name} holds a zero byte, which no text does. If it is UTF-16, pass encoding='utf-16-le'; "
            "otherwise save it again as XLSX or CSV."
        )
    return text.removeprefix("\ufeff")


def found_encoding(data: bytes, name: str) -> str:
    """Name the encoding of a text table."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        foreign = len(data) - len(data.translate(None, bytes(range(128, 256))))
        whole = sum(len(letter.encode()) for letter in data.decode("utf-8", "ignore") if letter > "\x7f")
        if whole > foreign / 2:
            line = data.count(b"\n", 0, error.start) + 1
            raise ConfigError(
                f"{name} is UTF-8 with damage at byte {error.start} (line {line}). "
                "Export it again, or name its encoding."
            ) from None
        return cyrillic_encoding(data)
    return "utf-8"


def cyrillic_encoding(data: bytes) -> str:
    """Choose among the one-byte Russian encodings.

    charset-normalizer alone takes some short Windows-1251 tables for Mac Cyrillic, whose small letters are the same
    bytes; so what reads as natural words in Windows-1251 is not given to it.
    """
    from charset_normalizer import from_bytes

    sample = b"\n".join(match.group() for match in islice(NON_ASCII_LINE.finditer(data), SNIFFED_LINES))
    words = NON_ASCII_WORD.findall(sample.decode("cp1251", "replace"))
    if sum(NATURAL_WORD.fullmatch(word) is not None for word in words) >= 0.9 * len(words):
        return "cp1251"
    best = from_bytes(sample, cp_isolation=CYRILLIC[1:]).best()
    return best.encoding if best else "cp1251"


def text_cells(text: str, name: str, delimiter: str | None) -> pd.DataFrame:
    """Return the cells of a text table, its heading as the first row."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ConfigError(f"delimiter: expected one character, no quote and no line end, got {delimiter!r}.")
    first_line = re.match(r"sep=(.)(?:\r\n|\r|\n|$)", text, re.IGNORECASE)
    if first_line:
        # The line is blanked, not cut off, so that messages count lines as an editor does.
        text = text[first_line.end(1) :]
    chosen = delimiter or (first_line[1] if first_line else found_delimiter(text))
    if text.partition("\n")[0].count(chosen) >= MOST_COLUMNS:
        widest(text, chosen, name, open_quote=False)
    try:
        return cut_by_pandas(text.lstrip("\r\n"), chosen)
    except pd.errors.EmptyDataError:
        raise ConfigError(f"{name} is empty. Export it again, with the headings in the first line.") from None
    except pd.errors.ParserError as error:
        width = widest(text, chosen, name, open_quote="EOF inside string" in str(error))
    try:
        return cut_by_pandas(text, chosen, width)
    except pd.errors.ParserError as error:
        raise ConfigError(f"{name} cannot be cut into cells by {chosen!r}: {error}. Save it as XLSX.") from None


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
    # A title above the heading: let its width be refused, with advice, rather than read lines as one column.
    titled = (
        delimiter for delimiter in DELIMITERS if len(set(widths[delimiter][1:])) == 1 and widths[delimiter][1] > 2
    )
    return next(titled, NO_DELIMITER)


def row_widths(sample: str, delimiter: str) -> list[int]:
    """Count the cells of the first rows that are not blank."""
    return [len(cells) for _, cells in islice(records(sample, delimiter), SNIFFED_LINES) if any(cells)]


def widest(text: str, delimiter: str, name: str, *, open_quote: bool) -> int:
    """Return the most cells of a row, when those past the heading are blank; otherwise say which row is at fault."""
    heading: list[str] = []
    most, begins = 0, 1
    try:
        for begins, cells in records(text, delimiter):
            heading = heading or (cells if any(cells) else [])
            if len(cells) > MOST_COLUMNS:
                raise ConfigError(
                    f"Line {begins} of {name} has {len(cells):,} cells; at most {MOST_COLUMNS:,} are read, as many as "
                    "a sheet has columns. Leave out what is not needed, or pass delimiter=..."
                )
            if any(cell.strip() for cell in cells[len(heading) :]) and not open_quote:
                raise ConfigError(
                    f"Line {begins} of {name} has {len(cells)} cells, the heading has {len(heading)}. Put a cell that "
                    f"holds {delimiter!r} in double quotes, delete lines that stand above the heading, "
                    "or pass delimiter=..."
                )
            most = max(most, len(cells))
    except csv.Error:
        open_quote = True
    if open_quote:
        raise ConfigError(
            f'A double quote in the row that begins at line {begins} of {name} is never closed. Close it, or write "".'
        )
    return most


def write_delimited(cells: pd.DataFrame, header: list[str], separator: str, file: BinaryIO) -> None:
    """Write a text table in UTF-8 with a byte-order mark and CRLF."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    cells.to_csv(text, sep=separator, header=header, index=False, lineterminator="\r\n")
    text.detach()
