"""Tables on the command line: rich lays them out, plain text where the output is not a terminal."""

from __future__ import annotations

import sys
from typing import Final

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

WIDE: Final = 10_000
"""Columns of an output that is not a terminal: no line of a table is broken there."""


def show_table(table: pd.DataFrame, *, headings: bool = True) -> None:
    """Print a table, its index first; fractions are in per cent, missing cells are blank."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=headings)
    texts = {str(name): list(map(cell_text, cells)) for name, cells in table.reset_index().items()}
    for name, cells in texts.items():
        figures = all(not cell or cell[0].isdigit() for cell in cells)
        # Ids are copied from here, so single words stay whole; sentences are broken where a terminal is narrow.
        sentences = any(" " in cell for cell in cells)
        grid.add_column(name, justify="right" if figures else "left", no_wrap=not sentences, overflow="fold")
    for row in zip(*texts.values(), strict=True):
        grid.add_row(*row)
    is_terminal = sys.stdout.isatty()
    console = Console(force_terminal=is_terminal, markup=False, emoji=False, highlight=False)
    screen, console.width = console.width, WIDE
    if is_terminal:
        console.width = max(screen, console.measure(grid).minimum)
    with console.capture() as capture:
        console.print(grid)
    typer.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def cell_text(value: object) -> str:
    """Return a cell as people read it."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    return str(value)
