"""Plots of how the leads matched. Each takes a frame with results, and returns matplotlib Axes.

`ctnb.plot_accessor` documents their parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.labels import kind_label, predicted_title, reason_label, status_label
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS, check_sort, check_top, largest_first, shown_groups
from ctnb.results.predicted import is_predicted
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.answers import AnswerCounts, bare_plot
from ctnb.views.charts.bar import Bar
from ctnb.views.charts.bars import draw_bars, most_bars, new_axes
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.notes import bounds, fraction, grouping_label, interval_note, largest_note, rule_label
from ctnb.views.charts.palette import Palette
from ctnb.views.charts.style import Look, top_of
from ctnb.views.charts.waterfall_groups import waterfall_by
from ctnb.views.predicted import answered_axis, marked

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

    Size = tuple[float, float]

_WINNER: Final = {"type": "matched_by", "rule": "rule"}


def match_rates(
    frame: pd.DataFrame,
    *,
    by: Hashable | list[Any] = "type",
    sort: str | None = None,
    top: int = MOST_GROUPS,
    prefix: str = PREFIX,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the match rate by type, by rule or by any columns, as bars with 95 % Wilson intervals."""
    table = rates.match_rates(frame, by, prefix=prefix)
    results = restore(frame, prefix, only=["status", "matched", "matched_by", "rule"])
    answers = AnswerCounts.of(results["matched"])
    known = by if isinstance(by, str) and by in ("type", "rule") else None
    grouped = grouping_label(table.index.names, known)
    check_sort(sort)
    check_top(top)
    if not answers.answered:
        return bare_plot(gettext("Match rate {grouped}", grouped=grouped), frame, prefix, ax=ax, figsize=figsize)
    notes = [interval_note(answers.matched, answers.answered)]
    if known:
        # Rows whose rule is not known have no bar: the note counts them.
        table = table[table.index.notna()]
        unknown = int((results["matched"].fillna(value=False) & results[_WINNER[known]].isna()).sum())
        if unknown:
            notes.append(_unknown_winner_note(known, unknown))
    shown = _shown(table, known, sort, most_bars(ax, figsize, top))
    if len(shown) < len(table):
        notes.append(largest_note(shown.index, len(table), sort, known))
    labels = group_labels(shown.index)
    bars = [
        _rate_bar(key, text, row, known) for key, text, row in zip(shown.index, labels, _records(shown), strict=True)
    ]
    bases = {
        "type": gettext("matched, % of rows that reached the type (line: 95 % interval)"),
        "rule": gettext("matched, % of rows that reached the rule (line: 95 % interval)"),
        None: gettext("matched, % of rows that can be sent (line: 95 % interval)")
        if is_predicted(frame, prefix)
        else gettext("matched, % of answered rows (line: 95 % interval)"),
    }
    # The rates by type and by rule are of the rows that reached them: the rate of all rows is no measure of these.
    overall = None if known else answers.rate
    end = top_of([*(bar.high for bar in bars), overall or 0])
    ax = new_axes(len(bars), figsize) if ax is None else ax
    title, note = answers.title(frame, prefix, grouped), "; ".join(notes)
    draw_bars(ax, bars, title=title, note=note, axis_label=bases[known], top=end, overall=overall)
    return ax


def _shown(table: pd.DataFrame, known: str | None, sort: str | None, top: int) -> pd.DataFrame:
    """Return the groups that are drawn; types and rules have the order in which they are tried."""
    if known is None:
        return shown_groups(table, sort=sort, top=top)
    if sort in (None, "natural"):
        return table.head(top)
    column = "rate_reached" if sort == "rate" else "offered"
    return largest_first(table, column).head(top)


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _unknown_winner_note(known: str, rows: int) -> str:
    if known == "type":
        return ngettext("{n} matched by a type that is not known", "{n} matched by a type that is not known", rows)
    return ngettext("{n} matched by a rule that is not known", "{n} matched by a rule that is not known", rows)


def _rate_bar(key: Any, texts: tuple[str, ...], row: dict[Any, Any], known: str | None) -> Bar:
    rate, low, high = (row[name] for name in ("rate_reached", "rate_reached_low", "rate_reached_high"))
    matched = number(row["matched"])
    if pd.isna(row["reached"]):
        note, detail = gettext("not known"), gettext("{matched} matched", matched=matched)
    else:
        note = f"{percent(rate)}  {interval(low, high)}".strip()
        reached = number(row["reached"])
        if known:
            detail = gettext(
                "{matched} of {reached} reached, {offered} offered",
                matched=matched,
                reached=reached,
                offered=number(row["offered"]),
            )
        else:
            detail = fraction(row["matched"], row["reached"])
    kind: Any = key if known == "type" else row.get("type")
    look = style.KIND_LOOK.get(kind, style.UNKNOWN) if known else style.PLAIN
    if known:
        label, *others = [rule_label(key, kind) if known == "rule" else kind_label(key)]
    else:
        label, *others = texts
    return Bar(label, rate, low, high, look, note, detail, aside=" · ".join(others))


def errors(
    frame: pd.DataFrame,
    *,
    top: int = MOST_GROUPS,
    prefix: str = PREFIX,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the errors by code and status, as shares of all rows with 95 % Wilson intervals."""
    table = rates.errors(frame, prefix=prefix)
    check_top(top)
    if table.empty:
        text = gettext("no errors") if len(frame) else None
        return bare_plot(gettext("Errors"), frame, prefix, ax=ax, figsize=figsize, text=text)
    shown = table.head(most_bars(ax, figsize, top))
    bars = [
        Bar(
            label=reason_label(code),
            aside=status_label(row["status"]),
            length=row["share"],
            low=row["share_low"],
            high=row["share_high"],
            look=style.STATUS_LOOK[row["status"]],
            note=f"{percent(row['share'])}  {interval(row['share_low'], row['share_high'])}",
            detail=fraction(row["rows"], len(frame)),
        )
        for code, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]
    failed = int(table["rows"].sum())
    title = ngettext(
        "Errors: {rate} of {n} row, most often {error}",
        "Errors: {rate} of {n} rows, most often {error}",
        len(frame),
        rate=percent(failed / len(frame)),
        error=reason_label(table.index[0]),
    )
    notes = [interval_note(failed, len(frame))]
    if len(table) > len(shown):
        notes.append(gettext("the {most} most frequent of {all}", most=len(shown), all=number(len(table))))
    label = gettext("% of all rows (line: 95 % interval)")
    title = marked(title, frame, prefix)
    ax = new_axes(len(bars), figsize) if ax is None else ax
    draw_bars(ax, bars, title=title, note="; ".join(notes), axis_label=label, top=top_of(bar.high for bar in bars))
    return ax


def waterfall(
    frame: pd.DataFrame,
    *,
    by: Hashable | list[Any] | None = None,
    sort: str | None = None,
    top: int = MOST_GROUPS,
    prefix: str = PREFIX,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each rule adds, in order, up to the whole match rate, and the rows that are not matched.

    Rules stand from the top, each bar beginning where the one above ends; bars are shares of the answered rows. With
    `by` each group has one bar, of what each rule adds there.
    """
    if by is not None:
        return waterfall_by(frame, by, sort=sort, top=top, prefix=prefix, figsize=figsize, ax=ax)
    table = rates.match_rates(frame, "rule", prefix=prefix)
    check_top(top)
    table = table[table.index.notna()]
    answers = AnswerCounts.in_frame(frame, prefix)
    answered, matched = answers.answered, answers.matched
    if not answered:
        return bare_plot(gettext("What each rule adds"), frame, prefix, ax=ax, figsize=figsize)
    parts = [
        (rule_label(rank, kind), int(rows), style.KIND_LOOK.get(kind, style.UNKNOWN))
        for rank, kind, rows in zip(table.index, table["type"], table["matched"], strict=True)
    ]
    best = _best_rule_note(parts, matched)
    known = sum(rows for _, rows, _ in parts)
    # Besides the rules there are two bars: all of them, and the rows that none matched.
    parts = _largest_parts(parts, most_bars(ax, figsize, top + 3) - 3)
    if known < matched:
        parts.append((gettext("rule not known"), matched - known, style.UNKNOWN))
    starts = np.cumsum([0, *(rows for _, rows, _ in parts)])
    steps = [
        _waterfall_bar(label, rows, int(start), answered, look)
        for (label, rows, look), start in zip(parts, starts[:-1], strict=True)
    ]
    steps.append(_waterfall_bar(gettext("all rules"), matched, 0, answered, style.TOTAL))
    steps.append(_waterfall_bar(gettext("not matched"), answered - matched, matched, answered, style.REST))
    title = _waterfall_title(len(table), matched, answered, predicted=is_predicted(frame, prefix))
    ax = new_axes(len(steps), figsize) if ax is None else ax
    draw_bars(ax, steps, title=title, note=best, axis_label=answered_axis(frame, prefix), top=1.0)
    quiet = Palette.of(ax).quiet
    for y, start in enumerate(starts[1:]):
        ax.plot([start / answered] * 2, [y, y + 1], color=quiet, linewidth=0.8, zorder=1)
    return ax


def _largest_parts(parts: list[tuple[str, int, Look]], most: int) -> list[tuple[str, int, Look]]:
    """Return the rules that add most, in their order, and one part for the others."""
    if len(parts) <= max(most, 1):
        return parts
    largest = sorted(range(len(parts)), key=lambda at: -parts[at][1])[: max(most - 1, 1)]
    others = [part for at, part in enumerate(parts) if at not in largest]
    label = ngettext("{n} other rule", "{n} other rules", len(others))
    return [*(parts[at] for at in sorted(largest)), (label, sum(part[1] for part in others), style.UNKNOWN)]


def _waterfall_title(rules: int, matched: int, answered: int, *, predicted: bool) -> str:
    rate, rows = percent(matched / answered), number(answered)
    if predicted:
        title = ngettext(
            "{n} rule matches {rate} of {rows}", "{n} rules match {rate} of {rows}", rules, rate=rate, rows=rows
        )
        return predicted_title(title)
    if not rules:
        return gettext("The rules matched {rate} of {rows} answered", rate=rate, rows=rows)
    return ngettext(
        "{n} rule matched {rate} of {rows} answered",
        "{n} rules matched {rate} of {rows} answered",
        rules,
        rate=rate,
        rows=rows,
    )


def _best_rule_note(parts: list[tuple[str, int, Look]], matched: int) -> str:
    label, rows, _ = max(parts, key=lambda part: part[1], default=("", 0, style.UNKNOWN))
    if rows:
        return gettext("Rule {rule} adds most", rule=" ".join(label.split()))
    return gettext("Which rules matched is not known") if matched else gettext("No rule matched a row")


def _waterfall_bar(label: str, rows: int, start: int, answered: int, look: Look) -> Bar:
    low, high = bounds(rows, answered)
    sign = "" if look in (style.TOTAL, style.REST) else "+"
    # The interval of the rows not matched mirrors that of all rules.
    drawn = (low, high) if look != style.REST else (np.nan, np.nan)
    return Bar(
        label=label,
        length=rows / answered,
        low=drawn[0],
        high=drawn[1],
        look=look,
        note=f"{sign}{percent(rows / answered)}  {interval(low, high)}",
        detail=fraction(rows, answered),
        start=start / answered,
        hollow=look == style.REST,
    )
