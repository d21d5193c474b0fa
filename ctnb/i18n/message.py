"""Sentences that are kept as their key and values, and put into words when they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.i18n.language import number, translated

LONGEST: Final = 2_000
"""Characters of a value."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class LazyMessage:
    """A sentence in whatever language is in force when `str` is called on it.

    Attributes
    ----------
    key : str
        English, as it stands in the catalogue.
    values : tuple of pairs
        What its ``{fields}`` stand for: texts, numbers, other messages. ``{field:n}`` writes a number in the form of
        the language.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        try:
            return self._filled(translated(self.key))
        except Exception:  # noqa: BLE001  a fault of a translation must not hide the error that it speaks of
            return self._in_english()

    def _filled(self, text: str) -> str:
        return _FORMATTER.vformat(text, (), dict(self.values)) if self.values else text

    def _in_english(self) -> str:
        """Return the English text; where that cannot be filled in either, as it stands, with the values after it."""
        try:
            return self._filled(self.key)
        except Exception:  # noqa: BLE001  as above
            return " ".join([self.key, *(f"{name}={value}" for name, value in self.values)])


def lazy_gettext(message: str, /, **values: object) -> LazyMessage:
    """Keep a message, a literal, with what its ``{fields}`` stand for."""
    return LazyMessage(message, _kept(values))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A value as text, in place of an object that may not pickle, or may hold a secret."""

    text: str
    literal: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.literal

    def __format__(self, form: str) -> str:
        return format(self.text, form)


def _kept(values: Mapping[str, object]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, _plain(value)) for name, value in values.items())


def _plain(value: object) -> object:
    if type(value) is str:
        return _short(value)
    if value is None or type(value) in (int, float, bool, LazyMessage):
        return value
    if isinstance(value, BaseException) and value.args and isinstance(value.args[0], LazyMessage):
        return value.args[0]
    for kind, plain in _PLAIN_OF_NUMPY.items():
        if isinstance(value, kind) and not isinstance(value, np.timedelta64):
            return plain(value)
    try:
        return _Shown(_short(str(value)), _short(repr(value)))
    except Exception:  # noqa: BLE001  an object that cannot be shown must not hide the error that names it
        return _Shown(*[f"<{type(value).__name__}>"] * 2)


def _short(text: str) -> str:
    """Cut a text that nobody would read to its end, as that of a list of a million rows."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


# Not of `item`: it makes a number of a moment.
_PLAIN_OF_NUMPY: Final[dict[type, Callable[[Any], object]]] = {
    np.bool_: bool,
    np.integer: int,
    np.floating: float,
    np.str_: str,
}


class _MessageFormatter(Formatter):
    """Formats as `str.format` does; ``{field:n}`` is a number in the form of the language."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, LazyMessage):
            return str(value)
        return number(value) if format_spec == "n" else format(value, format_spec)


_FORMATTER = _MessageFormatter()
