"""The cache of journal days on this machine: a file per journal and day, kept from other users as the ledger is.

A day is kept once it is final: comments, tags and flags arrive late, so one that was read sooner is read again. A file
that is damaged, or of another version, is as good as none. It holds contacts, and neither names nor addresses.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

from ctnb.connection_checks import DEFAULT
from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text
from ctnb.journals.columns import COMMENTS, FORMS
from ctnb.journals.flat import FlatJournal
from ctnb.leads.columns.cells import as_objects
from ctnb.paths import checked_path

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from ctnb.connection import Connection
    from ctnb.journals.columns import FlatForm

VERSION: Final = b"ctnb journal day 1\n"
DIGEST_BYTES: Final = 32
ENDING: Final = ".day"
OFFSETS: Final = "offset"

UNUSED_SECONDS: Final = 30 * 86_400
"""Seconds after its last use that a day is removed."""

HALF_WRITTEN_SECONDS: Final = 3600
"""Seconds after which a file that was not put in its place is nobody's: a kill has left it."""

_ACCOUNT: Final = re.compile("[0-9a-f]{32}")
_DAY_FILE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.day")

_log = logging.getLogger(__name__)


def default_folder() -> Path:
    """Return where journals are kept when nobody names a folder: in the user's cache."""
    return platformdirs.user_cache_path("ctnb", appauthor=False) / "journals"


def cache_folder(cache: str | os.PathLike[str]) -> Path:
    """Return the folder that a user names, or the default one.

    Raises
    ------
    ConfigError
        When it is no path.
    """
    if not isinstance(cache, str | os.PathLike) or not os.fspath(cache):
        raise ConfigError("cache: expected the path of a folder or None, got {value!r}.", value=cache)
    if cache == DEFAULT:
        return default_folder()
    folder = checked_path(cache)
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise ConfigError(
            "cache: {path!r} cannot be made absolute: {error} Give the whole path.",
            path=str(folder),
            error=system_text(error),
        ) from None


def day_cache(cache: str | os.PathLike[str] | None, connection: Connection) -> DayCache | None:
    """Return where an account's days are kept, rid of what was not used for long; None where nothing is kept.

    An emulator's port is another one each time, and comes again with other journals: by default it has no cache.
    """
    if cache is None or (cache == DEFAULT and connection.loopback):
        return None
    root = cache_folder(cache)
    remove_unused(root)
    return DayCache(root, connection)


class DayCache:
    """The days of one account at one address.

    A folder that cannot be used costs time and nothing else: the log says so once, and days are read from the vendor.

    Parameters
    ----------
    root : path
        Where the accounts have their folders.
    connection : Connection
        The folder's name is a hash of its site and its address; the token has no part in it.
    """

    def __init__(self, root: Path, connection: Connection) -> None:
        self._root = root
        self._folder = account_folder(root, connection)
        self._has_warned = False

    def find(self, form: FlatForm, day: dt.date) -> FlatJournal | None:
        """Return a day that is kept; None when it is not, or cannot be read."""
        file = self._file(form, day)
        try:
            content = file.read_bytes()
            found = unpacked(content, form)
            if found is not None:
                os.utime(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn_once(error)
            return None
        return found

    def keep(self, form: FlatForm, day: dt.date, flat: FlatJournal) -> None:
        """Keep a day: its file is whole, or not there."""
        file = self._file(form, day)
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self._folder, file.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            _write(file, packed(flat))
        except OSError as error:
            self._warn_once(error)

    def _file(self, form: FlatForm, day: dt.date) -> Path:
        return self._folder / form.journal / f"{day.isoformat()}{ENDING}"

    def _warn_once(self, error: OSError) -> None:
        if not self._has_warned:
            self._has_warned = True
            _log.warning(
                "The cache of journals cannot be used (%s): days are read from the vendor each time. Name another "
                "folder with cache=, or none with cache=None.",
                error.strerror or type(error).__name__,
            )


def account_folder(root: Path, connection: Connection) -> Path:
    """Return the folder of an account at an address."""
    name = f"{connection.site_id}\n{connection.base_url}"
    return root / hashlib.sha256(name.encode()).hexdigest()[:32]


def remove_unused(root: Path, now: float | None = None) -> int:
    """Remove the days that were not used for long, of all accounts, and what kills have left; return how many days."""
    now = time.time() if now is None else now
    kept = {ENDING: UNUSED_SECONDS, ".tmp": HALF_WRITTEN_SECONDS}
    files = (file for folder in _accounts(root) for file in _files(folder))
    return _removed(file for file in files if _used(file) < now - kept[file.suffix])


def empty(root: Path, connection: Connection | None = None) -> int:
    """Remove the days of one account, or of all; return how many."""
    folders = _accounts(root) if connection is None else [account_folder(root, connection)]
    return _removed(file for folder in folders for file in _files(folder))


def _accounts(root: Path) -> list[Path]:
    try:
        return [folder for folder in root.iterdir() if _ACCOUNT.fullmatch(folder.name) and not folder.is_symlink()]
    except OSError:
        return []


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of an account that are ours, those that a kill has left half written too."""
    for form in FORMS:
        with suppress(OSError):
            for file in (folder / form.journal).iterdir():
                if _DAY_FILE.fullmatch(file.name) or (file.name.startswith(".ctnb-") and file.suffix == ".tmp"):
                    yield file


def _used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return float("inf")


def _removed(files: Iterator[Path]) -> int:
    """Remove files, and the folders that are empty then; return how many days they were."""
    days, folders = 0, set()
    for file in list(files):
        folders.add(file.parent)
        with suppress(OSError):
            file.unlink()
            days += file.suffix == ENDING
    for folder in folders:
        with suppress(OSError):  # one that is not empty stays
            folder.rmdir()
            folder.parent.rmdir()
    return days


def _write(file: Path, content: bytes) -> None:
    """Write a file that this user alone can read, and put it in its place at once.

    Nothing is synced: what a power failure loses is found by its checksum, and read from the vendor again.
    """
    spare = file.with_name(f".ctnb-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(spare, flags, 0o600), "wb") as opened:
            opened.write(content)
        spare.replace(file)
    finally:
        spare.unlink(missing_ok=True)


def packed(flat: FlatJournal) -> bytes:
    """Return a day as the bytes of a file: the version, a checksum, and a table of Parquet."""
    columns = {name: _column(flat.frame[name], name) for name in flat.frame.columns}
    columns[OFFSETS] = pa.array(flat.offsets, pa.float64())
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    body = buffer.getvalue()
    return VERSION + hashlib.sha256(body).digest() + body


def unpacked(content: bytes, form: FlatForm) -> FlatJournal | None:
    """Return the day in the bytes of a file; None when they are damaged, or of another version."""
    head = len(VERSION) + DIGEST_BYTES
    body = content[head:]
    if content[:head] != VERSION + hashlib.sha256(body).digest():
        return None
    try:
        table = pq.read_table(io.BytesIO(body))
    except (pa.ArrowException, OSError):
        return None
    if set(table.column_names) != {*form.names, OFFSETS}:
        return None
    frame = pd.DataFrame({name: _cells(table.column(name), name) for name in form.names})
    # A lead without a moment was read in the connection's zone, which the account has.
    return FlatJournal(frame, table.column(OFFSETS).to_numpy().astype(np.float64), np.zeros(len(frame), dtype=bool))


def _column(cells: pd.Series[Any], name: str) -> Any:
    """Return a column as Parquet keeps it: comments as JSON, lists as lists."""
    if name == COMMENTS:
        return pa.array([None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in cells], pa.string())
    if cells.dtype == object:
        return pa.array(cells.tolist(), pa.list_(pa.string()))
    return pa.array(cells)


def _cells(column: Any, name: str) -> pd.Series[Any]:
    """Return a column in the flat form's own type."""
    if name == COMMENTS:
        return pd.Series(as_objects([None if text is None else json.loads(text) for text in column.to_pylist()]))
    if pa.types.is_list(column.type):
        return pd.Series(as_objects(column.to_pylist()))
    if pa.types.is_boolean(column.type):
        return pd.Series(column.to_numpy())
    if pa.types.is_timestamp(column.type):
        return pd.Series(column.to_pandas().dt.as_unit("us"), name=None)
    return pd.Series(column.to_pylist(), dtype="string")
