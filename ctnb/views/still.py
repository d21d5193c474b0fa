"""What a saved notebook shows where the dashboard does not run: the whole frame summed up, contacts masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctnb.language import said
from ctnb.views import markup, plots, summary
from ctnb.views.pictures import height_of, picture_png
from ctnb.views.selection import Selection

if TYPE_CHECKING:
    from ctnb.views.subject import Subject

__all__ = ["Still", "still"]

_WIDTH: Final = 7.4


@dataclass(frozen=True, slots=True)
class Still:
    """A summary as text, and as HTML that runs nothing."""

    text: str
    html: str


def still(subject: Subject) -> Still:
    """Sum up a frame of results in one picture and small tables."""
    prefix = subject.prefix
    whole = subject.part(subject.places(Selection()))
    told = summary.summary(whole, prefix=prefix)
    tables = [(said("What became of the rows"), summary.status_table(whole, prefix=prefix))]
    alt = png = ""
    if whole[f"{prefix}matched"].notna().any():
        kinds = summary.rates_table(whole, "type", prefix=prefix)
        tables.append((said("Match rate by matching type"), kinds))
        tables.append((said("What each rule added"), summary.rates_table(whole, "rule", prefix=prefix)))
        alt, png = picture_png(
            lambda axes: plots.match_rates(whole, prefix=prefix, ax=axes),
            width=_WIDTH,
            height=height_of(len(kinds.rows)),
        )
    tables.append((said("Errors and advice"), summary.errors_table(whole, prefix=prefix)))
    return Still(told.sentence, markup.fallback(told, tables, alt, png))
