"""The choice of a connection's ledger: its file, or the memory of this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.connection import DEFAULT
from ctnb.delivery.ledger.memory import memory_of
from ctnb.delivery.ledger.place import default_path
from ctnb.delivery.ledger.protocol import ReviewedLedger
from ctnb.delivery.ledger.review import Review
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.exceptions import ConfigError

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import RunLedger


def open_ledger(connection: Connection) -> RunLedger:
    """Return the ledger that a connection names, for a run; it is to be closed.

    Raises
    ------
    LedgerError
        When the file cannot be relied on.
    """
    found = _place(connection)
    return SqliteLedger(found) if isinstance(found, Path) else found


def open_to_look(connection: Connection) -> RunLedger | None:
    """Return the ledger that a connection names, to be looked at alone; None where no run has made it yet.

    It is to be closed. Its identities are not verified, and so nothing may be claimed in it.

    Raises
    ------
    LedgerError
        When the file cannot be relied on.
    """
    found = _place(connection)
    if not isinstance(found, Path):
        return found
    return SqliteLedger(found, verified=False) if found.exists() else None


def open_to_review(connection: Connection) -> ReviewedLedger | None:
    """Return the ledger that a connection names, to be reviewed between runs; None where no run has made it yet.

    It is to be closed.

    Raises
    ------
    LedgerError
        When the file cannot be relied on.
    ConfigError
        When the ledger is an object that cannot be reviewed.
    """
    found = _place(connection)
    if isinstance(found, Path):
        return Review(found) if found.exists() else None
    if not isinstance(found, ReviewedLedger):
        raise ConfigError(f"Expected a ledger that can be reviewed, got {type(found).__name__}. Name a ledger file.")
    return found


def _place(connection: Connection) -> Path | RunLedger:
    """Return the file of a connection's ledger, or the ledger that is no file."""
    named = connection.ledger
    if named is None or (named == DEFAULT and connection.loopback):
        return memory_of(connection)
    if not isinstance(named, str | os.PathLike):
        return named
    return default_path() if named == DEFAULT else Path(named)
