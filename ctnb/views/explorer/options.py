"""The depths that a slider goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import gettext
from ctnb.views.charts.depth import depth_label

if TYPE_CHECKING:
    from ctnb.matching.candidates import RuleCandidates

_MINUTES: Final = (1, 2, 3, 5, 7, 10, 15, 20, 30, 45)
_HOURS: Final = (60, 90, 120, 180, 240, 360, 480, 720, 1080)
_DAYS: Final = (1, 2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)

DEPTHS: Final = (*_MINUTES, *_HOURS, *(1440 * days for days in _DAYS))
"""Minutes: round depths, in about equal steps of the logarithm."""


BY_ROW: Final = 0
"""Stands for the depths of a rule whose rows differ in them; a slider does not take None."""


def depth_options(rule: RuleCandidates) -> list[tuple[str, int]]:
    """Return the depths for a contact rule, labelled, its own among them; `BY_ROW` first where rows differ."""
    own = rule.one_depth
    options = [
        (gettext("{depth}, as set", depth=depth_label(depth)) if depth == own else depth_label(depth), depth)
        for depth in sorted({*DEPTHS, *([] if own is None else [own])})
    ]
    return [(gettext("by row, as set"), BY_ROW), *options] if own is None else options
