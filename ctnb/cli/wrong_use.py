"""What is said of a wrong use of the command line: by Typer, whose words are English, and by its commands.

An exception keeps the English text, for the JSON of ``ctnb comment``; it is put into words when it is shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ctnb.i18n.language import N_
from ctnb.i18n.phrases import Phrases


class WrongUse(StrEnum):
    """The sentences, with ``{fields}``: `str.format` fills them in."""

    # Of our commands.
    NOT_A_SHARE = N_("--min-match-rate: expected a share such as 0.3 or 30%, got {given}")
    BLANK_ALERT = N_("--alert: expected a command and its arguments, got a blank")
    OPEN_QUOTE = N_("--alert: expected a command and its arguments, got {given}: a quotation mark is not closed")
    NO_FATE = N_("expected one of --delivered and --not-delivered")
    NO_IDS = N_("expected either ids or --all")

    # Of Typer; a sentence that it has changed stands here as it was, too.
    INVALID = N_("Invalid value: {problem}")
    INVALID_FOR = N_("Invalid value for {name}: {problem}")
    MISSING_ARGUMENT = N_("Missing argument {name}.")
    MISSING_OPTION = N_("Missing option {name}.")
    MISSING_COMMAND = N_("Missing command.")
    NO_COMMAND = N_("No such command {name}.")
    NO_COMMAND_BUT = N_("No such command {name}. Did you mean {options}?")
    NO_OPTION = N_("No such option: {name}")
    NO_OPTION_BUT = N_("No such option: {name} (Possible options: {options})")
    NO_OPTION_BUT_BEFORE = N_("No such option: {name} ('(Possible options: {options})',)")
    NO_VALUE = N_("Option {name} requires an argument.")
    NEEDLESS_VALUE = N_("Option {name} does not take a value.")
    TOO_MANY = N_("Got unexpected extra argument(s) ({arguments})")
    NO_CHOICE = N_("Value error, {given} is not one of {known}.")
    NO_CHOICE_BEFORE = N_("{given} is not one of {known}.")
    NO_NUMBER = N_("Input should be a valid integer, unable to parse string as an integer")
    NO_NUMBER_BEFORE = N_("{given} is not a valid integer range.")
    TOO_LARGE = N_("Input should be less than or equal to {most}")
    TOO_SMALL = N_("Input should be greater than or equal to {least}")
    OUT_OF_RANGE = N_("{given} is not in the range {range}.")
    NO_FILE = N_("file {path} does not exist.")
    NO_FILE_BEFORE = N_("File {path} does not exist.")
    UNREADABLE = N_("file {path} is not readable.")
    UNREADABLE_BEFORE = N_("File {path} is not readable.")
    FOLDER = N_("file {path} is a directory.")
    FOLDER_BEFORE = N_("File {path} is a directory.")


WRONG_USES: Final = Phrases(WrongUse)
