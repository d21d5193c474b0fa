"""The race of writing a workbook of results, against pandas with openpyxl."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from benchmarks.results import results
from ctnb import write_table
from ctnb.tables.safe_cells import safe_column

GOAL = Goal(1 / 3, at_least=False)


def race_workbooks(rows: int) -> Row:
    """Race one round: the other side takes minutes. Both workbooks are read again and compared."""
    frame = results(rows)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.xlsx", Path(folder) / "theirs.xlsx"
        plain = timed(write_plainly, frame, theirs)
        written = timed(write_table, frame, ours)
        say(f"workbooks: {written:.1f} s, pandas with openpyxl {plain:.1f} s")
        cells = [pd.read_excel(file, dtype=str, engine="calamine") for file in (ours, theirs)]
    return Row(
        key="workbook",
        work="XLSX of results",
        size=f"{rows:,} rows",
        ours=seconds([written]),
        against="pandas with openpyxl",
        theirs=seconds([plain]),
        measured=ratio([written], [plain]),
        goal=GOAL,
        samples={"ctnb": [written], "openpyxl": [plain]},
        differences=int((cells[0].fillna("") != cells[1].fillna("")).to_numpy().sum()),
        unit="x",
    )


def write_plainly(frame: pd.DataFrame, file: Path) -> None:
    """Write a workbook with pandas and openpyxl, no cell of which runs as a formula."""
    cells = pd.DataFrame({name: safe_column(frame[name]) for name in frame})
    cells.to_excel(file, index=False, freeze_panes=(1, 0), engine="openpyxl")
