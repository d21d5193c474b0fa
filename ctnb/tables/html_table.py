"""A table of an HTML page: what many programs save under the name of a workbook."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import N_
from ctnb.tables.encodings import decode
from ctnb.tables.notes import HIDDEN_ROWS
from ctnb.tables.workbooks import MOST_COLUMNS, MOST_ROWS, compact, too_many_columns, too_many_rows

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.tables.notes import Notes

BEGINS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|table|style|div|center)\b",
    re.IGNORECASE | re.DOTALL,
)
CHARSET: Final = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
UNSEEN: Final = frozenset({"script", "style", "title"})
SPACES: Final = re.compile(r"[ \t\r\n\f]+")
SNIFFED: Final = 4096


def is_html(data: bytes) -> bool:
    """Tell whether a file is an HTML page."""
    begins = data[:SNIFFED]
    if begins.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        begins = begins.decode("utf-16", "ignore").encode("ascii", "ignore")
    return BEGINS.match(begins) is not None


def html_cells(data: bytes, encoding: str | None, notes: Notes) -> pd.DataFrame:
    """Return the cells of the page's largest table, under the numbers of their rows and columns."""
    page = _Page(notes.name)
    page.feed(decode(data, notes, encoding or _declared(data)))
    page.close()
    if not page.tables:
        raise ConfigError("{name} is an HTML page without a table. Save it as XLSX or CSV.", name=notes.name)
    table = max(page.tables, key=lambda each: sum(map(len, each.rows)))
    if len(page.tables) > 1:
        message = N_("The page has {count} tables; the largest is read.")
        notes.add("tables", len(page.tables), message, count=len(page.tables))
    notes.add("hidden_rows", table.hidden, HIDDEN_ROWS, count=table.hidden)
    return compact(enumerate(table.rows), notes.name)


def _declared(data: bytes) -> str | None:
    """Return the encoding that the page names, unless its bytes are UTF-8 or begin with a mark."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        found = None if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else CHARSET.search(data[:SNIFFED])
        # A page that is not UTF-8 may call itself so all the same.
        return found[1].decode("ascii") if found and found[1].lower() not in {b"utf-8", b"utf8"} else None
    return None


@dataclass(slots=True)
class _Table:
    rows: list[list[tuple[int, str]]] = field(default_factory=list)
    hidden: int = 0
    spans: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By column, how many more rows a cell above reaches into, and what it holds."""

    cell: list[str] | None = None
    """The texts of the cell that is open."""

    stored: str | None = None
    """The number behind what an open cell shows, as Excel writes it."""

    column: int = 0
    across: int = 1
    down: int = 1


class _Page(HTMLParser):
    """The tables of a page, those within others too."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell; one that was not closed before is closed."""
        self._unseen += tag in UNSEEN
        if tag == "table":
            self._open.append(_Table())
        if not self._open:
            return
        table = self._open[-1]
        named = dict(attrs)
        if tag == "tr":
            self._close_cell(table)
            self._begin_row(table)
            table.hidden += "display:none" in (named.get("style") or "").replace(" ", "").casefold()
        elif tag in {"td", "th"}:
            self._close_cell(table)
            if not table.rows:
                self._begin_row(table)
            table.cell = []
            table.stored = named.get("x:num")
            table.across, table.down = (_span(named.get(name)) for name in ("colspan", "rowspan"))
        elif tag == "br" and table.cell is not None:
            table.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close a cell, a row or a table."""
        self._unseen -= tag in UNSEEN and self._unseen > 0
        if self._open and tag in {"td", "th", "tr", "table"}:
            self._close_cell(self._open[-1])
            if tag == "table":
                self._finish(self._open.pop())

    def handle_data(self, data: str) -> None:
        """Take text into the cell that is open."""
        if self._open and not self._unseen and (cell := self._open[-1].cell) is not None:
            cell.append(SPACES.sub(" ", data))

    def close(self) -> None:
        """End the page; tables that it leaves open count."""
        super().close()
        while self._open:
            self._close_cell(self._open[-1])
            self._finish(self._open.pop())

    def _finish(self, table: _Table) -> None:
        if any(table.rows):
            self.tables.append(table)

    def _begin_row(self, table: _Table) -> None:
        if len(table.rows) == MOST_ROWS:
            raise too_many_rows(self.name)
        table.spans = {column: (left - 1, text) for column, (left, text) in table.spans.items() if left}
        table.rows.append([(column, text) for column, (_, text) in sorted(table.spans.items()) if text])
        table.column = 0

    def _close_cell(self, table: _Table) -> None:
        if table.cell is None:
            return
        shown = "\n".join(line.strip(" ") for line in "".join(table.cell).split("\n"))
        text = table.stored or shown.strip("\n")
        table.cell = None
        while table.column in table.spans:
            table.column += 1
        if table.column + table.across > MOST_COLUMNS:
            raise too_many_columns(self.name)
        if text:
            # In its place among those that reach down from above.
            table.rows[-1].append((table.column, text))
            table.rows[-1].sort()
        if table.down > 1:
            for column in range(table.column, table.column + table.across):
                table.spans[column] = (table.down - 1, text if column == table.column else "")
        table.column += table.across


def _span(text: str | None) -> int:
    """Return how many rows or columns a cell reaches over."""
    return max(1, min(int(text), MOST_COLUMNS)) if text and text.isascii() and text.isdigit() else 1
