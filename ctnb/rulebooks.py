"""Rulebooks in files, shared by notebooks, the command line and the studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.exceptions import RuleError
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import format_rulebook, parse_rulebook
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
        When the key, the job, the region or the time zone cannot be used.
    FileNotFoundError
        When there is no such file.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError("{name} is not UTF-8 text. Save the rules as UTF-8.", name=Path(path).name) from None
    return parse_rulebook(text)


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
    place_text(Path(path), format_rulebook(book))
