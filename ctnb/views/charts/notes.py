"""What several plots say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, interval, ngettext, number
from ctnb.results.group_order import are_the_last
from ctnb.results.rates import wilson
from ctnb.views.charts.texts import clean

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable


def grouping_label(names: Iterable[Hashable], known: str | None) -> str:
    """Return by what rows are grouped, in words."""
    if known:
        return gettext("by type") if known == "type" else gettext("by rule")
    return gettext("by {column}", column=gettext(" and ").join(map(clean, names)))


def interval_note(successes: int, trials: int) -> str:
    """Return the interval of the rate of all rows, in words."""
    return gettext("All: {interval} (95 % interval)", interval=interval(*bounds(successes, trials)))


def largest_note(shown: pd.Index, groups: int, sort: str | None, known: str | None = None) -> str:
    """Say that some groups are drawn of all that there are."""
    most = len(shown)
    if known:
        return gettext("{most} of {n} shown", most=number(most), n=number(groups))
    if are_the_last(shown, sort):
        return ngettext("the last {most} of {n} period", "the last {most} of {n} periods", groups, most=number(most))
    return ngettext("the {most} largest of {n} group", "the {most} largest of {n} groups", groups, most=most)


def fraction(rows: int, whole: int) -> str:
    """Return a part and its whole, in words."""
    return gettext("{part} of {whole}", part=number(rows), whole=number(whole))


def rule_label(rank: int, kind: Any) -> str:
    """Return the rank of a rule and its type."""
    name = gettext("type not known") if pd.isna(kind) else kind_label(kind)
    return f"{rank}  {name}"


def bounds(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of one rate."""
    low, high = wilson(successes, trials)
    return float(low), float(high)
