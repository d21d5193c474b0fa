"""Rulebooks as TOML, so that a notebook, the command line and the studio share them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from ctnb.exceptions import RuleError
from ctnb.leads.columns.cells import is_unicode
from ctnb.leads.policies import depth_text
from ctnb.leads.rule_repr import given_parameters
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules import Call, CallContact, Col, Request, RequestContact, Rule, checked_rules, col
from ctnb.outcomes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RULES: Final[dict[str, type[Rule]]] = {
    Kind.CALL.value: Call,
    Kind.REQUEST.value: Request,
    Kind.CALL_CONTACT.value: CallContact,
    Kind.REQUEST_CONTACT.value: RequestContact,
}
SETTINGS: Final = tuple(field.name for field in fields(Rulebook) if field.name != "rules")


def parse_rulebook(text: str) -> Rulebook:
    """Read the text of a rules file.

    Parameters
    ----------
    text : str
        TOML: optional ``comment``, ``key``, ``job``, ``region`` and ``timezone``, then a ``[[rules]]`` table for
        each rule, in the order of their priority. ``{col = "name"}`` stands for ``col("name")``.

    Raises
    ------
    RuleError
        When it is not TOML, or a rule or the comment cannot be used; the message names the rule.
    ConfigError
        When another setting cannot be used.

    Examples
    --------
    >>> parse_rulebook('''
    ... [[rules]]
    ... type = "call"
    ... id = "call_id"
    ... ''').rules
    (Call(id='call_id'),)
    """
    try:
        settings = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise RuleError("The rules are not TOML: {problem}.", problem=problem) from None
    tables = settings.pop("rules", None)
    for name, value in settings.items():
        if name not in SETTINGS:
            raise RuleError(
                "The rules file holds {name!r}; {allowed} and [[rules]] are allowed.",
                name=name,
                allowed=", ".join(sorted(SETTINGS)),
            )
        settings[name] = _value(value)
        if not isinstance(settings[name], str | Col if name == "comment" else str):
            raise RuleError("{name} is {value!r}; a text is wanted.", name=name, value=value)
    if not isinstance(tables, list):
        raise RuleError("The rules file holds no [[rules]] table.")
    return Rulebook(checked_rules([_rule(table, rank) for rank, table in enumerate(tables, start=1)]), **settings)


def format_rulebook(book: Rulebook) -> str:
    """Return the TOML of a rulebook; `parse_rulebook` gives an equal one back.

    Raises
    ------
    RuleError
        When the comment is a Series or a callable, or a text is no Unicode: no file can hold it.
    """
    settings = {name: getattr(book, name) for name in SETTINGS if getattr(book, name) is not None}
    comment = settings.get("comment", "")
    if not isinstance(comment, str | Col):
        raise RuleError(
            "The comment is {kind}, which cannot be stored in a file. "
            'Give a text with {{column}} fields or col("name"), or leave the comment out of the rulebook.',
            kind=type(comment).__name__,
        )
    for name, value in settings.items():
        if isinstance(value, str) and not is_unicode(value):
            raise RuleError("{name} holds a character that is not Unicode, and cannot be stored in a file.", name=name)
    rules = "".join(f"\n[[rules]]\n{_lines(_table(rule))}" for rule in book.rules)
    return (_lines({name: _plain(name, value) for name, value in settings.items()}) + rules).lstrip("\n")


def fingerprint(rules: Iterable[Rule]) -> str:
    """Return a short hash that differs when the rules differ."""
    tables = json.dumps([_table(rule) for rule in rules], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(tables.encode()).hexdigest()[:32]


def _rule(table: Any, rank: int) -> Rule:
    """Build one rule from its table."""
    kind = table.get("type") if isinstance(table, dict) else table
    if not isinstance(kind, str) or kind not in RULES:
        raise RuleError(
            "Rule {rank}: type is {kind!r}; {allowed} are allowed.", rank=rank, kind=kind, allowed=", ".join(RULES)
        )
    made = RULES[kind]
    allowed = [field.name for field in fields(made)]
    given = {name: value for name, value in table.items() if name != "type"}
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise RuleError(
            "Rule {rank} ({kind}) has {name!r}; {allowed} are allowed.",
            rank=rank,
            kind=kind,
            name=unknown[0],
            allowed=", ".join(allowed),
        )
    try:
        return made(**{name: _value(value) for name, value in given.items()})
    except TypeError:
        needed = [field.name for field in fields(made) if field.default is MISSING]
        missing = [name for name in needed if name not in given]
        raise RuleError("Rule {rank} ({kind}) lacks {names}.", rank=rank, kind=kind, names=", ".join(missing)) from None
    except RuleError as problem:
        raise RuleError("Rule {rank}: {problem}", rank=rank, problem=problem) from None


def _value(value: Any) -> Any:
    """Read a value of a file: ``{col = "name"}`` as a column, any other as it is."""
    return col(value["col"]) if isinstance(value, dict) and set(value) == {"col"} else value


def _table(rule: Rule) -> dict[str, Any]:
    """Return a rule as its table, without what is the default anyway."""
    return {"type": rule.kind.value} | {name: _plain(name, value) for name, value in given_parameters(rule).items()}


def _plain(name: str, value: Any) -> Any:
    """Return a value in the types of TOML."""
    if name == "depth" and isinstance(value, int):
        return depth_text(value)
    if isinstance(value, Col):
        return {"col": value.name}
    return list(value) if isinstance(value, tuple) else value


def _lines(values: Mapping[str, Any]) -> str:
    """Write names and values, each on a line of its own; a column stays on its line, where a person can add others."""
    import tomli_w

    return "".join(
        f"{name} = {{ {tomli_w.dumps(value).strip()} }}\n" if isinstance(value, dict) else tomli_w.dumps({name: value})
        for name, value in values.items()
    )
