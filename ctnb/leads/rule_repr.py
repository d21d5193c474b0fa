"""Rules shown: as the Python that makes them, and as a card in a notebook."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from ctnb.leads.policies import depth_text

if TYPE_CHECKING:
    from ctnb.outcomes import Kind


class RuleRepr:
    """Base of the rules: its repr is Python to copy, and notebooks show a card."""

    __slots__ = ()

    kind: ClassVar[Kind]

    def __repr__(self) -> str:
        parameters = [f"{name}={_literal(name, value)}" for name, value in given_parameters(self).items()]
        return f"{type(self).__name__}({', '.join(parameters)})"

    def _repr_html_(self) -> str:
        from ctnb.views.html.rules import rule_html

        return rule_html(self.kind, type(self).__name__, parameters_of(self))


def parameters_of(rule: RuleRepr) -> dict[str, Any]:
    """Return the parameters of a rule by name, parsed, in their order."""
    return {field.name: getattr(rule, field.name) for field in fields(rule)}  # type: ignore[arg-type]  # all are dataclasses


def given_parameters(rule: RuleRepr) -> dict[str, Any]:
    """Return the parameters of a rule that differ from their defaults."""
    defaults = {field.name: field.default for field in fields(rule)}  # type: ignore[arg-type]  # as above
    return {name: value for name, value in parameters_of(rule).items() if value not in (defaults[name], ())}


def _literal(name: str, value: Any) -> str:
    """Write a parameter as Python; a depth as people write it."""
    if name == "depth" and isinstance(value, int):
        return repr(depth_text(value))
    return repr(list(value) if isinstance(value, tuple) else value)
