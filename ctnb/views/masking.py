"""Text that leaves the notebook: whatever may be a contact in it is masked."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from ctnb.masking import mask_email, mask_phone

# A zero-width sign between two digits would hide a phone from the patterns, and not from a reader.
_INVISIBLE: Final = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SIGN: Final = r"""[^\s<>()\[\]{}"',;:«»|/\\=@]"""
_EMAIL: Final = re.compile(rf"(?<!{_SIGN}){_SIGN}++@{_SIGN}+")
_DATE: Final = r"(?<![\d.+/-])(?:\d{4}(?P<a>[-./])\d{1,2}(?P=a)\d{1,2}|\d{1,2}(?P<b>[-./])\d{1,2}(?P=b)(?:19|20)\d\d)"
_MOMENT: Final = rf"{_DATE}(?![\d./-])(?:[ T]\d{{1,2}}:\d\d(?::\d\d)?(?!\d))?"
# The fewest digits of a phone without its area code. A report may mask an id too many rather than a phone too few.
_PHONE: Final = r"\+?\(?\d(?:[\s().‐-―-]{0,3}\d){6,}"
_MOMENT_OR_PHONE: Final = re.compile(rf"(?P<moment>{_MOMENT})|(?P<phone>{_PHONE})")


def masked(text: str) -> str:
    """Return a text with every e-mail and every number of seven digits or more masked; dates stay.

    >>> masked("2026-03-02 08:32: no lead for +7 (915) 777-11-22 or ivan@mail.ru")
    '2026-03-02 08:32: no lead for +7 (915) ***-**-22 or i***@mail.ru'
    """
    text = _EMAIL.sub(lambda found: mask_email(found[0]), _INVISIBLE.sub("", text))
    return _MOMENT_OR_PHONE.sub(lambda found: found["moment"] or mask_phone(found["phone"]), text)


def masked_labels(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of groups as masked text, missing where it was.

    Values that look alike once masked become one group.
    """
    codes, values = pd.factorize(column)
    texts = pd.Index([masked(str(value)) for value in values], dtype=object)
    merged, words = pd.factorize(texts)
    places = [int(merged[code]) if code >= 0 else -1 for code in codes] if len(values) else [-1] * len(codes)
    return pd.Series(pd.Categorical.from_codes(places, categories=pd.Index(list(words), dtype=object)))
