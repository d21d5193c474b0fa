"""Comments looked up in a ledger file for a run, first where the last ones lay: a run again asks in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.delivery.ledger import statements
from ctnb.delivery.ledger.rows import commented_of, entries_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from ctnb.delivery.ledger.file import LedgerFile
    from ctnb.delivery.ledger.protocol import Entry


class Lookup:
    """Looks up the comments that a run claims, window by window.

    To find a comment by its identity the database goes down an index and then to the row, and costs five times as
    much as to read on. So where the comments of a window lay together, what was commented in the rows behind them is
    read for the next window, and only what is not among it is sought by its identity.

    Parameters
    ----------
    file : LedgerFile
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self._after: int | None = None  # the row behind which the next window is likely

    def find(self, identities: Sequence[bytes]) -> dict[bytes, Entry]:
        """Return what is known of those comments that are in the ledger; of commented ones what a claim asks for."""
        if not identities:
            return {}
        with self._file.reading() as database:
            near: dict[bytes, Sequence[Any]] = {}
            if self._after is not None:
                read = database.execute(statements.COMMENTED, (self._after, self._after + len(identities)))
                near = {row[0]: row for row in read.fetchall()}
            here = [row for row in map(near.get, identities) if row is not None]
            elsewhere: list[Sequence[Any]] = []
            if len(here) < len(identities):
                elsewhere = rows_in(database, [identity for identity in identities if identity not in near])
            self._after = _end_of(database, identities)
        return entries_of(elsewhere) | commented_of(here)


def rows_in(database: sqlite3.Connection, identities: Sequence[bytes]) -> list[Sequence[Any]]:
    """Return the rows of those comments that are in a ledger."""
    return [
        row
        for piece in statements.pieces(identities, statements.MOST_FOUND)
        for row in database.execute(statements.find(len(piece)), piece).fetchall()
    ]


def _end_of(database: sqlite3.Connection, identities: Sequence[bytes]) -> int | None:
    """Return the row in which a window of comments ends, None where they do not lie together."""
    first, last, count = database.execute(statements.BOUNDS, (identities[0], identities[-1])).fetchone()
    return last if count == 2 and last - first < 2 * len(identities) else None
