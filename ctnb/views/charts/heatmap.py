"""Match rates of two groupings at once: a cell for each combination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import N_, gettext, ngettext, number, percent
from ctnb.results import rates
from ctnb.results.group_columns import group_columns
from ctnb.results.group_order import MOST_GROUPS, check_sort, check_top, shown_groups
from ctnb.results.grouping import combinations, grouping
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.bars import axes_of, most_bars
from ctnb.views.charts.fitting import keep_fitted
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.headline import empty, headline
from ctnb.views.charts.notes import largest_note, rule_label
from ctnb.views.charts.palette import Palette, readable_on
from ctnb.views.charts.texts import clean, fit_labels, width_of
from ctnb.views.predicted import marked, match_rate_title

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text

FEW_ROWS: Final = 20
"""A cell of fewer rows is drawn faint."""
_MOST_COLUMNS: Final = 10
_COLOURS: Final = "cividis"
"""Perceptually uniform, and the same to those who see no red or green."""
_FAINT: Final = 0.25
_NAMED: Final = 1.3
"""Inches of a name in the note."""
_LARGEST: Final = 9.0


@dataclass(frozen=True, slots=True)
class _MapSide:
    """The rows or the columns of the map: what they are called, how frames are grouped by them, and in which order."""

    labels: list[str]
    by: Any
    keys: list[Any]
    names: list[Any]
    word: str | None
    groups: int
    index: pd.Index


def heatmap(
    frame: pd.DataFrame,
    *,
    by: Hashable | list[Any] | None = None,
    across: Hashable | list[Any] = "type",
    sort: str | None = None,
    top: int = MOST_GROUPS,
    prefix: str = PREFIX,
    figsize: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the match rate of each combination of two groupings, with its rows; faint where these are few."""
    check_sort(sort)
    check_top(top)
    answers = restore(frame, prefix, only=["status", "matched"])["matched"]
    answered, matched = int(answers.notna().sum()), int(answers.sum())
    if not answered:
        title = marked(gettext("Match rate of two groupings"), frame, prefix)
        return empty(axes_of(2.4, figsize) if ax is None else ax, title, gettext("no answers yet"))
    down = _side(
        frame, _grouping_of(frame, prefix) if by is None else by, sort, most_bars(ax, figsize, top, above=0.0), prefix
    )
    along = _side(frame, across, None, min(_MOST_COLUMNS, top), prefix)
    if down.word and along.word:
        raise ConfigError(
            "heatmap expected a column beside 'type' or 'rule', got {by!r} and {across!r}.", by=by, across=across
        )
    cells = _cells(frame, down, along, prefix)
    ax = axes_of(1.7 + 0.42 * len(down.labels), figsize) if ax is None else ax
    keep_fitted(ax, _Map(ax, cells, down.labels, along.labels))
    title = match_rate_title(
        frame, prefix, grouped=_grouped(down, along), rate=percent(matched / answered), answered=answered
    )
    notes = _notes(cells, down, along, sort)
    base = (
        gettext("matched, % of rows that reached the type, and these rows")
        if "type" in (down.word, along.word)
        else gettext("matched, % of rows that reached the rule, and these rows")
        if "rule" in (down.word, along.word)
        else gettext("matched, % of answered rows, and these rows")
    )
    headline(ax, title, "; ".join(notes), base)
    return ax


def _grouping_of(frame: pd.DataFrame, prefix: str) -> Any:
    """Return the first column that is worth grouping by."""
    columns = group_columns(frame, prefix)
    if not columns:
        raise ConfigError("heatmap(by=...) expected a column to group by, and no column of the frame suits. Name one.")
    return columns[0]


def _grouped(down: _MapSide, along: _MapSide) -> str:
    """Say what the rates are grouped by, columns first."""
    columns = [gettext(" and ").join(map(clean, side.names)) for side in (down, along) if not side.word]
    word = down.word or along.word
    if word:
        by_word = N_("by {column} and type") if word == "type" else N_("by {column} and rule")
        return gettext(by_word, column=columns[0])
    return gettext("by {column} and {other}", column=columns[0], other=columns[1])


def _side(frame: pd.DataFrame, by: Any, sort: str | None, top: int, prefix: str) -> _MapSide:
    asked = grouping(frame, by)
    table = rates.match_rates(frame, by, prefix=prefix)
    names = list(table.index.names)
    if asked.word is not None and asked.columns:
        raise ConfigError("heatmap expected columns, or 'type' or 'rule' alone, got {by!r}.", by=by)
    if asked.word is not None:
        table = table[table.index.notna()]
        shown = table.head(top)
        kinds = shown.index if asked.word == "type" else shown["type"]
        labels = [
            kind_label(kind) if asked.word == "type" else rule_label(key, kind)
            for key, kind in zip(shown.index, kinds, strict=True)
        ]
        return _MapSide(labels, asked.word, list(shown.index), names, asked.word, len(table), shown.index)
    numbered = table.assign(at=np.arange(len(table)))
    shown = shown_groups(numbered[numbered["offered"] > 0], sort=sort, top=top)
    place = np.full(len(table), len(shown))
    place[shown["at"].to_numpy()] = np.arange(len(shown))
    # By the place of its group: values may be missing, and the groups that are not shown are one.
    rows = pd.Series(place[combinations(asked)[1]], index=frame.index, name="group")
    labels = [" · ".join(texts) for texts in group_labels(shown.index)]
    return _MapSide(labels, rows, list(range(len(shown))), names, None, len(table), shown.index)


def _cells(frame: pd.DataFrame, down: _MapSide, along: _MapSide, prefix: str) -> list[list[tuple[float, int] | None]]:
    """Return rate and rows of each cell, None where there is none."""
    # A word is a column in a list where the frame has one of its name.
    own = frame.drop(columns=[word for word in (down.word, along.word) if word is not None and word in frame.columns])
    table = rates.match_rates(own, [down.by, along.by], prefix=prefix)
    found = {
        key: (float(rate), int(reached))
        for key, rate, reached in zip(table.index, table["rate_reached"], table["reached"], strict=True)
        if not pd.isna(reached) and reached
    }
    return [[found.get((row, column)) for column in along.keys] for row in down.keys]


def _notes(cells: list[list[tuple[float, int] | None]], down: _MapSide, along: _MapSide, sort: str | None) -> list[str]:
    # The map has the names in full.
    rows, columns = (fit_labels(side.labels, 8.5, _NAMED) for side in (down, along))
    known = [
        (cell[0], f"{row} · {column}")
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
        if cell is not None and cell[1] >= FEW_ROWS
    ]
    notes = []
    if len(known) > 1:
        (least, lowest), (most, highest) = min(known), max(known)
        notes.append(
            gettext(
                "from {low} ({lowest}) to {high} ({highest})",
                low=percent(least), lowest=lowest, high=percent(most), highest=highest,
            )
        )  # fmt: skip
    if any(cell is not None and cell[1] < FEW_ROWS for line in cells for cell in line):
        notes.append(ngettext("faint: fewer than {n} row", "faint: fewer than {n} rows", FEW_ROWS))
    notes += [
        largest_note(side.index, side.groups, order)
        for side, order in ((down, sort), (along, None))
        if len(side.labels) < side.groups
    ]
    return notes


class _Map:
    """The cells with their texts, and the names around them, inside the axes."""

    def __init__(
        self, ax: Axes, cells: list[list[tuple[float, int] | None]], down: Sequence[str], along: Sequence[str]
    ) -> None:
        self._axes, self._cells, self._down, self._along = ax, cells, down, along
        colours = Palette.of(ax)
        self._ink = colours.ink
        style.calm(ax, along="x")
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        rates_known = [cell[0] for line in cells for cell in line if cell is not None]
        end = style.top_of(rates_known)
        self._texts: list[tuple[Text, str, str]] = []
        for y, line in enumerate(cells):
            for x, cell in enumerate(line):
                self._draw(x, y, cell, end, colours)

    def _draw(self, x: int, y: int, cell: tuple[float, int] | None, end: float, colours: Palette) -> None:
        ax = self._axes
        if cell is None:
            ax.text(x + 0.5, y + 0.5, "–", ha="center", va="center", fontsize=8, color=colours.quiet, in_layout=False)
            return
        rate, rows = cell
        colour, few = to_hex(mpl.colormaps[_COLOURS](rate / end)), rows < FEW_ROWS
        box = Rectangle((x + 0.015, y + 0.03), 0.97, 0.94, facecolor=colour, linewidth=0, zorder=2)
        box.set_alpha(_FAINT if few else None)
        ax.add_patch(box)
        # On a faint cell the face shows through.
        ink = colours.ink if few else _fixed(readable_on(colour))
        text = ax.text(x + 0.5, y + 0.5, "", ha="center", va="center", color=ink, in_layout=False, linespacing=1.1)
        self._texts.append((text, percent(rate), number(rows)))

    def __call__(self, width: float, height: float) -> None:
        ax, rows, columns = self._axes, len(self._down), len(self._along)
        pitch = height / rows
        size = min(_LARGEST, max(72 * pitch * 0.6, 4.0)) if width >= 3 else min(7.0, max(72 * pitch * 0.6, 4.0))
        names = fit_labels(self._down, size, 0.32 * width, 2 if pitch >= 0.34 else 1)
        left = max(width_of(name, size) for name in names) + 0.08
        cell = max(width - left, 0.2) / columns
        ax.set_xlim(-left / cell, columns)
        ax.set_ylim(rows, 0)
        ax.set_yticks([row + 0.5 for row in range(rows)], names, fontsize=size, color=self._ink)
        ax.spines["left"].set_position(("data", 0))
        ax.tick_params(axis="y", pad=3, labelsize=size)
        heads = fit_labels(self._along, size, cell - 0.06, 2)
        ax.set_xticks([column + 0.5 for column in range(columns)], heads, fontsize=size)
        for text, rate, count in self._texts:
            shown = [f"{rate}\n{count}"] if pitch >= 0.32 else [f"{rate}  {count}"]
            fitting = next((each for each in [*shown, rate] if width_of(each, size) <= cell - 0.06), "")
            text.set(text=fitting, fontsize=size)


def _fixed(colour: str) -> str:
    """Return a colour that does not follow the page: the cell under it does not either."""
    return {"#ffffff": "#fefefe", "#1f2328": "#111111"}.get(colour, colour)
