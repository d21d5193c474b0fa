"""Rules spelled as the Python that makes them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

_MINUTES_IN: Final = {"d": 1440, "h": 60}


class Spelled:
    """A rule whose repr is Python to copy, without what is the default anyway, and which notebooks show as a card."""

    __slots__ = ()

    def __repr__(self) -> str:
        spelled = [
            f"{field.name}={_spelled(field.name, getattr(self, field.name))}"
            for field in fields(self)  # type: ignore[arg-type]  # every rule is a dataclass
            if getattr(self, field.name) not in (field.default, ())
        ]
        return f"{type(self).__name__}({', '.join(spelled)})"

    def _repr_html_(self) -> str:
        from ctnb.views.html.rules import rule_html

        return rule_html(self)  # type: ignore[arg-type]  # the four rules are all there are


def depth_text(minutes: int) -> str:
    """Write minutes the way a person does: ``7d``, ``2h``, ``90m``."""
    for unit, size in _MINUTES_IN.items():
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _spelled(name: str, value: Any) -> str:
    if name == "depth" and isinstance(value, int):
        return repr(depth_text(value))
    return repr(list(value) if isinstance(value, tuple) else value)
