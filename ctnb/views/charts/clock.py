"""How far leads are from their deals in time, with the shifts that a wrong clock makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from ctnb.i18n.labels import predicted_title
from ctnb.i18n.language import gettext, ngettext, number, percent
from ctnb.views.charts import style
from ctnb.views.charts.bars import new_axes
from ctnb.views.charts.headline import empty, headline
from ctnb.views.charts.palette import Palette, seen
from ctnb.views.charts.style import top_of
from ctnb.views.charts.texts import clean, fit_labels, width_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes

MOST_GROUPS: Final = 12
"""Groups that are drawn: those whose clock is off, then the largest."""

_USUAL: Final = "#0072B2"
_OFF: Final = "#D55E00"
_MINUS: Final = "\N{MINUS SIGN}"
_HOUR: Final = 60
_MOST_NAMED: Final = 3


class _Clock(NamedTuple):
    """The counts of one group by shift; ``off`` are the places of those that stand out, the largest first."""

    name: str
    shifts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    off: list[int]

    @property
    def all(self) -> int:
        """Rows whose lead is within the shifts."""
        return int(self.rows.sum())

    def share(self, place: int) -> float:
        """Return the share of the rows at one shift."""
        return float(self.rows[place]) / self.all


def clock(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the rows by the time from the deal to its lead, with the shifts that stand out marked.

    Parameters
    ----------
    table : DataFrame
        From `ctnb.matching.preview.Preview.clock`; with groups, a line for each.
    ax : Axes, optional
    """
    grouped = table.index.nlevels > 1
    clocks = [each for each in _clocks(table) if each.all]
    ax = new_axes(len(clocks) if grouped else 4) if ax is None else ax
    if not clocks:
        return empty(ax, predicted_title(gettext("Lead minus deal in time")), gettext("no lead near a deal"))
    # Stable: of clocks that are off alike the larger group comes first.
    clocks.sort(key=lambda each: (not each.off, -each.all))
    shown = clocks[:MOST_GROUPS]
    notes = [_meaning(clocks)]
    if len(clocks) > len(shown):
        notes.append(gettext("{most} of {n} groups", most=number(len(shown)), n=number(len(clocks))))
    if grouped:
        _draw_groups(ax, shown)
        left = 0.0
    else:
        left = _draw_one(ax, shown[0])
    title = predicted_title(_title(clocks, grouped=grouped))
    headline(ax, title, "; ".join(notes), gettext("hours from the deal to its lead, by half hours"), left=left)
    return ax


def shift_text(minutes: int) -> str:
    """Write a shift with its sign: ``+3 h``, ``−30 min``."""
    hours, rest = divmod(abs(minutes), _HOUR)
    parts = [f"{hours}\N{NO-BREAK SPACE}{gettext('h')}"] * bool(hours or not rest)
    parts += [f"{rest}\N{NO-BREAK SPACE}{gettext('min')}"] * bool(rest)
    return (_MINUS if minutes < 0 else "+" if minutes else "") + "\N{NO-BREAK SPACE}".join(parts)


def _clocks(table: pd.DataFrame) -> list[_Clock]:
    if table.index.nlevels == 1:
        return [_clock("", table)]
    # Not by groupby, which would drop a missing value and sort the rest.
    steps = table.index.get_level_values(-1).nunique()
    names = table.index.get_level_values(0)[::steps]
    parts = (table.iloc[begin : begin + steps] for begin in range(0, len(table), steps))
    return [_clock(clean(name), part.droplevel(0)) for name, part in zip(names, parts, strict=True)]


def _clock(name: str, part: pd.DataFrame) -> _Clock:
    rows = part["rows"].to_numpy(dtype=np.int64)
    off = np.flatnonzero(part["stands_out"].to_numpy())
    return _Clock(name, part.index.to_numpy(dtype=np.int64), rows, off[np.argsort(-rows[off], kind="stable")].tolist())


def _title(clocks: list[_Clock], *, grouped: bool) -> str:
    off = [each for each in clocks if each.off]
    if not off:
        return gettext("Lead minus deal in time: no shift stands out")
    if grouped:
        return ngettext(
            "Lead minus deal in time: the clock of {n} group is off",
            "Lead minus deal in time: the clocks of {n} groups are off",
            len(off),
        )
    shifts = ", ".join(shift_text(int(off[0].shifts[place])) for place in off[0].off[:_MOST_NAMED])
    return ngettext(
        "Lead minus deal in time: a shift of {shifts} stands out",
        "Lead minus deal in time: shifts of {shifts} stand out",
        len(off[0].off),
        shifts=shifts,
    )


def _meaning(clocks: list[_Clock]) -> str:
    rows = sum(each.all for each in clocks)
    counted = ngettext("{n} row whose lead is near", "{n} rows whose leads are near", rows)
    if not any(each.off for each in clocks):
        return counted
    return counted + "; " + gettext("orange: as if the clocks differed")


def _draw_one(ax: Axes, drawn: _Clock) -> float:
    """Draw one clock as bars of shares; return the inches that the tick labels take left of the axes."""
    style.calm(ax, along="y")
    shares = drawn.rows / drawn.all
    top = top_of([float(shares.max())])
    _bars(ax, drawn, shares, foot=0.0)
    # Room for a label over the highest bar.
    ax.set_ylim(0, 1.14 * top)
    style.percent_ticks(ax.yaxis, top, style.inches(ax)[1])
    for place in drawn.off[:_MOST_NAMED]:
        text = f"{shift_text(int(drawn.shifts[place]))}\n{percent(drawn.share(place))}"
        _label(ax, drawn.shifts[place] / _HOUR, float(shares[place]), text)
    left = max(width_of(label.get_text(), style.tick_size(ax)) for label in ax.get_yticklabels()) + 0.06
    _hours(ax, style.inches(ax)[0] - left)
    return left


def _label(ax: Axes, x: float, y: float, text: str) -> None:
    side = "left" if x < -12 else "right" if x > 12 else "center"
    words = ax.annotate(text, (x, y), (0, 3), textcoords="offset points", annotation_clip=False)
    words.set(ha=side, va="bottom", fontsize=8.5, color=Palette.of(ax).ink, in_layout=False, linespacing=1.15)


def _bars(ax: Axes, drawn: _Clock, heights: npt.NDArray[np.float64], *, foot: float) -> None:
    usual = np.ones(len(heights), dtype=bool)
    usual[drawn.off] = False
    hours = drawn.shifts / _HOUR
    face = Palette.of(ax).face
    for mask, colour, hatch in ((usual, _USUAL, ""), (~usual, _OFF, "///")):
        ax.bar(
            hours[mask], heights[mask], 0.42, foot, color=seen(colour, face), hatch=hatch, edgecolor=face, linewidth=0,
            zorder=2,
        )  # fmt: skip


def _draw_groups(ax: Axes, shown: list[_Clock]) -> None:
    """Draw a line of bars for each clock, its name on the left and its shift on the right."""
    colours = style.calm(ax, along="y")
    ax.spines["bottom"].set_visible(False)
    width, height = style.inches(ax)
    size = min(9.0, max(6.5, 72 * height / len(shown) * 0.5))
    lines = 2 if height / len(shown) >= 0.36 else 1
    names = fit_labels([each.name for each in shown], size, 0.3 * width, lines)
    notes = [_note(each, lines) for each in shown]
    left = max(width_of(name, size) for name in names) + 0.1
    right = max(width_of(note, size - 0.5) for note in notes) + 0.12
    middle = max(width - left - right, 0.3 * width)
    reach = (shown[0].shifts[-1] + 15) / _HOUR
    inch = 2 * reach / middle
    for row, each in enumerate(shown):
        foot = -row - 0.36
        _bars(ax, each, 0.78 * each.rows / each.rows.max(), foot=foot)
        ax.plot([-reach, reach], [foot] * 2, color=colours.quiet, linewidth=0.6, zorder=1)
        note = ax.annotate(notes[row], (reach, -row), (8, 0), textcoords="offset points", annotation_clip=False)
        note.set(va="center", fontsize=size - 0.5, color=colours.ink if each.off else colours.quiet, in_layout=False)
    ax.set_yticks([-row for row in range(len(shown))], names, fontsize=size, color=colours.ink)
    ax.set_ylim(-len(shown) + 0.5, 0.5)
    ax.grid(visible=False)
    _hours(ax, middle)
    # The names stand inside the axes, left of the hours, so that no layout can cut them off.
    ax.set_xlim(-reach - left * inch, reach + right * inch)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", pad=0)
    for label in ax.get_yticklabels():
        label.set_horizontalalignment("left")


def _note(drawn: _Clock, lines: int) -> str:
    """Say what stands out of a group, and of how many rows."""
    rows = ngettext("{n} row", "{n} rows", drawn.all)
    if not drawn.off:
        return rows
    place = drawn.off[0]
    shift = f"{shift_text(int(drawn.shifts[place]))}: {percent(drawn.share(place))}"
    return f"{shift}\n{rows}" if lines > 1 else shift


def _hours(ax: Axes, width: float) -> None:
    """Tick the x axis by hours, as many as there is room for."""
    step = next((step for step in (2, 4, 7) if 28 / step * 0.42 <= width), 7)
    ticks: list[Any] = [hours for hours in range(-14, 15) if hours % step == 0]
    ax.set_xlim(-14.4, 14.4)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(
        FixedFormatter([f"+{tick}" if tick > 0 else f"{_MINUS}{-tick}" if tick else "0" for tick in ticks])
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ax.axvline(0, color=Palette.of(ax).quiet, linewidth=0.6, zorder=1)
