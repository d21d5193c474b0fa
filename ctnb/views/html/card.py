"""A card: a title, facts, small tables and advice, as HTML that suits light and dark notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctnb.views.html.render import rendered
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

# Numbers and their units stay together.
_BLANKS: Final = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")

LONGEST: Final = 160
"""Characters of one value that are shown."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown; every text may hold anything, and is escaped."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    advice: Sequence[str] = ()

    def html(self) -> str:
        """Return it as HTML. It brings its own style, and names no colour: it takes those of the notebook."""
        facts = [Table((), self.facts)] if self.facts else []
        return rendered("card.html", title=self.title, tables=[*facts, *self.tables], advice=self.advice)


def cut(text: str, most: int = LONGEST) -> str:
    """Return a text on one line, ended with an ellipsis where it is longer than `most`."""
    line = _BLANKS.sub(" ", text[: 4 * most]).strip()
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1].rstrip() + "…"
