"""Pictures of how the leads matched. Each takes a frame with results, and returns matplotlib Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.results import rates
from ctnb.results.columns import PREFIX, restore
from ctnb.views import style
from ctnb.views.bars import Bar, draw_bars, new_axes
from ctnb.views.style import QUIET, Look, clean, interval, number, percent, top_of
from ctnb.views.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

__all__ = ["errors", "match_rates", "timeline", "waterfall"]

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
    named = clean(" and ".join(map(str, by)) if isinstance(by, list) else by)
    if not answered:
        return style.empty(new_axes(0) if ax is None else ax, f"Match rate by {named}", "no answers yet")
    known = by if isinstance(by, str) and by in ("type", "rule") else None
    notes = [f"All: {interval(*_bounds(matched, answered))} (95 % interval)"]
    if known:
        missed = int((results["matched"].fillna(value=False) & results[_WINNER[known]].isna()).sum())
        notes += [f"{number(missed)} matched by a {known} that is not known"] * bool(missed)
    else:
        shown = table.sort_values("offered", ascending=False, kind="stable").head(_MOST_BARS)
        notes += [f"the {_MOST_BARS} largest of {number(len(table))} groups"] * (len(table) > len(shown))
        table = shown
    bars = [_rate_bar(key, row, known) for key, row in zip(table.index, table.to_dict("records"), strict=True)]
    title = f"Match rate by {named}: {percent(matched / answered)} of {number(answered)} answered"
    base = f"rows that reached the {known}" if known else "answered rows"
    top = top_of(bar.high for bar in bars)
    return _drawn(ax, bars, title=title, notes=notes, axis_label=f"matched, % of {base}", top=top)


def _rate_bar(key: Any, row: dict[Any, Any], known: str | None) -> Bar:
    rate, low, high = (row[name] for name in ("rate_reached", "rate_reached_low", "rate_reached_high"))
    matched = number(row["matched"])
    if pd.isna(row["reached"]):
        note, detail = "not known", f"{matched} matched"
    else:
        note = f"{percent(rate)}  {interval(low, high)}".strip()
        detail = f"{matched} of {number(row['reached'])}"
        if known:
            detail += f" reached, {number(row['offered'])} offered"
    kind: Any = key if known == "type" else row.get("type")
    look = style.KIND_LOOK.get(kind, style.UNKNOWN) if known else style.PLAIN
    label, *others = [_rule_label(key, kind)] if known == "rule" else _group_labels(key)
    return Bar(label, rate, low, high, look, note, detail, aside=" · ".join(others))


def _group_labels(key: Any) -> list[str]:
    return [clean(part) for part in (key if isinstance(key, tuple) else (key,))]


def _rule_label(place: int, kind: Any) -> str:
    return f"{place}  {'type not known' if pd.isna(kind) else kind}"


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
        return style.empty(new_axes(0) if ax is None else ax, "Errors", "no errors" if len(frame) else "no answers yet")
    shown = table.head(_MOST_BARS)
    bars = [
        Bar(
            label=str(code),
            aside=str(row["status"]),
            length=row["share"],
            low=row["share_low"],
            high=row["share_high"],
            look=style.STATUS_LOOK[row["status"]],
            note=f"{percent(row['share'])}  {interval(row['share_low'], row['share_high'])}",
            detail=f"{number(row['rows'])} of {number(len(frame))}",
        )
        for code, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]
    failed = int(table["rows"].sum())
    title = f"Errors: {percent(failed / len(frame))} of {number(len(frame))} rows, most often {table.index[0]}"
    notes = [f"All: {interval(*_bounds(failed, len(frame)))} (95 % interval)"]
    notes += [f"the {_MOST_BARS} most frequent of {len(table)}"] * (len(table) > len(shown))
    return _drawn(ax, bars, title=title, notes=notes, axis_label="% of all rows", top=top_of(bar.high for bar in bars))


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
    answers = restore(frame, prefix, only=["status", "matched"])["matched"]
    answered, matched = int(answers.notna().sum()), int(answers.sum())
    if not answered:
        return style.empty(new_axes(0) if ax is None else ax, "What each rule adds", "no answers yet")
    parts = [
        (_rule_label(place, kind), int(rows), style.KIND_LOOK.get(kind, style.UNKNOWN))
        for place, kind, rows in zip(table.index, table["type"], table["matched"], strict=True)
    ]
    known = sum(rows for _, rows, _ in parts)
    if known < matched:
        parts.append(("rule not known", matched - known, style.UNKNOWN))
    starts = np.cumsum([0, *(rows for _, rows, _ in parts)])
    steps = [
        _step(label, rows, int(start), answered, look)
        for (label, rows, look), start in zip(parts, starts[:-1], strict=True)
    ]
    steps.append(_step("all rules", matched, 0, answered, style.TOTAL))
    steps.append(_step("not matched", answered - matched, matched, answered, style.REST))
    count = f"{len(table)} rule{'s' if len(table) != 1 else ''}" if len(table) else "The rules"
    title = f"{count} matched {percent(matched / answered)} of {number(answered)} answered"
    best = max(parts, key=lambda part: part[1], default=None)
    notes = [f"Rule {' '.join(best[0].split())} adds most" if best and best[1] else "No rule matched a row"]
    ax = _drawn(ax, steps, title=title, notes=notes, axis_label="% of answered rows", top=1.0)
    for at, start in enumerate(starts[1:]):
        ax.plot([start / answered] * 2, [at, at + 1], color=QUIET, linewidth=0.8, zorder=1)
    return ax


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
        detail=f"{number(rows)} of {number(answered)}",
        start=start / answered,
    )


def _bounds(successes: int, trials: int) -> tuple[float, float]:
    low, high = rates.wilson(successes, trials)
    return float(low), float(high)


def _drawn(ax: Axes | None, bars: list[Bar], *, title: str, notes: list[str], axis_label: str, top: float) -> Axes:
    ax = new_axes(len(bars)) if ax is None else ax
    draw_bars(ax, bars, title=title, note="; ".join(notes), axis_label=f"{axis_label} (line: 95 % interval)", top=top)
    return ax
