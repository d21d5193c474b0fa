"""Notes on a file: what was left out, mended or found on the way, so that nothing is lost in silence."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

NOTES: Final = "ctnb_notes"
"""Key of ``frame.attrs`` under which the notes of a frame stand."""

log = logging.getLogger("ctnb")


@dataclass(slots=True)
class Notes:
    """Notes on one file, each with a code, the number of rows or cells concerned, and a message."""

    name: str
    found: list[dict[str, Any]] = field(default_factory=list)

    def add(self, code: str, rows: int, message: str) -> None:
        """Note one thing; nothing when no row is concerned."""
        if rows:
            self.found.append({"code": code, "rows": rows, "message": message})

    def add_hidden_rows(self, rows: int) -> None:
        """Note rows that a filter hides, or a hand: they are deals as the others are."""
        self.add(
            "hidden_rows", rows, f"{counted(rows, 'row is', 'rows are')} hidden, by a filter perhaps, and read too"
        )

    def add_formulas(self, cells: int) -> None:
        """Note formulas whose value no spreadsheet has computed yet."""
        self.add(
            "formulas",
            cells,
            f"{counted(cells, 'formula has', 'formulas have')} no stored value: blank is read; open the workbook in a "
            "spreadsheet and save it",
        )

    def put_on(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Write the notes to the log and to the frame's ``attrs``."""
        for note in self.found:
            log.warning("%s: %s", self.name, note["message"])
        if self.found:
            frame.attrs[NOTES] = self.found
        return frame


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def listed(numbers: list[int], most: int = 5) -> str:
    """Return the first of some numbers."""
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")
