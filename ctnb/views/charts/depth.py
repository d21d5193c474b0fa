"""What each contact rule would find at every depth, and how often that is the right lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from ctnb.i18n.labels import kind_label, predicted_title
from ctnb.i18n.language import gettext, number, percent
from ctnb.leads.limits import DEPTH_LIMIT
from ctnb.views.charts import style
from ctnb.views.charts.bars import axes_of
from ctnb.views.charts.headline import empty, headline
from ctnb.views.charts.palette import Palette, seen
from ctnb.views.charts.style import top_of
from ctnb.views.charts.texts import elide, width_of
from ctnb.views.html.rules import minutes_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.outcomes import Kind

LINES: Final = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#56B4E9", "v"),
    ("#E69F00", "P"),
    ("#4d4d4d", "X"),
)
"""Colour (Okabe-Ito, and a grey) and marker of each line, one rule after another."""

_TICKS: Final = (1, 60, 1440, 525_600, 10_080, 10, 43_200, 360)
"""Minutes, the most wanted first."""

_YEAR: Final = 525_600
# Inches: a line of the legend, and of the panel of precision.
_LINE: Final = 0.19
_TWO_LINES: Final = 0.36
_PANEL: Final = 0.7
_GAP: Final = 0.36
_FOOT: Final = 0.08
_TICK_GAP: Final = 0.12
_SIZE: Final = 8.5


class SweptRule(NamedTuple):
    """A rule of a sweep; ``depth`` in minutes, None where rows differ in it or the rule has none."""

    rank: int
    kind: Kind
    depth: int | None


def depth(
    sweep: pd.DataFrame, rules: Sequence[SweptRule], rows: int, *, takes: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw the share of rows that each contact rule finds by its depth, with precision under it where it is known.

    Parameters
    ----------
    sweep : DataFrame
        From `ctnb.matching.preview.Preview.sweep`.
    rules : sequence of SweptRule
        Those that are drawn; those without depths in the sweep are left out.
    rows : int
        Rows that shares are of.
    takes : bool
        Whether what a rule takes in its place is drawn too.
    ax : Axes, optional
    """
    known = set(sweep.loc[sweep["depth"].notna(), "rule"])
    drawn = [rule for rule in rules if rule.rank in known]
    ax = axes_of(depth_height(len(drawn))) if ax is None else ax
    if not drawn or not rows:
        text = gettext("no rule by contact") if rows else gettext("no rows")
        return empty(ax, predicted_title(gettext("Found by search depth")), text)
    curves = {rule.rank: sweep[(sweep["rule"] == rule.rank) & sweep["depth"].notna()] for rule in drawn}
    top = top_of(float(curve["alone"].max()) / rows for curve in curves.values())
    parts = _Parts.of(ax, [_legend_line(rule, sweep, rows) for rule in drawn], curves, top)
    _draw_shares(ax, drawn, curves, sweep, rows=rows, takes=takes)
    _frame(ax, top, parts)
    _write_legend(ax, parts, drawn)
    if parts.panel:
        _draw_precision(ax, drawn, curves, parts)
    _describe(ax, sweep, rows, parts=parts, takes=takes)
    return ax


def depth_height(rules: int) -> float:
    """Return the height, in inches, of a plot of so many rules."""
    return 4.0 + _LINE * rules


def look_of(place: int) -> tuple[str, str]:
    """Return the colour and marker of a line, by its place from 0 among the contact rules."""
    return LINES[place % len(LINES)]


def depth_label(minutes: int) -> str:
    """Write a depth, a year as one."""
    return gettext("1 year") if minutes == _YEAR else minutes_text(minutes)


class _Parts(NamedTuple):
    """The parts of the axes, in inches: the legend on top, shares, and under them the panel of precision, or 0.

    ``line`` is the height of what the legend has for one rule, ``size`` that of its text in points.
    """

    width: float
    left: float
    legend: list[str]
    line: float
    size: float
    above: float
    shares: float
    panel: float

    @classmethod
    def of(cls, ax: Axes, lines: list[tuple[str, str]], curves: dict[int, pd.DataFrame], top: float) -> _Parts:
        width, height = style.inches(ax)
        measured = any((curve["truths"] > 0).any() for curve in curves.values())
        left = width_of(f"{100 if measured else 100 * top:.0f}\N{NO-BREAK SPACE}%", style.tick_size(ax)) + 0.04
        legend, line, size = _fitted(lines, width - left - 0.45, 0.45 * height)
        above = line * len(lines) + 0.1
        panel = min(_PANEL, 0.25 * height) + _GAP if measured else 0.0
        return cls(width, left, legend, line, size, above, max(height - above - panel, 0.2 * height), panel)


def _fitted(lines: list[tuple[str, str]], width: float, height: float) -> tuple[list[str], float, float]:
    """Fit a legend into inches; return its texts, the height of each, and their size in points.

    What does not fit beside goes under, and what does not fit there is left out.
    """
    beside = [", ".join(line) for line in lines]
    if all(width_of(text, _SIZE) <= width for text in beside) and _LINE * len(lines) <= height:
        return beside, _LINE, _SIZE
    if _TWO_LINES * len(lines) <= height:
        return ["\n".join(elide(text, _SIZE, width) for text in line) for line in lines], _TWO_LINES, _SIZE
    line = min(_LINE, height / len(lines))
    size = max(5.0, _SIZE * line / _LINE)
    fits = all(width_of(text, size) <= width for text in beside)
    return beside if fits else [elide(name, size, width) for name, _ in lines], line, size


def _legend_line(rule: SweptRule, sweep: pd.DataFrame, rows: int) -> tuple[str, str]:
    """Return a rule with its depth, and what it finds and takes at it."""
    name = f"{rule.rank}. {kind_label(rule.kind)}"
    as_set = sweep[(sweep["rule"] == rule.rank) & sweep["depth"].isna()]
    found, taken = (percent(int(as_set[column].iloc[0]) / rows) for column in ("alone", "takes"))
    depth_shown = gettext("depth by row") if rule.depth is None else depth_label(rule.depth)
    return f"{name}, {depth_shown}", gettext("finds {found}, takes {taken}", found=found, taken=taken)


def _draw_shares(
    ax: Axes,
    drawn: Sequence[SweptRule],
    curves: dict[int, pd.DataFrame],
    sweep: pd.DataFrame,
    *,
    rows: int,
    takes: bool,
) -> None:
    face = Palette.of(ax).face
    for place, rule in enumerate(drawn):
        colour, marker = look_of(place)
        colour = seen(colour, face)
        curve = curves[rule.rank]
        depths = curve["depth"].to_numpy(dtype=float)
        ax.plot(depths, curve["alone"] / rows, color=colour, linewidth=1.8, zorder=3)
        if takes:
            ax.plot(depths, curve["takes"] / rows, color=colour, linewidth=1.2, linestyle=(0, (4, 2)), zorder=3)
        own = curve[curve["depth"] == rule.depth] if rule.depth is not None else curve.iloc[:0]
        for name in ("alone", "takes") if takes else ("alone",):
            if len(own):
                ax.plot(
                    own["depth"].to_numpy(dtype=float), own[name] / rows, marker=marker, markersize=7, linestyle="none",
                    color=colour, markeredgecolor=face, zorder=5, clip_on=False,
                )  # fmt: skip
        as_set = sweep[(sweep["rule"] == rule.rank) & sweep["depth"].isna()]
        if rule.depth is None and len(as_set):
            # Rows differ in their depth: the share as set stands on the right, at no depth.
            ax.plot(
                [DEPTH_LIMIT], as_set["alone"] / rows, marker=marker, markersize=7, linestyle="none",
                markerfacecolor=face, color=colour, zorder=5, clip_on=False,
            )  # fmt: skip


def _frame(ax: Axes, top: float, parts: _Parts) -> None:
    colours = style.calm(ax, along="y")
    inch = top / parts.shares
    ax.set_ylim(-max(parts.panel, _FOOT) * inch, top + parts.above * inch)
    style.percent_ticks(ax.yaxis, top, parts.shares)
    _depth_axis(ax, parts.width - parts.left)
    ax.axhline(0, color=colours.quiet, linewidth=0.8, zorder=1)
    ax.spines["bottom"].set_visible(not parts.panel)


def _depth_axis(ax: Axes, width: float) -> None:
    """Make the x axis logarithmic, with the ticks that there is room for."""
    ax.set_xscale("log")
    ax.set_xlim(0.9, 1.12 * DEPTH_LIMIT)
    decades = np.log10(1.12 * DEPTH_LIMIT / 0.9)
    shown: list[int] = []
    for minutes in _TICKS:
        apart = (
            abs(np.log10(minutes / other)) / decades * width
            - (width_of(depth_label(minutes), 9) + width_of(depth_label(other), 9)) / 2
            for other in shown
        )
        if all(gap >= _TICK_GAP for gap in apart):
            shown.append(minutes)
    shown.sort()
    ax.xaxis.set_major_locator(FixedLocator(shown))
    ax.xaxis.set_major_formatter(FixedFormatter([depth_label(minutes) for minutes in shown]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(visible=True, axis="x", color=Palette.of(ax).grid, linewidth=0.8)


def _write_legend(ax: Axes, parts: _Parts, drawn: Sequence[SweptRule]) -> None:
    face = Palette.of(ax)
    for line, text in enumerate(parts.legend):
        colour, marker = look_of(line)
        colour = seen(colour, face.face)
        y = 1 - (line + 0.5) * parts.line / (parts.above + parts.shares + parts.panel)
        x = 0.3 / max(parts.width - parts.left, 1)
        whole = drawn[line].depth is not None
        ax.plot(
            [0, x], [y, y], transform=ax.transAxes, color=colour, linewidth=1.8, marker=marker, markersize=6,
            markeredgecolor=face.face if whole else colour, markerfacecolor=colour if whole else face.face,
            markevery=[1], clip_on=False, zorder=5,
        )  # fmt: skip
        words = ax.annotate(text, (x, y), (8, 0), xycoords="axes fraction", textcoords="offset points")
        words.set(va="center", fontsize=parts.size, color=face.ink, in_layout=False)


def _draw_precision(ax: Axes, drawn: Sequence[SweptRule], curves: dict[int, pd.DataFrame], parts: _Parts) -> None:
    """Draw the share of right leads in a panel at the foot of the axes, on the same depths."""
    height = (parts.panel - _GAP) / (parts.above + parts.shares + parts.panel)
    panel = ax.inset_axes((0, 0, 1, height))
    panel.set_facecolor(ax.get_facecolor())
    panel.set_xscale("log")
    panel.set_xlim(ax.get_xlim())
    face = Palette.of(ax).face
    for place, rule in enumerate(drawn):
        colour, marker = look_of(place)
        colour = seen(colour, face)
        curve = curves[rule.rank][curves[rule.rank]["truths"] > 0]
        depths = curve["depth"].to_numpy(dtype=float)
        panel.fill_between(
            depths, curve["precision_low"], curve["precision_high"], color=colour, alpha=0.16, linewidth=0, zorder=2
        )
        panel.plot(depths, curve["precision"], color=colour, linewidth=1.6, zorder=3)
        own = curve[curve["depth"] == rule.depth] if rule.depth is not None else curve.iloc[:0]
        panel.plot(
            own["depth"].to_numpy(dtype=float), own["precision"], marker=marker, markersize=6, linestyle="none",
            color=colour, markeredgecolor=face, zorder=5, clip_on=False,
        )  # fmt: skip
    colours = style.calm(panel, along="y")
    lowest = min(float(curve["precision_low"].min()) for curve in curves.values() if (curve["truths"] > 0).any())
    floor = next((floor for floor in (0.9, 0.8, 0.5) if lowest >= floor), 0.0)
    panel.set_ylim(floor - 0.12 * (1 - floor), 1 + 0.04 * (1 - floor))
    panel.yaxis.set_major_locator(FixedLocator([floor, (1 + floor) / 2, 1]))
    panel.yaxis.set_major_formatter(
        FixedFormatter([f"{100 * tick:.0f}\N{NO-BREAK SPACE}%" for tick in (floor, (1 + floor) / 2, 1)])
    )
    panel.xaxis.set_major_locator(FixedLocator(ax.get_xticks().tolist()))
    panel.xaxis.set_major_formatter(FixedFormatter([""] * len(ax.get_xticks())))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(visible=True, axis="x", color=colours.grid, linewidth=0.8)
    texts = (
        gettext("the right lead, where an id tells it (band: 95 % interval)"),
        gettext("the right lead, where an id tells it"),
    )
    text = next((text for text in texts if width_of(text, 8) <= parts.width - parts.left - 0.15), texts[-1])
    heading = panel.annotate(text, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points")
    heading.set(va="bottom", fontsize=8, color=colours.quiet, in_layout=False)


def _describe(ax: Axes, sweep: pd.DataFrame, rows: int, *, parts: _Parts, takes: bool) -> None:
    # Of all rules, those by id too, as all other charts count it.
    takes_now = int(sweep.loc[sweep["depth"].isna(), "takes"].sum())
    title = predicted_title(
        gettext(
            "Found by search depth: {rate} of {rows} rows as set",
            rate=percent(takes_now / rows),
            rows=number(rows),
        )
    )
    note = (
        gettext("Line: what the rule finds alone; dashes: what is left to it in its place; mark: the rule as set")
        if takes
        else gettext("Line: what the rule finds alone; mark: the rule as set")
    )
    headline(ax, title, note, gettext("search depth; % of rows that can be sent"), left=parts.left)
