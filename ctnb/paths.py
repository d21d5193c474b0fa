"""Paths that users name: made into files and read whole, with errors that say what is wrong with them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import ConfigError
from ctnb.i18n.message import LazyMessage, lazy_gettext
from ctnb.i18n.system_errors import system_text
from ctnb.secret_texts import WebAddress, is_address

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST: Final = 200


class NoFileError(ConfigError, FileNotFoundError):
    """There is no file where one is named: a fault of the setting, which is caught as Python's own error too."""

    def __reduce__(self) -> tuple[type[NoFileError], tuple[object, ...]]:
        # Dask makes an exception by `__new__` otherwise, and two kinds of Python's own have two of them.
        return type(self), self.args


def checked_path(path: object) -> Path:
    """Return what a user gave as a path.

    Raises
    ------
    ConfigError
        When it is none, such as an address, or no file can be called so.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(text := os.fspath(path), str):
        raise ConfigError("Expected the path of a file, got {kind}.", kind=type(path).__name__)
    if not text.strip():
        raise ConfigError("Expected the path of a file, got a blank.")
    if is_address(text):
        raise ConfigError(
            "Expected the path of a file, got the address {address!r}. Save it as a file, and name that.",
            address=WebAddress(text),
        )
    check_characters(text)
    return Path(text)


def check_characters(path: str) -> None:
    """Refuse a path with a character that no file's name has."""
    try:
        is_name = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise ConfigError("No file can be called {path!r}: a character in it is in no name. Write it anew.", path=path)


def content_of(path: object, *, advice: Callable[[Path], LazyMessage] | None = None) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    path : str or path
    advice : callable, optional
        Returns what to do where there is no such file.

    Raises
    ------
    ConfigError
        When it cannot be read; `NoFileError` when there is none.
    """
    file = checked_path(path)
    check_there(file, advice=advice)
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None


def check_there(file: Path, *, advice: Callable[[Path], LazyMessage] | None = None) -> None:
    """Check that a path leads to a file, or to a pipe; as `content_of`."""
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _not_there(file, advice) from None
    except OSError as error:
        raise _unreadable(file, error) from None
    if stat.S_ISDIR(mode):
        raise ConfigError("{file!r} is a folder. Name the file in it.", file=str(file))
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise ConfigError("{file!r} is a device. Name a file.", file=str(file))


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder; one that the system does not let see is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file that is there."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def shown(path: Path) -> str:
    """Return a path as an error shows it: of one that is too long for any disk, both ends."""
    text = str(path)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


def _not_there(file: Path, advice: Callable[[Path], LazyMessage] | None) -> ConfigError:
    if file.is_symlink():
        broken = lazy_gettext(
            "{file!r} is a link to {target!r}, and there is no such file. Mend the link, or name another file.",
            file=str(file),
            target=str(file.readlink()),
        )
        return NoFileError(broken)
    to_do = lazy_gettext("Name another one.") if advice is None else advice(file)
    return NoFileError(lazy_gettext("There is no file {file!r}. {advice}", file=str(file), advice=to_do))


def _unreadable(file: Path, error: OSError) -> ConfigError:
    return ConfigError(
        "{file!r} cannot be read: {error}. Name another file.", file=shown(file), error=system_text(error)
    )
