"""Texts in plots: what can be drawn of a value, how wide it is, and how it is cut to the room there is."""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib import font_manager, rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from ctnb.i18n.labels import value_text
from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNSHOWN: Final = "\N{WHITE SQUARE}"
_ELLIPSIS: Final = "…"
# A dollar is escaped, lest it begin a formula.
_SIGN: Final = re.compile(r"\\\$|.", re.DOTALL)
_MEASURED_AT: Final = 72
_REPEATED: Final = 8
# The shares of a label's room that its beginning has, the first that leaves no two labels alike; without any, the
# sign at which they differ begins what is shown.
_SHARES: Final = (0.5, 0.2, 0.8)


def clean(value: Any) -> str:
    """Turn a user's value into text that can be drawn: one line, no formula, no character that the font lacks."""
    is_missing = pd.api.types.is_scalar(value) and pd.isna(value)
    text = gettext("(missing)") if is_missing else " ".join(value_text(value).split())
    known = _glyphs(tuple(rcParams["font.family"]))
    shown = "".join(sign if ord(sign) in known else _UNSHOWN for sign in text)
    return shown.replace("$", r"\$") or gettext("(blank)")


@functools.lru_cache(maxsize=8)
def _glyphs(families: tuple[str, ...]) -> frozenset[int]:
    paths = [font_manager.findfont(FontProperties(family=[family])) for family in families]
    return frozenset().union(*(font_manager.get_font(path).get_charmap() for path in paths))


def width_of(text: str, size: float) -> float:
    """Measure the widest line of a text, in inches, at a font size in points."""
    return max(sum(_widths(line.strip(), size)) for line in text.split("\n"))


def _widths(line: str, size: float) -> list[float]:
    """Return the width of each sign of a line, in inches."""
    font = font_manager.findfont(FontProperties())
    # Hinting on a screen draws a little wider than the outlines are.
    return [1.05 * size * _inches_per_point(sign, font) for sign in _SIGN.findall(line)]


@functools.lru_cache(maxsize=16_384)
def _inches_per_point(sign: str, font: str) -> float:  # noqa: ARG001  the file of the font in force belongs to the key
    """Return how far one sign moves the pen; a text's outlines as a whole would be measured anew for every text."""
    shown = sign.replace(r"\$", "$")
    around, alone = ("|" + shown * times + "|" for times in (_REPEATED, 0))
    measured = FontProperties(size=_MEASURED_AT)
    wide = text_to_path.get_text_width_height_descent(around, measured, ismath=False)[0]
    narrow = text_to_path.get_text_width_height_descent(alone, measured, ismath=False)[0]
    return float(wide - narrow) / _REPEATED / _MEASURED_AT / 72


def elide(text: str, size: float, room: float, lines: int = 1) -> str:
    """Break prose into at most `lines` lines of `room` inches, and put an ellipsis for the rest."""
    kept: list[str] = []
    words = text.split(" ")
    while words and len(kept) < lines - 1:
        fitting = next((n for n in range(len(words), 1, -1) if width_of(" ".join(words[:n]), size) <= room), 1)
        kept.append(_cut(" ".join(words[:fitting]), size, room, 1.0))
        words = words[fitting:]
    return "\n".join([*kept, *([_cut(" ".join(words), size, room, 1.0)] if words else [])])


def fit_labels(labels: Sequence[str], size: float, room: float, lines: int = 1) -> list[str]:
    """Cut the labels of one plot so that they stay as distinct as they are.

    Parameters
    ----------
    labels : sequence of str
        Already cleaned.
    size : float
        Points.
    room : float
        Inches that a line has.
    lines : int
        Lines that a label may take.

    Returns
    -------
    list of str
        As many; what does not fit is cut in the middle, where names of a kind are most alike.
    """
    distinct = list(dict.fromkeys(labels))
    fitted = dict(zip(distinct, (_fitted(label, size, room, lines, _SHARES[0]) for label in distinct), strict=True))
    for share in _SHARES[1:]:
        for group in _alike(fitted):
            _take(fitted, {label: _fitted(label, size, room, lines, share) for label in group})
    for group in _alike(fitted):
        shared = _shared(group)
        rests = [_ELLIPSIS + label[max(shared - 1, 0) :] for label in group]
        _take(fitted, {label: _fitted(rest, size, room, lines, 0.8) for label, rest in zip(group, rests, strict=True)})
    for group in _alike(fitted):
        _number(fitted, group, size, room, lines)
    return [fitted[label] for label in labels]


def _alike(fitted: dict[str, str]) -> list[list[str]]:
    """Return the groups of labels that look the same now."""
    groups: dict[str, list[str]] = {}
    for label, shown in fitted.items():
        groups.setdefault(shown, []).append(label)
    return [group for group in groups.values() if len(group) > 1]


def _shared(labels: list[str]) -> int:
    """Count the signs that all labels begin with; the first and the last in order differ soonest."""
    first, last = min(labels), max(labels)
    return next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))


def _take(fitted: dict[str, str], tried: dict[str, str]) -> None:
    """Take the new cuts of a group of labels if these differ from each other and from all others."""
    others = {shown for label, shown in fitted.items() if label not in tried}
    if len(set(tried.values())) == len(tried) and others.isdisjoint(tried.values()):
        fitted.update(tried)


def _number(fitted: dict[str, str], group: Iterable[str], size: float, room: float, lines: int) -> None:
    """Put numbers after labels that look the same however they are cut."""
    taken = set(fitted.values())
    numbers = itertools.count(1)
    for label in group:
        for at in numbers:
            mark = f"\N{NO-BREAK SPACE}({at})"
            short = _fitted(label, size, max(room - width_of(mark, size), 0.0), lines, _SHARES[0]) + mark
            if short not in taken:
                break
        fitted[label] = short
        taken.add(short)


def _fitted(label: str, size: float, room: float, lines: int, head: float) -> str:
    if lines > 1 and width_of(label, size) > room:
        first, rest = _broken(label, size, room)
        return first + "\n" + _fitted(rest, size, room, lines - 1, head) if rest else first
    return _cut(label, size, room, head)


def _broken(label: str, size: float, room: float) -> tuple[str, str]:
    """Break a label after the last word that fits, or inside a word where both lines could not be filled otherwise."""
    signs = _SIGN.findall(label)
    fitting = max(_fitting(_widths(label, size), room), 1)
    end = next((at for at in range(min(fitting, len(signs) - 1), 0, -1) if signs[at] == " "), fitting)
    if end < fitting // 2 and width_of("".join(signs[end:]), size) > room:
        end = fitting
    return "".join(signs[:end]).strip(), "".join(signs[end:]).strip()


def _cut(line: str, size: float, room: float, head: float) -> str:
    """Shorten a line to `room` inches: its beginning has the share `head` of them, and its end the rest."""
    widths = _widths(line, size)
    if sum(widths) <= room:
        return line
    spare = room - width_of(_ELLIPSIS, size)
    first = max(_fitting(widths, head * spare), 1)
    last = _fitting(widths[::-1], spare - sum(widths[:first])) if head < 1 else 0
    signs = _SIGN.findall(line)
    return "".join(signs[:first]).rstrip() + _ELLIPSIS + "".join(signs[len(signs) - last :]).lstrip()


def _fitting(widths: Iterable[float], room: float) -> int:
    """Count how many of these fit, from the first."""
    return sum(1 for end in itertools.accumulate(widths) if end <= room)
