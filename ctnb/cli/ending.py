"""How ``ctnb comment`` ends: its facts are printed and its alert is run, whatever has happened."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import typer

from ctnb.cli.alert import parse_alert, run_alert
from ctnb.cli.commands import Command
from ctnb.cli.exits import FAILED, INTERRUPTED, USAGE, say, unless_closed
from ctnb.cli.facts import Facts, utc_now
from ctnb.exceptions import CtnbError
from ctnb.i18n.language import gettext, in_english
from ctnb.masking import Strength, masked

if TYPE_CHECKING:
    from collections.abc import Callable


class EndingCommand(Command):
    """A command with ``--json`` and ``--alert``, which hold for a wrong use of its other options, too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options; `as_json` and `alert` are eager, and so are read before any other is refused."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if _exit_code(error) == USAGE:
                # None was read where one is unknown, or lacks its value.
                given = ctx.params if "as_json" in ctx.params else _read_roughly(words)
                carry_to_end(partial(_refuse, error), as_json=bool(given.get("as_json")), alert=given.get("alert"))
            raise


def _read_roughly(words: list[str]) -> dict[str, Any]:
    """Return `as_json` and `alert` as they stand among arguments that cannot be read whole."""
    given: dict[str, Any] = {"as_json": "--json" in words}
    for at, word in enumerate(words):
        if word.startswith("--alert="):
            given["alert"] = word.removeprefix("--alert=")
        elif word == "--alert":
            given["alert"] = next(iter(words[at + 1 :]), None)
    return given


def carry_to_end(work: Callable[[Facts], int], *, as_json: bool, alert: str | None) -> None:
    """Do the work of a command, then print its facts and run its alert, however the work ends.

    Parameters
    ----------
    work : callable
        Fills the facts, and returns the exit code; it may raise.
    as_json : bool
        Whether the facts are printed on standard output, as one line.
    alert : str or None
        Command that is run unless the exit code is 0.

    Raises
    ------
    typer.Exit
        Unless all is done. An error of ctnb is printed before; a wrong use, and an error that nobody expected, are
        raised as they are.
    """
    facts, arguments, raised = Facts(), list[str](), None
    begun = False
    with _Signals() as signals:
        # Whatever interrupts it, until nothing can any more.
        while not signals.ignored:
            try:
                if not begun:
                    begun = True
                    arguments = parse_alert(alert)
                    facts.exit_code = work(facts)
                signals.ignored = True
            except BaseException as error:  # noqa: BLE001  it is raised again below
                raised = error
        _conclude(facts, raised, arguments, as_json=as_json)
    if raised is not None and not isinstance(raised, CtnbError | KeyboardInterrupt):
        raise raised
    if facts.exit_code:
        raise typer.Exit(facts.exit_code)


def _refuse(error: Exception, _: Facts) -> int:
    raise error


def _conclude(facts: Facts, raised: BaseException | None, arguments: list[str], *, as_json: bool) -> None:
    """Complete the facts, print them, and run the alert."""
    if raised is not None:
        _take_error(facts, raised)
    facts.ended = utc_now()
    if isinstance(raised, CtnbError):
        say(gettext("Error: {message}", message=raised))
    if as_json:
        with unless_closed(), suppress(ValueError):
            sys.stdout.write(f"{facts.line}\n")
    if facts.exit_code and arguments:
        run_alert(arguments, facts.line)


def _take_error(facts: Facts, error: BaseException) -> None:
    """Note how a command ended that raised."""
    if isinstance(error, KeyboardInterrupt):
        facts.end, facts.reason, facts.exit_code = "interrupted", "interrupted", INTERRUPTED
        return
    facts.exit_code = _exit_code(error)
    facts.end = "usage" if facts.exit_code == USAGE else "failed"
    # The text of an error that is not ours may hold a cell of the table.
    ours = isinstance(error, CtnbError) or facts.end == "usage"
    with in_english():
        text = str(getattr(error, "message", error)) if ours else None
    facts.error = {
        "class": type(error).__name__,
        "message": None if text is None else masked(text, Strength.SHARED),
    }


def _exit_code(error: BaseException) -> int:
    """Return the exit code that an error brings: its own, as a wrong use has one, else that of a failure."""
    return int(getattr(error, "exit_code", FAILED))


class _Signals:
    """SIGINT and SIGTERM both interrupt, and later neither does; one that is ignored by the system stays so.

    In the main thread alone: no other one gets signals.
    """

    def __init__(self) -> None:
        self.ignored = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if handler not in (None, signal.SIG_IGN):
                    self._before[number] = handler
                    signal.signal(number, self._answer)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _answer(self, *_: object) -> None:
        """Answer a signal; unlike SIG_IGN, doing nothing is not inherited by the alert command."""
        if not self.ignored:
            raise KeyboardInterrupt
