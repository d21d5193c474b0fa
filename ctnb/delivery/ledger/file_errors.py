"""The errors of a ledger's file: what SQLite and the system say of it, as ctnb says it."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import LedgerError
from ctnb.i18n.system_errors import NO_FILE, system_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


@contextmanager
def raising_ledger_errors(path: Path) -> Iterator[None]:
    """Raise an error of the database or the system as a LedgerError."""
    try:
        yield
    except UnicodeDecodeError:  # in a message of SQLite's, which quotes what is damaged
        raise damaged(path) from None
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise damaged(path) from None
        raise LedgerError(
            "The ledger {path!r} cannot be used: {error}. Nothing is sent without it; free the disk, close what "
            "holds it, or mend it, and run the cell again.",
            path=str(path),
            error=system_text(error),
        ) from None


def is_there(path: Path) -> bool:
    """Return whether there is something at the place of a ledger's file; what is no file is refused.

    Raises
    ------
    LedgerError
        When it is a folder or a device, or the system does not say.
    """
    with raising_ledger_errors(path):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return False
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(NO_FILE)
        return True


def damaged(path: Path) -> LedgerError:
    """Return the error of a file that cannot be read as a ledger."""
    return LedgerError(
        "{path!r} is not a ledger, or it is damaged. Put back a backup and adopt it, or name another file; with "
        "a new ledger everything would be sent again.",
        path=str(path),
    )
