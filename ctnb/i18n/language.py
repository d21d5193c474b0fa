"""The language of what people look at: plots, tables, widgets, the report, progress, errors and the command line.

Messages are written in English in the code and translated by a gettext catalogue, ``locale/ru.po``; numbers are in
the language's form. Values in the ``ct_`` columns and logs stay English: programs and searches read them.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gettext import NullTranslations

LANGUAGES: Final = ("en", "ru")
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_chosen: str | None = None
_for_now: Final[ContextVar[str | None]] = ContextVar("_for_now", default=None)


def choose(language: str | None) -> None:
    """Take a language of `LANGUAGES`, or with None go by the locale again; see `ctnb.set_language`."""
    global _chosen  # noqa: PLW0603  one setting for the process, as in pandas' options
    _chosen = language
    _of_locale.cache_clear()


def current_language() -> str:
    """Return the language in force: the chosen one, else the locale's."""
    return _for_now.get() or _chosen or _of_locale()


@contextmanager
def in_english() -> Iterator[None]:
    """Put what is shown within into English, whatever language is in force: for logs and for what is kept."""
    before = _for_now.set("en")
    try:
        yield
    finally:
        _for_now.reset(before)


def gettext(message: str, /, **values: object) -> str:
    """Return a message in the language in force, its ``{fields}`` filled in.

    Parameters
    ----------
    message : str
        English, a literal, so that it is found for the catalogue.
    **values : object
        What the fields stand for. It is put in as it is: numbers go through `number` or `percent` first.
    """
    text = translated(message)
    return text.format(**values) if values else text


def translated(one: str, many: str = "", count: int = 0) -> str:
    """Return a message in the language in force with its fields as they are: the form for a count where it has two."""
    if not one:
        # A catalogue keeps its own heading under the blank.
        return ""
    catalogue = _catalogue(current_language())
    return catalogue.ngettext(one, many, count) if many else catalogue.gettext(one)


def N_(message: str) -> str:  # noqa: N802  the name that gettext's own tools know
    """Mark a message for the catalogue where it stands as a value; `gettext` translates it when it is shown."""
    return message


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a message that fits a count; ``{n}`` in it is the count, in the language's form."""
    # A number of NumPy is none to the catalogue.
    return translated(one, many, int(count)).format(n=number(count), **values)


def number(value: float, *, decimals: int | None = None) -> str:
    """Write a number with its thousands apart, in the language's form; with so many decimals, else as few as it has."""
    from babel.numbers import format_decimal

    form = None if decimals is None else f"#,##0.{'0' * decimals}"
    return _tight(format_decimal(_plain(value), format=form, locale=current_language()))


def percent(fraction: float) -> str:
    """Write a fraction as a percentage with one decimal; a dash where there is none."""
    if pd.isna(fraction):
        return "–"
    from babel.numbers import format_percent

    form = f"#,##0.0{_NO_BREAK}%"
    return _tight(format_percent(_plain(fraction), format=form, locale=current_language()))


def interval(low: float, high: float) -> str:
    """Write the bounds of a fraction as a range of percentages; empty where there are none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"{percent(low).removesuffix(f'{_NO_BREAK}%')}–{percent(high)}"


def duration(seconds: float) -> str:
    """Write a time span with its two largest units, such as ``3 min 20 sec``."""
    whole = timedelta(seconds=max(0, round(seconds)))
    hours, minutes = divmod(int(whole.total_seconds()) // 60, 60)
    parts = [(hours, gettext("h")), (minutes, gettext("min")), (whole.seconds % 60, gettext("s"))]
    parts_shown = [f"{number(count)}{_NO_BREAK}{unit}" for count, unit in parts if count] or [
        f"0{_NO_BREAK}{gettext('s')}"
    ]
    return " ".join(parts_shown[:2])


def _plain(value: Any) -> Any:
    """Return a number of NumPy as Python's own, which Babel reads."""
    return value.item() if isinstance(value, np.generic) else value


def _tight(text: str) -> str:
    """Write the blanks in a number as fonts and spreadsheets know them."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", _NO_BREAK)


@cache
def _of_locale() -> str:
    """Return the language of the locale, as far as it is one of ours."""
    from ctnb.i18n.system_language import system_locale

    return "ru" if re.match("ru(?![a-z])", system_locale().lower()) else "en"


@cache
def _catalogue(language: str) -> NullTranslations:
    """Return the messages of a language; English needs none but its plurals."""
    from gettext import GNUTranslations, NullTranslations

    if language == "en":
        return NullTranslations()
    from importlib import resources

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with resources.files("ctnb.i18n").joinpath("locale", f"{language}.po").open("rb") as messages:
        write_mo(compiled, read_po(messages, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
