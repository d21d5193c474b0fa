"""The file of a SQLite ledger: where it is, how it is opened, and whether it is a copy that must be adopted."""

from __future__ import annotations

import re
import sqlite3
import sys
import uuid
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs
from filelock import FileLock

from ctnb.delivery.ledger.key import draft_path, draft_secret, fingerprint, keep_secret, read_secret, secret_path
from ctnb.delivery.ledger.schema import GUARDS, TABLES, VERSION, statements
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_SECONDS: Final = 30.0
"""Seconds to wait for another process that has the file."""

OLDEST: Final = (3, 33, 0)
"""The first SQLite that updates a table from another one."""

DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})

SETTINGS: Final = (
    "journal_mode = TRUNCATE",  # not PERSIST: with room kept for the intent, a full disk would be met after the request
    "synchronous = EXTRA",
    "fullfsync = ON",
    "trusted_schema = OFF",
    "cache_size = -16000",  # KiB: claims change pages all over the file, which are not to be written twice
    "recursive_triggers = ON",  # so that a REPLACE is a deletion to the triggers
)
"""Pragmas of every connection: a commit is on the disk when it returns (reliability, SQLite)."""

REMOTE: Final = re.compile(
    r"(fuse\.)?(9p|afpfs|afs|ceph|cifs|davfs|gcsfuse|glusterfs|lustre|nfs4?|rclone|s3fs|smb[23]?|smbfs|sshfs|webdav)"
)
"""File systems whose locks or syncs cannot be relied on."""


def default_path() -> Path:
    """Return where the ledger is kept when the connection names none: in the user's data folder."""
    return platformdirs.user_data_path("ctnb", appauthor=False) / "ledger" / "ledger.sqlite3"


def open_file(path: Path) -> tuple[sqlite3.Connection, bytes]:
    """Open a ledger's file with its key, making both when neither is there.

    Raises
    ------
    LedgerError
        When the file is a copy, is damaged, is on a network file system or is lost, its key is not the
        one that it was made with, or the system refuses.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise LedgerError(f"Expected SQLite 3.33 or newer, got {sqlite3.sqlite_version}. Use a newer Python.")
    with raising_ledger_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_remote(path)
        with _locked(path), ExitStack() as opened:
            if not _is_made(path):
                _create(path)
            secret = read_secret(path)
            _make_private(path)
            database = opened.enter_context(closing(connect(path)))
            _check(_about(database, path), secret, path)
            opened.pop_all()
        return database, secret


@contextmanager
def raising_ledger_errors(path: Path) -> Iterator[None]:
    """Raise an error of the database or the system as a LedgerError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
            raise _damaged(path) from None
        raise LedgerError(
            f"The ledger {str(path)!r} cannot be used: {error}. Nothing is sent without it; free the disk, close what "
            "holds it, or mend it, and run the cell again."
        ) from None


def _damaged(path: Path) -> LedgerError:
    return LedgerError(
        f"{str(path)!r} is not a ledger, or it is damaged. Put back a backup and adopt it, or name another file; "
        "with a new ledger everything would be sent again."
    )


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
            f"The ledger {str(path)!r} is gone or empty, and its key is there: what was sent is not known any "
            "more. Put back a backup and adopt it. To begin anew, and send everything again, take the key away too: "
            f"{str(secret_path(path))!r}."
        )
    return True


def _check(about: dict[str, str], secret: bytes, path: Path) -> None:
    """Refuse another key, and another file than the one that was written last."""
    _check_key(about, secret, path)
    machine, file = _here(path)
    was_on = about.get("machine")
    if about.get("file") != file or (machine and was_on and machine != was_on):
        raise LedgerError(
            f"The ledger {str(path)!r} is a copy, or was restored from a backup: what was sent since is not in it. If "
            "nothing was sent since, take it over with: ctnb ledger adopt"
        )


def _check_key(about: dict[str, str], secret: bytes, path: Path) -> None:
    if about.get("key") != fingerprint(secret):
        raise LedgerError(
            f"The key {str(secret_path(path))!r} is not the one that the ledger was made with. With it every comment "
            "would look new and be sent again, so nothing is sent. Put the right key back."
        )


def adopt(path: Path) -> None:
    """Adopt a copied or restored ledger: from now on it is used where it is.

    Raises
    ------
    LedgerError
        When there is no ledger, it is damaged, its key is another one, or the system refuses.
    """
    if not path.exists():
        raise LedgerError(f"There is no ledger at {str(path)!r}.")
    with raising_ledger_errors(path), _locked(path), closing(connect(path)) as database:
        _check_key(_about(database, path), read_secret(path), path)
        machine, file = _here(path)
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE about SET value = ? WHERE name = 'machine'", (machine,))
        database.execute("UPDATE about SET value = ? WHERE name = 'file'", (file,))
        database.execute("COMMIT")


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


def _create(path: Path) -> None:
    """Make a new ledger, or go on with one that was broken off; its key gets its name when the file is whole."""
    secret = draft_secret(path)
    path.touch(mode=0o600)
    machine, file = _here(path)
    with closing(connect(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in statements(TABLES + GUARDS):
                database.execute(statement)
            database.executemany(
                "INSERT INTO about VALUES (?, ?)",
                [("version", VERSION), ("key", fingerprint(secret)), ("machine", machine), ("file", file)],
            )
        database.execute("COMMIT")
    keep_secret(path)


def _about(database: sqlite3.Connection, path: Path) -> dict[str, str]:
    """Return a ledger's table of facts about itself; LedgerError when it is not a ledger of this version."""
    try:
        about = dict(database.execute("SELECT name, value FROM about").fetchall())
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # which says that there is no such table
            raise
        raise _damaged(path) from None
    if "version" not in about:
        raise _damaged(path)
    if about["version"] != VERSION:
        raise LedgerError(
            f"Expected a ledger of version {VERSION}, got version {about['version']!r} in {str(path)!r}. Use the ctnb "
            "that made it; with a new ledger everything would be sent again."
        )
    return about


def _here(path: Path) -> tuple[str, str]:
    """Return the machine and the file's inode: a copy differs in one of them.

    The machine is its burned-in network address; blank where it has none, for a made-up one changes.
    """
    address = uuid.getnode()
    made_up = address >> 40 & 0b11
    return "" if made_up else f"{address:012x}", str(path.stat().st_ino)


def _make_private(path: Path) -> None:
    """Keep other users of the machine from reading; Windows has no modes, but rules of its own."""
    if sys.platform != "win32":
        for file in (path, path.with_name(f"{path.name}-journal"), secret_path(path)):
            with suppress(OSError):
                file.chmod(0o600)


def _refuse_remote(path: Path) -> None:
    """Refuse a network file system: its locks and syncs cannot be relied on."""
    import psutil

    here = path.parent.resolve()
    mounts = {Path(part.mountpoint): part for part in psutil.disk_partitions(all=True)}
    for folder in (here, *here.parents):
        if folder in mounts:
            part = mounts[folder]
            if REMOTE.fullmatch(part.fstype.lower()) or "remote" in part.opts.split(","):
                raise LedgerError(
                    f"The ledger {str(path)!r} is on a network file system ({part.fstype}), which may lose what "
                    "was written. Name a file on this machine's own disk."
                )
            break
    if str(here).startswith("\\\\"):
        raise LedgerError(f"The ledger {str(path)!r} is on a network share. Name a file on this machine's own disk.")
