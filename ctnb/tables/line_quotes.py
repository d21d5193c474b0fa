"""Lines that were quoted whole: a text table that was saved as a table of one column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import N_

if TYPE_CHECKING:
    from ctnb.tables.notes import Notes

DELIMITERS: Final = (";", ",", "\t", "|")
QUOTED_LINE: Final = re.compile(r'(?m)^"((?:[^"\r\n]|"")*)"([;,\t|]*)(?=\r?$|\r)')
SEARCHED: Final = 100
ALIKE: Final = 0.9
"""Share of the quoted lines that must have as many cells as the first."""


def without_line_quotes(text: str, delimiter: str | None, notes: Notes) -> str:
    """Undo the quotes around whole lines, and those that were doubled in them.

    Done where the first line that is not blank is quoted as a whole, or has more cells than the quoted lines have as
    they stand; and the quoted lines, their quotes undone, have as many cells as it has.
    """
    quoted = [found for _, found in zip(range(SEARCHED), QUOTED_LINE.finditer(text), strict=False)]
    if not quoted:
        return text
    first = next(line for line in re.split(r"[\r\n]+", text) if line and not line.isspace())
    whole = QUOTED_LINE.match(first)
    heading = _inner(whole) if whole else first
    for cut in [delimiter] if delimiter else DELIMITERS:
        width = _width(heading, cut)
        if width == 1 or f"{cut} " in heading:
            continue
        # A first cell in quotes with nothing behind it is no line in quotes.
        lines = [found for found in quoted if whole or not found[2]]
        alike = [found for found in lines if _width(_inner(found), cut) == width]
        if alike and len(alike) >= ALIKE * len(lines):
            return _undone(text, cut, width, notes, padded=whole is not None)
    return text


def _undone(text: str, delimiter: str, width: int, notes: Notes, *, padded: bool) -> str:
    """Undo the lines that have the heading's width then."""
    count = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal count
        inner = _inner(found)
        if _width(inner, delimiter) != width or (found[2] and not padded):
            return found.group()
        count += 1
        return inner

    text = QUOTED_LINE.sub(replaced, text)
    notes.add("quotes", count, N_("Quotes around whole lines are undone, in so many lines: {count}."), count=count)
    return text


def _inner(found: re.Match[str]) -> str:
    return found[1].replace('""', '"')


def _width(line: str, delimiter: str) -> int:
    """Count the cells of one line."""
    outside = re.sub(r'"(?:[^"]|"")*"', "", line)
    return outside.count(delimiter) + 1
