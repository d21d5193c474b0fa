"""The choice of a connection's ledger: its file, its team's database, or the memory of this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.connection_checks import DEFAULT
from ctnb.delivery.ledger.file import adopt as adopt_file
from ctnb.delivery.ledger.file_errors import is_there
from ctnb.delivery.ledger.file_review import ReviewedFile
from ctnb.delivery.ledger.memory import memory_of
from ctnb.delivery.ledger.place import default_path
from ctnb.delivery.ledger.protocol import ReviewedLedger
from ctnb.delivery.ledger.review import Review
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.i18n.message import lazy_gettext
from ctnb.secret_texts import Address

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.move import Moved
    from ctnb.delivery.ledger.protocol import RunLedger


def open_ledger(connection: Connection) -> RunLedger:
    """Return the ledger that a connection names, for a run; it is to be closed.

    Raises
    ------
    LedgerError
        When the file or the database cannot be relied on.
    MissingExtraError
        When it is in a database, and the driver is not installed.
    """
    found = _place(connection)
    if isinstance(found, Address):
        require_psycopg()
        from ctnb.delivery.ledger.postgres import PostgresLedger

        return PostgresLedger.for_run(found)
    return SqliteLedger(found) if isinstance(found, Path) else found


def open_to_look(connection: Connection) -> RunLedger | None:
    """Return the ledger that a connection names, to be looked at alone; None where no run has made it yet.

    It is to be closed. Its identities are not verified, and so nothing may be claimed in it.

    Raises
    ------
    LedgerError
        When the file or the database cannot be relied on.
    MissingExtraError
        When it is in a database, and the driver is not installed.
    """
    found = _place(connection)
    if isinstance(found, Address):
        require_psycopg()
        from ctnb.delivery.ledger.postgres import PostgresLedger

        return PostgresLedger.to_look(found)
    if not isinstance(found, Path):
        return found
    return SqliteLedger(found, verified=False) if is_there(found) else None


def open_to_review(connection: Connection) -> ReviewedLedger | None:
    """Return the ledger that a connection names, to be reviewed between runs; None where no run has made it yet.

    It is to be closed.

    Raises
    ------
    LedgerError
        When the file or the database cannot be relied on.
    MissingExtraError
        When it is in a database, and the driver is not installed.
    ConfigError
        When the ledger is an object that cannot be reviewed.
    """
    found = _place(connection)
    if isinstance(found, Address):
        require_psycopg()
        from ctnb.delivery.ledger.postgres_review import ReviewedDatabase

        reviewed = ReviewedDatabase.recovered(found)
        return None if reviewed is None else Review(reviewed)
    if isinstance(found, Path):
        return review_of(found) if is_there(found) else None
    if not isinstance(found, ReviewedLedger):
        raise ConfigError(
            "Expected a ledger that can be reviewed, got {kind}. Name a ledger file.",
            kind=type(found).__name__,
        )
    return found


def review_of(place: Path | Address) -> Review:
    """Open a ledger for review; it is to be closed.

    Raises
    ------
    LedgerError
        When there is none, or it cannot be relied on.
    MissingExtraError
        When it is in a database, and the driver is not installed.
    """
    if isinstance(place, Address):
        require_psycopg()
        from ctnb.delivery.ledger.postgres_review import ReviewedDatabase

        return Review(ReviewedDatabase.there(place))
    return Review(ReviewedFile.recovered(place))


def adopt(place: Path | Address) -> None:
    """Adopt a ledger that was copied, restored or taken over: from now on it is used where it is.

    Raises
    ------
    LedgerError
        When there is none, it is damaged, its key is another one, or the system refuses.
    MissingExtraError
        When it is in a database, and the driver is not installed.
    """
    if isinstance(place, Address):
        require_psycopg()
        from ctnb.delivery.ledger.postgres_database import adopt as adopt_database

        adopt_database(place)
    else:
        adopt_file(place)


def move(source: Path | Address, target: str | os.PathLike[str] | Address) -> Moved:
    """Move a file's record to a team's ledger.

    Raises
    ------
    ConfigError
        When the source is no file, or the target no address of a database.
    LedgerError
        When one of the two cannot be relied on, the file's key is not among the team's, or a run is alive.
    MissingExtraError
        When the driver is not installed.
    """
    if not isinstance(source, Path) or not isinstance(target, Address):
        raise ConfigError(
            "Expected a ledger's file and the postgresql:// address of a team's, to which its record is moved."
        )
    require_psycopg()
    from ctnb.delivery.ledger.move import move as move_file

    return move_file(source, target)


def place_of(named: str | os.PathLike[str]) -> Path | Address:
    """Return the file or the address of a ledger that `ctnb.connection.checked_ledger` has returned."""
    if isinstance(named, Address):
        return named
    return default_path() if named == DEFAULT else Path(named)


def require_psycopg() -> None:
    """Say what to install where the driver of PostgreSQL is missing."""
    try:
        import psycopg  # noqa: F401  whether it is there
    except ImportError:
        raise MissingExtraError.of(
            "psycopg", extra="postgres", purpose=lazy_gettext("A ledger in PostgreSQL")
        ) from None


def _place(connection: Connection) -> Path | Address | RunLedger:
    """Return where a connection's ledger is, or the ledger that is in no such place."""
    named = connection.ledger
    if named is None or (named == DEFAULT and connection.loopback):
        return memory_of(connection)
    return place_of(named) if isinstance(named, str | os.PathLike) else named
