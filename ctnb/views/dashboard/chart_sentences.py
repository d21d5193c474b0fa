"""What stands where a chart would say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.i18n.language import gettext, ngettext, number, percent

if TYPE_CHECKING:
    from ctnb.views.charts.answers import AnswerCounts


def no_row() -> str:
    """Say that the filters leave nothing."""
    return gettext("No row is left. Remove a filter.")


def one_value(column: str, value: str, answers: AnswerCounts) -> str:
    """Say that there is but one group."""
    return gettext(
        "All {answered} answered rows have one value of {column}: {value}. {rate} of them match.",
        answered=number(answers.answered), column=column, value=value, rate=percent(answers.rate),
    )  # fmt: skip


def without_rates(rows: int, answers: AnswerCounts) -> str:
    """Say why there are no rates to compare."""
    if not rows:
        return no_row()
    if not answers.answered:
        return gettext("No row has an answer yet, so there is no match rate.")
    if answers.matched:
        return ngettext(
            "{n} answered row, and it found its lead: the rate is 100 % in every group.",
            "{n} answered rows, and all found their leads: the rate is 100 % in every group.",
            answers.answered,
        )
    return ngettext(
        "{n} answered row, and it found no lead: there is no rate to compare. The errors tell why.",
        "{n} answered rows, and none found its lead: there is no rate to compare. The errors tell why.",
        answers.answered,
    )
