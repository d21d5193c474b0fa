"""How everything that shows a preview says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.defaults import PREFIX
from ctnb.i18n.labels import predicted_title
from ctnb.i18n.language import gettext, ngettext
from ctnb.results.predicted import is_predicted

if TYPE_CHECKING:
    import pandas as pd


def marked(title: str, frame: pd.DataFrame, prefix: str = PREFIX) -> str:
    """Return the title of what shows a frame of results: marked where they are a preview's."""
    return predicted_title(title) if is_predicted(frame, prefix) else title


def rows_title(frame: pd.DataFrame, prefix: str = PREFIX) -> str:
    """Return the title of the rows by status."""
    if is_predicted(frame, prefix):
        return gettext("What would become of the rows")
    return gettext("What became of the rows")


def match_rate_title(frame: pd.DataFrame, prefix: str, *, grouped: str, rate: str, answered: int) -> str:
    """Return the title of a plot of match rates; of a preview the rows have no answers yet."""
    if not is_predicted(frame, prefix):
        return ngettext(
            "Match rate {grouped}: {rate} of {n} answered",
            "Match rate {grouped}: {rate} of {n} answered",
            answered,
            grouped=grouped,
            rate=rate,
        )
    return predicted_title(
        ngettext(
            "Match rate {grouped}: {rate} of {n} row",
            "Match rate {grouped}: {rate} of {n} rows",
            answered,
            grouped=grouped,
            rate=rate,
        )
    )


def answered_axis(frame: pd.DataFrame, prefix: str) -> str:
    """Return the label of an axis of shares of the rows that have an answer, or would."""
    if is_predicted(frame, prefix):
        return gettext("% of rows that can be sent (line: 95 % interval)")
    return gettext("% of answered rows (line: 95 % interval)")


def answered_heading(*, predicted: bool) -> str:
    """Return the heading of the numbers of rows that have an answer, or would."""
    return gettext("Ready") if predicted else gettext("Answered")
