"""Files that a widget writes: those that it has written it may replace, and no others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text
from ctnb.paths import checked_path, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class OwnFiles:
    """The files that one widget has written."""

    def __init__(self) -> None:
        self._written: set[Path] = set()

    def write(self, name: str, ending: str, write: Callable[[Path], object]) -> Path:
        """Write a file under a typed name, and return its path.

        Parameters
        ----------
        name : str
            Of a file in the working directory, or a path; the ending is added where it is missing.
        ending : str
            Such as ``".csv"``.
        write : callable
            Writes the file at a path.

        Raises
        ------
        ConfigError
            The name is blank, the file is there and was not written by this widget, or it cannot be written.
        """
        name = name.strip()
        if not name:
            raise ConfigError("The file has no name. Write one, such as {name}.", name=f"ctnb{ending}")
        file = checked_path(name.removesuffix(ending) + ending)
        if os.path.lexists(file) and file.absolute() not in self._written:
            raise ConfigError("{file!r} is there already, and is not replaced. Choose another name.", file=str(file))
        try:
            write(file)
        except OSError as error:
            raise ConfigError(
                "{file!r} cannot be written: {error}. Choose another name.", file=shown(file), error=system_text(error)
            ) from None
        self._written.add(file.absolute())
        return file
