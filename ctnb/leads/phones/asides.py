"""What of a note is no part of a number: extensions, dates, times, quantities and pictures, and mistyped digits."""

from __future__ import annotations

import re
from typing import Final

from ctnb.leads.phones.library import PLUSES, digit_count
from ctnb.leads.phones.words import LETTER, YEARS, with_id_words

BETWEEN: Final = r"[().\u2010-\u2015-]"
BORDER: Final = "|"
"""Sign that no piece of a cell has, for what ends a stretch without being a word."""

PICTURE: Final = re.compile("\\d\ufe0f?\u20e3|[\u2600-\u27bf\U0001f000-\U0001faff]\ufe0f?")
"""Picture, or a digit in a key's frame: a mark, never a digit of a number."""

BROKEN: Final = "\ufffd"
"""Sign that is in no number, for a letter that stands where a digit should."""

EXTENSION: Final = re.compile(
    r"(?:(?<=\d)[^\w+]*(?:доб|extension|extn|ext|xtn)[.:]?\s*|(?<=\d\d)(?:\s[xх×]\s*|[xх×]))\d{1,9}(?!\d)",
    re.IGNORECASE,
)
MISTAKE: Final = re.compile(
    # Letters like 0, 1, 3 and 6 that touch a digit, any one letter between two digits, and an O alone between groups.
    rf"(?<!{LETTER})(?:[оoзбli]+(?=\d)|[оo](?=[(]\d))|(?<=\d)[оoзбli]+(?!{LETTER})"
    rf"|(?<=\d){BETWEEN}*{LETTER}{BETWEEN}*(?=\d)|(?<=\d)[\s()-]+[оoз](?=[\s()-]+\d)"
    rf"|(?<=\d)(?:[.\u2010-\u2015-][оoзбli](?!{LETTER}|[.])|[\s()-]+[оoз]\s*$)"
    # A capital like a digit behind one, a letter behind a plus, and what could not be decoded.
    rf"|(?<=\d)(?:(?-i:[ВBSЧ])(?!{LETTER})|[xх](?=\s))|(?<=\d\d\d)ч(?!{LETTER})"
    rf"|[{PLUSES}]\d{{0,3}}{LETTER}(?!{LETTER})|(?<=\d)\ufffd(?=\d)",
    re.IGNORECASE,
)
TIME: Final = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
DAY_AND_MONTH: Final = r"(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\."
FULL_DATE: Final = rf"{DAY_AND_MONTH}(?:19|20)\d\d|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-[0-3]\d"
ALONE: Final = r"(?<![\d.:/-])(?:{})(?!\d|[.:/-]\d)"
QUANTITY: Final = r"(?<=\s)\d{1,4}(?:[.,]\d)?\s?(?:%|м[2²])|(?<!\S)24/7(?!\S)"
SIGN_OF_ASIDE: Final = re.compile(rf"%|²|{PICTURE.pattern}")
MOMENT: Final = re.compile(
    ALONE.format(rf"{FULL_DATE}|{DAY_AND_MONTH}\d\d|{TIME}(?:\s?[\u2010-\u2015-]\s?{TIME})?")
    + rf"|(?<=\s)(?:[01]?\d|2[0-3])\.[0-5][05](?=\s+{LETTER})|{QUANTITY}"
)
"""Time, date or quantity, none of which has a digit of a number."""

SUM: Final = re.compile(rf"(?<!\d)(?<!\d\W)(?:[1-79]|\d\d)[{PLUSES}](?!7\s)\d\d?(?=\s)")
"""Sum such as ``2+1``: its plus begins no number, unless what is dialled stands beside it."""

NO_PREFIX: Final = re.compile(rf"(?<=[\d)])(?:[{PLUSES}]|\s+[{PLUSES}]\s+)(?=8[\s(\u2010-\u2015-])")
"""Plus that begins no number, for a trunk prefix stands behind it."""

AND_MORE: Final = re.compile(rf"(?<=\d)[{PLUSES}](?=\s|$)")
"""Plus of ``18+``, which counts years as a word does."""

PLAIN_DATE: Final = re.compile(rf"{ALONE.format(FULL_DATE)}|^(?:[^\d.]*\d){{7,}}[^\d.]*\s{DAY_AND_MONTH}\d\d$")
"""Date in a text without words, where one without its century may be groups of digits."""

FEWEST_WITH_DATE: Final = 13
"""Digits of the shortest number and of a date behind it; fewer are not searched for one."""


def marked(note: str) -> str:
    """Write `BORDER`, `BROKEN` or a word instead of what is no part of a number."""
    note = MISTAKE.sub(BROKEN, EXTENSION.sub(BORDER, PICTURE.sub(BORDER, note)))
    note = MOMENT.sub(" at ", note)
    if any(plus in note for plus in PLUSES):
        note = NO_PREFIX.sub(BORDER, AND_MORE.sub(f" {YEARS} ", SUM.sub(" at ", note)))
    return with_id_words(note)


def has_mistake(text: str) -> bool:
    """Tell whether a letter stands where a digit should."""
    return MISTAKE.search(EXTENSION.sub(BORDER, text)) is not None


def has_aside(text: str) -> bool:
    """Tell whether there is a sign in a text that no number has: a picture, a percent."""
    return SIGN_OF_ASIDE.search(text) is not None


def has_date(text: str) -> bool:
    """Tell whether there is a date in a text without words that has digits enough for a number too."""
    return digit_count(text) >= FEWEST_WITH_DATE and PLAIN_DATE.search(text) is not None
