"""Phones in a note: a stretch of digits between its words is a number as a whole, or it is none.

A number is never cut on its left, unless a plus begins it or what stands before it cannot be dialled: a list mark, a
labelled number (``кв 15``), four digits or more. On its right it ends where a remark plainly begins: ``2 подъезд``. The
digits of a remark are no part of a number either, and what is left of a cut stretch must be in the usual groups.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ctnb.leads.phones.asides import BORDER, BROKEN, marked
from ctnb.leads.phones.library import (
    GROUP,
    PLUSES,
    SHORTEST_AREA_CODE,
    can_be_longer,
    digit_count,
    may_be_country_code,
    national_number,
    phones_covering,
    valid_phone,
)
from ctnb.leads.phones.words import COUNTED, HOURS, ID_WORD, LABELS, LETTER, UNCOUNTED, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD: Final = re.compile(rf"({LETTER}+|(?<!\S)№|№(?!\s*\d)|[|])")
LIKE_DIGITS: Final = frozenset("оoзбвчхxliIbs")
"""Words that may be a digit by itself, if the number before may have one more."""

# What is dialled begins with a 7 or an 8 at home, and is no list mark unless such a number stands behind it.
LIST_MARK: Final = re.compile(
    r"(?:^\W*(?:[1-69]\d?|[78](?=..?\s*[78]))[.:]\s|(?:^|(?<=\s))(?:[1-69]\d?|[78](?=.\s*[78]))\))[\s-]*(?=[\d(])"
)
DOTTED_LIST: Final = re.compile(r"(?:^\W*1\.|(?<=\d)\s+[2-6]\.)\s(?=[\s(]*\d)")
FIRST_MARK: Final = re.compile(r"(?:\W*[1-69]\d?[.:]\s|[1-69]\d?\))[\s-]*[\d(]")
LABELLED: Final = re.compile(r"-?[\s.:#]*(\d{1,6})[\s.]+(?=[\d(])")
ID: Final = re.compile(r"\s*(\d+)[\s.]+(?=[\d(])")
LONG_HEAD: Final = re.compile(r"\W*(\d{4,})[\s.]+(?=[\d(])")
FEWEST_WITH_LONG_HEAD: Final = 14
"""Digits, the head's too, that are too many for one number."""

ABROAD: Final = ("0", "810")
DIALLED: Final = ("0", "7", "8")
"""First digits of a trunk prefix, or of a country code at home."""

ONLY_DIALLED: Final = re.compile(r"0|00\d*|80+|810")
OWN_PREFIX: Final = re.compile(r"[78]\D|\d{11}$")
LATEST_HOUR: Final = 24

OWN_DIGITS: Final = re.compile(r"[\s.:№]*\d")
LONGEST_COUNT, LONGEST_REMARK, UNBROKEN = 4, 3, 6
RANGE: Final = re.compile(r"(?<=\s)\d{1,2}[\u2010-\u2015-]$")
USUAL_SIZES: Final = re.compile("1,3(?:4|22)|[23],(?:[123]?2{1,4}|3[34]|333)|[45],1?2{2,3}|.*,.")
ODD_GAP: Final = re.compile(r"\d[.\u2010-\u2015-]\d+\s+\d\d?\W*$")
"""Last one or two digits behind a blank, where a dash parts the digits before."""

APART: Final = re.compile(r"\d[.\u2010-\u2015-]\d+\s+$")
GAP: Final = re.compile(r"(?:\s|[(])[\s(\u2010-\u2015-]*$")
ASIDE: Final = re.compile(r"\s[(\u2010-\u2015-]")
LONE_END: Final = re.compile(r"(?<!\d)\d?$")
UNBROKEN_ABROAD: Final = re.compile(rf"[{PLUSES}]\d+")
OPENED: Final = re.compile(r"\s[(]\d{1,4}\s*$")
"""Digits in a parenthesis that a word closes, so that they are no part of a number before it."""

LOOSE_END: Final = re.compile(r"[^\d)]+$")
FEWEST_UNREAD: Final = 7
"""Digits of a stretch that may be a phone, and is named when it could not be read."""


class Stretch(NamedTuple):
    """Digits of a note, with the signs between them and the words beside them.

    Attributes
    ----------
    text : str
    before, behind : str
        Words in lower case; blank where there is none.
    is_counted : bool
        Whether the word behind may be one that is counted.
    is_label : bool
        Whether the digits behind that word may be its own.
    is_cut : bool
        Whether a list mark was cut off.
    """

    text: str
    before: str = ""
    behind: str = ""
    is_counted: bool = False
    is_label: bool = False
    is_cut: bool = False


class Noted(NamedTuple):
    """Numbers of a note, and the stretches of it that may be numbers and could not be read."""

    phones: tuple[str, ...]
    unread: tuple[str, ...]


def phones_of_note(note: str, region: str) -> Noted:
    """Read the numbers of a note, a text without separators."""
    phones: list[str] = []
    unread: list[str] = []
    for stretch in stretches(note):
        found, left = numbers_of(stretch, region)
        phones += found
        if digit_count(left) >= FEWEST_UNREAD:
            unread.append(left.replace(BROKEN, "?").strip())
    return Noted(tuple(dict.fromkeys(phones)), tuple(unread))


def is_complete(text: str, phone: str) -> bool:
    """Tell whether no digit can be missing on either side of the number that a text is."""
    number = re.sub(rf"^[^{PLUSES}\d]+", "", text)
    has_own_prefix = number.startswith(tuple(PLUSES)) or OWN_PREFIX.match(number) is not None
    return has_own_prefix and not can_be_longer(phone) and usually_grouped(number, (phone,))


def has_list_mark(text: str) -> bool:
    """Tell whether a text begins with a list mark that is no trunk prefix."""
    return FIRST_MARK.match(text) is not None


def stretches(note: str) -> Iterator[Stretch]:
    """Yield the stretches of a note that have digits: words, moments, list marks end them, a plus begins one."""
    parts = WORD.split(marked(note))
    words = ["", *(word.strip(BORDER).lower() for word in parts[1::2]), ""]
    for number, part in enumerate(parts[::2]):
        *signed, last = re.split(rf"(?=[{PLUSES}])", part)
        befores = [words[number], *[""] * len(signed)]
        for before, digits in zip(befores, signed, strict=False):
            yield from items(Stretch(digits, before))
        behind = words[number + 1]
        has_digits = OWN_DIGITS.match("".join(parts[2 * number + 2 : 2 * number + 3])) is not None
        is_label = (behind in LABELS or behind == ID_WORD) and has_digits
        # In "2 подъезд 5 этаж" the 5 belongs to the storey.
        is_open = bool(behind) and OPENED.search(last) is not None
        may_be_counted = is_open or (behind in COUNTED and not (is_label and words[number + 2] not in COUNTED | LABELS))
        yield from items(Stretch(last, befores[-1], behind, is_counted=may_be_counted, is_label=is_label))


def items(stretch: Stretch) -> Iterator[Stretch]:
    """Yield the items of a list, or the whole stretch."""
    first, *others = (DOTTED_LIST if DOTTED_LIST.match(stretch.text) else LIST_MARK).split(stretch.text)
    if others and not digit_count(first):
        first, *others = others
        stretch = stretch._replace(is_cut=True)
    elif others:
        first, others = stretch.text, []
    texts = [first, *others]
    for index, text in enumerate(texts):
        if digit_count(text):
            is_last = index == len(texts) - 1
            yield stretch._replace(text=text) if is_last else Stretch(text, is_cut=True)


def numbers_of(stretch: Stretch, region: str) -> tuple[tuple[str, ...], str]:
    """Return the numbers that a stretch consists of, and what of it could not be read."""
    if BROKEN in stretch.text:
        return (), stretch.text
    is_id = stretch.before == ID_WORD and not stretch.is_cut
    whole = () if is_id else phones_covering(stretch.text, region)
    if stretch.is_label and whole:
        stretch = stretch._replace(is_counted=False)
    body = without_remark(stretch)
    if body is None:
        is_alone = not (stretch.behind or stretch.is_cut)
        is_read = bool(whole) and (is_alone or is_sure(stretch, whole, region))
        return (whole, "") if is_read else behind_head(stretch, region)
    # Where both may be meant, the number with the last digits and without them, nothing is read.
    if not body or (whole and not stretch.is_counted):
        return (), stretch.text
    found = () if is_id else phones_covering(body, region)
    if not usually_grouped(body, found):
        return behind_head(stretch._replace(text=body), region)
    has_plus = body.startswith(tuple(PLUSES))
    is_end = stretch.is_counted or not (can_be_longer(found[-1]) if has_plus else may_be_abroad(stretch.text, region))
    return (found, "") if is_end else ((), stretch.text)


def is_sure(stretch: Stretch, phones: tuple[str, ...], region: str) -> bool:
    """Tell whether all digits of a stretch beside a word are the number that they are as a whole."""
    if ODD_GAP.search(stretch.text):
        return False
    if any(map(can_be_longer, phones)):
        # The digits behind the last blank may belong to the word, or the word be a digit.
        shorter = re.sub(r"\s\d+\W*$", "", stretch.text)
        is_open = shorter != stretch.text and phones_covering(shorter, region) != ()
        if stretch.behind in LIKE_DIGITS or (stretch.behind and is_open):
            return False
    return usually_grouped(stretch.text, phones) or (not stretch.is_cut and has_prefix(stretch.text, phones))


def without_remark(stretch: Stretch) -> str | None:
    """Return a stretch without the digits that belong to the word behind it.

    None when no digits do; blank when it is not plain where the number ends.
    """
    groups = list(GROUP.finditer(stretch.text))
    if not stretch.behind or len(groups) < 2:
        return None
    *_, previous, last = groups
    is_counted = stretch.is_counted and len(last[0]) <= LONGEST_COUNT and not last[0].startswith("0")
    is_counted &= stretch.behind != YEAR or len(last[0]) == LONGEST_COUNT
    is_apart = len(previous[0]) >= UNBROKEN or APART.search(stretch.text[: last.start()]) is not None
    is_single = len(last[0]) == 1 and not UNBROKEN_ABROAD.fullmatch(stretch.text[: last.start()].strip())
    if not (is_counted or is_single or (len(last[0]) <= LONGEST_REMARK and is_apart)):
        return None
    body = stretch.text[: last.start()]
    if is_counted:
        body = RANGE.sub("", body)
    elif is_single or stretch.behind in COUNTED or stretch.behind in UNCOUNTED:
        return ""
    elif not GAP.search(body):
        return None
    if ASIDE.search(stretch.text, last.end()):
        return ""
    body = LOOSE_END.sub("", body)
    return "" if LONE_END.search(body) else body


def behind_head(stretch: Stretch, region: str) -> tuple[tuple[str, ...], str]:
    """Return the numbers behind digits that cannot be dialled, and what could not be read."""
    head = LABELLED.match(stretch.text) if stretch.before in LABELS or stretch.before in HOURS else None
    head = ID.match(stretch.text) if stretch.before == ID_WORD else head
    if head and (ONLY_DIALLED.fullmatch(head[1]) or (stretch.before in HOURS and int(head[1]) > LATEST_HOUR)):
        return (), stretch.text
    if head is None and digit_count(stretch.text) >= FEWEST_WITH_LONG_HEAD:
        head = LONG_HEAD.match(stretch.text)
        head = None if head and head[1].startswith(ABROAD) else head
    if head is None:
        return (), stretch.text
    rest = stretch.text[head.end() :]
    found = phones_covering(rest, region)
    # Digits that may be a prefix are cut off a number only if it has its own.
    may_be_dialled = head[1].startswith(DIALLED) or may_be_country_code(head[1], "".join(GROUP.findall(rest)))
    is_part = may_be_dialled and not (has_prefix(rest, found) and OWN_PREFIX.match(rest))
    if is_part or not usually_grouped(rest, found):
        return (), stretch.text
    return found, head[1]


def usually_grouped(text: str, phones: tuple[str, ...]) -> bool:
    """Tell whether the number that a text is has the usual groups behind its area code; of several, that is sure."""
    if len(phones) != 1:
        return bool(phones)
    area, *others = national_groups(text, phones[0])
    if not others:
        return True
    is_long_enough = area >= SHORTEST_AREA_CODE or is_international(text, phones[0])
    return is_long_enough and USUAL_SIZES.fullmatch(f"{area},{''.join(map(str, others))}") is not None


def may_be_abroad(text: str, region: str) -> bool:
    """Tell whether the digits of a text, with or without the first, are a number of any country with its code."""
    digits = "".join(GROUP.findall(text))
    return any(valid_phone(f"+{number}", region)[0] for number in (digits, digits[1:]))


def has_prefix(text: str, phones: tuple[str, ...]) -> bool:
    """Tell whether the number that a text is has something before it that is dialled, and no digit by itself inside."""
    if len(phones) != 1:
        return bool(phones)
    sizes = national_groups(text, phones[0])
    is_long_enough = sizes[0] >= SHORTEST_AREA_CODE or is_international(text, phones[0])
    return sum(sizes) < digit_count(text) and 1 not in sizes[:-1] and is_long_enough


def is_international(text: str, phone: str) -> bool:
    """Tell whether a plus or an international prefix stands before the country code of a number."""
    return text.startswith(tuple(PLUSES)) or digit_count(text) > len(phone)


def national_groups(text: str, phone: str) -> list[int]:
    """Return how many digits there are in each group of a written number, what is dialled before it left out."""
    sizes: list[int] = []
    left = len(national_number(phone))
    for group in reversed(GROUP.findall(text)):
        if left:
            sizes.insert(0, min(len(group), left))
            left -= sizes[0]
    return sizes
