"""The match rate of the largest groups over time: a smoothed line, its band, and faint points for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import dates as mdates
from pandas.tseries.frequencies import to_offset

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.results.grouping import combinations, grouping
from ctnb.results.rates import Floats, wilson
from ctnb.views.charts import style
from ctnb.views.charts.depth import look_of
from ctnb.views.charts.fitting import keep_fitted
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.headline import headline
from ctnb.views.charts.notes import bounds, grouping_label, interval_note
from ctnb.views.charts.palette import Palette, seen
from ctnb.views.charts.texts import fit_labels, width_of
from ctnb.views.charts.time_axis import axis_label, date_axis, draw_counts, step_label
from ctnb.views.predicted import match_rate_title

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

MOST_LINES: Final = 4
_MOST_NAMED: Final = 3
_LEAST_WINDOW: Final = 3
_WINDOWS: Final = 6
_SHARED: Final = 1.1
_SIZE: Final = 8.0
_LINE: Final = 0.14


@dataclass(frozen=True, slots=True)
class _Line:
    """The rows of one group by period, and what is drawn of them."""

    label: str
    answered: Floats
    matched: Floats
    colour: str
    marker: str

    @property
    def numbers(self) -> str:
        """The rate of the group, its interval and its rows."""
        answered, matched = int(self.answered.sum()), int(self.matched.sum())
        rate = f"{percent(matched / answered)}  {interval(*bounds(matched, answered))}"
        return gettext("{rate} of {n}", rate=rate, n=number(answered))

    def smoothed(self, window: int) -> tuple[Floats, Floats, Floats]:
        """Return the rate of the rows of `window` periods around each, and its interval."""
        matched, answered = (np.convolve(each, np.ones(window), "same") for each in (self.matched, self.answered))
        rate = np.divide(matched, answered, out=np.full(len(matched), np.nan), where=answered > 0)
        return rate, *wilson(matched, answered)


def timeline_by(
    frame: pd.DataFrame,
    dated: pd.DataFrame,
    by: Hashable | list[Any],
    *,
    step: str,
    date: Any,
    top: int,
    prefix: str,
    ax: Axes,
) -> Axes:
    """Draw a line for each of the largest groups.

    Parameters
    ----------
    frame : DataFrame
    dated : DataFrame
        The answered rows with a date: `moment` and `matched`, the index being the row's number.
    by : column or list of columns
    step : str
        A pandas frequency.
    date : column or None
    top : int
        How many groups at the most.
    prefix : str
    ax : Axes
    """
    asked = grouping(frame, by)
    if asked.word is not None:
        raise ConfigError(
            "timeline(by=...) expected columns, got {by!r}. Take match_rates to compare types or rules.", by=by
        )
    index, codes = combinations(asked)
    own = codes[dated.index.to_numpy()]
    sizes = np.bincount(own, minlength=len(index))
    largest = [at for at in np.argsort(-sizes, kind="stable") if sizes[at]]
    labels = [" · ".join(texts) for texts in group_labels(index)]
    grouped = dated.set_index("moment")["matched"].astype("int64").resample(step, closed="left", label="left")
    starts = grouped.count().index
    lines = [
        _line(dated[own == code], starts, step, label=labels[code], place=place, face=Palette.of(ax).face)
        for place, code in enumerate(largest[:top])
    ]
    window = _window(len(starts))
    edges = np.asarray(mdates.date2num([*starts, starts[-1] + to_offset(step)]))  # type: ignore[no-untyped-call]  # no types in matplotlib's dates
    keep_fitted(ax, _draw(ax, lines, edges, window, np.asarray(grouped.count(), dtype=np.float64)))
    date_axis(ax, starts)
    answered, matched = len(dated), int(dated["matched"].sum())
    title = match_rate_title(
        frame, prefix, grouped=f"{step_label(step)}, {grouping_label(index.names, None)}",
        rate=percent(matched / answered), answered=answered,
    )  # fmt: skip
    smoother = ngettext("lines: over {n} period", "lines: over {n} periods", window)
    notes = [interval_note(matched, answered), smoother, *_rest([labels[code] for code in largest[top:]])]
    left = max(width_of(label.get_text(), style.tick_size(ax)) for label in ax.get_yticklabels()) + 0.06
    headline(ax, title, "; ".join(notes), axis_label(date), left=left, beside=_SHARED)
    return ax


def _window(periods: int) -> int:
    """Return over how many periods a line is smoothed: an odd number, and no more than there are."""
    return min(max(_LEAST_WINDOW, round(periods / _WINDOWS) // 2 * 2 + 1), (periods - 1) // 2 * 2 + 1)


def _rest(labels: Sequence[str]) -> list[str]:
    """Name the groups that have no line."""
    if not labels:
        return []
    named = ", ".join(labels[:_MOST_NAMED]) + (", …" if len(labels) > _MOST_NAMED else "")
    return [
        ngettext("without {n} smaller group: {names}", "without {n} smaller groups: {names}", len(labels), names=named)
    ]


def _line(rows: pd.DataFrame, starts: pd.Index[Any], step: str, *, label: str, place: int, face: str) -> _Line:
    counted = rows.set_index("moment")["matched"].astype("int64").resample(step, closed="left", label="left")
    answered, matched = (
        np.asarray(each.reindex(starts, fill_value=0), dtype=np.float64) for each in (counted.count(), counted.sum())
    )
    colour, marker = look_of(place)
    return _Line(label, answered, matched, seen(colour, face), marker)


def _draw(ax: Axes, lines: Sequence[_Line], edges: Floats, window: int, answered: Floats) -> _Names:
    middle, widths = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    smoothed = [line.smoothed(window) for line in lines]
    top = style.top_of(np.concatenate([high for _, _, high in smoothed]))
    for at, (line, (rate, low, high)) in enumerate(zip(lines, smoothed, strict=True)):
        raw = np.divide(line.matched, line.answered, out=np.full(len(rate), np.nan), where=line.answered > 0)
        ax.fill_between(middle, low, high, color=line.colour, alpha=0.14, linewidth=0, zorder=2)
        ax.plot(
            middle, np.minimum(raw, top), linestyle="none", marker=line.marker, markersize=3.5, color=line.colour,
            alpha=0.35, markeredgewidth=0, zorder=3,
        )  # fmt: skip
        ax.plot(
            middle, rate, color=line.colour, linewidth=1.8, marker=line.marker, markersize=5,
            markevery=(min(at, len(rate) - 1), max(len(rate) // 6, 1)), zorder=4,
        )  # fmt: skip
    draw_counts(ax, middle, 0.8 * widths, answered, top)
    style.calm(ax, along="y")
    ax.set_ylim(-0.34 * top, 1.04 * top)
    style.percent_ticks(ax.yaxis, top, room=3.0)
    ends = [float(rate[~np.isnan(rate)][-1]) for rate, _, _ in smoothed]
    return _Names(ax, lines, ends, (edges[0] - 0.25 * widths[0], edges[-1] + 0.25 * widths[-1]), top)


class _Names:
    """The names of the lines beside their ends, apart from each other, inside the axes."""

    def __init__(self, ax: Axes, lines: Sequence[_Line], ends: Sequence[float], span: Any, top: float) -> None:
        self._axes, self._lines, self._ends, self._span, self._top = ax, lines, ends, span, top
        ink = Palette.of(ax).ink
        self._texts, self._marks = [], []
        for line in lines:
            text = ax.annotate("", (1, 0), (0, 0), xycoords=("axes fraction", "data"), textcoords="offset points")
            text.set(va="center", color=ink, in_layout=False, linespacing=1.15)
            self._texts.append(text)
            self._marks += ax.plot(
                [], [], color=line.colour, marker=line.marker, markersize=5, linewidth=1.8, transform=ax.transAxes,
                clip_on=False, zorder=5,
            )  # fmt: skip

    def __call__(self, width: float, height: float) -> None:
        ax, count = self._axes, len(self._lines)
        size = _SIZE if width >= 3.5 else 6.5
        two = 2.4 * _LINE * count <= 0.75 * height
        names = fit_labels([line.label for line in self._lines], size, 0.3 * width)
        shown = [
            f"{name}\n{line.numbers}" if two and width >= 3.5 else name
            for name, line in zip(names, self._lines, strict=True)
        ]
        right = max(width_of(text, size) for text in shown) + 0.42
        first, last = self._span
        ax.set_xlim(first, last + (last - first) * right / max(width - right, 0.2))
        inch = 1.38 * self._top / height
        gap = (2.6 if two and width >= 3.5 else 1.3) * _LINE * inch
        for at, y in _apart(self._ends, gap, self._top, 0.0):
            self._texts[at].set(text=shown[at], fontsize=size, y=0)
            self._texts[at].xy = (1, y)
            self._texts[at].xyann = (-72 * (right - 0.36), 0)
            height_of = (y + 0.34 * self._top) / (1.38 * self._top)
            self._marks[at].set_data([1 - (right - 0.08) / width, 1 - (right - 0.3) / width], [height_of] * 2)


def _apart(ends: Sequence[float], gap: float, top: float, foot: float) -> list[tuple[int, float]]:
    """Return the height of each text, from the top: that of its line's end, or so far from it that none overlap."""
    order = sorted(range(len(ends)), key=lambda at: -ends[at])
    heights: list[float] = []
    for at in order:
        heights.append(min(ends[at], heights[-1] - gap if heights else top - gap / 2))
    for place in range(len(heights) - 1, -1, -1):
        least = foot + gap / 2 if place == len(heights) - 1 else heights[place + 1] + gap
        heights[place] = max(heights[place], least)
    return list(zip(order, heights, strict=True))
