"""A file's place: it is written beside it, and moved there whole, so that no half file is ever seen.

A symbolic link is never followed: one that stands at the place is itself replaced, and what it points to stays.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from ctnb.i18n.system_errors import NO_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Made anew, or not at all: a file or a link that somebody has put there is not written to.
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def place(file: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file and put it in its place at once; where that fails, what was there stays.

    Parameters
    ----------
    file : path
        A file that is replaced keeps its permissions; a new one gets those that the system gives.
    write : callable
        Given the open file.

    Raises
    ------
    OSError
        When the file cannot be written, among others because what is there is read-only, or no file.
    """
    with _beside(file) as (spare, descriptor):
        with os.fdopen(descriptor, "w+b") as opened:
            write(opened)
        spare.replace(file)


def place_text(file: Path, text: str) -> None:
    """Write a text in UTF-8, as `place` does."""
    place(file, lambda opened: opened.write(text.encode()))


def check_place(file: Path) -> None:
    """Check that a file can be written; OSError as `place` raises it."""
    with _beside(file) as (_, descriptor):
        os.close(descriptor)


@contextmanager
def _beside(file: Path) -> Iterator[tuple[Path, int]]:
    """Make a file beside another, with its permissions; it is gone at the end, unless it was moved."""
    mode = _mode_of(file)
    spare = file.with_name(f".ctnb-{secrets.token_hex(8)}.tmp")
    descriptor = os.open(spare, _FLAGS, 0o666 if mode is None else 0o600)
    try:
        if mode is not None:
            spare.chmod(mode)
        yield spare, descriptor
    finally:
        spare.unlink(missing_ok=True)


def _mode_of(file: Path) -> int | None:
    """Return the permissions of the file that is replaced; None for a link or nothing."""
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISLNK(mode):
        return None
    if not stat.S_ISREG(mode):  # which the move would take away: for root /dev/null too
        raise OSError(NO_FILE)
    if not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_IMODE(mode) & 0o777
