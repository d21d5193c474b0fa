"""Bars in words, for a tooltip and for those who cannot see them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.results.rates import wilson


def rule_name(rank: Any, kind: Any) -> str:
    """Name a rule by its rank and its type."""
    return f"{rank}. {gettext('type not known') if pd.isna(kind) else kind_label(kind)}"


def rate_text(name: str, row: dict[Any, Any]) -> str:
    """Say the rate of a group of `ctnb.match_rates`."""
    if pd.isna(row["reached"]):
        return gettext("{name}: {matched} matched", name=name, matched=number(row["matched"]))
    bounds = interval(row["rate_reached_low"], row["rate_reached_high"])
    return _text(name, int(row["matched"]), int(row["reached"]), percent(row["rate_reached"]), bounds)


def share_text(name: str, rows: int, whole: int) -> str:
    """Say what share of all some rows are."""
    low, high = wilson(rows, whole)
    share = percent(rows / whole if whole else float("nan"))
    return _text(name, rows, whole, share, interval(float(low), float(high)))


def _text(name: str, rows: int, whole: int, share: str, bounds: str) -> str:
    return gettext(
        "{name}: {share}, {part} of {whole} (95 % interval {interval})",
        name=name, share=share, part=number(rows), whole=number(whole), interval=bounds or "–",
    )  # fmt: skip
