"""What each rule adds in each group of rows: a bar for each group, of a part for each rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext, interval, percent
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS, shown_groups
from ctnb.results.grouping import combinations, grouping
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.answers import AnswerCounts, bare_plot
from ctnb.views.charts.bar import Bar, Layer
from ctnb.views.charts.bar_room import STRIP
from ctnb.views.charts.bars import draw_bars, most_bars, new_axes
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.notes import bounds, fraction, grouping_label, interval_note, largest_note, rule_label
from ctnb.views.predicted import answered_axis

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd
    from matplotlib.axes import Axes

_MOST_RULES: Final = 7
KEY: Final = 0.45
"""Inches that the names of the rules take, in about two lines."""


def waterfall_by(
    frame: pd.DataFrame,
    by: Hashable | list[Any],
    *,
    sort: str | None,
    top: int,
    prefix: str,
    figsize: tuple[float, float] | None,
    ax: Axes | None,
) -> Axes:
    """Draw what each rule adds in each group, as parts of one bar that is as long as the group's match rate."""
    parts = RuleParts.of(frame, by, sort=sort, top=most_bars(ax, figsize, top, above=STRIP + KEY), prefix=prefix)
    answers = AnswerCounts.in_frame(frame, prefix)
    grouped = grouping_label(parts.shown.index.names, None)
    if not answers.answered:
        title = gettext("What each rule adds {grouped}", grouped=grouped)
        return bare_plot(title, frame, prefix, ax=ax, figsize=figsize)
    bars = [
        _bar(texts, won, parts.looks, answered)
        for texts, won, answered in zip(
            group_labels(parts.shown.index), parts.won, parts.shown["reached"].tolist(), strict=True
        )
    ]
    notes = [interval_note(answers.matched, answers.answered)]
    if len(bars) < parts.groups:
        notes.append(largest_note(parts.shown.index, parts.groups, sort))
    used = parts.won.sum(axis=0) > 0
    key = [(name, look, False) for name, look, some in zip(parts.names, parts.looks, used, strict=True) if some]
    ax = new_axes(len(bars), figsize) if ax is None else ax
    end = style.top_of([*(bar.high for bar in bars), answers.rate])
    draw_bars(
        ax, bars, title=answers.title(frame, prefix, gettext("{grouped} and rule", grouped=grouped)),
        note="; ".join(notes), axis_label=answered_axis(frame, prefix), top=end, overall=answers.rate, key=key,
    )  # fmt: skip
    return ax


@dataclass(frozen=True, slots=True)
class RuleParts:
    """The matched rows of groups by rule.

    Attributes
    ----------
    shown : DataFrame
        The groups, from the top, as `ctnb.match_rates` counts them.
    groups : int
        How many there are, shown or not.
    names : list of str
        Of the rules that match most; the last stands for all others, and for what no rule is known of.
    looks : list of (colour, hatch)
    won : array of int, a row for each group, a column for each name
    """

    shown: pd.DataFrame
    groups: int
    names: list[str]
    looks: list[style.Look]
    won: Any

    @classmethod
    def of(
        cls, frame: pd.DataFrame, by: Hashable | list[Any], *, sort: str | None, top: int = MOST_GROUPS, prefix: str
    ) -> RuleParts:
        """Count the groups that a plot shows.

        Raises
        ------
        ColumnNotFoundError, ConfigError
            As `ctnb.match_rates`; and where `by` is the type or the rule.
        """
        asked = grouping(frame, by)
        if asked.word is not None:
            raise ConfigError(
                "waterfall(by=...) expected columns, got {by!r}. Without by= it compares the rules.", by=by
            )
        table = rates.match_rates(frame, by, prefix=prefix)
        results = restore(frame, prefix, only=["status", "matched", "rule"])
        numbered = table.assign(at=np.arange(len(table)))
        shown = shown_groups(numbered[numbered["offered"] > 0], sort=sort, top=top)
        rules = _rules(rates.match_rates(frame, "rule", prefix=prefix))
        won = _won(results, combinations(asked)[1], len(table), len(rules))
        names, looks, won = _fewer(rules, won)
        return cls(shown, len(table), names, looks, won[shown["at"].to_numpy()])


def _rules(table: pd.DataFrame) -> list[tuple[str, style.Look]]:
    """Return the name and the look of each rule; of those of one type the later ones have a mark of their own."""
    table = table[table.index.notna()]
    seen: dict[Any, int] = {}
    rules = []
    for rank, kind in zip(table.index, table["type"], strict=True):
        colour, hatch = style.KIND_LOOK.get(kind, style.UNKNOWN)
        times = seen[kind] = seen.get(kind, -1) + 1
        rules.append((rule_label(rank, kind), (colour, (hatch, hatch + "..", hatch + "xx", hatch + "oo")[times % 4])))
    return rules


def _won(results: pd.DataFrame, codes: Any, groups: int, rules: int) -> Any:
    """Count the matched rows of each group by rule; the last column is of those whose rule is not known."""
    matched = results["matched"].fillna(value=False).to_numpy(dtype=bool)
    rule = results["rule"].fillna(rules + 1).to_numpy(dtype=np.int64)[matched] - 1
    counted = np.bincount(codes[matched] * (rules + 1) + np.minimum(rule, rules), minlength=groups * (rules + 1))
    return counted.reshape(groups, rules + 1)


def _fewer(rules: list[tuple[str, style.Look]], won: Any) -> tuple[list[str], list[style.Look], Any]:
    """Keep the rules that match most, and take the others together with what no rule is known of."""
    kept = np.sort(np.argsort(-won[:, :-1].sum(axis=0), kind="stable")[:_MOST_RULES])
    rest = won.sum(axis=1) - won[:, kept].sum(axis=1)
    names = [rules[at][0] for at in kept] + [gettext("other rules")]
    return names, [rules[at][1] for at in kept] + [style.UNKNOWN], np.column_stack([won[:, kept], rest])


def _bar(texts: tuple[str, ...], won: Any, looks: list[style.Look], answered: int) -> Bar:
    matched = int(won.sum())
    low, high = bounds(matched, answered)
    starts = np.concatenate([[0], np.cumsum(won)]) / answered
    return Bar(
        label=texts[0],
        aside=" · ".join(texts[1:]),
        length=matched / answered,
        low=low,
        high=high,
        look=style.PLAIN,
        note=f"{percent(matched / answered)}  {interval(low, high)}",
        detail=fraction(matched, answered),
        layers=[
            Layer(float(start), int(rows) / answered, look)
            for start, rows, look in zip(starts[:-1], won, looks, strict=True)
            if rows
        ],
    )
