"""How the width of axes is shared between the labels of bars, the bars, and their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctnb.views.charts.texts import fit_labels, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.text import Annotation

    from ctnb.views.charts.bar import Bar

STRIP: Final = 0.17
"""Inches above the bars for the rate of all."""

# Inches: where a row has this much, its texts take two lines.
_TALL_ROW: Final = 0.34
_GAP: Final = 0.12
_LARGEST: Final = 9.0
_SMALLEST: Final = 6.0
# Shares of the width that the bars keep, and the labels where they want more.
_BARS: Final = 0.25
_LABELS: Final = 0.3
# What stands beside a bar, from the most: rate, interval and counts; rate and interval; the rate.
_FULL, _RATE_AND_INTERVAL, _RATE = range(3)


@dataclass(frozen=True, slots=True)
class BarRoom:
    """The shares of the axes, in inches: labels left, numbers right, the bars between; and the size of the texts.

    ``first`` is the width of the first column of numbers; ``pitch`` the height of a bar's row; ``size`` is in points;
    ``lines`` are the lines of text in a bar's row; ``level`` says how much is written.
    """

    labels: list[str]
    left: float
    middle: float
    right: float
    first: float
    pitch: float
    size: float
    lines: int
    level: int

    @classmethod
    def of(cls, bars: Sequence[Bar], width: float, height: float) -> BarRoom:
        """Share a width among bars that have a height together, both in inches."""
        pitch = height / len(bars)
        size = min(_LARGEST, 72 * pitch * 0.6)
        lines = 2 if pitch >= _TALL_ROW else 1
        # Smaller texts rather than fewer.
        sizes = [size, *(each for each in (8.0, 7.0, _SMALLEST) if each < size)]
        tries = [(size, _FULL, lines) for size in sizes[:2]]
        tries += [(size, level, lines) for level in (_RATE_AND_INTERVAL, _RATE) for size in sizes]
        for size, level, count in tries:
            first, right = _numbers(bars, size, level, count)
            wanted = max(width_of(bar.label, size) for bar in bars)
            if width - right - min(wanted, _LABELS * width) >= _BARS * width:
                break
        most = min(0.45 * width, max((1 - _BARS - 0.03) * width - right, _LABELS * width))
        labels = _labels(bars, size, most, lines)
        left = max(width_of(label, size) for label in labels) + 0.08
        return cls(labels, left, max(width - left - right, 0.1), right, first, pitch, size, lines, level)

    def place(self, bar: Bar, note: Annotation, detail: Annotation) -> None:
        """Write the numbers of a bar into columns that end with the axes."""
        start = 72 * (_GAP - self.right)
        two = self.lines == 2 and self.level == _FULL
        note.set(text=_note(bar, self.level), fontsize=self.size, va="bottom" if two else "center")
        detail.set(
            text=bar.detail if self.level == _FULL else "", fontsize=self.size - 1, va="top" if two else "center"
        )
        note.xyann = (start, 1 if two else 0)
        detail.xyann = (start, -2) if two else (start + 72 * (self.first + _GAP), 0)


def _numbers(bars: Sequence[Bar], size: float, level: int, lines: int) -> tuple[float, float]:
    """Return the widths of the first column of numbers and of all of them."""
    first = max(width_of(_note(bar, level), size) for bar in bars)
    if level != _FULL:
        return first, first + 1.5 * _GAP
    second = max(width_of(bar.detail, size - 1) for bar in bars)
    return first, (max(first, second) if lines == 2 else first + second + _GAP) + 1.5 * _GAP


def _note(bar: Bar, level: int) -> str:
    return bar.note.partition("  ")[0] if level == _RATE else bar.note


def _labels(bars: Sequence[Bar], size: float, most: float, lines: int) -> list[str]:
    names, asides = [bar.label for bar in bars], [bar.aside for bar in bars]
    if not any(asides):
        return fit_labels(names, size, most, lines)
    if lines == 2:
        pairs = zip(fit_labels(names, size, most), fit_labels(asides, size, most), strict=True)
        return [f"{name}\n{aside}" for name, aside in pairs]
    between = " · "
    spare = most - width_of(between, size)
    widest = max(width_of(name, size) for name in names)
    short = dict(zip(asides, fit_labels(asides, size, max(spare / 2, spare - widest)), strict=True))
    first: list[str] = [""] * len(bars)
    for aside, shown in short.items():
        # Names that share an aside are to differ in what is left of them.
        rows = [row for row, each in enumerate(asides) if each == aside]
        fitted = fit_labels([names[row] for row in rows], size, spare - width_of(shown, size))
        for row, name in zip(rows, fitted, strict=True):
            first[row] = name + between + shown
    return first
