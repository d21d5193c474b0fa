"""One cell of phones, read with the library: the reference that whole columns must equal.

`phonenumbers` decides what a valid number is, see `ctnb.leads.phones.library`. This module adds spreadsheet artefacts,
several numbers in a cell, and the reason for each refusal; `ctnb.leads.phones.notes` finds numbers among words.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Integral
from typing import Any, Final

import numpy as np

from ctnb.i18n.language import N_, gettext
from ctnb.leads.columns.cells import exact_below, is_empty, is_number, plain_text, scalars, shown
from ctnb.leads.contacts import LONG_CELL, LONGEST_CELL, NOTHING, Found, merged
from ctnb.leads.phones.asides import BROKEN, has_aside, has_date, has_mistake
from ctnb.leads.phones.library import NOT_A_PHONE, TOO_LONG, UNCLEAR, digit_count, valid_phone
from ctnb.leads.phones.links import without_links
from ctnb.leads.phones.notes import FEWEST_UNREAD, has_list_mark, is_complete, phones_of_note
from ctnb.leads.phones.words import is_id_at
from ctnb.leads.spreadsheet_numbers import LOST_DIGITS
from ctnb.masking import Strength, masked

# RFC 3966 writes the parameters of one number after a semicolon.
SEPARATOR: Final = re.compile(
    r"[,|/\\\n\r\t\v\f\x85\u2028\u2029，；、]|;(?!(?:ext|isub|phone-context)=)|\s(?:и|или|or|and|&)\s",
    re.IGNORECASE,
)
ALWAYS: Final = re.compile(r"(?<!\S)24/7(?!\S)")
GAP_OR_SEPARATOR: Final = re.compile(r"\d[\s)]*[\t|]+[\s(]*\d")
REST_AT_START: Final = re.compile(r"[^\w+]*(?:\d[^\w+]*){1,6}(?:$|[^\W\d])")
REST_AT_END: Final = re.compile(r"(?:^|[^\W\d])\W*(?:\d\W*){1,6}$")
COUNTRY_CODE: Final = re.compile(r"(?<!\w)([+\uff0b]\W?\d{1,3}\)?)([\t,;|/\\])(?=[(]?\d)")
"""Country code that a separator parts from its number: a tab is a gap there, any other one a mistake."""

FLOAT_TEXT: Final = re.compile(r"([+-]?[0-9]{5,})[.,]0{1,6}")
EXPONENT_TEXT: Final = re.compile(r"\+?([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,3})")

MOST_ZEROS: Final = 3
"""Final zeros that an exponent may stand for; more of them are digits that a spreadsheet rounded away."""

MOST_DIGITS: Final = 40

MISTYPED: Final = N_("a letter stands among the digits")
AN_ID: Final = N_("what stands before it says that it is no phone number")
FRACTION: Final = N_("a number with a fraction is not a phone number")

PARAMETERS: Final = re.compile(";(?:ext|isub|phone-context)=", re.IGNORECASE)
WORD_SIGN: Final = re.compile(rf"[^\W\d]|{BROKEN}")
LABEL: Final = re.compile(r"[^\d+\uff0b]+")
LAST_EXTENSION: Final = re.compile(r"(?<=\d)[^\w+]*(?:доб|ext)[.:]?\s*\d{1,9}[).,;\s]*$", re.IGNORECASE)


def read_cell(cell: object, region: str) -> Found:
    """Find the phones in each item of a cell; see `ctnb.leads.phones.api.phones_in`."""
    return merged(read_item(item, region) for item in scalars(cell))


def read_item(item: object, region: str) -> Found:
    """Read one scalar by its kind."""
    if is_empty(item):
        return NOTHING
    if isinstance(item, str):
        return read_text(plain_text(item), region)
    if not is_number(item):
        return Found(problem=gettext("a cell of type {kind} is not a phone number", kind=type(item).__name__))
    digits, refusal = digits_of_number(item)
    phone, reason = valid_phone(digits, region)
    return refused(digits, refusal or reason) if refusal or not phone else Found((phone,))


def digits_of_number(number: Any) -> tuple[str, str | None]:
    """Return a number's digits, and why they cannot be trusted, or None."""
    if not isinstance(number, Integral) and not math.isfinite(number):
        return str(float(number)), NOT_A_PHONE
    exact = number if isinstance(number, Decimal) else int(number) if isinstance(number, Integral) else float(number)
    if abs(exact) >= 10**MOST_DIGITS:
        return gettext("a huge number"), TOO_LONG
    whole = int(exact)
    if whole != exact:
        return str(whole), FRACTION
    is_sure = not isinstance(number, float | np.floating) or abs(whole) < exact_below(number)
    return str(whole), None if is_sure else LOST_DIGITS


def read_text(text: str, region: str) -> Found:
    """Read text of one or several numbers."""
    if is_empty(text):
        return NOTHING
    if len(text) > LONGEST_CELL:
        return refused(text, LONG_CELL, count=len(text), most=LONGEST_CELL)
    is_number = spreadsheet_digits(text) != (text, None)
    linkless = text if is_number else without_links(text)
    if linkless != text and not digit_count(linkless):
        return refused(text, NOT_A_PHONE)
    text = linkless
    text = COUNTRY_CODE.sub(lambda code: code[1] + (" " if code[2].isspace() else BROKEN), text)
    text = ALWAYS.sub("", text) if "24/7" in text else text
    pieces = [text] if is_number else [piece.strip() for piece in SEPARATOR.split(text) if not is_empty(piece)]
    if len(pieces) > 1:
        # Before the whole text: the library takes the second of two numbers for an extension.
        several = [read_single(plain_text(piece), region)[0] for piece in pieces]
        if all(several):
            return Found(tuple(dict.fromkeys(several)))
    # A last digit by itself behind a separator is a remark.
    if len(pieces) > 1 and digit_count(pieces[-1]) != 1 and (phone := read_single(text, region)[0]):
        return Found((phone,))
    founds = [read_piece(plain_text(piece), region) for piece in pieces]
    if ("\t" in text or "|" in text) and GAP_OR_SEPARATOR.search(text):
        founds = without_parts(pieces, founds)
    return merged(without_bare_words(pieces, founds))


def read_piece(piece: str, region: str) -> Found:
    """Read a part of a text: as one number, else as a note that has numbers in it."""
    digits, refusal = spreadsheet_digits(piece)
    if refusal:
        return refused(piece, refusal)
    phone, reason = single_phone(digits, region)
    if phone:
        return Found((phone,))
    phones, unread = phones_of_note(digits, region)
    if not phones:
        return refused(piece, reason)
    left = merged(refused(stretch, single_phone(stretch, region)[1] or UNCLEAR) for stretch in unread)
    return Found(phones, left.problem)


def without_parts(pieces: list[str], founds: list[Found]) -> list[Found]:
    """Refuse the numbers that may go on in a neighbour, a few digits and no word."""
    ends = [False, *(REST_AT_END.search(piece) is not None for piece in pieces)]
    starts = [*(REST_AT_START.match(piece) is not None for piece in pieces[1:]), False]
    return [
        refused(piece, UNCLEAR)
        if (before or behind) and found.contacts and not is_complete(piece, found.contacts[0])
        else found
        for before, piece, found, behind in zip(ends, pieces, founds, starts, strict=False)
    ]


def without_bare_words(pieces: list[str], founds: list[Found]) -> list[Found]:
    """Drop the refusals of parts that have no digit, such as a name beside a number."""
    if not any(found.contacts for found in founds):
        return founds
    numbered = (any(sign.isdigit() for sign in piece) for piece in pieces)
    return [found for found, has_digit in zip(founds, numbered, strict=True) if found.contacts or has_digit]


def read_single(text: str, region: str) -> tuple[str, str]:
    """Return the phone that a text is as a whole, or a blank and the reason."""
    digits, refusal = spreadsheet_digits(text)
    return ("", refusal) if refusal else single_phone(digits, region)


def single_phone(text: str, region: str) -> tuple[str, str]:
    """Return the number that a text is but for a label before it and an extension behind, or a blank and the reason."""
    if PARAMETERS.search(text):
        return valid_phone(text, region)
    has_words = WORD_SIGN.search(text) is not None
    if (label := LABEL.match(text)) and is_id_at(text, label.end()):
        return "", AN_ID
    body = LAST_EXTENSION.sub("", text) if has_words else text
    body = body[label.end() :] if label else body
    if has_words and has_mistake(text) and digit_count(text) >= FEWEST_UNREAD:
        return "", MISTYPED
    if has_aside(body) or (has_words and any(map(str.isalpha, body))):
        return "", UNCLEAR if digit_count(body) >= FEWEST_UNREAD else NOT_A_PHONE
    phone, reason = valid_phone(body, region)
    return ("", reason or UNCLEAR) if phone and (has_date(body) or has_list_mark(text)) else (phone, reason)


def spreadsheet_digits(text: str) -> tuple[str, str | None]:
    """Undo a spreadsheet's way to write a whole number; also return why that cannot be done, or None."""
    if whole := FLOAT_TEXT.fullmatch(text):
        return whole[1], None
    exponent = EXPONENT_TEXT.fullmatch(text)
    if exponent is None:
        return text, None
    fraction = exponent[2] or ""
    zeros = int(exponent[3]) - len(fraction)
    if zeros > MOST_ZEROS:
        return text, LOST_DIGITS
    if zeros < 0 and fraction[zeros:].strip("0"):
        return text, FRACTION
    digits = exponent[1] + fraction
    return digits + "0" * zeros if zeros >= 0 else digits[:zeros], None


def refused(text: str, reason: str, **limits: int) -> Found:
    """Return a refusal that names the value, contacts masked, and why, a message of the catalogue."""
    return Found(problem=f"'{masked(shown(text), Strength.SHARED, column='phones')}': {gettext(reason, **limits)}")
