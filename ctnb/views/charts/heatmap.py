"""Match rates of two groupings at once: a cell for each combination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import N_, gettext, ngettext, number, percent
from ctnb.results.group_columns import group_columns
from ctnb.results.group_order import MOST_GROUPS, check_sort, check_top
from ctnb.views.charts import style
from ctnb.views.charts.answers import AnswerCounts, bare_plot
from ctnb.views.charts.bars import axes_of, most_bars
from ctnb.views.charts.fitting import keep_fitted
from ctnb.views.charts.headline import headline
from ctnb.views.charts.notes import largest_note
from ctnb.views.charts.palette import Palette, readable_on
from ctnb.views.charts.rate_map import MOST_COLUMNS, RateMap
from ctnb.views.charts.texts import clean, fit_labels, width_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from ctnb.views.charts.rate_map import MapCell, MapSide

FEW_ROWS: Final = 20
"""A cell of fewer rows is drawn faint."""
_COLOURS: Final = "cividis"
"""Perceptually uniform, and the same to those who see no red or green."""
_FAINT: Final = 0.25
_NAMED: Final = 1.3
"""Inches of a name in the note."""
_LARGEST: Final = 9.0


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
    if not AnswerCounts.in_frame(frame, prefix).answered:
        return bare_plot(gettext("Match rate of two groupings"), frame, prefix, ax=ax, figsize=figsize)
    found = RateMap.of(
        frame,
        _grouping_of(frame, prefix) if by is None else by,
        across,
        sort=sort,
        top=most_bars(ax, figsize, top, above=0.0),
        most_columns=min(MOST_COLUMNS, top),
        prefix=prefix,
    )
    ax = axes_of(map_height(len(found.down.labels)), figsize) if ax is None else ax
    return draw_map(ax, found, frame, sort=sort, prefix=prefix)


def map_height(rows: int) -> float:
    """Return the height, in inches, of a map of so many rows."""
    return 1.7 + 0.42 * rows


def draw_map(ax: Axes, found: RateMap, frame: pd.DataFrame, *, sort: str | None = None, prefix: str) -> Axes:
    """Draw the cells of a map of the rows of a frame, one of which is answered at least."""
    down, along = found.down, found.along
    keep_fitted(ax, _Map(ax, found))
    title = AnswerCounts.in_frame(frame, prefix).title(frame, prefix, _grouped(down, along))
    notes = _notes(found, sort)
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


def _grouped(down: MapSide, along: MapSide) -> str:
    """Say what the rates are grouped by, columns first."""
    columns = [gettext(" and ").join(map(clean, side.names)) for side in (down, along) if not side.word]
    word = down.word or along.word
    if word:
        by_word = N_("by {column} and type") if word == "type" else N_("by {column} and rule")
        return gettext(by_word, column=columns[0])
    return gettext("by {column} and {other}", column=columns[0], other=columns[1])


def _notes(found: RateMap, sort: str | None) -> list[str]:
    down, along, cells = found.down, found.along, found.cells
    # The map has the names in full.
    rows, columns = (fit_labels(side.labels, 8.5, _NAMED) for side in (down, along))
    known = [
        (cell.rate, f"{row} · {column}")
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
        if cell is not None and cell.rows >= FEW_ROWS
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
    if any(cell is not None and cell.rows < FEW_ROWS for line in cells for cell in line):
        notes.append(ngettext("faint: fewer than {n} row", "faint: fewer than {n} rows", FEW_ROWS))
    notes += [
        largest_note(side.index, side.groups, order)
        for side, order in ((down, sort), (along, None))
        if len(side.labels) < side.groups
    ]
    return notes


class _Map:
    """The cells with their texts, and the names around them, inside the axes."""

    def __init__(self, ax: Axes, found: RateMap) -> None:
        self._axes, self._down, self._along = ax, found.down.labels, found.along.labels
        colours = Palette.of(ax)
        self._ink = colours.ink
        style.calm(ax, along="x")
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        end = style.top_of(cell.rate for line in found.cells for cell in line if cell is not None)
        self._texts: list[tuple[Text, str, str]] = []
        for y, line in enumerate(found.cells):
            for x, cell in enumerate(line):
                self._draw(x, y, cell, end, colours)

    def _draw(self, x: int, y: int, cell: MapCell | None, end: float, colours: Palette) -> None:
        ax = self._axes
        if cell is None:
            ax.text(x + 0.5, y + 0.5, "–", ha="center", va="center", fontsize=8, color=colours.quiet, in_layout=False)
            return
        colour, few = to_hex(mpl.colormaps[_COLOURS](cell.rate / end)), cell.rows < FEW_ROWS
        box = Rectangle((x + 0.015, y + 0.03), 0.97, 0.94, facecolor=colour, linewidth=0, zorder=2)
        box.set_alpha(_FAINT if few else None)
        ax.add_patch(box)
        # On a faint cell the face shows through.
        ink = colours.ink if few else _fixed(readable_on(colour))
        text = ax.text(x + 0.5, y + 0.5, "", ha="center", va="center", color=ink, in_layout=False, linespacing=1.1)
        self._texts.append((text, percent(cell.rate), number(cell.rows)))

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
            both = f"{rate}\n{count}" if pitch >= 0.32 else f"{rate}  {count}"
            tries = [(each, small) for each in (both, rate) for small in (size, min(size, 6.0), min(size, 5.0))]
            fitting = [(each, small) for each, small in tries if width_of(each, small) <= cell - 0.06]
            shown, small = fitting[0] if fitting else ("", size)
            text.set(text=shown, fontsize=small)


def _fixed(colour: str) -> str:
    """Return a colour that does not follow the page: the cell under it does not either."""
    return {"#ffffff": "#fefefe", "#1f2328": "#111111"}.get(colour, colour)
