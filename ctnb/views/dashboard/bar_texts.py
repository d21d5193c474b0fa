"""Bars, cells and periods in words, for a tooltip and for those who cannot see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.results.rates import wilson
from ctnb.views.predicted import answered_heading


def rule_name(rank: Any, kind: Any) -> str:
    """Name a rule by its rank and its type."""
    return f"{rank}. {gettext('type not known') if pd.isna(kind) else kind_label(kind)}"


def rate_cells(matched: int, answered: int) -> tuple[str, str, str, str]:
    """Return the cells of a table: matched and answered rows, the match rate and its interval."""
    share = _share(matched, answered)
    return share["part"], share["whole"], share["share"], share["interval"]


def short_rate_text(name: str, matched: int, answered: int) -> str:
    """Say the rate of one group among others."""
    return gettext("{name}: {share} ({interval}), {part} of {whole}", name=name, **_share(matched, answered))


def share_text(name: str, rows: int, whole: int) -> str:
    """Say what share of all some rows are."""
    return gettext("{name}: {share}, {part} of {whole} (95 % interval {interval})", name=name, **_share(rows, whole))


@dataclass(frozen=True, slots=True)
class RateTexts:
    """Says match rates; the rows of a preview are not answered, but can be sent."""

    predicted: bool

    def headings(self) -> tuple[str, str, str, str]:
        """Return the headings of `rate_cells`."""
        whole = answered_heading(predicted=self.predicted)
        return gettext("Matched"), whole, gettext("Match rate"), gettext("95 % interval")

    def answered(self, name: str, matched: int, whole: int) -> str:
        """Say what share of the answered rows matched."""
        if self.predicted:
            return gettext(
                "{name}: {share} matched, {part} of {whole} that can be sent (95 % interval {interval})",
                name=name,
                **_share(matched, whole),
            )
        return gettext(
            "{name}: {share} matched, {part} of {whole} answered (95 % interval {interval})",
            name=name,
            **_share(matched, whole),
        )

    def reached(self, name: str, matched: int, whole: Any) -> str:
        """Say what share of the rows that reached a type or rule matched by it; they may not be known."""
        if pd.isna(whole):
            return gettext("{name}: {matched} matched", name=name, matched=number(matched))
        return gettext(
            "{name}: {share} matched, {part} of {whole} reached (95 % interval {interval})",
            name=name,
            **_share(matched, int(whole)),
        )

    def funnel(self, name: str, row: dict[Any, Any], *, own: bool) -> str:
        """Say how many rows of `ctnb.views.charts.funnel.funnel_table` got how far."""
        if pd.isna(row["reached"]):
            return self.reached(name, row["matched"], None)
        share = {"name": name, "rows": number(row["offered"])} | _share(int(row["matched"]), int(row["reached"]))
        if not own:
            return gettext(
                "{name}: {rows} offered, {whole} reached, {part} matched: {share} of these (95 % interval {interval})",
                **share,
            )
        if self.predicted:
            return gettext(
                "{name}: {rows} rows, {whole} can be sent, {part} matched: {share} of these (95 % interval {interval})",
                **share,
            )
        return gettext(
            "{name}: {rows} rows, {whole} answered, {part} matched: {share} of these (95 % interval {interval})",
            **share,
        )


def _share(rows: int, whole: int) -> dict[str, str]:
    low, high = wilson(rows, whole)
    return {
        "share": percent(rows / whole if whole else float("nan")),
        "part": number(rows),
        "whole": number(whole),
        "interval": interval(float(low), float(high)) or "–",
    }
