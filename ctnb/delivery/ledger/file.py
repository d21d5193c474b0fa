"""The file of a SQLite ledger: how it is made and opened, whether it can be relied on, and how it is changed.

Every change is one transaction that is on the disk before the next step is taken: rollback journal,
``synchronous=EXTRA``, ``BEGIN IMMEDIATE``. A file that is a copy, that was put back from a backup, or in which a
comment may have got lost is refused, for with it comments would be sent again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from filelock import FileLock

from ctnb.delivery.ledger.file_errors import damaged, is_there, raising_ledger_errors
from ctnb.delivery.ledger.generation import keep_generation, kept_generation
from ctnb.delivery.ledger.key import (
    IDENTITY,
    draft_path,
    draft_secret,
    fingerprint,
    keep_secret,
    read_secret,
    secret_path,
)
from ctnb.delivery.ledger.place import here, make_private, refuse_remote
from ctnb.delivery.ledger.schema import CLOSED, GUARDS, TABLES, VERSION, split
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BUSY_SECONDS: Final = 30.0
"""Seconds to wait for another process that has the file."""

OLDEST: Final = (3, 33, 0)
"""The first SQLite that updates a table from another one."""

SETTINGS: Final = (
    "journal_mode = TRUNCATE",  # not PERSIST: with room kept for the intent, a full disk would be met after the request
    "synchronous = EXTRA",
    "fullfsync = ON",
    "trusted_schema = OFF",
    "cache_size = -16000",  # KiB: claims change pages all over the file, which are not to be written twice
    "recursive_triggers = ON",  # so that a REPLACE is a deletion to the triggers
)
"""Pragmas of every connection: a commit is on the disk when it returns (reliability, SQLite)."""

NOTHING: Final = bytes(IDENTITY)

AT_ONCE: Final = 2_000
"""Identities that are read at once: so many as a processor keeps near."""


class LedgerFile:
    """An open ledger file, with its key.

    Attributes
    ----------
    path : path
    database : Connection
        In autocommit; see `change`.
    secret : bytes
        The key.
    """

    def __init__(self, path: Path, database: sqlite3.Connection, secret: bytes) -> None:
        self.path, self.database, self.secret = path, database, secret
        self._process = os.getpid()
        # Python may crash where a database is closed in the middle of another thread's statement.
        self._lock = threading.RLock()
        self._changing = False
        self._raised = 0
        self._opened = _which(path)

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Open a ledger's file, making it and its key when neither is there.

        Raises
        ------
        LedgerError
            When the file is a copy or a restored backup, is damaged, is on a network file system or is lost, its key
            is not the one that it was made with, or the system refuses.
        """
        if sqlite3.sqlite_version_info < OLDEST:
            raise LedgerError(
                "Expected SQLite 3.33 or newer, got {found}. Use a newer Python.",
                found=sqlite3.sqlite_version,
            )
        with raising_ledger_errors(path):
            is_there(path)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_remote(path)
            with _locked(path), ExitStack() as opened:
                if not _is_made(path):
                    _create(path)
                secret = read_secret(path)
                make_private([path, path.with_name(f"{path.name}-journal"), secret_path(path)])
                database = opened.enter_context(closing(connect(path)))
                # What is kept outside is read first: a run that raises its generation meanwhile writes it there last.
                kept = kept_generation(path, fingerprint(secret))
                _check(_about(database, path), secret, path, kept)
                opened.pop_all()
            return cls(path, database, secret)

    def verify(self) -> None:
        """Compare the identities with their checksum: a comment whose identity is damaged would look new.

        Raises
        ------
        LedgerError
            When an identity is damaged or lost.
        """
        with self.one_moment() as database:
            try:
                kept, found = _checksum(database), NOTHING
                names = database.execute("SELECT identity FROM comments INDEXED BY identities")
                while rows := names.fetchmany(AT_ONCE):
                    found = combined([found, *chain.from_iterable(rows)])
            except (ValueError, TypeError):  # an identity of another length, or none at all
                raise damaged(self.path) from None
        if found != kept:
            raise damaged(self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read in this process alone, for SQLite cannot be shared across a fork."""
        if self.is_forked:
            raise LedgerError("The ledger was opened before this process was forked. Open it anew.")
        with self._lock, raising_ledger_errors(self.path):
            yield self.database

    @contextmanager
    def one_moment(self) -> Iterator[sqlite3.Connection]:
        """Read several things as they were at one moment."""
        with self.reading() as database:
            database.execute("BEGIN")
            try:
                yield database
            finally:
                database.execute("COMMIT")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Make one durable transaction: all of it, or nothing; inside another one it is part of that."""
        with self.reading() as database:
            # The database is not asked: a transaction that could not be undone must not be gone on with.
            if self._changing:
                yield database
                return
            self._refuse_another()
            database.execute("BEGIN IMMEDIATE")
            self._changing, self._raised = True, 0
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                # A failed commit may have ended the transaction already.
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
            finally:
                self._changing = False
            if self._raised:
                keep_generation(self.path, fingerprint(self.secret), self._raised)

    def _refuse_another(self) -> None:
        """Refuse to write to a file that has lost its name: nobody would find it again."""
        if _which(self.path) != self._opened:
            raise LedgerError(
                "The ledger {path!r} was deleted, moved or replaced while it was in use. Put it back where it "
                "was before you run the cell again.",
                path=str(self.path),
            )

    def raise_generation(self) -> None:
        """Begin a new generation inside a change: in the database now, outside it when the change is durable."""
        self._raised = _generation(self.database) + 1
        _write_about(self.database, generation=str(self._raised))

    def mix(self, identities: Iterable[bytes]) -> None:
        """Keep the checksum of the identities, inside a change that adds some of them or takes them away."""
        _write_about(self.database, identities=combined([_checksum(self.database), *identities]).hex())

    def close_to_runs(self, moved_to: str) -> None:
        """Take the file from all runs inside a change, those that have opened it already among them."""
        for statement in split(CLOSED):
            self.database.execute(statement)
        self.database.execute("INSERT OR REPLACE INTO about VALUES ('moved_to', ?)", (moved_to,))
        _write_about(self.database, schema=_schema(self.database))

    def refuse_closed(self) -> None:
        """Refuse a file whose record was moved to a team's ledger."""
        with self.reading() as database:
            moved_to = _about(database, self.path).get("moved_to")
        if moved_to is not None:
            raise LedgerError(
                "The record in {path!r} was moved to the ledger {moved_to}. Name that one: ledger= or CTNB_LEDGER.",
                path=str(self.path),
                moved_to=moved_to,
            )

    @property
    def is_forked(self) -> bool:
        """Whether this is a fork's copy; the file is the first process's."""
        return os.getpid() != self._process

    def close(self) -> None:
        """Close the file, after what another thread is doing with it; a fork's copy is left as it is."""
        if not self.is_forked:
            with self._lock:
                self.database.close()


def _which(path: Path) -> tuple[int, int] | None:
    """Return what a file is on this machine, whatever its name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def combined(identities: Iterable[bytes]) -> bytes:
    """Return the checksum of identities, whatever their order: the same that adds one takes it away.

    Raises
    ------
    ValueError
        When one has another length.
    """
    joined = b"".join(identities)
    found: bytes = np.bitwise_xor.reduce(np.frombuffer(joined, np.uint64).reshape(-1, IDENTITY // 8), axis=0).tobytes()
    return found


def connect(path: Path) -> sqlite3.Connection:
    """Open the database so that a commit is on the disk when it returns."""
    with ExitStack() as opened:
        database = opened.enter_context(
            closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False))
        )
        for setting in SETTINGS:
            database.execute(f"PRAGMA {setting}")
        opened.pop_all()
    return database


def adopt(path: Path) -> None:
    """Adopt a copied or restored ledger: from now on it is used where it is.

    Once a run has sent with it, other files of its key are refused on this machine: they lack what was sent.

    Raises
    ------
    LedgerError
        When there is no ledger, it is damaged, its key is another one, or the system refuses.
    """
    if not is_there(path):
        raise LedgerError("There is no ledger at {path!r}.", path=str(path))
    with raising_ledger_errors(path), _locked(path), closing(connect(path)) as database:
        secret = read_secret(path)
        _check_key(_about(database, path), secret, path)
        key, (machine, file) = fingerprint(secret), here(path)
        database.execute("BEGIN IMMEDIATE")
        generation = max(_generation(database), kept_generation(path, key))
        _write_about(database, machine=machine, file=file, generation=str(generation))
        database.execute("COMMIT")
        keep_generation(path, key, generation)


def _locked(path: Path) -> FileLock:
    """Keep other processes from making or checking the same ledger."""
    return FileLock(path.with_name(path.name + ".lock"), timeout=BUSY_SECONDS, mode=0o600)


def _is_made(path: Path) -> bool:
    """Return whether there is a ledger, or something in its place that is left alone."""
    empty = not path.exists() or path.stat().st_size == 0
    if not secret_path(path).exists():
        return not empty and not draft_path(path).exists()
    if empty:
        raise LedgerError(
            "The ledger {path!r} is gone or empty, and its key is there: what was sent is not known any more. "
            "Put back a backup and adopt it. To begin anew, and send everything again, take the key away too: "
            "{key!r}.",
            path=str(path),
            key=str(secret_path(path)),
        )
    return True


def _create(path: Path) -> None:
    """Make a new ledger, or go on with one that was broken off; its key gets its name when the file is whole."""
    secret = draft_secret(path)
    path.touch(mode=0o600)
    machine, file = here(path)
    with closing(connect(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in split(TABLES + GUARDS):
                database.execute(statement)
            facts = {
                "version": VERSION,
                "key": fingerprint(secret),
                "machine": machine,
                "file": file,
                "generation": "0",
                "identities": NOTHING.hex(),
                "schema": _schema(database),
            }
            database.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
        database.execute("COMMIT")
    keep_secret(path)


def _about(database: sqlite3.Connection, path: Path) -> dict[str, str]:
    """Return a ledger's table of facts about itself; LedgerError when it is not a ledger of this version."""
    try:
        about = dict(database.execute("SELECT name, value FROM about").fetchall())
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # which says that there is no such table
            raise
        raise damaged(path) from None
    if "version" not in about:
        raise damaged(path)
    if about["version"] != VERSION:
        raise LedgerError(
            "Expected a ledger of version {expected}, got version {found!r} in {path!r}. Use the ctnb that made "
            "it; with a new ledger everything would be sent again.",
            expected=VERSION,
            found=about["version"],
            path=str(path),
        )
    if about.get("schema") != _schema(database) or not about.get("generation", "").isdecimal():
        raise damaged(path)
    return about


def _check(about: dict[str, str], secret: bytes, path: Path, kept: int) -> None:
    """Refuse another key, another file than the one that was written last, and one that was put back."""
    _check_key(about, secret, path)
    machine, file = here(path)
    was_on = about.get("machine")
    moved = about.get("file") != file or (machine and was_on and machine != was_on)
    if moved or int(about["generation"]) < kept:
        raise LedgerError(
            "The ledger {path!r} is a copy, or was restored from a backup: what was sent since is not in it. If "
            "nothing was sent since, take it over with: ctnb ledger adopt",
            path=str(path),
        )


def _check_key(about: dict[str, str], secret: bytes, path: Path) -> None:
    if about.get("key") != fingerprint(secret):
        raise LedgerError(
            "The key {key!r} is not the one that the ledger was made with. With it every comment would look new "
            "and be sent again, so nothing is sent. Put the right key back.",
            key=str(secret_path(path)),
        )


def _schema(database: sqlite3.Connection) -> str:
    """Return the hash of the tables, indexes and triggers, by which damage to them is noticed."""
    made = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    return hashlib.sha256("\n".join(statement for (statement,) in made).encode()).hexdigest()


def _checksum(database: sqlite3.Connection) -> bytes:
    return bytes.fromhex(database.execute("SELECT value FROM about WHERE name = 'identities'").fetchone()[0])


def _generation(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT value FROM about WHERE name = 'generation'").fetchone()[0])


def _write_about(database: sqlite3.Connection, **facts: str) -> None:
    database.executemany("UPDATE about SET value = ? WHERE name = ?", [(value, name) for name, value in facts.items()])
