"""The choice of a connection's rate limiter: the machine's own, or one that the machines of a team share."""

from __future__ import annotations

import math
import os
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from ctnb.delivery.ledger.choose import require_psycopg
from ctnb.delivery.pace.history import MemoryStore
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.pace.shared_file import shared_store
from ctnb.secret_texts import Address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.connection import Connection
    from ctnb.delivery.pace.history import HistoryStore
    from ctnb.delivery.pace.shared_postgres import TeamLimiter

Limiter: TypeAlias = "RateLimiter | TeamLimiter"

_stores: dict[tuple[object, ...], HistoryStore] = {}
_stores_lock = threading.Lock()


def rate_limiter_of(connection: Connection) -> RateLimiter:
    """Return a connection's rate limiter: all processes of the machine that send to its host and port share it.

    An unlimited one is an emulator's, and shares its pauses with the runs of this process alone.
    """
    address = address_of(connection.base_url)
    limited = math.isfinite(connection.rate)
    make = partial(shared_store, address, loopback=connection.loopback) if limited else MemoryStore
    # A process that was forked has a queue of its own.
    key = (os.getpid(), address, limited)
    with _stores_lock:
        if key not in _stores:
            _stores[key] = make()
        return RateLimiter(connection.rate, _stores[key])


@contextmanager
def open_limiter(connection: Connection) -> Iterator[Limiter]:
    """Open a connection's rate limiter: the machine's, or that of the team's machines behind one outside address.

    Raises
    ------
    MissingExtraError
        When machines share an address, and the driver of PostgreSQL is not installed.
    """
    own = rate_limiter_of(connection)
    if connection.egress is None or not isinstance(connection.ledger, Address):
        yield own
        return
    require_psycopg()
    from ctnb.delivery.pace.shared_postgres import PaceTable, TeamLimiter

    table = PaceTable(connection.ledger, f"{connection.egress} {address_of(connection.base_url)}")
    limiter = TeamLimiter(connection.rate, table, own)
    try:
        yield limiter
    finally:
        limiter.close()


def address_of(base_url: str) -> str:
    """Return host and port."""
    parts = urlsplit(base_url)
    return f"{parts.hostname}:{parts.port or {'http': 80}.get(parts.scheme, 443)}"
