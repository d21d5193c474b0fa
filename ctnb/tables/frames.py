"""The frame that is made of a file's cells: its heading found, its totals left out, its columns text or dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ctnb.tables.headings import clean_heading, heading_row, unique_names
from ctnb.tables.safe_cells import unguarded
from ctnb.tables.sources import empty
from ctnb.tables.totals import without_totals
from ctnb.tables.workbooks import cell_text

if TYPE_CHECKING:
    from ctnb.tables.notes import Notes
    from ctnb.tables.selection import Selection


def table(cells: pd.DataFrame, selection: Selection, notes: Notes) -> pd.DataFrame:
    """Make a table of cells: its heading found, its totals left out, every column text or dates.

    Parameters
    ----------
    cells : DataFrame of object
        Its index and columns are the 0-based numbers of the file's rows and columns, ascending; those that are blank
        may be left out.
    """
    cells = cells.apply(without_blanks)
    cells = cells[cells.notna().any(axis=1).to_numpy(dtype=bool)]
    if cells.empty:
        raise empty(notes.name)
    heading = heading_row(cells, selection, notes)
    body = without_totals(cells if heading is None else cells.iloc[heading + 1 :], notes)
    positions = [int(position) for position in cells.columns]
    names: list[Any] = list(range(positions[-1] + 1))
    if heading is not None:
        headings = dict(zip(positions, map(clean_heading, cells.iloc[heading]), strict=True))
        kept = {position for position in positions if headings[position] or body[position].notna().any()}
        names = unique_names([headings.get(position, "") for position in names])
    else:
        kept = set(positions)
    body = (body if selection.nrows is None else body.head(selection.nrows)).reset_index(drop=True)
    chosen = [position for position in selection.columns(names) if position in kept]
    frame = pd.DataFrame({position: as_text_or_dates(body[position]) for position in chosen}, index=body.index)
    frame.columns = pd.Index([names[position] for position in chosen])
    return frame


def without_blanks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Make cells of nothing but white space missing."""
    if pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}:
        return column.mask(column.str.isspace().eq(True))
    return column.mask(column.map(lambda cell: isinstance(cell, str) and cell.isspace()))


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
