"""Thresholds of a nightly run: how well it must have matched, and how many rows may be uncertain."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import typer

from ctnb.cli.wrong_use import WrongUse
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.cli.facts import Facts


def parse_rate(text: str) -> float:
    """Return a share between 0 and 1, given as ``0.3`` or ``30%``.

    Raises
    ------
    typer.BadParameter
        For anything else.

    Examples
    --------
    >>> parse_rate("0.3"), parse_rate("30 %"), parse_rate("0,3")
    (0.3, 0.3, 0.3)
    """
    number = text.strip().replace(",", ".")
    try:
        share = Decimal(number.removesuffix("%").rstrip()) / (100 if number.endswith("%") else 1)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or not 0 <= share <= 1:
        raise typer.BadParameter(WrongUse.NOT_A_SHARE.format(given=repr(text)))
    return float(share)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a run must keep to; None: it is not judged by that.

    Attributes
    ----------
    min_match_rate : float or None
        The smallest share of newly answered rows that matched, 0 to 1.
    max_uncertain : int or None
        Rows that may be uncertain. Where it is given, uncertain rows are judged by it alone.
    """

    min_match_rate: float | None = None
    max_uncertain: int | None = None

    def not_delivered(self, facts: Facts) -> int:
        """Count the rows that were meant to be delivered, and were not."""
        statuses, left = facts.statuses or {}, facts.left or {}
        missed = sum(statuses.get(status, 0) for status in (Status.REJECTED, Status.UNSENT, Status.BUSY))
        uncertain = 0 if self.max_uncertain is not None else facts.uncertain or 0
        return missed + uncertain - sum(left.values())

    def not_met(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Return each threshold that was not met: the name of its option, and by how much."""
        if self.min_match_rate is not None and facts.match_rate is not None and facts.match_rate < self.min_match_rate:
            answered, matched = (facts.answered or {}).get("new", 0), facts.matched or 0
            yield (
                "min_match_rate",
                gettext(
                    "{matched} of {answered} newly answered rows matched: {rate}, which is {missing} points less than "
                    "--min-match-rate asks for ({least}).",
                    matched=matched,
                    answered=answered,
                    rate=f"{number(facts.match_rate * 100, decimals=2)}%",
                    missing=number((self.min_match_rate - facts.match_rate) * 100, decimals=2),
                    least=f"{number(self.min_match_rate * 100, decimals=2)}%",
                ),
            )
        uncertain = facts.uncertain or 0
        if self.max_uncertain is not None and uncertain > self.max_uncertain:
            yield (
                "max_uncertain",
                ngettext(
                    "{n} row is uncertain, {more} more than --max-uncertain allows ({most}).",
                    "{n} rows are uncertain, {more} more than --max-uncertain allows ({most}).",
                    uncertain,
                    more=uncertain - self.max_uncertain,
                    most=self.max_uncertain,
                ),
            )
