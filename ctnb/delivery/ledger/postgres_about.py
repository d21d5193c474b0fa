"""What the database of a team's ledger says of itself: its version, its keys, where it is, and its generation."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger.key import fingerprint
from ctnb.delivery.ledger.postgres_owner import LOCKS, any_is_live
from ctnb.delivery.ledger.postgres_schema import GUARDS, SCHEMA, TABLES, TRIGGERS, VERSION
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnb.delivery.ledger.postgres_session import Session

MAKING: Final = 0
"""The number of the lock of those that make the tables or add a key; owners have their own."""

HERE: Final = """
SELECT (SELECT system_identifier FROM pg_control_system()) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/'
    || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
"""
"""The server's own number, the database's, and the timeline, which is another one after a restore or a failover."""

MADE: Final = """
SELECT EXISTS (
    SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = %s AND relname = 'about'
)
"""
"""Not by ``to_regclass``, which may not know yet what another session has just made."""

GUARDS_ON: Final = """
SELECT count(*) FROM pg_trigger
WHERE tgrelid = 'comments'::regclass AND tgname = ANY(%s) AND tgenabled IN ('O', 'A')
"""


def is_made(session: Session) -> bool:
    """Return whether the tables are there."""
    return _one(session, MADE, SCHEMA) is True


def create(session: Session, keys: Sequence[bytes]) -> None:
    """Make the tables where there are none; of several processes at once, one makes them."""
    if is_made(session):
        return
    with session.transaction():
        _lock(session)
        if is_made(session):
            return
        session.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        session.execute(TABLES + GUARDS)
        facts = {
            "version": VERSION,
            "id": secrets.token_hex(16),
            "home": str(_one(session, HERE)),
            "generation": "0",
        }
        for name, value in facts.items():
            session.execute("INSERT INTO about VALUES (%s, %s)", (name, value))
        for key in reversed(keys):
            _add_key(session, key)


def checked_facts(session: Session, name: str) -> dict[str, str]:
    """Return the facts; LedgerError when it is not a ledger of this version, or its guards are off."""
    facts: dict[str, str] = dict(session.execute("SELECT name, value FROM about").fetchall())
    if facts.get("version") != VERSION:
        raise LedgerError(
            "Expected a ledger of version {expected}, got version {found!r} at {name}. Use the ctnb that made "
            "it; with a new ledger everything would be sent again.",
            expected=VERSION,
            found=facts.get("version"),
            name=name,
        )
    if _one(session, GUARDS_ON, list(TRIGGERS)) != len(TRIGGERS):
        raise LedgerError(
            "The triggers that guard the ledger {name} are missing or switched off. Put back a backup of its "
            "schema {schema!r} and adopt it.",
            name=name,
            schema=SCHEMA,
        )
    return facts


def state_name(facts: Mapping[str, str]) -> str:
    """Return under which name the generation is kept outside the database."""
    return hashlib.sha256(f"ctnb team ledger {facts.get('id')}".encode()).hexdigest()


def check_home(session: Session, name: str, kept: int) -> None:
    """Refuse a database that another server has, or whose generation is lower than one that this machine has seen."""
    facts: dict[str, str] = dict(session.execute("SELECT name, value FROM about").fetchall())
    if facts.get("home") != _one(session, HERE) or int(facts.get("generation", "0")) < kept:
        raise LedgerError(
            "The ledger {name} was restored from a backup, copied, or taken over by another server: what was "
            "sent since may not be in it. If nothing was sent since, take it over with: ctnb ledger adopt",
            name=name,
        )


def check_keys(session: Session, keys: Sequence[bytes], name: str, *, for_run: bool) -> None:
    """Refuse a missing key; a run adds a new one before the others, where no other run is alive.

    Raises
    ------
    LedgerError
        When comments were hashed with a key that is not given, or the writing key is not the first.
    """
    given = [fingerprint(key) for key in keys]
    known = _fingerprints(session)
    if not known or not set(known) <= set(given):
        raise LedgerError(
            "The key is not the one that the ledger {name} was made with, or one of its keys is missing. Every "
            "comment would look new and be sent again, so nothing is sent. Give the team's keys, the newest "
            "first.",
            name=name,
        )
    if given[0] == known[-1]:
        return
    if given[0] in known:
        raise LedgerError(
            "Expected the newest key of the ledger {name} first, got an older one. Put it first.",
            name=name,
        )
    if not for_run:
        return
    with session.transaction():
        _lock(session)
        if _fingerprints(session) == known:
            if any_is_live(session):
                raise LedgerError(
                    "The first key is new to the ledger {name}, and other runs are alive, which write with the "
                    "older one. Wait for their end, and run the cell again.",
                    name=name,
                )
            _add_key(session, keys[0])
    check_keys(session, keys, name, for_run=False)


def close_to_runs(session: Session) -> None:
    """Keep runs from beginning until the transaction ends; LedgerError when one is alive."""
    _lock(session)
    if any_is_live(session):
        raise LedgerError("A run is alive that has the team's ledger. Wait for its end.")


def add_older_key(session: Session, key: bytes) -> None:
    """Add a key with which comments of another ledger were hashed; those that are there stay newer."""
    session.execute(
        "INSERT INTO keys (number, fingerprint) OVERRIDING SYSTEM VALUE "
        "SELECT least(min(number), 1) - 1, %s FROM keys ON CONFLICT (fingerprint) DO NOTHING",
        (fingerprint(key),),
    )


def are_its_keys(session: Session, keys: Sequence[bytes]) -> bool:
    """Return whether runs write with the first of these keys, and no other is missing; so until the transaction ends.

    Another one may have been added since the ledger was opened: a new one, or that of a record that was moved here.
    """
    session.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (LOCKS, MAKING))
    known, given = _fingerprints(session), [fingerprint(key) for key in keys]
    return known[-1:] == given[:1] and set(known) <= set(given)


def raise_generation(session: Session) -> int:
    """Return the next generation, which begins when the transaction ends."""
    return int(
        str(
            _one(
                session,
                "UPDATE about SET value = (value::bigint + 1)::text WHERE name = 'generation' RETURNING value",
            )
        )
    )


def adopt(session: Session, kept: int) -> int:
    """Say that the database is where it belongs; return its generation, at least the one that is kept outside."""
    generation = max(kept, int(str(_one(session, "SELECT value FROM about WHERE name = 'generation' FOR UPDATE"))))
    for fact, value in (("home", str(_one(session, HERE))), ("generation", str(generation))):
        session.execute("UPDATE about SET value = %s WHERE name = %s", (value, fact))
    return generation


def _lock(session: Session) -> None:
    session.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, MAKING))


def _add_key(session: Session, key: bytes) -> None:
    session.execute("INSERT INTO keys (fingerprint) VALUES (%s)", (fingerprint(key),))


def _fingerprints(session: Session) -> list[str]:
    """Return those of the keys, the newest last."""
    return [found for (found,) in session.execute("SELECT fingerprint FROM keys ORDER BY number")]


def _one(session: Session, statement: str, *parameters: object) -> object:
    found = session.execute(statement, parameters).fetchone()
    return None if found is None else found[0]
