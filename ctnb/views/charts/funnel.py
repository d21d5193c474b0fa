"""What becomes of rows on their way: offered, reached, matched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS, check_sort, check_top, shown_groups
from ctnb.results.grouping import combinations, grouping
from ctnb.results.predicted import is_predicted
from ctnb.views.charts import style
from ctnb.views.charts.answers import AnswerCounts, bare_plot
from ctnb.views.charts.bar import Bar, Layer
from ctnb.views.charts.bars import draw_bars, most_bars, new_axes
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.notes import bounds, grouping_label, interval_note, largest_note, rule_label
from ctnb.views.predicted import marked

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

KEY: Final = 0.25
"""Inches that the words above the bars take."""


def funnel(
    frame: pd.DataFrame,
    *,
    by: Hashable | list[Any] = "type",
    sort: str | None = None,
    top: int = MOST_GROUPS,
    prefix: str = PREFIX,
    figsize: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many rows each type or rule was offered, how many reached it, and how many it matched.

    By columns these are the rows of each group, those with an answer, and those that matched.
    """
    check_sort(sort)
    check_top(top)
    table = funnel_table(frame, by, prefix)
    answers = AnswerCounts.in_frame(frame, prefix)
    known = by if isinstance(by, str) and by in ("type", "rule") else None
    grouped = grouping_label(table.index.names, known)
    if not answers.answered:
        return bare_plot(gettext("Funnel {grouped}", grouped=grouped), frame, prefix, ax=ax, figsize=figsize)
    most = most_bars(ax, figsize, top, above=KEY)
    shown = shown_groups(table, sort=sort, top=most) if known is None or sort else table.head(most)
    texts = group_labels(shown.index)
    if known:
        kinds = shown.index if known == "type" else shown["type"]
        texts = [
            (kind_label(kind) if known == "type" else rule_label(key, kind),)
            for key, kind in zip(shown.index, kinds, strict=True)
        ]
    bars = [_bar(text, row, len(frame)) for text, row in zip(texts, shown.to_dict("records"), strict=True)]
    notes = [interval_note(answers.matched, answers.answered)]
    if len(shown) < len(table):
        notes.append(largest_note(shown.index, len(table), sort, known))
    word, predicted = grouping(frame, by).word, is_predicted(frame, prefix)
    rate, rows = percent(answers.rate), number(answers.answered)
    title = (
        gettext("Funnel {grouped}: {rate} of {n} rows", grouped=grouped, rate=rate, n=rows)
        if predicted
        else gettext("Funnel {grouped}: {rate} of {n} answered", grouped=grouped, rate=rate, n=rows)
    )
    ax = new_axes(len(bars), figsize) if ax is None else ax
    end = style.top_of(layer.length for bar in bars for layer in bar.layers)
    draw_bars(
        ax, bars, title=marked(title, frame, prefix), note="; ".join(notes),
        axis_label=_axis_label(word, predicted=predicted), top=end, key=_key(word, predicted=predicted),
    )  # fmt: skip
    return ax


def funnel_table(frame: pd.DataFrame, by: Hashable | list[Any], prefix: str) -> pd.DataFrame:
    """Count as `ctnb.match_rates` does; by columns all rows of a group are ``offered``."""
    table = rates.match_rates(frame, by, prefix=prefix)
    asked = grouping(frame, by)
    if asked.word is None:
        sizes = np.bincount(combinations(asked)[1], minlength=len(table))
        return table.assign(offered=pd.array(sizes, dtype="Int64"))
    # What no type or rule is known of was offered by none.
    return table if asked.columns else table[table.index.notna()]


def _axis_label(word: str | None, *, predicted: bool) -> str:
    if word:
        return gettext("% of all rows; on the right: matched, % of the rows reached (95 % interval)")
    if predicted:
        return gettext("% of all rows; on the right: matched, % of the rows that can be sent (95 % interval)")
    return gettext("% of all rows; on the right: matched, % of the answered rows (95 % interval)")


def _key(word: str | None, *, predicted: bool) -> list[tuple[str, style.Look, bool]]:
    if word:
        words = gettext("offered"), gettext("reached"), gettext("matched")
    else:
        words = gettext("rows"), gettext("can be sent") if predicted else gettext("answered"), gettext("matched")
    return list(zip(words, (style.REST, style.REST, style.PLAIN), (True, False, False), strict=True))


def _bar(texts: tuple[str, ...], row: dict[Any, Any], rows: int) -> Bar:
    offered, reached, matched = (row[name] for name in ("offered", "reached", "matched"))
    layers = [
        Layer(0.0, int(count) / rows, look, hollow)
        for count, look, hollow in (
            (offered, style.REST, True),
            (reached, style.REST, False),
            (matched, style.PLAIN, False),
        )
        if not pd.isna(count)
    ]
    if pd.isna(reached):
        note, detail = gettext("not known"), gettext("{matched} matched", matched=number(matched))
    else:
        low, high = bounds(int(matched), int(reached))
        note = f"{percent(matched / reached if reached else np.nan)}  {interval(low, high)}".strip()
        detail = f"{number(offered)} → {number(reached)} → {number(matched)}"
    return Bar(
        label=texts[0], aside=" · ".join(texts[1:]), length=int(matched) / rows, low=np.nan, high=np.nan,
        look=style.PLAIN, note=note, detail=detail, layers=layers,
    )  # fmt: skip
