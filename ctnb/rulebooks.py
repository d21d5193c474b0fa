"""Rulebooks in files, shared by notebooks, the command line and the studio."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ctnb.exceptions import ConfigError, RuleError
from ctnb.i18n.system_errors import system_text
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import format_rulebook, parse_rulebook
from ctnb.paths import checked_path, content_of, shown
from ctnb.tables.place import place_text

if TYPE_CHECKING:
    import os


def load_rulebook(path: str | os.PathLike[str]) -> Rulebook:
    """Read a rulebook from a TOML file.

    Parameters
    ----------
    path : str or path
        A file in UTF-8, as `dump_rulebook` writes it: optional ``comment``, ``key``, ``job``, ``region`` and
        ``timezone``, then a ``[[rules]]`` table for each rule. ``{col = "name"}`` stands for ``col("name")``.

    Returns
    -------
    Rulebook
        What the file does not name is None.

    Raises
    ------
    RuleError
        When the file is not TOML in UTF-8, or a rule or the comment cannot be used; the message names the rule.
    ConfigError
        When the file cannot be read, or the key, the job, the region or the time zone cannot be used; where there is
        no such file, it is a FileNotFoundError too.
    """
    file = checked_path(path)
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError("{name} is not UTF-8 text. Save the rules as UTF-8.", name=file.name) from None
    return parse_rulebook(io.StringIO(text, newline=None).read())


def dump_rulebook(book: Rulebook, path: str | os.PathLike[str]) -> None:
    """Write a rulebook to a TOML file; `load_rulebook` gives an equal one back.

    Parameters
    ----------
    book : Rulebook
    path : str or path
        A file that is there is replaced.

    Raises
    ------
    RuleError
        When the comment is a Series or a callable, which no file can hold, or when `book` is no rulebook. A file
        that is there stays as it is.
    ConfigError
        When the file cannot be written.

    Examples
    --------
    >>> import ctnb
    >>> from tempfile import TemporaryDirectory
    >>> book = ctnb.Rulebook([ctnb.Call("call_id")], "{stage}: {manager}", key="deal_id")
    >>> with TemporaryDirectory() as folder:
    ...     ctnb.dump_rulebook(book, f"{folder}/rules.toml")
    ...     ctnb.load_rulebook(f"{folder}/rules.toml") == book
    True
    """
    if not isinstance(book, Rulebook):
        raise RuleError("book is {kind}; a Rulebook is wanted: ctnb.Rulebook(rules, ...).", kind=type(book).__name__)
    file, text = checked_path(path), format_rulebook(book)
    try:
        place_text(file, text)
    except OSError as error:
        raise ConfigError(
            "{file!r} cannot be written: {error}. Name another place for the rules.",
            file=shown(file),
            error=system_text(error),
        ) from None
