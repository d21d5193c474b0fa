"""Rules in files, shared by notebooks, the command line and the studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.exceptions import RuleError
from ctnb.leads.rules import checked_rules
from ctnb.leads.rules_file import Rulebook, parse_rulebook, write_rulebook
from ctnb.tables.place import place_text

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from ctnb.leads.rules import Rule


def load_rules(path: str | os.PathLike[str]) -> list[Rule]:
    """Read the rules of a TOML file, in the order of their priority.

    Parameters
    ----------
    path : str or path
        A file in UTF-8 with a ``[[rules]]`` table for each rule, as `dump_rules` writes it.

    Raises
    ------
    RuleError
        When it is not TOML, or a rule cannot be used; the message names the rule.
    FileNotFoundError
        When there is no such file.
    """
    return list(load_rulebook(path).rules)


def load_rulebook(path: str | os.PathLike[str]) -> Rulebook:
    """Read a rules file whole: the rules, and the comment, key, job and region that stand in it.

    Raises
    ------
    RuleError, FileNotFoundError
        As for `load_rules`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError(f"{Path(path).name} is not UTF-8 text. Save the rules as UTF-8.") from None
    return parse_rulebook(text)


def dump_rules(rules: Rule | Iterable[Rule], path: str | os.PathLike[str]) -> None:
    """Write rules to a TOML file in UTF-8; `load_rules` gives equal ones back.

    Raises
    ------
    RuleError
        When the list cannot be used.
    """
    place_text(Path(path), write_rulebook(Rulebook(checked_rules(rules))))
