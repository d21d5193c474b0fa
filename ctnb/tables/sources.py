"""Files that tables are read from: found, read whole, and known by what is in them."""

from __future__ import annotations

import io
import os
from difflib import get_close_matches
from enum import Enum, auto
from functools import reduce
from typing import TYPE_CHECKING, BinaryIO, Final
from zipfile import ZipFile

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext
from ctnb.i18n.message import LazyMessage, lazy_gettext
from ctnb.i18n.system_errors import system_text
from ctnb.paths import check_there, checked_path, content_of, is_folder
from ctnb.tables.html_table import is_html
from ctnb.tables.workbooks import UNREADABLE

if TYPE_CHECKING:
    from pathlib import Path

TEXT_ENDINGS: Final = (".csv", ".txt", ".tsv")
ZIPPED_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".ods")
PARQUET_ENDINGS: Final = (".parquet", ".pq")
READ_ENDINGS: Final = (*TEXT_ENDINGS, *ZIPPED_ENDINGS, ".xls", ".html", ".htm", *PARQUET_ENDINGS)
ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
PARQUET_MAGIC: Final = b"PAR1"
OTHER_MAGIC: Final = {
    b"%PDF": lazy_gettext("a PDF"),
    b"\x1f\x8b": lazy_gettext("a gzip archive"),
    b"Rar!": lazy_gettext("a RAR archive"),
    b"7z\xbc\xaf": lazy_gettext("a 7z archive"),
    b"{\\rtf": lazy_gettext("a text document (RTF)"),
}
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
XML_SPREADSHEET: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
SNIFFED: Final = 4096


class FileKind(Enum):
    """What a file holds."""

    TEXT = auto()
    HTML = auto()
    WORKBOOK = auto()
    BINARY = auto()
    OPEN_DOCUMENT = auto()
    PARQUET = auto()


def empty(name: str) -> ConfigError:
    """Return the error of a file without a cell."""
    return ConfigError("{name} is empty. Export it again, with the headings in the first line.", name=name)


def file_bytes(path: str | os.PathLike[str] | BinaryIO) -> tuple[bytes, str]:
    """Return a file's bytes, and its name for messages."""
    if not isinstance(path, str | os.PathLike) and hasattr(path, "read"):
        data = path.read()
        if not isinstance(data, bytes):
            raise ConfigError(
                'Expected a file that gives bytes, got one that gives {kind}. Open it with open(path, "rb").',
                kind=type(data).__name__,
            )
        return data, gettext("The table")
    file = checked_path(path)
    check_there(file, advice=nearest_files)
    if file.suffix.lower() not in READ_ENDINGS:
        raise ConfigError(
            "The table's file: expected one that ends with {endings}, got {name!r}. Open it in a spreadsheet and save "
            "it as XLSX or CSV.",
            endings=" ".join(READ_ENDINGS),
            name=file.name,
        )
    return content_of(file), repr(file.name)


def nearest_files(file: Path) -> LazyMessage:
    """Name the tables that may be meant by a file that is not there."""
    if not is_folder(file.parent):
        return lazy_gettext("There is no folder {folder!r} either.", folder=str(file.parent))
    try:
        names = sorted(entry.name for entry in file.parent.iterdir() if entry.suffix.lower() in READ_ENDINGS)
    except OSError as error:
        return lazy_gettext("Its folder cannot be read: {error}.", error=system_text(error))
    near: list[str | LazyMessage] = [*map(repr, get_close_matches(file.name, names, n=3, cutoff=0.5))]
    if near:
        return lazy_gettext("Did you mean {names}?", names=reduce(_either, near))
    if not names:
        return lazy_gettext("The folder has no table.")
    return lazy_gettext("The folder has {names}.", names=", ".join(map(repr, names[:10])))


def _either(one: str | LazyMessage, other: str | LazyMessage) -> LazyMessage:
    return lazy_gettext("{one} or {other}", one=one, other=other)


def kind_of(data: bytes, name: str) -> FileKind:
    """Tell what a file holds; its ending counts only where the content does not say it.

    Raises
    ------
    ConfigError
        When it is of a kind that is not read, which the message names.
    """
    if data.startswith(PARQUET_MAGIC):
        return FileKind.PARQUET
    if data.startswith(ZIP_MAGIC):
        return _zipped(data, name)
    if data.startswith(OLE_MAGIC):
        if ENCRYPTED in data:
            raise ConfigError("{name} is protected by a password. Save it as XLSX or CSV without one.", name=name)
        return FileKind.BINARY
    if is_html(data):
        return FileKind.HTML
    other = next((kind for magic, kind in OTHER_MAGIC.items() if data.startswith(magic)), None)
    if other:
        raise ConfigError("{name} is {kind}. Take the table out of it, as XLSX or CSV.", name=name, kind=other)
    begins = data[:SNIFFED].lstrip().lower()
    if begins.startswith(b"mime-version:"):
        raise _to_be_saved_anew(name, lazy_gettext("a web archive (MHTML)"))
    if begins.startswith((b"<?xml", b"<workbook", b"\xef\xbb\xbf<?xml")):
        is_sheet = XML_SPREADSHEET in begins
        raise _to_be_saved_anew(
            name, lazy_gettext("an XML Spreadsheet 2003") if is_sheet else lazy_gettext("an XML file")
        )
    # A text may be called a workbook in the old way; of a zipped one that is no zip nothing can be read.
    ending = name.strip("'\"").lower()
    if ending.endswith(PARQUET_ENDINGS):
        return FileKind.PARQUET
    return FileKind.WORKBOOK if ending.endswith(ZIPPED_ENDINGS) else FileKind.TEXT


def _to_be_saved_anew(name: str, kind: LazyMessage) -> ConfigError:
    """Return the error of a file that a spreadsheet opens, and ctnb does not."""
    return ConfigError("{name} is {kind}. Open it in a spreadsheet and save it as XLSX or CSV.", name=name, kind=kind)


def _zipped(data: bytes, name: str) -> FileKind:
    try:
        with ZipFile(io.BytesIO(data)) as parts:
            names = set(parts.namelist())
    except UNREADABLE:
        return FileKind.WORKBOOK
    if "xl/workbook.bin" in names:
        return FileKind.BINARY
    if "content.xml" in names:
        return FileKind.OPEN_DOCUMENT
    tables = [part for part in names if part.lower().endswith((*TEXT_ENDINGS, ".xlsx", ".xls"))]
    if tables and "[Content_Types].xml" not in names:
        raise ConfigError(
            "{name} is a ZIP archive. Take {file!r} out of it, and read that.", name=name, file=min(tables)
        )
    return FileKind.WORKBOOK
