"""A card: a title, facts, small tables and advice, as HTML that suits light and dark notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

# Numbers and their units stay together.
_BLANKS: Final = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")

LONGEST: Final = 160
"""Characters of one value that are shown."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under heads; a line break in a text is one in the cell."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown; every text may hold anything, markup is escaped."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    advice: Sequence[str] = ()

    def html(self) -> str:
        """Return it as HTML. It names no colour, so that it takes those of the notebook."""
        return _template().render(card=self)


def cut(text: str, most: int = LONGEST) -> str:
    """Return a text on one line, ended with an ellipsis where it is longer than `most`."""
    line = _BLANKS.sub(" ", text[: 4 * most]).strip()
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1].rstrip() + "…"


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = resources.files("ctnb.views.html").joinpath("templates", "card.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
