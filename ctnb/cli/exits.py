"""How the command line ends.

Exit codes: 0 done, 1 failed, 2 usage, 3 some rows were not delivered and can be tried again, 4 a threshold was not met,
130 interrupted. Of 3 and 4 the first wins.
"""

from __future__ import annotations

from typing import Any, Final

import typer
from typer.core import TyperGroup

from ctnb.exceptions import CtnbError

FAILED: Final = 1
USAGE: Final = 2
NOT_DELIVERED: Final = 3
THRESHOLD: Final = 4
INTERRUPTED: Final = 130


class Commands(TyperGroup):
    """The commands; an error of ctnb that one raises ends the program with its message alone."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except CtnbError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(FAILED) from None
