"""The place of a ledger's file: the default one, the machine that it is on, and why a network disk is refused."""

from __future__ import annotations

import re
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

REMOTE: Final = re.compile(
    r"(fuse\.)?(9p|afpfs|afs|ceph|cifs|davfs|gcsfuse|glusterfs|lustre|nfs4?|rclone|s3fs|smb[23]?|smbfs|sshfs|webdav)"
)
"""File systems whose locks or syncs cannot be relied on."""


def default_path() -> Path:
    """Return where the ledger is kept when the connection names none: in the user's data folder."""
    return platformdirs.user_data_path("ctnb", appauthor=False) / "ledger" / "ledger.sqlite3"


def machine() -> str:
    """Return this machine's burned-in network address; blank where it has none, for a made-up one changes."""
    address = uuid.getnode()
    made_up = address >> 40 & 0b11
    return "" if made_up else f"{address:012x}"


def here(path: Path) -> tuple[str, str]:
    """Return the machine and the file's inode: a copy differs in one of them."""
    return machine(), str(path.stat().st_ino)


def make_private(files: Iterable[Path]) -> None:
    """Keep other users of the machine from reading files; Windows has no modes, but rules of its own."""
    if sys.platform != "win32":
        for file in files:
            with suppress(OSError):
                file.chmod(0o600)


def refuse_remote(path: Path) -> None:
    """Refuse a network file system: its locks and syncs cannot be relied on."""
    import psutil

    here = path.parent.resolve()
    mounts = {Path(part.mountpoint): part for part in psutil.disk_partitions(all=True)}
    for folder in (here, *here.parents):
        if folder in mounts:
            part = mounts[folder]
            if REMOTE.fullmatch(part.fstype.lower()) or "remote" in part.opts.split(","):
                raise LedgerError(
                    "The ledger {path!r} is on a network file system ({kind}), which may lose what was written. "
                    "Name a file on this machine's own disk.",
                    path=str(path),
                    kind=part.fstype,
                )
            break
    if str(here).startswith("\\\\"):
        raise LedgerError(
            "The ledger {path!r} is on a network share. Name a file on this machine's own disk.",
            path=str(path),
        )
