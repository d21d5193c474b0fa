"""Rules as TOML, so that a notebook, the command line and the studio share them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

from ctnb.exceptions import RuleError
from ctnb.leads.rules import Call, CallContact, Col, Request, RequestContact, Rule, checked_rules, col
from ctnb.leads.spelling import depth_text
from ctnb.outcomes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_RULES: dict[str, type[Rule]] = {
    Kind.CALL.value: Call,
    Kind.REQUEST.value: Request,
    Kind.CALL_CONTACT.value: CallContact,
    Kind.REQUEST_CONTACT.value: RequestContact,
}


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a rules file holds: the rules, and optionally the comment and the names that go with them."""

    rules: tuple[Rule, ...]
    comment: str | None = None
    key: str | None = None
    job: str = ""
    region: str = "RU"
    timezone: str | None = None


def parse_rulebook(text: str) -> Rulebook:
    """Read a rules file.

    Parameters
    ----------
    text : str
        TOML: optional ``comment``, ``key``, ``job``, ``region`` and ``timezone``, then a ``[[rules]]`` table for
        each rule, in the order of their priority.

    Raises
    ------
    RuleError
        When it is not TOML, or a rule cannot be used; the message names the rule.

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
        book = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise RuleError(f"The rules are not TOML: {problem}.") from None
    settings = {name: value for name, value in book.items() if name != "rules"}
    known = {field.name for field in fields(Rulebook)} - {"rules"}
    for name, value in settings.items():
        if name not in known:
            raise RuleError(f"The rules file holds {name!r}; {', '.join(sorted(known))} and [[rules]] are allowed.")
        if not isinstance(value, str):
            raise RuleError(f"{name} is {value!r}; a text is wanted.")
    tables = book.get("rules")
    if not isinstance(tables, list):
        raise RuleError("The rules file holds no [[rules]] table.")
    rules = checked_rules([_rule(table, place) for place, table in enumerate(tables, start=1)])
    return Rulebook(rules, **settings)


def write_rulebook(book: Rulebook) -> str:
    """Return the TOML of a rulebook; `parse_rulebook` gives an equal one back."""
    import tomli_w

    settings = {
        field.name: getattr(book, field.name)
        for field in fields(Rulebook)
        if field.name != "rules" and getattr(book, field.name) != field.default
    }
    return tomli_w.dumps({**settings, "rules": [_table(rule) for rule in book.rules]})


def fingerprint(rules: Iterable[Rule]) -> str:
    """Return a short hash that differs when the rules differ."""
    tables = json.dumps([_table(rule) for rule in rules], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(tables.encode()).hexdigest()[:32]


def _rule(table: dict[str, Any], place: int) -> Rule:
    """Build one rule from its table."""
    found = table.get("type") if isinstance(table, dict) else table
    if not isinstance(found, str) or found not in _RULES:
        raise RuleError(f"Rule {place}: type is {found!r}; {', '.join(_RULES)} are allowed.")
    made = _RULES[found]
    allowed = [field.name for field in fields(made)]
    given = {name: value for name, value in table.items() if name != "type"}
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise RuleError(f"Rule {place} ({table['type']}) has {unknown[0]!r}; {', '.join(allowed)} are allowed.")
    try:
        return made(**{name: _unfolded(value) for name, value in given.items()})
    except TypeError:
        wanted = [field.name for field in fields(made) if field.default is MISSING]
        missing = [name for name in wanted if name not in given]
        raise RuleError(f"Rule {place} ({table['type']}) lacks {', '.join(missing)}.") from None
    except RuleError as problem:
        raise RuleError(f"Rule {place}: {problem}") from None


def _table(rule: Rule) -> dict[str, Any]:
    """Return a rule as its table, without what is the default anyway."""
    table: dict[str, Any] = {"type": rule.kind.value}
    for field in fields(rule):
        value = getattr(rule, field.name)
        if value in {field.default, ()}:
            continue
        if field.name == "depth" and isinstance(value, int):
            value = depth_text(value)
        elif isinstance(value, Col):
            value = {"col": value.name}
        elif isinstance(value, tuple):
            value = list(value)
        table[field.name] = value
    return table


def _unfolded(value: Any) -> Any:
    """Read ``{col = "name"}`` as a column."""
    return col(value["col"]) if isinstance(value, dict) and set(value) == {"col"} else value
