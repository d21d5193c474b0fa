"""The classes of the commands: help and wrong uses are in the language in force, whatever Typer's own words are."""

from __future__ import annotations

import inspect
import re
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from ctnb.cli.exits import FAILED, USAGE, say
from ctnb.cli.wrong_use import WRONG_USES
from ctnb.exceptions import CtnbError
from ctnb.i18n.choice import set_language
from ctnb.i18n.language import LANGUAGES, N_, gettext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "ERRORS_PANEL_TITLE": N_("Error"),
    "ABORTED_TEXT": N_("Aborted."),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "DEFAULT_STRING": N_("[default: {}]"),
    "RICH_HELP": N_("Try [blue]'{command_path} {help_option}'[/] for help."),
}
"""Words of `typer.rich_utils`, by their names there."""

USAGE_WORDS: Final = (N_("Usage: "), N_("[OPTIONS]"), N_("COMMAND [ARGS]..."))
HELP: Final = N_("Show this message and exit.")


def help_paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a command's or an option's help, each on one line: the keys of the catalogue."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(text or "")) if part.strip()]


def _in_words(text: str) -> str:
    return "\n\n".join(map(gettext, help_paragraphs(text)))


class _InWords:
    """What a command and a group have in common: how they show what they are for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show the help, in the language in force."""
        with _helps_in_words(self, ctx), titles_in_words():
            super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_usage(self, ctx: Any) -> str:
        """Return the line that says how it is called."""
        usage: str = super().get_usage(ctx)  # type: ignore[misc]
        for words in USAGE_WORDS:
            usage = usage.replace(words, gettext(words))
        return usage


class Command(_InWords, TyperCommand):
    """A command."""


class Group(_InWords, TyperGroup):
    """A group of commands."""


class Commands(Group):
    """All commands; an error of ctnb that one raises ends the program with its message alone."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Run the command line, from the first word in the language that ``--lang`` chooses."""
        if (language := _language_in(sys.argv[1:] if args is None else args)) is not None:
            set_language(language)
        with ExitStack() as self._until_shown:
            return super().main(args, *others, **options)

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read what stands before the command."""
        with self._ends_in_words():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with self._ends_in_words():
                return super().invoke(ctx)
        except CtnbError as error:
            say(gettext("Error: {message}", message=error))
            raise typer.Exit(FAILED) from None

    @contextmanager
    def _ends_in_words(self) -> Iterator[None]:
        """Let what Typer shows of an error, once `main` has it, be in the language in force."""
        try:
            with _wrong_uses_in_words():
                yield
        except (CtnbError, typer.Exit):
            raise
        except BaseException:
            # Only now, for Typer's titles cost the import of rich.
            self._until_shown.enter_context(titles_in_words())
            raise


def _language_in(words: Sequence[str]) -> str | None:
    """Return the language that arguments ask for, wherever it stands among them: help comes before it is read."""
    found = None
    for at, word in enumerate(words):
        if word == "--":
            break
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang":
            value = next(iter(words[at + 1 :]), None)
        found = value if value in LANGUAGES else found
    return found


@contextmanager
def titles_in_words() -> Iterator[None]:
    """Show Typer's own titles in the language in force."""
    from typer import rich_utils

    with _changed([(rich_utils, name, gettext(words)) for name, words in TITLES.items()]):
        yield


@contextmanager
def _helps_in_words(command: Any, ctx: Any) -> Iterator[None]:
    described = [command, *getattr(command, "commands", {}).values(), *command.get_params(ctx)]
    with _changed([(each, "help", _in_words(each.help)) for each in described if getattr(each, "help", None)]):
        yield


@contextmanager
def _changed(changes: list[tuple[Any, str, str]]) -> Iterator[None]:
    """Give attributes another value for a while."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


@contextmanager
def _wrong_uses_in_words() -> Iterator[None]:
    """Let an error of Typer's say what is wrong in the language in force."""
    try:
        yield
    except Exception as error:
        shown = getattr(error, "format_message", None)
        if getattr(error, "exit_code", None) == USAGE and shown is not None:
            error.format_message = partial(WRONG_USES.in_words, shown())  # type: ignore[attr-defined]
        raise
