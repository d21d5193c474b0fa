"""Formats of a comment's fields: Python's own, which also read the numbers and dates that stand in a cell as text.

What is written is the same whatever language and locale are set: names of months and days are English, and ``n``
is the Russian form of a number.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

from ctnb.leads.columns.cells import is_number, plain_text
from ctnb.leads.moments.shapes import read_texts

WIDEST: Final = 1_000
"""The most that a width or a precision of a format may be; a comment has 10,000 characters at the most."""

_DIGITS: Final = 9
# Fill and align, sign, width, grouping, precision, type; a type that Python does not know is the value's own problem.
_FORMAT: Final = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?(\d*)[,_]?(?:\.(\d*))?[,_]?\D?", re.DOTALL)
_DATE_WIDTH: Final = re.compile(r"%[-_0^#+]*(\d+)")
_DIRECTIVE: Final = re.compile(r"%(?:%|(?P<flags>[-_0^#+]*[0-9]*)[EO]?(?P<letter>[A-Za-z]))")
_RUSSIAN: Final = re.compile(
    r"(?:(?P<fill>.?)(?P<align>[<>^]))?(?P<sign>[-+ ]?)(?P<width>[0-9]*)(?:\.(?P<places>[0-9]+))?n", re.DOTALL
)
_WHOLE_TYPES: Final = frozenset("bdoxX")

_GAPS: Final = " \u00a0\u2007\u2009\u202f'’.,"
_AMOUNT: Final = re.compile(
    rf"(?P<sign>[-\u2212]?)(?P<whole>[0-9]+|[0-9]{{1,3}}(?P<gap>[{_GAPS}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*)"
    r"(?:(?P<mark>[.,])(?P<part>[0-9]+))?(?:\s?(?:₽|руб\.?|р\.?|rub))?",
    re.IGNORECASE,
)

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Forms that the C locale makes of others.
_COMPOSED: Final = {"c": "%a %b %e %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S", "r": "%I:%M:%S %p", "h": "%b"}


class AmbiguousNumberError(ValueError):
    """A text such as ``1,234``: its comma may stand before a fraction or before thousands."""


def is_date_format(form: str) -> bool:
    """Tell whether a format is one of dates, such as ``%d.%m``; ``.1%`` is one of numbers."""
    return last_directive(form) > 0


def last_directive(form: str) -> int:
    """Return where the last sign of a date's format, such as ``%d``, ends; 0 where there is none."""
    return max((found.end() for found in _DIRECTIVE.finditer(form) if found["letter"]), default=0)


def too_wide(form: str) -> bool:
    """Tell whether a format of Python's or of a date asks for gigabytes."""
    standard = _FORMAT.fullmatch(form)
    numbers = standard.groups() if standard else _DATE_WIDTH.findall(form)
    return any(number and (len(number) > _DIGITS or int(number) > WIDEST) for number in numbers)


def formatted(cell: object, form: str) -> str:
    """Write a value in a format; whatever Python raises, where it does not fit.

    >>> formatted("229 000,50", ".0f"), formatted("229 000,50", "n"), formatted("ab", ">4")
    ('229000', '229 000,5', '  ab')
    """
    if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) > WIDEST:
        raise OverflowError
    russian = _RUSSIAN.fullmatch(form)
    if russian:
        return _russian(_exact(cell), russian)
    if not isinstance(cell, str):
        return format_moment(cell, form) if is_date_format(form) else format(cell, form)
    try:
        return format(cell, form)
    except ValueError:
        number = number_in(cell)
        return format(_whole(number) if form[-1:] in _WHOLE_TYPES else number, form)


def number_in(text: str) -> Decimal:
    """Read a number as exports write it, rubles behind it or not; ValueError where a text is none.

    Thousands may stand apart by blanks, apostrophes, or by dots or commas where these cannot be a fraction's.

    >>> number_in("229\u00a0000,50 руб."), number_in("1,234,567.8"), number_in("12.500")
    (Decimal('229000.50'), Decimal('1234567.8'), Decimal('12.500'))
    """
    found = _AMOUNT.fullmatch(plain_text(text))
    if found is None or found["mark"] == found["gap"] is not None:
        raise ValueError
    whole, part = found["whole"], found["part"] or ""
    if found["mark"] == "," and not found["gap"] and len(part) == 3 and len(whole) <= 3 and whole[0] != "0":
        raise AmbiguousNumberError
    digits = "".join(sign for sign in whole if sign.isdecimal())
    minus = "-" if found["sign"] else ""
    return Decimal(f"{minus}{digits}.{part}" if part else f"{minus}{digits}")


def moments_in(texts: list[str]) -> list[dt.datetime | None]:
    """Read dates that are text by the clock that they name, in whatever zone; None where there is none."""
    return [None if np.isnat(moment) else moment.item() for moment in read_texts(texts, None)]


def format_moment(moment: Any, form: str) -> str:
    """Write a date or a time in a format of `strftime`, the names in English whatever the locale is.

    >>> format_moment(dt.date(2024, 3, 1), "%d.%m, %B")
    '01.03, March'
    """
    if isinstance(moment, np.datetime64):
        moment = pd.Timestamp(moment)
    return format(moment, _without_locale(moment, form) if isinstance(moment, dt.date | dt.time) else form)


def _without_locale(moment: Any, form: str) -> str:
    """Put names into a format in place of what the locale would choose."""

    def chosen(found: re.Match[str]) -> str:
        letter = found["letter"]
        if letter in _COMPOSED:
            return _without_locale(moment, _COMPOSED[letter])
        name = _name(moment, letter)
        if name is None:
            return f"%{found['flags']}{letter}" if letter else found[0]
        return name.upper() if "^" in found["flags"] else name

    return _DIRECTIVE.sub(chosen, form)


def _name(moment: Any, letter: str | None) -> str | None:
    """Return the name that a letter of a format stands for; None where it stands for a number."""
    # A time alone is one of the day that `strftime` takes it for, and a date alone begins at midnight.
    day = moment if isinstance(moment, dt.date) else dt.date(1900, 1, 1)
    half = "PM" if getattr(moment, "hour", 0) >= 12 else "AM"
    if letter in {"A", "a"}:
        return WEEKDAYS[day.weekday()][: None if letter == "A" else 3]
    if letter in {"B", "b"}:
        return MONTHS[day.month - 1][: None if letter == "B" else 3]
    return {"p": half, "P": half.lower()}.get(letter or "")


def _whole(number: Decimal) -> int:
    """Return a whole number; ValueError for another."""
    if number != int(number):
        raise ValueError
    return int(number)


def _exact(cell: object) -> Decimal:
    """Return a number as its digits are shown; ValueError for what is none."""
    if isinstance(cell, str):
        return number_in(cell)
    if not is_number(cell):
        raise ValueError
    # The noise of binary fractions is in the digits behind these.
    number = Decimal(format(cell, ".15g") if isinstance(cell, float) else str(cell))
    if not number.is_finite():
        raise ValueError
    return number


def _russian(number: Decimal, form: re.Match[str]) -> str:
    """Write a number in the Russian form: blanks between thousands, a comma before the fraction."""
    sign = form["sign"] or "-"
    number = number or Decimal(0)
    if form["places"] is None:
        plain = format(number, f"{sign},f")
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    else:
        plain = format(number, f"{sign},.{form['places']}f")
    text = plain.replace(",", " ").replace(".", ",")
    return format(text, f"{form['fill'] or ''}{form['align'] or '>'}{form['width'] or 0}")
