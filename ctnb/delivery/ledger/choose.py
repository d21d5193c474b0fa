"""The choice of a connection's ledger: its file, or the memory of this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.connection import DEFAULT
from ctnb.delivery.ledger.file import default_path
from ctnb.delivery.ledger.memory import memory_of
from ctnb.delivery.ledger.sqlite import SqliteLedger

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import RunLedger


def open_ledger(connection: Connection) -> RunLedger:
    """Return the ledger that a connection names; it is to be closed.

    Raises
    ------
    LedgerError
        When the file cannot be relied on.
    """
    named = connection.ledger
    if named is None or (named == DEFAULT and connection.loopback):
        return memory_of(connection)
    if not isinstance(named, str | os.PathLike):
        return named
    return SqliteLedger(default_path() if named == DEFAULT else Path(named).expanduser())
