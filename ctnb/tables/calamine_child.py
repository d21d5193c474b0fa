"""A program of its own that reads a workbook with python-calamine: one that it cannot stand ends this process alone.

Calamine makes room for every cell between a sheet's corners, and Rust ends its process where there is none; a damaged
file may do the same. So nothing of ctnb is imported here: `ctnb.tables.binary_workbooks` starts it as a script. The
workbook comes by the standard input, the sheet's number or name as JSON by the argument. What goes out are pickles:
the names of the sheets, then the 0-based number and the cells of each row that is not blank, and None for the end.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
from contextlib import suppress
from datetime import date, datetime, time

MOST_MEMORY = 4 * 1024**3
"""Bytes."""


def main() -> None:
    """Read the workbook and write its rows."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    from python_calamine import CalamineWorkbook

    wanted = json.loads(sys.argv[2])
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    names = book.sheet_names
    out = sys.stdout.buffer
    pickle.dump(names, out)
    out.flush()
    sheet = book.get_sheet_by_index(names.index(wanted) if wanted in names else int(wanted))
    # Calamine begins a row at the first column that is not blank.
    first = sheet.start[1] if sheet.start else 0
    for number, cells in enumerate(sheet.iter_rows()):
        held = [(column, moment(cell)) for column, cell in enumerate(cells, first) if cell != ""]
        if held:
            pickle.dump((number, held), out)
    pickle.dump(None, out)


def moment(cell: object) -> object:
    """Return a date as its midnight, for the dates of a column must be alike; any other cell as it is."""
    return datetime.combine(cell, time()) if isinstance(cell, date) and not isinstance(cell, datetime) else cell


if __name__ == "__main__":
    main()
