"""Questions that are asked before something that cannot be taken back."""

from __future__ import annotations

from typing import Final

import typer

from ctnb.i18n.language import gettext

YES: Final = frozenset({"y", "yes", "д", "да"})
"""Whatever the language: the keyboard may be in the other one."""


def confirm(question: str) -> None:
    """Ask; end the program unless the answer is yes.

    Raises
    ------
    typer.Abort
        For every other answer.
    """
    answer = typer.prompt(gettext("{question} [y/N]", question=question), default="", show_default=False)
    if answer.strip().casefold() not in YES:
        raise typer.Abort
