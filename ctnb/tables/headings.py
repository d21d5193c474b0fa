"""Headings: their row is found below a title, and their names are cleaned and numbered."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import N_
from ctnb.tables.safe_cells import unguarded
from ctnb.tables.workbooks import cell_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.tables.notes import Notes
    from ctnb.tables.selection import Selection

SEARCHED_ROWS: Final = 40
"""Rows that are not blank, among which the heading is looked for."""

COMPARED_ROWS: Final = 10
"""Rows below a heading that are compared with it."""

YEAR_DIGITS: Final = 4
"""Digits that may stand in a heading of few letters, such as ``UTM 2024``."""


def heading_row(cells: pd.DataFrame, selection: Selection, notes: Notes) -> int | None:
    """Return the position of the heading among rows that are not blank, or None where `header` says there is none.

    Raises
    ------
    ConfigError
        When `header` names a row behind the last.
    """
    if selection.header is None:
        return None
    named = selection.header_row()
    if named is None:
        rows = [_filled_or_none(row) for row in cells.head(SEARCHED_ROWS).itertuples(index=False)]
        found = found_heading(rows)
        row = int(cells.index[found]) + 1
        notes.add("title", found, N_("The heading is in row {row}; what stands above it is left out."), row=row)
        return found
    position = int(cells.index.searchsorted(named))
    if position == len(cells):
        raise ConfigError(
            "header: expected the 0-based number of a row, got {row}; {name} ends before.",
            row=selection.header,
            name=notes.name,
        )
    return position


def _filled_or_none(row: Sequence[Any]) -> list[Any]:
    return [None if pd.isna(cell) else cell for cell in row]


def found_heading(rows: Sequence[Sequence[Any]]) -> int:
    """Return the position of the heading in a table's first rows.

    The first row, unless it is a title: narrower than half of a later row (or with a value in it, such as a date),
    which has nothing but different names and covers the rows below it, some of which have values.

    Parameters
    ----------
    rows : sequence of rows that are not blank
        None or an empty text for a blank cell.
    """
    filled = [[cell for cell in row if not _blank(cell)] for row in rows[:SEARCHED_ROWS]]
    widest_above = 0
    for position, row in enumerate(filled[:-1]):
        below = filled[position + 1 : position + 1 + COMPARED_ROWS]
        if (
            position
            and len(row) > max(widest_above, 1)
            and all(len(above) * 2 <= len(row) or not _all_names(above) for above in filled[:position])
            and _all_names(row)
            and len({str(cell).strip().casefold() for cell in row}) == len(row)
            and len(row) >= sorted(map(len, below))[len(below) // 2]
            and not all(map(_all_names, below))
        ):
            return position
        widest_above = max(widest_above, len(row))
    return 0


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def _all_names(row: list[Any]) -> bool:
    return all(map(_is_name, row))


def _is_name(cell: object) -> bool:
    """Tell whether a cell may be a heading: words, not a number, a date, an id or an address."""
    if not isinstance(cell, str) or "@" in cell or "://" in cell:
        return False
    letters, digits = sum(map(str.isalpha, cell)), sum(map(str.isdigit, cell))
    return not digits or letters > digits or (letters > 0 and digits <= YEAR_DIGITS)


def clean_heading(cell: object) -> str:
    """Return a heading's words, one space between them; blank when the cell is."""
    if pd.isna(cell):  # type: ignore[call-overload]
        return ""
    return " ".join(unguarded(cell_text(cell)).replace("\ufeff", " ").split())


def unique_names(headings: list[str]) -> list[str]:
    """Let pandas number repeated headings and name blank ones."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(headings)
    return list(pd.read_csv(io.StringIO(line.getvalue(), newline=""), nrows=0, index_col=False).columns)
