"""Cells as CRM exports really hold them: phones, e-mails and moments, each in many shapes."""
# ruff: noqa: INP001 (a script's neighbour, not a package)

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random


class Cell(NamedTuple):
    """A cell's text, and the name of its shape in the table of README.md."""

    text: str
    shape: str


# Kind of number -> shape -> (pattern, weight); every X takes the next digit after the country code.
PHONE_PATTERNS: dict[str, dict[str, tuple[str, int]]] = {
    "mobile": {
        "+7 plain": ("+7XXXXXXXXXX", 16),
        "7 plain": ("7XXXXXXXXXX", 12),
        "8 plain": ("8XXXXXXXXXX", 12),
        "10 digits": ("XXXXXXXXXX", 6),
        "+7 brackets": ("+7 (XXX) XXX-XX-XX", 12),
        "8 brackets": ("8 (XXX) XXX-XX-XX", 7),
        "8 brackets tight": ("8(XXX)XXXXXXX", 4),
        "8 dashes": ("8-XXX-XXX-XX-XX", 5),
        "spaces": ("+7 XXX XXX XX XX", 5),
        "no-break spaces": ("+7\u00a0XXX\u00a0XXX\u00a0XX\u00a0XX", 4),
        "en dashes": ("+7 XXX XXX–XX–XX", 2),
        "dots": ("8.XXX.XXX.XX.XX", 2),
        "extension": ("+7 (XXX) XXX-XX-XX доб. 12", 2),
        "float": ("7XXXXXXXXXX.0", 5),
        "exponent": ("7.XXXXXXXXXXE+10", 3),
        "apostrophe": ("'7XXXXXXXXXX", 3),
        "label before": ("моб. +7 XXX XXX-XX-XX", 1),
        "outer spaces": ("  8XXXXXXXXXX ", 2),
    },
    "landline": {
        "landline brackets": ("(XXX) XXX-XX-XX", 3),
        "landline 8": ("8 (XXX) XXX-XX-XX", 3),
        "landline +7": ("+7 XXX XXX-XX-XX", 2),
        "landline extension": ("8 (XXX) XXX-XX-XX доб. 12", 3),
    },
    "kazakh": {
        "kazakh +7": ("+7 XXX XXX-XX-XX", 2),
        "kazakh 8": ("8 (XXX) XXX-XX-XX", 1),
        "kazakh plain": ("7XXXXXXXXXX", 1),
    },
    "belarusian": {
        "belarusian": ("+375 XX XXX-XX-XX", 1),
        "belarusian brackets": ("+375 (XX) XXX-XX-XX", 1),
        "belarusian plain": ("+375XXXXXXXXX", 1),
    },
}
TWO_PHONES = {"two, comma": ", ", "two, slash": " / ", "two, semicolon": "; "}
# A second number has a shape with no separator of its own.
PARTNER_SHAPES = ("+7 plain", "8 plain", "+7 brackets", "8 dashes")
JUNK_PHONES = ("не указан", "нет", "123", "-", "уточнить", "8 (___) ___-__-__", "+7", "0", "226-14", "00000000000")

REMARKS = ("2 подъезд", "3 этаж", "(жена)", "после 18:00", "звонить до 19")
PLACEHOLDERS = ("79999999999", "+7 (999) 999-99-99", "70000000000", "8 (000) 000-00-00", "81234567890")
FOREIGN_WITH_REMARKS = (
    "+998 (91) 099-23-59 2 раза",
    "+374 (96) 79-46-50 10 утра",
    "т. 80 (971) 292 23 33",
    "+380 (98) 678-04-39 2 шт",
)
CUT_IDS = ("1,77E+09", "1.78E+09", "1,77296E+09")

READABLE_EMAILS = {"upper case": "{upper}", "trailing comma": "{name}@{domain},", "outer spaces": " {name}@{domain} "}
BROKEN_EMAILS = {
    "no dot": "{name}@{host}",
    "space inside": "{name} @{domain}",
    "two @": "{name}@@{domain}",
    "no @": "{name}.{domain}",
}
JUNK_EMAILS = ("нет", "-", "не указан", "@")

MOMENT_FORMS = {
    "dd.mm.YYYY HH:MM": "%d.%m.%Y %H:%M",
    "dd.mm.YYYY HH:MM:SS": "%d.%m.%Y %H:%M:%S",
    "dd-mm-YYYY HH:MM:SS": "%d-%m-%Y %H:%M:%S",
    "ISO, space": "%Y-%m-%d %H:%M:%S",
    "ISO, T": "%Y-%m-%dT%H:%M:%S",
    "ISO, T and offset": "%Y-%m-%dT%H:%M:%S+03:00",
}
IMPOSSIBLE_MOMENTS = ("31.02.2026 10:15", "30.02.2026 09:00:00", "31-06-2026 12:30:00", "2026-04-31 11:45:00")


def pick(rng: Random, weights: dict[str, int]) -> str:
    """Draw one name by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def fill(pattern: str, digits: str) -> str:
    """Return a pattern with digits for its X.

    >>> fill("8 (XXX) XXX-XX-XX", "9157771122")
    '8 (915) 777-11-22'
    """
    following = iter(digits)
    return "".join(next(following) if sign == "X" else sign for sign in pattern)


def phone_kind(number: str) -> str:
    """Return the kind of an E.164 number without its plus, by its first digits."""
    if number.startswith("375"):
        return "belarusian"
    return {"7": "kazakh", "9": "mobile"}.get(number[1], "landline")


def national(number: str) -> str:
    """Return a number without its country code."""
    return number.removeprefix("375") if number.startswith("375") else number[1:]


def phone_cell(rng: Random, numbers: list[str], junk_share: float) -> Cell:
    """Write no, one or two E.164 numbers in a cell, in a shape drawn at random."""
    if not numbers:
        return Cell(rng.choice(JUNK_PHONES), "junk") if rng.random() < junk_share else Cell("", "blank")
    if len(numbers) > 1:
        shape = rng.choice(list(TWO_PHONES))
        return Cell(TWO_PHONES[shape].join(_partner(rng, number) for number in numbers), shape)
    patterns = PHONE_PATTERNS[phone_kind(numbers[0])]
    shape = pick(rng, {name: weight for name, (_, weight) in patterns.items()})
    return Cell(fill(patterns[shape][0], national(numbers[0])), shape)


def _partner(rng: Random, number: str) -> str:
    if phone_kind(number) == "belarusian":
        return f"+{number}"
    return fill(PHONE_PATTERNS["mobile"][rng.choice(PARTNER_SHAPES)][0], national(number))


def email_cell(rng: Random, email: str, *, broken_share: float) -> Cell:
    """Write an e-mail: as it is, with a fault that can be undone, or (by `broken_share`) beyond repair."""
    if not email:
        return Cell(rng.choice(JUNK_EMAILS), "junk") if rng.random() < 0.12 else Cell("", "blank")
    if rng.random() < broken_share:
        faults = BROKEN_EMAILS
    elif rng.random() < 0.10:
        faults = READABLE_EMAILS
    else:
        return Cell(email, "clean")
    shape = rng.choice(list(faults))
    name, domain = email.split("@")
    text = faults[shape].format(name=name, domain=domain, host=domain.partition(".")[0], upper=email.upper())
    return Cell(text, shape)


def moment_cell(rng: Random, moment: datetime, weights: dict[str, int], *, impossible: bool) -> Cell:
    """Write a moment of Moscow time in one of the forms, or a day that no calendar has."""
    if impossible:
        return Cell(rng.choice(IMPOSSIBLE_MOMENTS), "impossible")
    form = pick(rng, weights)
    return Cell(moment.strftime(MOMENT_FORMS[form]), form)
