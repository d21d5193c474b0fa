"""The move of a file's record to the ledger of a team.

Comments are known by keyed hashes, which nobody can key anew: the file's key becomes one of the team's older keys. From
then on no run has the file. That is on its disk before the team has the record, so that no comment is sent by both: a
move that breaks off between the two is carried out once more, from the closed file.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ctnb.delivery.ledger import postgres_about as about
from ctnb.delivery.ledger import postgres_statements, statements
from ctnb.delivery.ledger.file_review import ReviewedFile
from ctnb.delivery.ledger.owner import any_is_live
from ctnb.delivery.ledger.postgres import recover
from ctnb.delivery.ledger.postgres_database import PostgresDatabase
from ctnb.delivery.ledger.postgres_session import MarkedRows
from ctnb.delivery.ledger.protocol import gravity
from ctnb.delivery.ledger.rows import entry_of
from ctnb.delivery.ledger.run_lines import copy_lines
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ctnb.delivery.ledger.postgres_session import Session
    from ctnb.delivery.ledger.protocol import Entry
    from ctnb.secret_texts import Address

AT_ONCE: Final = 5_000
"""Comments that are copied at once."""

READ_COLUMNS: Final = statements.READ.count(",") + 1


@dataclass(frozen=True, slots=True)
class Moved:
    """How many comments a move has brought, found there already, and changed there to a graver outcome."""

    brought: int
    there: int
    changed: int


def move(source: Path, target: Address) -> Moved:
    """Move a file's record to a team's ledger, and close the file for runs.

    Raises
    ------
    LedgerError
        When one of the two cannot be relied on, the file's key is not among the team's, or a run is alive. Nothing is
        changed then.
    """
    with closing(ReviewedFile.recovered(source)) as file, closing(PostgresDatabase.opened(target)) as database:
        if file.secret not in database.secrets:
            raise LedgerError(
                "The key of {path!r} is not among the team's, and its comments are known by it alone. Put it "
                "behind the team's own, for everybody: CTNB_LEDGER_KEY=team's,file's. It is the 32 bytes of "
                "{name}.key, written as hex digits.",
                path=str(source),
                name=source.name,
            )
        file.verify()
        with database.change() as session, file.change() as rows:
            about.close_to_runs(session)
            recover(database)
            if any_is_live(source) or rows.execute("SELECT 1 FROM comments WHERE owner IS NOT NULL").fetchone():
                raise LedgerError(
                    "A run is alive that has the ledger {path!r}. Wait for its end.",
                    path=str(source),
                )
            about.add_older_key(session, file.secret)
            moved = _copied(rows, session)
            copy_lines(rows, MarkedRows(session))
            database.raise_generation()
            file.close_to_runs(database.name)
    return moved


def _copied(rows: sqlite3.Connection, session: Session) -> Moved:
    """Copy all comments; both databases are locked."""
    naming = _naming(rows, session)
    after, brought, there, changed = 0, 0, 0, 0
    while page := rows.execute(statements.PAGE, (after, AT_ONCE)).fetchall():
        after = page[-1][-1]
        moved = session.execute(postgres_statements.MOVE, _arrays(page, naming)).fetchall()
        added = {identity for (identity,) in moved}
        known = {row[0]: row for row in page if row[0] not in added}
        brought, there = brought + len(added), there + len(known)
        changed += _changed(session, known)
    return Moved(brought, there, changed)


def _naming(rows: sqlite3.Connection, session: Session) -> dict[int, int]:
    """Return the number that the team has for each way in which the file's runs named their leads."""
    found = {}
    for number, account, named in rows.execute("SELECT id, account, named FROM naming").fetchall():
        session.execute(postgres_statements.NAME, (account, named))
        known: dict[str, int] = dict(session.execute(postgres_statements.NAMING, (account,)).fetchall())
        found[number] = known[named]
    return found


def _arrays(page: Sequence[Sequence[Any]], naming: Mapping[int, int]) -> tuple[list[Any], ...]:
    """Return what the statement takes of each comment: what is kept of it, an array a column."""
    for row in page:
        entry_of(row[:READ_COLUMNS])  # whose damage is noticed
    identity, _, _, asked, asked_at, offer, rules, status, outcome, seal, lead, text, named, _ = zip(*page, strict=True)
    numbers = [naming[each] for each in named]
    return tuple(map(list, (identity, lead, text, numbers, asked, asked_at, offer, rules, status, outcome, seal)))


def _changed(session: Session, known: Mapping[bytes, Sequence[Any]]) -> int:
    """Give comments that the team has, too, the file's outcome where that forbids more; return how many."""
    if not known:
        return 0
    theirs = {row[0]: row for row in session.execute(postgres_statements.FIND, (list(known),)).fetchall()}
    graver = [identity for identity, row in known.items() if _gravity(row) > _gravity(theirs[identity])]
    for identity in graver:
        _, _, _, _, asked_at, offer, rules, status, outcome, seal, *_ = known[identity]
        # By the moves that a run makes, for the database allows no other.
        session.execute(postgres_statements.TAKE_ONE, (offer, identity))
        session.execute(postgres_statements.INTEND_ONE, (identity,))
        session.execute(postgres_statements.RECORD_ONE, (offer, asked_at, rules, status, outcome, seal, identity))
    return len(graver)


def _gravity(row: Sequence[Any]) -> int:
    entry: Entry = entry_of(row[:READ_COLUMNS])
    return gravity(entry)
