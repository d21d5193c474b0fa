"""The depth chart of the explorer: drawn once, with marks that follow the sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ctnb.matching.preview_summary import ready_rows
from ctnb.matching.sweep import sweep
from ctnb.views.charts.depth import depth, depth_height, look_of
from ctnb.views.charts.svg import draw_svg
from ctnb.views.html.render import rendered
from ctnb.views.preview_plots import swept_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.matching.preview_summary import PreviewedRule

WIDTH: Final = 7.4
_POINTS: Final = 72
_END: Final = "</svg>"


class DepthChart:
    """What contact rules find by their depth; the curves are of each rule alone, so no slider changes them.

    Parameters
    ----------
    matched : MatchedPlan
    name : str
        Begins every id in the plot.
    """

    def __init__(self, matched: MatchedPlan, name: str) -> None:
        self._rows = ready_rows(matched)
        rules, curves = swept_rules(matched), sweep(matched)
        self._looks = {
            rank: look_of(place)
            for place, rank in enumerate(curves.loc[curves["depth"].notna(), "rule"].unique().tolist())
        }
        drawn: list[Axes] = []

        def draw(axes: Axes) -> Axes:
            drawn.append(depth(curves, rules, self._rows, takes=False, ax=axes))
            return axes

        self.picture = draw_svg(draw, name=name, width=WIDTH, height=depth_height(len(rules)))
        # What is laid out stays where it is.
        self._axes = drawn[0]

    def html(self, rules: Sequence[PreviewedRule], depths: Mapping[int, int | None]) -> str:
        """Return the plot with the rules at the depths that they have now.

        Parameters
        ----------
        rules : sequence of PreviewedRule
            Counted at these depths.
        depths : mapping of int to int or None
            Minutes by rank; None is not marked.
        """
        marks = [
            self._mark(rule, minutes)
            for rule in rules
            if rule.rank in self._looks and (minutes := depths.get(rule.rank)) is not None and self._rows
        ]
        overlay = rendered("marks.html", marks=marks)
        return rendered("plot.html", svg=self.picture.svg.removesuffix(_END) + overlay + _END)

    def _mark(self, rule: PreviewedRule, minutes: int) -> dict[str, Any]:
        """Return where a rule stands in the plot: a line down from its share, and a ring at each of its values."""
        points = [self._place(self._axes, minutes, rule.alone / self._rows)]
        if rule.truths:
            points += [self._place(panel, minutes, rule.precision) for panel in self._axes.child_axes]
        return {"colour": self._looks[rule.rank][0], "points": points, "foot": self._place(self._axes, minutes, 0)[1]}

    @staticmethod
    def _place(axes: Any, x: float, y: float) -> tuple[float, float]:
        """Return a point of the data in the SVG's own units."""
        across, up = axes.transData.transform((x, y))
        figure = axes.figure
        return round(_POINTS * across / figure.dpi, 1), round(_POINTS * (figure.bbox.height - up) / figure.dpi, 1)
