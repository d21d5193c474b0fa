"""Contacts in a form that can be recognised by who knows them, and by nobody else: one policy for all that is shown.

An e-mail keeps its first sign and its domain. A phone of ten digits or more keeps the first four and the last two; one
of seven to nine the last two; a shorter one, where a column says that it is a phone, none. What may be a phone is a
matter of the strength and of the column: see `masked`.
"""

from __future__ import annotations

import re
from enum import Enum
from itertools import takewhile
from typing import Final, Literal

import phonenumbers

Holds = Literal["text", "phones", "emails", "dates", "ids"]
"""What the cells of a column are, by the role that the user gave it; "text" for any other."""


class Strength(Enum):
    """Who sees a text, which decides how little may be a phone in it.

    A number that belongs to a phone and is shown harms more than an amount that is masked; on the screen of the analyst
    who has the data anyway it is the other way round.
    """

    SCREEN = "screen"
    """The analyst alone: ten digits are a phone, or seven after a plus, or a form such as 777-11-22."""

    SHARED = "shared"
    """Whoever gets what is saved or sent on: seven digits are a phone."""

    STORED = "stored"
    """The ledger and the results, for a text of the vendor's: seven digits are a phone, whatever signs of phones stand
    between them. A date stays where no other number touches it."""


FEWEST_PHONE_DIGITS: Final = 7
"""Digits of a phone without its area code."""

_FEWEST_WITH_HEAD: Final = 10
_HEAD_SHOWN, _TAIL_SHOWN, _FEWEST_HIDDEN = 4, 2, 4
_LONGEST_ID: Final = 10

# A sign that nobody sees, between two digits, hides a phone from a pattern and not from a reader.
INVISIBLE: Final = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SIGN: Final = r"""[^\s<>()\[\]{}"',;:«»|/\\=@]"""
# Broken ones too. It begins where a word does and never goes back, so that a long text costs no more than its length.
_EMAIL: Final = re.compile(rf"(?<!{_SIGN}){_SIGN}++@+{_SIGN}*")
_AT: Final = "%(?:25)*40"
_PERCENT_EMAIL: Final = re.compile(rf"(?<!{_SIGN})(?:(?!{_AT}){_SIGN})++(?P<at>{_AT})(?P<domain>{_SIGN}*)")

_BEGIN, _END = r"(?<!\d)(?<!\d[./-])(?<!\+)", r"(?!\d|[./-]\d)"
_TIME: Final = r"(?:[\sT]\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?!\d))"


def _dates(year: str, day: str) -> str:
    """Return the pattern of a date, the year first or last, or of a span of two dates; a month is as a day."""
    forms = [rf"{year}{by}{day}{by}{day}|{day}{by}{day}{by}{year}" for by in ("-", "/", r"\.")]
    date = f"(?:{'|'.join(forms)})"
    return rf"{_BEGIN}{date}(?:[-–—/]{date})?{_END}"


_DATE: Final = _dates("(?:0000|1[89][0-9]{2}|20[0-9]{2}|9999)", "[0-3]?[0-9]")
# 21-11-22 may be a part of a phone, unless a time follows or the column is one of dates.
_SHORT_DATE: Final = rf"{_BEGIN}\d{{1,2}}(?P<by>[./-])\d{{1,2}}(?P=by)\d\d{_END}"
_COMPACT: Final = r"(?<![\d+])(?:19|20)\d\d[01]\d[0-3]\d(?:T?[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)"
_MOMENT: Final = rf"{_DATE}{_TIME}?|{_SHORT_DATE}(?={_TIME})"
_ANY_MOMENT: Final = rf"{_dates('[0-9]{4}', '[0-9]{1,2}')}{_TIME}?|{_SHORT_DATE}{_TIME}?|{_COMPACT}"

_STORED_SIGN: Final = r"(?![,:;]\s)[\s().,:;|~+#%·•∙‧\\\-‐-―−_/]"
_GAP: Final = r"[\s().\-‐-―−_/]{0,3}"
# What follows a phone after a blank may be a date.
_MORE: Final = rf"(?:{_GAP}(?!{_DATE})\d)"
# Seven digits in a row after a blank are a number of their own, once there are digits enough before it.
_REST: Final = rf"(?:(?!\s\+?\d{{7}}){_MORE})*"
_STORED_GAP: Final = rf"(?:{_STORED_SIGN}|&[#\w]{{1,7}};){{0,6}}"
_PLUS: Final = rf"\+\s?\(?\d(?:{_GAP}\d){{6}}{_REST}"
_PHONE: Final = {
    Strength.SCREEN: rf"{_PLUS}|\d{_MORE}{{9}}{_REST}|(?<!\d)\d{{3}}[-‐-―−]\d\d[-‐-―−]\d\d(?!\d)",
    Strength.SHARED: rf"{_PLUS}|\d{_MORE}{{6}}{_REST}",
    Strength.STORED: rf"\d(?:(?!\s\+?\d{{7}}){_STORED_GAP}\d){{6,}}",
}
_ALONE: Final = "".join(rf"(?<!\d{_STORED_SIGN * signs})" for signs in range(4)), rf"(?!{_STORED_GAP}\d)"


def _moments(strength: Strength, *, of_dates: bool) -> str:
    """Return the pattern of what stays: a date, with its time."""
    moment = _ANY_MOMENT if of_dates else _MOMENT
    return rf"{_ALONE[0]}(?:{moment}){_ALONE[1]}" if strength is Strength.STORED else moment


_PATTERNS: Final = {
    (strength, of_dates): re.compile(rf"(?P<moment>{_moments(strength, of_dates=of_dates)})|(?P<phone>{phone})")
    for strength, phone in _PHONE.items()
    for of_dates in (False, True)
}


def masked(text: str, strength: Strength, *, column: Holds = "text") -> str:
    """Mask the contacts in a text; its length does not matter, a megabyte takes a moment.

    Parameters
    ----------
    text : str
        Signs without a width are left out of the result, so that they cannot hide a contact.
    strength : Strength
        Who sees the result.
    column : {"text", "phones", "emails", "dates", "ids"}
        The column that the text is a cell of:

        - "text": e-mails and phones are masked, dates with a year of four digits or with a time stay;
        - "phones": all digits together are one phone, and nothing is a date;
        - "emails": the whole cell is one e-mail, even without an ``@``;
        - "dates": as "text", but every form of a date stays;
        - "ids": as "text", but on the screen a number of up to ten digits stays, unless it is a valid Russian phone: a
          column of phones may be named as one of ids by mistake.

    Examples
    --------
    >>> masked("01.03.2024: позвонить 8 (915) 777-11-22 или ivan@mail.ru", Strength.SHARED)
    '01.03.2024: позвонить 8 (915) ***-**-22 или i***@mail.ru'
    >>> masked("777-11-22", Strength.SHARED, column="phones")
    '***-**-22'
    """
    if column == "phones":
        return _hidden(_without_emails(text))
    text = INVISIBLE.sub("", text)
    if column == "ids" and strength is Strength.SCREEN and _may_be_id(text):
        return text
    text = _hidden_email(text) if column == "emails" else _without_emails(text)
    pattern = _PATTERNS[strength, column == "dates"]
    return pattern.sub(lambda found: found["moment"] or _hidden(found["phone"]), text)


def masked_phone(digits: str) -> str:
    """Write a number in E.164 digits as people group it: country, code and the last two digits shown.

    Examples
    --------
    >>> masked_phone("79157771122"), masked_phone("375291234567")
    ('+7 915 ***-**-22', '+375 29 ***-**-67')
    """
    if len(digits) < FEWEST_PHONE_DIGITS:
        return "*" * len(digits)
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return _hidden(digits)
    grouped = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    country, _, national = grouped.partition(" ")
    code = "".join(takewhile(str.isdecimal, national))
    rest = sum(map(str.isdecimal, national[len(code) :])) - _TAIL_SHOWN
    # A number without a code of its own, or with few digits after it, shows none.
    shown = code if rest >= _FEWEST_HIDDEN else ""
    return f"{country} {shown}{_starred(national[len(shown) :], head=0, tail=_TAIL_SHOWN)}"


def _may_be_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_ID and not _is_russian_phone(text)


def _is_russian_phone(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "RU"))
    except phonenumbers.NumberParseException:
        return False


def _without_emails(text: str) -> str:
    """Hide each e-mail in a text, those whose at sign is percent-encoded too."""
    text = _EMAIL.sub(lambda found: _hidden_email(found[0]), text)
    return _PERCENT_EMAIL.sub(lambda found: f"{found[0][:1]}***{found['at']}{found['domain']}", text)


def _hidden_email(text: str) -> str:
    """Keep the first sign and the domain."""
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else f"{text[:1]}***"


def _hidden(phone: str) -> str:
    """Hide the digits of a text that is one phone, but for a few."""
    digits = sum(map(str.isdecimal, phone))
    head = _HEAD_SHOWN if digits >= _FEWEST_WITH_HEAD else 0
    return _starred(phone, head=head, tail=_TAIL_SHOWN if digits >= FEWEST_PHONE_DIGITS else 0)


def _starred(text: str, *, head: int, tail: int) -> str:
    """Hide all digits but the first and the last ones."""
    digits = [position for position, sign in enumerate(text) if sign.isdecimal()]
    signs = list(text)
    for position in digits[head : len(digits) - tail]:
        signs[position] = "*"
    return "".join(signs)
