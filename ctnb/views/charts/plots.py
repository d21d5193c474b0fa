"""Pictures of how the leads matched. Each takes a frame with results, and returns matplotlib Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.labels import kind_label, reason_label, status_label
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.results import rates
from ctnb.results.grouping import grouping
from ctnb.results.restore import restore
from ctnb.views.charts import style
from ctnb.views.charts.bars import Bar, draw_bars, new_axes
from ctnb.views.charts.style import QUIET, Look, clean, top_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

_MOST_BARS: Final = 20
_WINNER: Final = {"type": "matched_by", "rule": "rule"}


def match_rates(
    frame: pd.DataFrame, *, by: Hashable | list[Any] = "type", prefix: str = PREFIX, ax: Axes | None = None
) -> Axes:
    """Draw the match rate by type, by rule or by any column, as bars with 95 % Wilson intervals.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    by : "type", "rule", a column, or a list of columns
        As in `ctnb.results.rates.match_rates`. By type and rule a bar is the share of the rows that reached
        it; by column the share of the answered rows. The 20 largest groups are drawn, and the rest counted.
    prefix : str
        What the names of the results begin with.
    ax : Axes, optional
        Where to draw. By default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ColumnNotFoundError, ConfigError
        As `ctnb.results.rates.match_rates`.
    """
    table = rates.match_rates(frame, by, prefix=prefix)
    results = restore(frame, prefix, only=["status", "matched", "matched_by", "rule"])
    answered, matched = int(results["matched"].notna().sum()), int(results["matched"].sum())
    known = grouping(frame, by).word
    grouped = _grouped(by, known)
    if not answered:
        title = gettext("Match rate {grouped}", grouped=grouped)
        return style.empty(new_axes(0) if ax is None else ax, title, gettext("no answers yet"))
    notes = [_all(matched, answered)]
    if known:
        # Rows whose rule is not known have no bar: the note counts them.
        table = table[table.index.notna()]
        missed = int((results["matched"].fillna(value=False) & results[_WINNER[known]].isna()).sum())
        notes += [_missed(known, missed)] * bool(missed)
    else:
        shown = table.sort_values("offered", ascending=False, kind="stable").head(_MOST_BARS)
        if len(table) > len(shown):
            notes.append(_largest(len(table)))
        table = shown
    bars = [_rate_bar(key, row, known) for key, row in zip(table.index, table.to_dict("records"), strict=True)]
    title = ngettext(
        "Match rate {grouped}: {rate} of {n} answered",
        "Match rate {grouped}: {rate} of {n} answered",
        answered,
        grouped=grouped,
        rate=percent(matched / answered),
    )
    bases = {
        "type": gettext("matched, % of rows that reached the type (line: 95 % interval)"),
        "rule": gettext("matched, % of rows that reached the rule (line: 95 % interval)"),
        None: gettext("matched, % of answered rows (line: 95 % interval)"),
    }
    top = top_of(bar.high for bar in bars)
    return _drawn(ax, bars, title=title, notes=notes, axis_label=bases[known], top=top)


def _grouped(by: Any, known: str | None) -> str:
    if known:
        return gettext("by type") if known == "type" else gettext("by rule")
    columns = gettext(" and ").join(map(str, by)) if isinstance(by, list) else by
    return gettext("by {column}", column=clean(columns))


def _all(successes: int, trials: int) -> str:
    return gettext("All: {interval} (95 % interval)", interval=interval(*_bounds(successes, trials)))


def _missed(known: str, rows: int) -> str:
    if known == "type":
        return ngettext("{n} matched by a type that is not known", "{n} matched by a type that is not known", rows)
    return ngettext("{n} matched by a rule that is not known", "{n} matched by a rule that is not known", rows)


def _largest(groups: int) -> str:
    return ngettext("the {most} largest of {n} group", "the {most} largest of {n} groups", groups, most=_MOST_BARS)


def _rate_bar(key: Any, row: dict[Any, Any], known: str | None) -> Bar:
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
            detail = _part(row["matched"], row["reached"])
    kind: Any = key if known == "type" else row.get("type")
    look = style.KIND_LOOK.get(kind, style.UNKNOWN) if known else style.PLAIN
    label, *others = _labels(key, kind, known)
    return Bar(label, rate, low, high, look, note, detail, aside=" · ".join(others))


def _labels(key: Any, kind: Any, known: str | None) -> list[str]:
    if known:
        return [_rule_label(key, kind) if known == "rule" else kind_label(key)]
    return [clean(part) for part in (key if isinstance(key, tuple) else (key,))]


def _part(rows: int, whole: int) -> str:
    return gettext("{part} of {whole}", part=number(rows), whole=number(whole))


def _rule_label(place: int, kind: Any) -> str:
    name = gettext("type not known") if pd.isna(kind) else kind_label(kind)
    return f"{place}  {name}"


def errors(frame: pd.DataFrame, *, prefix: str = PREFIX, ax: Axes | None = None) -> Axes:
    """Draw the errors by code and status, as shares of all rows with 95 % Wilson intervals.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.
    ax : Axes, optional
        Where to draw. By default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    table = rates.errors(frame, prefix=prefix)
    if table.empty:
        text = gettext("no errors") if len(frame) else gettext("no answers yet")
        return style.empty(new_axes(0) if ax is None else ax, gettext("Errors"), text)
    shown = table.head(_MOST_BARS)
    bars = [
        Bar(
            label=reason_label(code),
            aside=status_label(row["status"]),
            length=row["share"],
            low=row["share_low"],
            high=row["share_high"],
            look=style.STATUS_LOOK[row["status"]],
            note=f"{percent(row['share'])}  {interval(row['share_low'], row['share_high'])}",
            detail=_part(row["rows"], len(frame)),
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
    notes = [_all(failed, len(frame))]
    if len(table) > len(shown):
        notes.append(gettext("the {most} most frequent of {all}", most=_MOST_BARS, all=number(len(table))))
    label = gettext("% of all rows (line: 95 % interval)")
    return _drawn(ax, bars, title=title, notes=notes, axis_label=label, top=top_of(bar.high for bar in bars))


def waterfall(frame: pd.DataFrame, *, prefix: str = PREFIX, ax: Axes | None = None) -> Axes:
    """Draw what each rule adds, in order, up to the whole match rate, and what stayed unmatched.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.
    ax : Axes, optional
        Where to draw. By default on a new figure.

    Returns
    -------
    Axes
        Rules from the top, each bar beginning where the one above ends; shares of the answered rows with 95 %
        Wilson intervals.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    table = rates.match_rates(frame, "rule", prefix=prefix)
    table = table[table.index.notna()]
    answers = restore(frame, prefix, only=["status", "matched"])["matched"]
    answered, matched = int(answers.notna().sum()), int(answers.sum())
    if not answered:
        return style.empty(new_axes(0) if ax is None else ax, gettext("What each rule adds"), gettext("no answers yet"))
    parts = [
        (_rule_label(place, kind), int(rows), style.KIND_LOOK.get(kind, style.UNKNOWN))
        for place, kind, rows in zip(table.index, table["type"], table["matched"], strict=True)
    ]
    known = sum(rows for _, rows, _ in parts)
    if known < matched:
        parts.append((gettext("rule not known"), matched - known, style.UNKNOWN))
    starts = np.cumsum([0, *(rows for _, rows, _ in parts)])
    steps = [
        _step(label, rows, int(start), answered, look)
        for (label, rows, look), start in zip(parts, starts[:-1], strict=True)
    ]
    steps.append(_step(gettext("all rules"), matched, 0, answered, style.TOTAL))
    steps.append(_step(gettext("not matched"), answered - matched, matched, answered, style.REST))
    notes = [_best(parts[: len(table)], matched)]
    label = gettext("% of answered rows (line: 95 % interval)")
    ax = _drawn(ax, steps, title=_found(len(table), matched, answered), notes=notes, axis_label=label, top=1.0)
    for at, start in enumerate(starts[1:]):
        ax.plot([start / answered] * 2, [at, at + 1], color=QUIET, linewidth=0.8, zorder=1)
    return ax


def _found(rules: int, matched: int, answered: int) -> str:
    rate, rows = percent(matched / answered), number(answered)
    if not rules:
        return gettext("The rules matched {rate} of {rows} answered", rate=rate, rows=rows)
    return ngettext(
        "{n} rule matched {rate} of {rows} answered",
        "{n} rules matched {rate} of {rows} answered",
        rules,
        rate=rate,
        rows=rows,
    )


def _best(parts: list[tuple[str, int, Look]], matched: int) -> str:
    label, rows, _ = max(parts, key=lambda part: part[1], default=("", 0, style.UNKNOWN))
    if rows:
        return gettext("Rule {rule} adds most", rule=" ".join(label.split()))
    return gettext("Which rules matched is not known") if matched else gettext("No rule matched a row")


def _step(label: str, rows: int, start: int, answered: int, look: Look) -> Bar:
    low, high = _bounds(rows, answered)
    sign = "" if look in (style.TOTAL, style.REST) else "+"
    # The interval of what is left mirrors that of all rules.
    drawn = (low, high) if look != style.REST else (np.nan, np.nan)
    return Bar(
        label=label,
        length=rows / answered,
        low=drawn[0],
        high=drawn[1],
        look=look,
        note=f"{sign}{percent(rows / answered)}  {interval(low, high)}",
        detail=_part(rows, answered),
        start=start / answered,
    )


def _bounds(successes: int, trials: int) -> tuple[float, float]:
    low, high = rates.wilson(successes, trials)
    return float(low), float(high)


def _drawn(ax: Axes | None, bars: list[Bar], *, title: str, notes: list[str], axis_label: str, top: float) -> Axes:
    ax = new_axes(len(bars)) if ax is None else ax
    draw_bars(ax, bars, title=title, note="; ".join(notes), axis_label=axis_label, top=top)
    return ax
