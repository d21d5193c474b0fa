"""How the command line ends.

Exit codes: 0 done, 1 failed, 2 usage, 3 some rows were not delivered and can be tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

import typer

if TYPE_CHECKING:
    from ctnb.exceptions import CtnbError

FAILED: Final = 1
NOT_DELIVERED: Final = 3


def fail(error: CtnbError) -> NoReturn:
    """Say what failed, and leave."""
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(FAILED) from None
