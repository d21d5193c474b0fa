"""Match rates of two groupings at once: what a heatmap draws. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import kind_label
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS, shown_groups
from ctnb.results.grouping import combinations, grouping
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.notes import rule_label

if TYPE_CHECKING:
    from collections.abc import Hashable

MOST_COLUMNS: Final = 10
"""Groups that have room side by side."""


@dataclass(frozen=True, slots=True)
class MapCell:
    """The rows of one combination that are answered, or reached the type or rule; and the matched ones of them."""

    matched: int
    rows: int

    @property
    def rate(self) -> float:
        """The match rate."""
        return self.matched / self.rows


@dataclass(frozen=True, slots=True)
class MapSide:
    """The rows or the columns of the map.

    Attributes
    ----------
    labels : list of str
    by : word or Series
        How the frame is grouped by them.
    keys : list
        Of the groups that are shown, as `by` has them.
    names : list
        Of the columns.
    word : "type", "rule" or None
    groups : int
        How many there are, shown or not.
    index : Index
        The groups that are shown, by their values.
    """

    labels: list[str]
    by: Any
    keys: list[Any]
    names: list[Any]
    word: str | None
    groups: int
    index: pd.Index


@dataclass(frozen=True, slots=True)
class RateMap:
    """The groups from the top down and from left to right, and the cell of each pair: None where it has no rows."""

    down: MapSide
    along: MapSide
    cells: list[list[MapCell | None]]

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        by: Hashable | list[Any],
        across: Hashable | list[Any],
        *,
        sort: str | None = None,
        top: int = MOST_GROUPS,
        most_columns: int = MOST_COLUMNS,
        prefix: str,
    ) -> RateMap:
        """Count the rows of each combination.

        Raises
        ------
        ColumnNotFoundError, ConfigError
            As `ctnb.match_rates`; and where neither grouping is by a column.
        """
        down = _side(frame, by, sort, top, prefix)
        along = _side(frame, across, None, most_columns, prefix)
        if down.word and along.word:
            raise ConfigError(
                "heatmap expected a column beside 'type' or 'rule', got {by!r} and {across!r}.", by=by, across=across
            )
        return cls(down, along, _cells(frame, down, along, prefix))


def _side(frame: pd.DataFrame, by: Any, sort: str | None, top: int, prefix: str) -> MapSide:
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
        return MapSide(labels, asked.word, list(shown.index), names, asked.word, len(table), shown.index)
    numbered = table.assign(at=np.arange(len(table)))
    shown = shown_groups(numbered[numbered["offered"] > 0], sort=sort, top=top)
    place = np.full(len(table), len(shown))
    place[shown["at"].to_numpy()] = np.arange(len(shown))
    # By the place of its group: values may be missing, and the groups that are not shown are one.
    rows = pd.Series(place[combinations(asked)[1]], index=frame.index, name="group")
    labels = [" · ".join(texts) for texts in group_labels(shown.index)]
    return MapSide(labels, rows, list(range(len(shown))), names, None, len(table), shown.index)


def _cells(frame: pd.DataFrame, down: MapSide, along: MapSide, prefix: str) -> list[list[MapCell | None]]:
    # A word is a column in a list where the frame has one of its name.
    own = frame.drop(columns=[word for word in (down.word, along.word) if word is not None and word in frame.columns])
    table = rates.match_rates(own, [down.by, along.by], prefix=prefix)
    found = {
        key: MapCell(int(matched), int(reached))
        for key, matched, reached in zip(table.index, table["matched"], table["reached"], strict=True)
        if not pd.isna(reached) and reached
    }
    return [[found.get((row, column)) for column in along.keys] for row in down.keys]
