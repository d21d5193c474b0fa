"""The file of a SQLite ledger: where it is, whether it is the one it was, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import sys
import uuid
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock

from ctnb.delivery.secret import create_secret, fingerprint, read_secret, secret_path
from ctnb.delivery.sqlite_schema import SCHEMA, VERSION
from ctnb.errors import LedgerError

__all__ = ["adopt", "default_path", "open_file"]

BUSY_SECONDS: Final = 30.0
REMOTE: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "fuse.davfs",
        "fuse.sshfs",
        "9p",
    }
    | {"fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "glusterfs", "fuse.glusterfs", "ceph", "fuse.ceph", "lustre", "afs"}
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
        When the file is a copy, is damaged, is on a network file system, or its key is not the one
        that it was made with.
    sqlite3.Error, OSError
        When the system refuses.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_remote(path)
    with FileLock(path.with_name(path.name + ".lock"), mode=0o600):
        if not path.exists() or path.stat().st_size == 0:
            _create(path)
        secret = read_secret(path)
        _make_private(path)
        with ExitStack() as opened:
            database = opened.enter_context(closing(connect(path)))
            _check(_about(database, path), secret, path)
            opened.pop_all()
    return database, secret


def _check(about: dict[str, str], secret: bytes, path: Path) -> None:
    """Refuse another key, and another file than the one that was written last."""
    if about.get("key") != fingerprint(secret):
        raise LedgerError(
            f"The key {str(secret_path(path))!r} is not the one that the ledger was made with. With it every comment "
            "would look new and be sent again, so nothing is sent. Put the right key back."
        )
    if (about.get("machine"), about.get("file")) != _here(path):
        raise LedgerError(
            f"The ledger {str(path)!r} is a copy, or was restored from a backup: what was sent since is not in it. If "
            "nothing was sent since, take it over with: ctnb ledger adopt"
        )


def adopt(path: Path) -> None:
    """Take a copied or restored ledger for the one it was copied from.

    Raises
    ------
    LedgerError
        When there is no ledger, or it is damaged.
    """
    if not path.exists():
        raise LedgerError(f"There is no ledger at {str(path)!r}.")
    with FileLock(path.with_name(path.name + ".lock"), mode=0o600), closing(connect(path)) as database:
        _about(database, path)
        machine, file = _here(path)
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE about SET value = ? WHERE name = 'machine'", (machine,))
        database.execute("UPDATE about SET value = ? WHERE name = 'file'", (file,))
        database.execute("COMMIT")


def connect(path: Path) -> sqlite3.Connection:
    """Open the database so that a commit is on the disk when it returns."""
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA synchronous = EXTRA")
    database.execute("PRAGMA fullfsync = ON")
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _create(path: Path) -> None:
    """Make a new ledger, its key first: a ledger without a key is refused, a key without a ledger is harmless."""
    secret = read_secret(path) if secret_path(path).exists() else create_secret(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    machine, file = _here(path)
    with closing(connect(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        for statement in statements(SCHEMA):
            database.execute(statement)
        database.executemany(
            "INSERT INTO about VALUES (?, ?)",
            [("version", VERSION), ("key", fingerprint(secret)), ("machine", machine), ("file", file)],
        )
        database.execute("COMMIT")


def statements(script: str) -> list[str]:
    """Split a script where SQLite says that a statement is complete, for executescript would commit first."""
    found, left = [], ""
    for line in script.splitlines(keepends=True):
        left += line
        if sqlite3.complete_statement(left):
            found.append(left)
            left = ""
    return found


def _about(database: sqlite3.Connection, path: Path) -> dict[str, str]:
    """Return what a ledger says of itself."""
    try:
        about = dict(database.execute("SELECT name, value FROM about").fetchall())
    except sqlite3.DatabaseError:
        raise LedgerError(
            f"{str(path)!r} is not a ledger, or it is damaged. Put back a backup and adopt it, or name another file; "
            "with a new ledger everything would be sent again."
        ) from None
    if about.get("version") != VERSION:
        raise LedgerError(
            f"The ledger {str(path)!r} has version {about.get('version')!r}, this ctnb reads {VERSION!r}. Update ctnb."
        )
    return about


def _here(path: Path) -> tuple[str, str]:
    """Return the machine and the file's own number: a copy differs in one of them."""
    return f"{uuid.getnode():012x}", str(path.stat().st_ino)


def _make_private(path: Path) -> None:
    """Keep others of the machine from reading; systems without modes have rules of their own."""
    if sys.platform != "win32":
        with suppress(OSError):
            path.chmod(0o600)


def _refuse_remote(path: Path) -> None:
    """Refuse a network file system: its locks and syncs promise less than they say."""
    import psutil

    here = path.parent.resolve()
    mounts = {Path(part.mountpoint): part for part in psutil.disk_partitions(all=True)}
    for folder in (here, *here.parents):
        if folder in mounts:
            part = mounts[folder]
            if part.fstype.lower() in REMOTE or "remote" in part.opts.split(","):
                raise LedgerError(
                    f"The ledger {str(path)!r} is on a network file system ({part.fstype}), which cannot promise that "
                    "a written word is kept. Name a file on this machine's own disk."
                )
            break
    if str(here).startswith("\\\\"):
        raise LedgerError(f"The ledger {str(path)!r} is on a network share. Name a file on this machine's own disk.")
