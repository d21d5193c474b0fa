"""A session with the server of a team's ledger: how it is opened, and which servers cannot be relied on."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from ctnb.delivery.ledger.postgres_schema import SCHEMA
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.secret_texts import Address, Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Session = psycopg.Connection[tuple[Any, ...]]

OLDEST: Final = 120_000
"""The first version that is used, as the server numbers them."""

CONNECTING: Final = {
    "connect_timeout": "10",
    "fallback_application_name": "ctnb",
    "target_session_attrs": "read-write",
    # A server that is gone is noticed within a minute; the system would wait for two hours.
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "50000",  # milliseconds
}
"""What the URL may say otherwise."""

SETTINGS: Final = {
    # First the tables of the ledger, and last those that somebody made for a while under their names.
    "search_path": f"{SCHEMA}, pg_catalog, pg_temp",
    "synchronous_commit": "on",  # a role may have it off
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "lock_timeout": "30s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "60s",
}

ABOUT: Final = """
SELECT current_setting('fsync'), pg_is_in_recovery(), current_setting('session_replication_role'),
    current_setting('server_version_num')::integer
"""

GONE: Final = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
)
"""The server has ended the session, or does not take any yet."""


class ServerGoneError(Exception):
    """The server cannot be reached, or the session was lost; what is asked may be asked again."""


class MarkedRows:
    """A session that takes statements whose parameters are marked as SQLite marks them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        """Carry a statement out, and return a cursor."""
        return self._session.execute(statement.replace("?", "%s"), parameters)

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Carry a statement out for each of many parameters."""
        with self._session.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), parameters)


def parameters_of(address: Address) -> dict[str, Any]:
    """Return what libpq reads in a URL; ConfigError when it cannot."""
    try:
        found = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        found = None
    if found is None:  # outside, for the error repeats the address
        raise ConfigError(
            "ledger: expected an address such as postgresql://user@host:5432/database, got one that cannot be read. "
            "Signs such as @, /, ? and % in a password are written as %40, %2F, %3F and %25."
        )
    # Masked, for a traceback that shows locals shows these.
    return {name: Token(value) if "password" in name else value for name, value in found.items()}


def name_of(address: Address) -> str:
    """Return the address of a ledger as it may be shown: host and database, no user and no password."""
    found = parameters_of(address)
    host, port, database = (found.get(each) or "" for each in ("host", "port", "dbname"))
    return f"postgresql://{host}{port and f':{port}'}/{database}"


def open_session(address: Address) -> Session:
    """Open a session in which a commit is on the server's disk when it returns.

    Raises
    ------
    ServerGoneError
        When the server cannot be reached, or refuses.
    LedgerError
        When it cannot be relied on.
    """
    session = _connected(address)
    with ExitStack() as opened:
        opened.callback(session.close)
        try:
            session.execute(
                "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given (name, value)",
                (list(SETTINGS), list(SETTINGS.values())),
            )
            _check_server(session, address)
        except psycopg.OperationalError as error:
            raise ServerGoneError(shown(error, address)) from None
        opened.pop_all()
    return session


def refuse_pooler(session: Session, address: Address) -> None:
    """Refuse a pooler that gives a session another process of the server for each transaction: its locks are lost then.

    Another session is in a transaction meanwhile, which takes that process.

    Raises
    ------
    LedgerError
        When there is such a pooler.
    """
    mark = secrets.token_hex(8)
    session.execute("SELECT set_config('ctnb.session', %s, false)", (mark,))
    (mine,) = session.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    with open_session(address) as other, other.transaction():
        (others,) = other.execute("SELECT pg_backend_pid()").fetchone() or (None,)
        kept = mine != others and session.execute(
            "SELECT pg_backend_pid(), current_setting('ctnb.session', true)"
        ).fetchone() == (mine, mark)
    if not kept:
        raise LedgerError(
            "{name} is a pooler in transaction mode, which does not keep a session's locks: runs could not tell "
            "who is alive. Name the server itself, or a pooler in session mode.",
            name=name_of(address),
        )


def is_gone(error: psycopg.Error, session: Session) -> bool:
    """Return whether an error says that the session is lost."""
    return session.closed or isinstance(error, GONE)


def _connected(address: Address) -> Session:
    """Return a new session; no error of the driver's is in the background of ours, for its frames hold the password."""
    parameters = CONNECTING | parameters_of(address)
    try:
        return psycopg.connect(**parameters, client_encoding="utf8", autocommit=True)
    except psycopg.OperationalError as error:
        reason = shown(error, address)
    raise ServerGoneError(reason)


def shown(error: psycopg.Error, address: Address) -> str:
    """Return the first line of an error, without the password."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    password = parameters_of(address).get("password")
    return line.replace(password, "***") if password else line


def _check_server(session: Session, address: Address) -> None:
    fsync, standby, replication, version = session.execute(ABOUT).fetchone() or ("", False, "", 0)
    if version < OLDEST:
        raise LedgerError(
            "Expected PostgreSQL 12 or newer at {name}, got {version}.",
            name=name_of(address),
            version=version // 10_000,
        )
    if fsync != "on":
        raise LedgerError(
            "The server of {name} runs with fsync = off: after a power cut it may have forgotten what was sent. "
            "Switch it on in postgresql.conf; nothing is sent before.",
            name=name_of(address),
        )
    if standby:
        raise LedgerError(
            "{name} is a standby, in which nothing can be kept. Name the primary server.",
            name=name_of(address),
        )
    if replication != "origin":
        raise LedgerError(
            "At {name} this role has session_replication_role = {replication}, which switches the ledger's "
            "guards off. Take that setting away.",
            name=name_of(address),
            replication=replication,
        )
