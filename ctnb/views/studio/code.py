"""The copied cell: Python text that does the job of the studio, without the token."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ctnb.connection import Connection
from ctnb.leads.policies import depth_text
from ctnb.leads.rule_repr import given_parameters
from ctnb.leads.rules import Col
from ctnb.secret_texts import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Rule

WIDEST: Final = 100
"""Characters in a line of the cell."""
DEFAULT_REGION: Final = "RU"


def code_cell(book: Rulebook, *, resend: str | None, connection: Mapping[str, object]) -> str:
    """Return a cell that sends the comments of the frame ``deals``.

    Parameters
    ----------
    book : Rulebook
        The job; its time zone is taken from `connection`.
    resend : str or None
        As for `ctnb.comment`.
    connection : mapping
        Settings of the connection, without the token: it is read from the environment.

    Examples
    --------
    >>> from ctnb import Call
    >>> from ctnb.leads.rulebook import Rulebook
    >>> print(code_cell(Rulebook((Call("call_id"),), comment="{stage}", key="deal_id"), resend=None, connection={}))
    from ctnb import Call, Connection
    <BLANKLINE>
    rules = [
        Call("call_id"),
    ]
    connection = Connection.from_env()  # CALLTOUCH_SITE_ID, CALLTOUCH_ACCESS_TOKEN
    done = deals.calltouch.comment(rules, "{stage}", key="deal_id", connection=connection)
    <BLANKLINE>
    """
    region = None if book.region == DEFAULT_REGION else book.region
    options = {"key": book.key, "job": book.job, "region": region, "resend": resend}
    given = [f"{name}={literal(value)}" for name, value in options.items() if value]
    used = names_used(book.rules) | {"Connection"}
    wanted = "CALLTOUCH_ACCESS_TOKEN" if "site_id" in connection else "CALLTOUCH_SITE_ID, CALLTOUCH_ACCESS_TOKEN"
    settings = [f"{name}={literal(value)}" for name, value in connection.items()]
    comment = literal(book.comment or "")
    lines = [
        f"from ctnb import {', '.join(sorted(used))}",
        "",
        *list_code(book.rules),
        f"connection = {call_code('Connection.from_env', settings)}  # {wanted}",
        f"done = {call_code('deals.calltouch.comment', ['rules', comment, *given, 'connection=connection'])}",
    ]
    return "\n".join(lines) + "\n"


def rules_code(rules: Iterable[Rule]) -> str:
    """Return a cell that makes the list ``rules``."""
    several = list(rules)
    return "\n".join([f"from ctnb import {', '.join(sorted(names_used(several)))}", "", *list_code(several)]) + "\n"


def names_used(rules: Iterable[Rule]) -> set[str]:
    """Return the names of ctnb that rules are written with."""
    several = list(rules)
    by_row = any(isinstance(value, Col) for rule in several for value in given_parameters(rule).values())
    return {type(rule).__name__ for rule in several} | ({"col"} if by_row else set())


def list_code(rules: Iterable[Rule]) -> list[str]:
    """Return the lines that make the list ``rules``."""
    return ["rules = [", *(f"    {line}" for rule in rules for line in f"{rule_code(rule)},".splitlines()), "]"]


def settings_of(connection: Connection) -> dict[str, object]:
    """Return what `Connection.from_env` needs to make this connection again, the token left out.

    A ledger that is an object of the caller's cannot be written as code, and is left out too; so is the password of a
    ledger's address.
    """
    plain = Connection(connection.site_id, "-")
    chosen: dict[str, object] = {"site_id": connection.site_id}
    for field in fields(connection):
        value = getattr(connection, field.name)
        writable = value is None or isinstance(value, str | int | float | bool | Path)
        if field.name not in {"site_id", "token"} and writable and value != getattr(plain, field.name):
            chosen[field.name] = value.without_password if isinstance(value, Address) else value
    return chosen


def rule_code(rule: Rule) -> str:
    """Return the call that makes a rule."""
    return call_code(
        type(rule).__name__, [argument_code(name, value) for name, value in given_parameters(rule).items()]
    )


def argument_code(name: str, value: object) -> str:
    """Return a parameter of a rule; an id needs no name, and a depth is written as people write it."""
    if name == "id":
        return literal(value)
    return f"{name}={literal(depth_text(value) if name == 'depth' and isinstance(value, int) else value)}"


def call_code(name: str, arguments: Iterable[str]) -> str:
    """Return a call on one line, or with a line for each argument when it is too wide."""
    listed = list(arguments)
    line = f"{name}({', '.join(listed)})"
    if len(line) <= WIDEST:
        return line
    return f"{name}(\n" + "".join(f"    {each},\n" for each in listed) + ")"


def literal(value: object) -> str:
    """Return a value as Python that gives it back."""
    if isinstance(value, Col):
        return f"col({literal(value.name)})"
    if isinstance(value, str | Path):
        # Every JSON text is a Python text, and it has the quotes that people like.
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
