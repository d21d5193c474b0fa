"""Notes on a file: what was left out, mended or found on the way, so that nothing is lost in silence."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.language import N_, gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NOTES: Final = "ctnb_notes"
"""Key of ``frame.attrs`` under which the notes of a frame stand."""

LISTED: Final = 5
HIDDEN_ROWS: Final = N_("Rows that are hidden, perhaps by a filter, are read too: {count}.")
FORMULAS: Final = N_(
    "Formulas without a stored value are read as blank: {count}. Open the workbook in a spreadsheet and save it."
)

log = logging.getLogger("ctnb")


@dataclass(slots=True)
class Notes:
    """Notes on one file: dicts with a code, the number of rows or cells, a message and the values of its fields.

    They are what JSON can hold, for Parquet keeps ``attrs`` so; ``gettext(message, **values)`` is the sentence.
    """

    name: str
    found: list[dict[str, Any]] = field(default_factory=list)

    def add(self, code: str, rows: int, message: str, **values: int | str) -> None:
        """Note one thing; nothing when no row is concerned."""
        if rows:
            self.found.append({"code": code, "rows": rows, "message": message, "values": values})

    def put_on(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Write the notes to the log and to the frame's ``attrs``."""
        for note in self.found:
            log.warning("%s: %s", self.name, note["message"].format(**note["values"]))
        if self.found:
            frame.attrs[NOTES] = self.found
        return frame


def note_texts(frame: pd.DataFrame) -> list[str]:
    """Return the notes on a frame in the language in force."""
    notes = frame.attrs.get(NOTES, [])
    return [gettext(message, **note["values"]) for note in notes if (message := note["message"])]


def listed(numbers: Sequence[int]) -> str:
    """Return the first of some numbers."""
    return ", ".join(map(str, numbers[:LISTED])) + (", …" if len(numbers) > LISTED else "")
