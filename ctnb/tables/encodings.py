"""Encodings of text tables: found out, and lines in another one mended."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from itertools import islice
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import N_
from ctnb.i18n.message import lazy_gettext
from ctnb.tables.notes import listed

if TYPE_CHECKING:
    from ctnb.tables.notes import Notes

SNIFFED_LINES: Final = 500

# UTF-32 goes before UTF-16, whose mark its own begins with.
BOMS: Final = (
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
CYRILLIC: Final = ["cp1251", "cp866", "koi8_r", "mac_cyrillic"]
ONE_BYTE: Final = re.compile(r"(?:cp|windows-?)?(?:1251|866)|koi8[_-]?[ru]|(?:x-)?mac[_-]?cyrillic", re.IGNORECASE)

NON_ASCII_LINE: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
NON_ASCII_WORD: Final = re.compile(r"[^\x00-\x7f\xa0]+")
# Lower case, Capitalised or UPPER, in quotes or not: "Телефон", never "рЕКЕТНМ" or "’елефон".
NATURAL_WORD: Final = re.compile(r"[«„“№]*(?:[А-ЯЁІЇЄҐЎ]?[а-яёіїєґў]+|[А-ЯЁІЇЄҐЎ]+)?[»”…–—•°§№]*")
# Two Cyrillic letters in UTF-8: in the one-byte encodings these are "Р”РѕРі" or the frames of tables.
UTF8_LETTERS: Final = re.compile(rb"[\xd0\xd1][\x80-\xbf]")
UTF8_WORD: Final = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){2,}")
TYPOGRAPHIC: Final = re.compile("[\x00-\x7f\xa0-\xbfЀ-ӿ\u2000-\u206f₽€№™]*")


def decode(data: bytes, notes: Notes, encoding: str | None) -> str:
    """Return the text of a table without its byte-order mark."""
    name = notes.name
    chosen = encoding or found_encoding(data, name)
    try:
        text = one_byte_text(data, chosen, notes) if ONE_BYTE.fullmatch(chosen) else data.decode(chosen)
    except LookupError:
        raise ConfigError(
            "encoding: expected a name that Python knows, such as 'cp1251', got {value!r}.", value=encoding
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = (
            lazy_gettext("Leave encoding out to have it found out, or name another.")
            if encoding
            else lazy_gettext("Name its encoding.")
        )
        raise ConfigError(
            "{name} is not {encoding}: byte {place} (line {line}) is 0x{byte:02x}. {advice}",
            name=name,
            encoding=chosen,
            place=error.start,
            line=line,
            byte=data[error.start],
            advice=advice,
        ) from None
    if "\0" in text:
        raise ConfigError(
            "{name} holds a zero byte, which no text does. If it is UTF-16, pass encoding='utf-16-le'; "
            "otherwise save it again as XLSX or CSV.",
            name=name,
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
                "{name} is UTF-8 with damage at byte {place} (line {line}). Export it again, or name its encoding.",
                name=name,
                place=error.start,
                line=line,
            ) from None
        return cyrillic_encoding(data)
    return "utf-8"


def cyrillic_encoding(data: bytes) -> str:
    """Choose among the one-byte Russian encodings.

    charset-normalizer alone takes some short Windows-1251 tables for Mac Cyrillic, whose small letters are the same
    bytes; so what reads as natural words in Windows-1251 is not given to it.
    """
    from charset_normalizer import from_bytes

    lines = (match.group() for match in NON_ASCII_LINE.finditer(data))
    sample = b"\n".join(islice((line for line in lines if utf8_line(line) is None), SNIFFED_LINES))
    words = NON_ASCII_WORD.findall(sample.decode("cp1251", "replace"))
    if sum(NATURAL_WORD.fullmatch(word) is not None for word in words) >= 0.9 * len(words):
        return "cp1251"
    best = from_bytes(sample, cp_isolation=CYRILLIC[1:]).best()
    return best.encoding if best else "cp1251"


def one_byte_text(data: bytes, encoding: str, notes: Notes) -> str:
    """Decode a one-byte Russian encoding; lines in UTF-8 among the others are read as what they are."""
    if not UTF8_LETTERS.search(data):
        return data.decode(encoding)
    parts: list[str] = []
    mended: list[int] = []
    begins = 0
    for found in NON_ASCII_LINE.finditer(data):
        line = utf8_line(found.group())
        if line is None and not UTF8_WORD.search(found.group()):
            continue
        number = data.count(b"\n", 0, found.start()) + 1
        if line is None:
            raise ConfigError(
                "Line {line} of {name} has {encoding} and UTF-8 in it, and would be read as rubbish. Export the table "
                "again, or mend the line.",
                line=number,
                name=notes.name,
                encoding=encoding,
            )
        parts += (data[begins : found.start()].decode(encoding), line)
        begins = found.end()
        mended.append(number)
    message = N_("Lines in UTF-8 among lines in {encoding} are read as UTF-8: {lines}.")
    notes.add("encoding", len(mended), message, encoding=encoding, lines=listed(mended))
    return "".join([*parts, data[begins:].decode(encoding)])


def utf8_line(line: bytes) -> str | None:
    """Return a line of a one-byte table that is plainly UTF-8, decoded; None for any other."""
    if not UTF8_LETTERS.search(line):
        return None
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if TYPOGRAPHIC.fullmatch(text) else None
