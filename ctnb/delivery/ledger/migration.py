"""Carrying over a SQLite ledger of version 1, in which each comment had a state and an outcome of its own."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.schema import GUARDS, TABLES, VERSION, statements
from ctnb.delivery.ledger.sqlite_outcomes import joined, letters, read
from ctnb.exceptions import LedgerError
from ctnb.leads.limits import LEADS_PER_REQUEST

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FORMER: Final = "1"

_OWNERS = "SELECT DISTINCT owner FROM former WHERE owner IS NOT NULL"
_SETTLED = (
    "SELECT identity, CAST(outcome AS BLOB), rules, changed_at FROM former WHERE outcome IS NOT NULL ORDER BY rowid"
)
_HELD = "SELECT identity, state, owner, attempt, rules, changed_at FROM former WHERE owner IS NOT NULL ORDER BY rowid"
_SETTLE = """
INSERT INTO batches (state, rules, changed_at, states, members, outcomes) VALUES ('settled', ?, ?, ?, ?, ?)
"""
_HOLD = "INSERT INTO batches (state, owner, attempt, rules, changed_at, members) VALUES (?, ?, ?, ?, ?, ?)"
_POINT = """
INSERT INTO comments (identity, batch, place) VALUES (?, ?, ?)
ON CONFLICT (identity) DO UPDATE SET batch = excluded.batch, place = excluded.place,
    former_batch = comments.batch, former_place = comments.place
"""


def carry_over(database: sqlite3.Connection, path: Path) -> None:
    """Make a ledger of version 1 one of this version, in one transaction.

    What dead runs held is held by them still, and recovered as ever.

    Raises
    ------
    LedgerError
        When a live run of an earlier ctnb has the ledger, or an outcome in it is damaged.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        if _version(database) == FORMER:
            database.execute("ALTER TABLE comments RENAME TO former")
            _refuse_live(database, path)
            for statement in statements(TABLES):
                database.execute(statement)
            _carry_settled(database)
            _carry_held(database)
            database.execute("DROP TABLE former")
            for statement in statements(GUARDS):
                database.execute(statement)
            database.execute("UPDATE about SET value = ? WHERE name = 'version'", (VERSION,))
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection) -> str:
    """Return the version, which another process may have changed meanwhile."""
    (version,) = database.execute("SELECT value FROM about WHERE name = 'version'").fetchone()
    return str(version)


def _refuse_live(database: sqlite3.Connection, path: Path) -> None:
    """Refuse when a run that holds comments is alive: it could not record what it sends."""
    for (name,) in database.execute(_OWNERS).fetchall():
        ghost = Owner.taken(path, name)
        if ghost is None:
            raise LedgerError(
                f"The ledger {str(path)!r} is of an earlier version, and a run of an earlier ctnb is using it. Let "
                "that run end, then run the cell again."
            )
        ghost.leave()


def _carry_settled(database: sqlite3.Connection) -> None:
    """Make batches of the comments that have an outcome, those that are held once more among them."""
    rows = database.execute(_SETTLED)
    for (rules, changed_at), members in _together(rows, lambda row: row[2:]):
        kept = b"[" + b",".join(outcome for _, outcome, *_ in members) + b"]"
        states = letters(read(kept))
        identities = [identity for identity, *_ in members]
        made = database.execute(_SETTLE, (rules, changed_at, states, joined(identities), kept))
        _point(database, identities, made.lastrowid)


def _carry_held(database: sqlite3.Connection) -> None:
    """Make batches of the comments that a run holds; what had an outcome remembers where it is."""
    rows = database.execute(_HELD)
    for held, members in _together(rows, lambda row: row[1:]):
        identities = [identity for identity, *_ in members]
        made = database.execute(_HOLD, (*held, joined(identities)))
        _point(database, identities, made.lastrowid)


def _together(rows: Iterable[tuple[Any, ...]], key: Any) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """Return neighbours that are alike, as many as one request takes."""
    for alike, group in groupby(rows, key):
        members = list(group)
        for begin in range(0, len(members), LEADS_PER_REQUEST):
            yield alike, members[begin : begin + LEADS_PER_REQUEST]


def _point(database: sqlite3.Connection, identities: list[bytes], batch: int | None) -> None:
    database.executemany(_POINT, [(identity, batch, place) for place, identity in enumerate(identities)])
