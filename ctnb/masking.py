"""Contacts in a form that can be recognised by who knows them, and by nobody else."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

FEWEST_PHONE_DIGITS: Final = 7
LEAST_HIDDEN: Final = 4
LAST_SHOWN: Final = 2
LONGEST_ID: Final = 10
LONGEST_TEXT: Final = 2_000

DATE_LIKE: Final = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}(?![0-9])[^@]*")

# Dates stand in comments, and are no phones; what has a plus or ten digits may be one.
_DATE: Final = r"(?<!\d)(?:(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d[./-][01]?\d[./-](?:19|20)\d\d)(?!\d)"
_EMAIL: Final = r"[^\s@<>,;:()]+@[^\s@<>,;:()]+"
_GAP: Final = r"[\s().\-–—_/]{0,3}"
_PHONE: Final = rf"\+\d(?:{_GAP}\d){{6,}}|\d(?:{_GAP}\d){{9,}}|(?<!\d)\d{{3}}-\d\d-\d\d(?!\d)"
_CONTACT: Final = re.compile(rf"(?P<date>{_DATE})|(?P<email>{_EMAIL})|(?P<phone>{_PHONE})")


def masked_phone(digits: str) -> str:
    """Write a number in E.164 digits as people group it: country, code and the last two digits shown.

    >>> masked_phone("79157771122"), masked_phone("375291234567")
    ('+7 915 ***-**-22', '+375 29 ***-**-67')
    """
    if len(digits) < FEWEST_PHONE_DIGITS:
        return "*" * len(digits)
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return mask_phone(digits)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    country, _, national = written.partition(" ")
    groups = re.split(r"(\D+)", national)
    rest = sum(sign.isdigit() for sign in "".join(groups[1:])) - LAST_SHOWN
    # A number without a code of its own, or with few digits after it, shows none.
    shown, hidden = (groups[0], "".join(groups[1:])) if rest >= LEAST_HIDDEN else ("", national)
    return f"{country} {shown}{_all_but_last(hidden)}"


def _all_but_last(text: str) -> str:
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    hidden = set(places[:-LAST_SHOWN])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(text))


def masked_text(text: str) -> str:
    """Mask what may be a phone or an e-mail in a text; its beginning alone is kept where it is long.

    >>> masked_text("01.03.2024: позвонить 8 (915) 777-11-22 или ivan@mail.ru")
    '01.03.2024: позвонить 8 (915) ***-**-22 или i***@mail.ru'
    """
    return _CONTACT.sub(_masked, text[:LONGEST_TEXT])


def masked_id(text: str) -> str:
    """Show an id, unless it may be a phone: a column of phones may be named as one of ids, by mistake.

    >>> masked_id("1904123497"), masked_id("9157771122")
    ('1904123497', '9157****22')
    """
    if text.isdecimal() and len(text) <= LONGEST_ID and not _is_russian(text):
        return text
    return masked_text(text)


def _is_russian(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "RU"))
    except phonenumbers.NumberParseException:
        return False


def _masked(found: re.Match[str]) -> str:
    if found["date"]:
        return found["date"]
    if found["email"]:
        return mask_phone(mask_email(found["email"]))
    phone = found["phone"]
    return _all_but_last(phone) if sum(map(str.isdigit, phone)) <= FEWEST_PHONE_DIGITS else mask_phone(phone)


def mask_phone(text: str) -> str:
    """Keep the first digits and the last two.

    >>> mask_phone("79157771122")
    '7915*****22'
    """
    digits = [place for place, digit in enumerate(map(str.isdigit, text)) if digit]
    signs = list(text)
    for place in digits[4:-2] if len(digits) > 6 else digits:
        signs[place] = "*"
    return "".join(signs)


def mask_email(text: str) -> str:
    """Keep the first letter and the domain.

    >>> mask_email("ivan@mail.ru")
    'i***@mail.ru'
    """
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else f"{text[:1]}***"


def without_contacts(value: str) -> str:
    """Mask what may be an e-mail address or a phone from another column."""
    if "@" in value:
        return mask_phone(mask_email(value))
    digits = sum(sign.isdigit() for sign in value)
    return value if digits < FEWEST_PHONE_DIGITS or DATE_LIKE.fullmatch(value) else mask_phone(value)
