"""How the command line ends.

Exit codes: 0 done, 1 failed, 2 usage, 3 some rows were not delivered and can be tried again, 4 a threshold was not met,
130 interrupted. Of 3 and 4 the first wins.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED: Final = 1
USAGE: Final = 2
NOT_DELIVERED: Final = 3
THRESHOLD: Final = 4
INTERRUPTED: Final = 130


def say(message: str) -> None:
    """Print a message on standard error; where that takes nothing, it is lost, and nothing else."""
    with suppress(OSError, ValueError):
        typer.echo(message, err=True)


@contextmanager
def unless_closed() -> Iterator[None]:
    """Print on standard output, if that is still there: an output that takes nothing changes no exit code."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        # Python flushes it once more at the end, and may fail then with an exit code of its own: so its documentation
        # of SIGPIPE (library, signal) has it.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
