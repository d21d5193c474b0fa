"""The rate limiter's history in a file, which all processes of the machine share.

Two locks stand beside it: one is the slot, and is held while a request waits and is written; the
other guards the file, for microseconds. The system frees both when their holder ends, however it ends.

Nothing is synced: what a power failure loses is a second old when the machine is back.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import platform
import struct
import sys
import tempfile
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs
from filelock import FileLock, Timeout

from ctnb.delivery.pace.history import KEPT, History, MemoryStore

if TYPE_CHECKING:
    from ctnb.delivery.pace.history import Change, HistoryStore

GUARD_SECONDS: Final = 2.0
"""Seconds to wait for the guard, which nobody holds that long."""

GUARD_POLL: Final = 0.001

HOLDER_BYTES: Final = 128
"""Of the holder's name; a longer one is cut."""

_BODY: Final = struct.Struct(f"<?ddd{HOLDER_BYTES}sH{KEPT}d")
_SUM: Final = struct.Struct("<I")

_log = logging.getLogger(__name__)


def folder_of(*, loopback: bool) -> Path:
    """Return the folder of histories, making it when it is not there.

    In the user's cache; an emulator's, whose port is another one each time, where the system clears up.

    Raises
    ------
    OSError
        When it cannot be made, or is not this user's own.
    """
    if not loopback:
        folder = platformdirs.user_cache_path("ctnb", appauthor=False) / "pace"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif sys.platform == "win32":
        folder = Path(tempfile.gettempdir()) / "ctnb-pace"
        folder.mkdir(exist_ok=True)
    else:
        folder = Path(tempfile.gettempdir()) / f"ctnb-pace-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        # Anybody can make this name before us in a folder that all share.
        if folder.is_symlink() or about.st_uid != os.getuid() or about.st_mode & 0o077:
            raise PermissionError(f"{str(folder)!r} is not a folder of this user alone")
    return folder


class FileStore:
    """A history in a file; when the system refuses the file, this process keeps its own, and the log says so.

    A request too many does no harm: it is refused whole and sent again. So a folder that cannot be written slows
    nobody down and stops no run.

    Parameters
    ----------
    folder : path
        Of the user's own.
    address : str
        Host and port; the file's name is a hash of it and of the machine's name, for a home folder may be
        shared by machines, whose clocks are not.
    """

    def __init__(self, folder: Path, address: str) -> None:
        name = hashlib.sha256(f"{platform.node()}\n{address}".encode()).hexdigest()[:32]
        self.queue = threading.Lock()
        self._address = address
        self._path = folder / f"{name}.history"
        self._slot = FileLock(folder / f"{name}.slot", mode=0o600, thread_local=False)
        self._guard = FileLock(folder / f"{name}.guard", mode=0o600, thread_local=False)
        self._lock = threading.Lock()
        self._history = History()
        self._has_warned = False

    def take_slot(self) -> bool:
        """Take the machine's slot if it is free; see `HistoryStore.take_slot`."""
        try:
            self._slot.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            self._warn_once(error)
        return True

    def free_slot(self) -> None:
        """Give the slot back."""
        try:
            self._slot.release()
        except OSError as error:
            self._warn_once(error)

    def change(self, change: Change) -> History:
        """Change the history in the file; see `HistoryStore.change`."""
        with self._lock:
            try:
                with self._guard.acquire(timeout=GUARD_SECONDS, poll_interval=GUARD_POLL):
                    self._history = self._read()
                    changed = change(self._history)
                    if changed != self._history:
                        self._write(changed)
            except OSError as error:
                self._warn_once(error)
                changed = change(self._history)
            self._history = changed
            return changed

    def _read(self) -> History:
        try:
            return unpacked(self._path.read_bytes())
        except FileNotFoundError:
            return History()

    def _write(self, history: History) -> None:
        # Not emptied first: after a kill it would be found empty.
        self._path.touch(mode=0o600)
        with self._path.open("r+b", buffering=0) as file:
            file.write(packed(history))
            file.truncate()

    def _warn_once(self, error: OSError) -> None:
        if not self._has_warned:
            self._has_warned = True
            _warn(self._address, error)


def shared_store(address: str, *, loopback: bool) -> HistoryStore:
    """Return the machine's store for an address; this process's own, with a warning, where no file can be kept."""
    try:
        return FileStore(folder_of(loopback=loopback), address)
    except OSError as error:
        _warn(address, error)
        return MemoryStore()


def _warn(address: str, error: OSError) -> None:
    _log.warning(
        "The file by which processes share their pace cannot be used (%s), so requests to %s are paced in this "
        "process alone. If others send there now, the vendor's limit may be exceeded: it answers 429, and runs pause.",
        error,
        address,
    )


def packed(history: History) -> bytes:
    """Return a history as the bytes of a file: always as many, and a checksum before them."""
    unused = KEPT - len(history.stamps)
    body = _BODY.pack(
        history.busy,
        history.paused_until,
        history.jitter,
        history.limited_at,
        history.holder.encode()[:HOLDER_BYTES],
        len(history.stamps),
        *history.stamps,
        *(-math.inf for _ in range(unused)),
    )
    return _SUM.pack(zlib.crc32(body)) + body


def unpacked(content: bytes) -> History:
    """Return the history in a file; one of the wrong length or checksum is not whole, and nothing is raised."""
    body = content[_SUM.size :]
    if len(body) != _BODY.size or _SUM.pack(zlib.crc32(body)) != content[: _SUM.size]:
        return History(whole=False)
    busy, paused_until, jitter, limited_at, named, count, *stamps = _BODY.unpack(body)
    holder = named.rstrip(b"\0").decode(errors="ignore")
    return History(tuple(stamps[:count]), busy, paused_until, jitter, limited_at, holder)
