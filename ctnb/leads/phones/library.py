"""What `phonenumbers` says: whether a text is a valid number, and which numbers a stretch of text consists of."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberMatcher,
    ValidationResult,
)

from ctnb.i18n.language import N_

NOT_A_PHONE: Final = N_("not a phone number")
TOO_SHORT: Final = N_("too short for a phone number")
TOO_LONG: Final = N_("too long for a phone number")
NO_SUCH_COUNTRY: Final = N_("no such country code")
NOT_IN_PLAN: Final = N_("not in the numbering plan, check the digits")
UNCLEAR: Final = N_("it is not clear which digits are the number")
UNPARSED: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: NO_SUCH_COUNTRY,
    NumberParseException.NOT_A_NUMBER: NOT_A_PHONE,
    NumberParseException.TOO_SHORT_AFTER_IDD: TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: TOO_SHORT,
    NumberParseException.TOO_LONG: TOO_LONG,
}
IMPOSSIBLE: Final = {
    ValidationResult.INVALID_COUNTRY_CODE: NO_SUCH_COUNTRY,
    ValidationResult.TOO_SHORT: TOO_SHORT,
    ValidationResult.TOO_LONG: TOO_LONG,
    ValidationResult.INVALID_LENGTH: N_("no phone number has this length"),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: N_("the area code is missing"),
}
PLUSES: Final = "+\uff0b"
GROUP: Final = re.compile(r"\d+")
EXTENSION_SIGNS: Final = re.compile("[#＃~～]")
SHORTEST_AREA_CODE: Final = 3
APART: Final = re.compile(
    r"\d\W*(?:(?<=\s)[*×•]|[*×•](?=\s)|\[)\W*\d{1,3}\W*$|\d\W*[*×•]\W*\d\W*$"
    r"|[.]\W*\s\W*\d\W*$|\d{5}[.]\W*\s\W*\d\d\W*$"
    rf"|\s\d\d?[{PLUSES}]\W*$"
)
"""Last digits behind a sign that no number has there."""

SIGN_OF_NOTE: Final = re.compile(rf"[*×•.[{PLUSES}]")
LONGEST_END: Final = 24
"""Signs at the end of a text that are searched for such digits."""


def valid_phone(text: str, region: str) -> tuple[str, str]:
    """Return the digits of a valid number, or a blank and the reason."""
    if is_completed(text):
        return "", UNCLEAR
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as refusal:
        return "", UNPARSED.get(refusal.error_type, NOT_A_PHONE)
    if not phonenumbers.is_valid_number(number):
        return "", IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), NOT_IN_PLAN)
    return ("", NOT_IN_PLAN) if keeps_trunk_prefix(text, number, region) else (digits_of_phone(number), "")


def is_completed(text: str) -> bool:
    """Tell whether the last digits may be those of a note, which would complete a number that lacks some."""
    end = text[-LONGEST_END:]
    return SIGN_OF_NOTE.search(end) is not None and APART.search(end) is not None


def keeps_trunk_prefix(text: str, number: PhoneNumber, region: str) -> bool:
    """Tell whether a number has swallowed the trunk prefix that stands before it.

    In ``8 842 212 34 5``, a digit short, the 8 is no part of an area code 8842; nor is it in ``80 96 79 46 50``.
    """
    first, *others = GROUP.findall(text)
    if not others or len(first) >= SHORTEST_AREA_CODE:
        return False
    metadata = PhoneMetadata.metadata_for_region(region)
    prefix = metadata and metadata.national_prefix
    national = phonenumbers.national_significant_number(number)
    # More digits behind are an extension.
    return bool(prefix) and first.startswith(prefix) and "".join([first, *others]).startswith(national)


def phones_covering(stretch: str, region: str, leniency: int = Leniency.VALID) -> tuple[str, ...]:
    """Return the numbers that a stretch of text consists of, every digit in one of them; none when one digit is not."""
    if is_completed(stretch):
        return ()
    phone, _ = ("", "") if EXTENSION_SIGNS.search(stretch) else valid_phone(stretch, region)
    if phone:
        return (phone,)
    matches = list(PhoneNumberMatcher(stretch, region, leniency=leniency))
    if not matches or sum(digit_count(match.raw_string) for match in matches) != digit_count(stretch):
        return ()
    # Without its plus it is not the number that was written.
    if stretch.startswith(tuple(PLUSES)) and not matches[0].raw_string.startswith(tuple(PLUSES)):
        return ()
    if any(keeps_trunk_prefix(match.raw_string, match.number, region) for match in matches):
        return ()
    return tuple(dict.fromkeys(digits_of_phone(match.number) for match in matches))


def digits_of_phone(number: PhoneNumber) -> str:
    """Return E.164 without the plus."""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def can_be_longer(phone: str) -> bool:
    """Tell whether a number in E.164 digits may have a digit more in its country, by its type."""
    kind = phonenumbers.number_type(phonenumbers.parse(f"+{phone}"))
    return phonenumbers.is_possible_number_for_type(phonenumbers.parse(f"+{phone}0"), kind)


def national_number(phone: str) -> str:
    """Return a number in E.164 digits without its country code."""
    return phonenumbers.national_significant_number(phonenumbers.parse(f"+{phone}"))


def may_be_country_code(head: str, rest: str) -> bool:
    """Tell whether digits are the code of a country whose numbers are as long as the rest, or a digit more or less."""
    if int(head) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return False
    numbers = (int(rest or "0"), int(rest[:-1] or "0"), int(f"{rest}0"))
    return any(phonenumbers.is_possible_number(PhoneNumber(int(head), number)) for number in numbers)


def digit_count(text: str) -> int:
    """Count the decimal digits of any script."""
    return sum(map(str.isdecimal, text))
