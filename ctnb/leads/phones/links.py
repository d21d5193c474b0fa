"""Links, e-mail addresses and the ids of a telephone exchange, whose digits are no phone."""

from __future__ import annotations

import re
from typing import Final

DOMAINS: Final = "ru|su|com|net|org|me|by|kz|ua|uz|io|info|biz|pro|online|site|shop|store|link|cc|рф"
NUMBERED: Final = re.compile(
    r"(?<![\w.@-])(?:https?://)?(?:www[.])?(?:wa[.]me/|t[.]me/(?=[+])|(?:api|web)[.]whatsapp[.]com/send/?[?]phone=)"
    r"([+]?\d{10,15})(?!\d)[^\s,;<>]*",
    re.IGNORECASE,
)
"""Link that is a phone by its own rules."""

NUMBERLESS: Final = re.compile(
    rf"[a-z]{{2,12}}://[^\s<>]*|(?<!\w)www[.][^\s<>]*|(?<![\w.@-])(?:[\w-]+[.])+(?:{DOMAINS})/[^\s,;<>]*"
    # The id of a call is the second of its start and a count.
    r"|(?<![\w.+%-])[\w.+%-]+@(?:[\w-]+[.])+[^\W\d_]{2,}|(?<![\d.])1\d{9}[.](?!0+(?!\d))\d+(?![\d.])",
    re.IGNORECASE,
)
SIGNS: Final = re.compile(r"[@]|://|www[.]|[.]\w+/|\d{10}[.]\d", re.IGNORECASE)
"""What one of these has at least."""


def without_links(text: str) -> str:
    """Write a separator instead of what holds digits that are no phone; a link that is a phone becomes its number."""
    return NUMBERLESS.sub(" , ", NUMBERED.sub(r" , \1 , ", text)) if SIGNS.search(text) else text
