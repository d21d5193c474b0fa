"""Two results side by side, as text and as a card: the rates, what changed, and what could not be paired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctnb.i18n.advice import unpaired_advice
from ctnb.i18n.labels import change_label, status_label, unpaired_label
from ctnb.i18n.language import gettext, ngettext, number, percent
from ctnb.results.change import Change
from ctnb.views.html.card import Card
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from ctnb.results.comparison_summary import ComparisonSummary

NONE: Final = "–"
_PERCENT: Final = "\N{NO-BREAK SPACE}%"


def before_label(*, predicted: bool) -> str:
    """Name the side before; a preview's is called predicted."""
    return gettext("before (predicted)") if predicted else gettext("before")


def after_label(*, predicted: bool) -> str:
    """Name the side after; a preview's is called predicted."""
    return gettext("after (predicted)") if predicted else gettext("after")


def points(difference: float) -> str:
    """Write a difference of fractions in percentage points, with its sign; a dash where there is none."""
    return NONE if pd.isna(difference) else gettext("{difference} pp", difference=_signed(difference))


def points_interval(low: float, high: float) -> str:
    """Write the bounds of a difference in percentage points; empty where there are none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return gettext("{low} to {high} pp", low=_signed(low), high=_signed(high))


def short_points(difference: float, low: float, high: float) -> str:
    """Write a difference of fractions with its bounds in percentage points, as short as a plot needs it."""
    shown = (_signed(each) for each in (difference, low, high))
    return gettext("{difference} ({low}…{high}) pp", **dict(zip(("difference", "low", "high"), shown, strict=True)))


def _signed(difference: float) -> str:
    shown = percent(abs(difference)).removesuffix(_PERCENT)
    if not any(sign in shown for sign in "123456789"):
        return shown
    return ("+" if difference > 0 else "\N{MINUS SIGN}") + shown


def comparison_text(compared: ComparisonSummary) -> str:
    """Return a comparison in three lines."""
    rates = compared.rates
    found = gettext(
        "match rate {before} {was}, {after} {now}: {difference}",
        before=before_label(predicted=compared.predicted_before),
        was=percent(rates["rate_before"]),
        after=after_label(predicted=compared.predicted_after),
        now=percent(rates["rate_after"]),
        difference=_difference(rates),
    )
    counts = ngettext("{n} pair", "{n} pairs", compared.pairs)
    changed = ", ".join(
        f"{change_label(str(change))} {number(count)}" for change, count in compared.counts.items() if count
    )
    more = gettext("more in .rows, .changes, .unpaired, .rates(by) and .plot(by)")
    return f"<Comparison: {found};\n {counts}; {changed or NONE};\n {more}>"


def _difference(rates: dict[str, Any]) -> str:
    """Return the difference with its interval."""
    if pd.isna(rates["difference"]):
        return NONE
    bounds = gettext("95 % interval {interval}", interval=points_interval(rates["low"], rates["high"]))
    return f"{points(rates['difference'])} ({bounds})"


def comparison_html(compared: ComparisonSummary) -> str:
    """Return a comparison as HTML; it shows no key and no cell of the frames."""
    before = before_label(predicted=compared.predicted_before)
    after = after_label(predicted=compared.predicted_after)
    rates = compared.rates
    counts = compared.counts
    facts = [
        (gettext("Rows {side}", side=before), number(compared.rows_before)),
        (gettext("Rows {side}", side=after), number(compared.rows_after)),
        (gettext("Pairs"), number(compared.pairs)),
        *((change_label(each), number(counts[each])) for each in (Change.ONLY_BEFORE, Change.ONLY_AFTER)),
        (gettext("Pairs answered on both sides"), number(rates["pairs"])),
        (gettext("Match rate {side}", side=before), percent(rates["rate_before"])),
        (gettext("Match rate {side}", side=after), percent(rates["rate_after"])),
        (gettext("Difference"), _difference(rates)),
        *((change_label(each), number(counts[each])) for each in (Change.GAINED, Change.LOST)),
    ]
    tables = [each for each in (_changes(compared, before, after), _unpaired(compared, before, after)) if each.rows]
    return Card(gettext("Two results compared"), facts, tables).html()


def _changes(compared: ComparisonSummary, before: str, after: str) -> Table:
    """Return the pairs by status before and after, the most frequent first."""
    found = [
        (was, now, int(pairs))
        for was, counted in compared.changes.to_dict("index").items()
        for now, pairs in counted.items()
        if pairs
    ]
    found.sort(key=lambda each: -each[2])
    rows = [(status_label(str(was)), status_label(str(now)), number(pairs)) for was, now, pairs in found]
    heads = (gettext("Status {side}", side=before), gettext("Status {side}", side=after), gettext("Pairs"))
    return Table(heads, rows, frozenset({2}), gettext("What changed; .rows has each pair"))


def _unpaired(compared: ComparisonSummary, before: str, after: str) -> Table:
    """Return why rows have no partner, with the rows of each frame."""
    found = compared.unpaired[compared.unpaired.any(axis=1)]
    rows = [
        (unpaired_label(str(reason)), *map(number, counted), unpaired_advice(str(reason)))
        for reason, *counted in found.itertuples()
    ]
    sides = (gettext("Rows {side}", side=side) for side in (before, after))
    heads = (gettext("Without a partner"), *sides, gettext("What to do"))
    return Table(heads, rows, frozenset({1, 2}), gettext("Rows that are not compared; .unpaired has them"))
