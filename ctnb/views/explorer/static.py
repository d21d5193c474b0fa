"""The headline of the depth explorer, and its static view for a saved notebook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.matching.preview_summary import matched_rows, previewed_rules, ready_rows
from ctnb.matching.sweep import sweep
from ctnb.results.rates import wilson
from ctnb.views.charts.depth import depth, depth_height
from ctnb.views.html.headline import Fact, Headline
from ctnb.views.html.preview import rules_table
from ctnb.views.preview_plots import swept_rules
from ctnb.views.static_view import StaticPlot, StaticView
from ctnb.views.summary import predicted_sentence

if TYPE_CHECKING:
    from ctnb.matching.matched_plan import MatchedPlan

_WIDTH: Final = 7.4
_MINUS: Final = "\N{MINUS SIGN}"


def explorer_headline(matched: int, as_set: int, ready: int) -> Headline:
    """Sum up how many rows would match at the chosen depths, and how many at those of the rules."""
    low, high = wilson(matched, ready)
    rate = matched / ready if ready else float("nan")
    facts = (
        Fact(gettext("Match rate"), percent(rate), interval(float(low), float(high))),
        Fact(gettext("Would match"), number(matched), gettext("of {rows} rows", rows=number(ready))),
        Fact(gettext("Against the depths as set"), _signed(matched - as_set), _points(matched - as_set, ready)),
    )
    return Headline(predicted_sentence(matched, ready), facts, gettext("In numbers"))


def _signed(rows: int) -> str:
    sign = "+" if rows > 0 else _MINUS if rows < 0 else ""
    return sign + number(abs(rows))


def _points(rows: int, ready: int) -> str:
    """Write a difference of rates in percentage points."""
    if not ready or not rows:
        return gettext("no difference")
    points = number(round(100 * abs(rows) / ready, 1))
    return gettext("{points} percentage points", points=("+" if rows > 0 else _MINUS) + points)


def static_view(matched: MatchedPlan) -> StaticView:
    """Return the rules as they are set, and the chart of their depths, as text and as HTML that runs nothing."""
    ready = ready_rows(matched)
    headline = explorer_headline(matched_rows(matched), matched_rows(matched), ready)
    draw = partial(depth, sweep(matched), swept_rules(matched), ready)
    plot = StaticPlot.drawn(lambda axes: draw(ax=axes), width=_WIDTH, height=depth_height(len(swept_rules(matched))))
    rules = rules_table(previewed_rules(matched))
    return StaticView.of(headline, [(gettext("Rules"), rules)], plot)
