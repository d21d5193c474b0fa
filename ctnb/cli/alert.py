"""``--alert``: a command of the user's that is run when ``ctnb comment`` ends with another exit code than 0.

It gets the facts on its standard input, and an environment without a secret. Whatever becomes of it, the exit code
stays as it is.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit

import typer

from ctnb.cli.exits import say
from ctnb.cli.wrong_use import WrongUse
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext
from ctnb.i18n.system_errors import system_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SECONDS: Final = 30.0
"""Seconds that the command has."""

SECRET: Final = frozenset({"CALLTOUCH_ACCESS_TOKEN", "CTNB_LEDGER", "CTNB_LEDGER_KEY", "CTNB_LEDGER_KEY_FILE"})
"""Variables that the command does not get; nor does it get those of PostgreSQL, which begin with PG."""

KEPT: Final = frozenset({"HOME", "PATH", "SYSTEMROOT"})
"""Variables without which no command runs; a short password may be part of them by chance."""

LARGEST_KEY_FILE: Final = 10_000
"""Bytes."""


def parse_alert(text: str | None) -> list[str]:
    """Return the arguments of an alert command, none where there is no command.

    Raises
    ------
    typer.BadParameter
        When it is blank, or a quotation mark is not closed.
    """
    if text is None:
        return []
    try:
        arguments = shlex.split(text)
    except ValueError:
        raise typer.BadParameter(WrongUse.OPEN_QUOTE.format(given=repr(text))) from None
    if not arguments:
        raise typer.BadParameter(WrongUse.BLANK_ALERT)
    return arguments


def run_alert(arguments: Sequence[str], line: str) -> None:
    """Run an alert command, and say on standard error what went wrong with it; nothing is raised.

    Parameters
    ----------
    arguments : sequence of str
        The program and its arguments; no shell reads them.
    line : str
        The facts: one line of JSON, for its standard input.
    """
    try:
        problem = _problem(arguments, line)
    except Exception as error:  # noqa: BLE001  nothing about an alert may change how the run ends
        # The text of an error that is not the system's may hold what was passed on.
        cause = system_text(error) if isinstance(error, OSError) else type(error).__name__
        problem = gettext("it could not be run ({error})", error=cause)
    if problem:
        say(gettext("The alert command {command} failed: {problem}.", command=repr(arguments[0]), problem=problem))


def _problem(arguments: Sequence[str], line: str) -> str:
    """Run the command; return what went wrong, blank where nothing did."""
    with subprocess.Popen(  # noqa: S603  the user's own command
        list(arguments),
        stdin=subprocess.PIPE,
        # Standard output is for the facts alone, or may be closed.
        stdout=_stderr(),
        stderr=_stderr(),
        env=environment_without_secrets(),
        # A second Ctrl-C is for ctnb, and the command can be ended with all that it has started.
        start_new_session=True,
    ) as process:
        try:
            process.communicate(f"{line}\n".encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return gettext("it was ended, for it took longer than {seconds} seconds", seconds=f"{SECONDS:g}")
        finally:
            if process.returncode is None:
                _end(process)
    return gettext("its exit code is {code}", code=process.returncode) if process.returncode else ""


def _stderr() -> int:
    """Return the descriptor of standard error; where there is none, what is written is lost."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it has started."""
    import psutil

    started: list[psutil.Process] = []
    with suppress(psutil.Error):
        started = psutil.Process(process.pid).children(recursive=True)
    if sys.platform != "win32":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for child in started:
        with suppress(psutil.Error):
            child.kill()
    process.kill()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def environment_without_secrets() -> dict[str, str]:
    """Return this process's environment, less the secrets of ctnb and whatever else holds one of them."""
    from ctnb.connection import variables_of_file

    sources: list[Mapping[str, str | None]] = [os.environ]
    with suppress(ConfigError, OSError):
        sources.append(variables_of_file())
    plain = {secret for source in sources for secret in _secrets_of(source) if secret}
    # In an address a sign such as @ stands as %40.
    secrets = {form.casefold() for secret in plain for form in (secret, quote(secret, safe=""), quote_plus(secret))}
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in KEPT
        or not (
            name.upper() in SECRET
            or name.upper().startswith("PG")
            or any(secret in value.casefold() for secret in secrets)
        )
    }


def _secrets_of(variables: Mapping[str, str | None]) -> Iterator[str]:
    """Return the token, the ledger's keys and its passwords, as variables may hold them."""
    yield (variables.get("CALLTOUCH_ACCESS_TOKEN") or "").strip()
    yield (variables.get("PGPASSWORD") or "").strip()
    yield from _words(variables.get("CTNB_LEDGER_KEY"))
    if file := (variables.get("CTNB_LEDGER_KEY_FILE") or "").strip():
        with suppress(OSError, ValueError), Path(file).expanduser().open(encoding="utf-8") as keys:
            yield from _words(keys.read(LARGEST_KEY_FILE))
    address = (variables.get("CTNB_LEDGER") or "").strip()
    if "://" in address:
        yield address
        with suppress(ValueError):
            parts = urlsplit(address)
            yield parts.password or ""
            yield unquote(parts.password or "")
            given = parse_qs(parts.query)
            yield from (secret for name in ("password", "sslpassword") for secret in given.get(name, []))


def _words(keys: str | None) -> list[str]:
    """Return keys that stand side by side, between commas or on lines."""
    return (keys or "").replace(",", " ").split()
