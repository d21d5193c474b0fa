"""Sentences that are found again in English text, and put into the language in force."""

from __future__ import annotations

import re
from functools import cached_property
from string import Formatter
from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NUMBER: Final = "[0-9]+"


class Phrases:
    """Sentences with ``{fields}``, by which English text is put into words.

    Parameters
    ----------
    texts : iterable of str
        Keys of the catalogue.
    numbers : collection of str
        Fields that are whole numbers.
    """

    def __init__(self, texts: Iterable[str], *, numbers: Collection[str] = ()) -> None:
        # The longest first: it says most of its own.
        self._texts = sorted(map(str, texts), key=len, reverse=True)
        self._numbers = frozenset(numbers)

    def in_words(self, text: str) -> str:
        """Put a text into the language in force, and so what is in its fields; one that is none of these stays."""
        for message, pattern in self._patterns:
            if found := pattern.fullmatch(text):
                return gettext(message, **{name: self.in_words(value) for name, value in found.groupdict().items()})
        return text

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """What each sentence looks like with its fields filled in."""
        return [(text, re.compile(self._pattern(text))) for text in self._texts]

    def _pattern(self, text: str) -> str:
        return "".join(
            re.escape(words) + ("" if field is None else f"(?P<{field}>{self._value(field)})")
            for words, field, _, _ in Formatter().parse(text)
        )

    def _value(self, field: str) -> str:
        return _NUMBER if field in self._numbers else ".+"
