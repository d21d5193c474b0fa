"""The depth explorer: a slider for each contact rule; what would match follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML, Button, HBox, Layout, SelectionSlider, Textarea, VBox

from ctnb.i18n.labels import kind_label
from ctnb.i18n.language import gettext
from ctnb.matching.preview_summary import matched_rows, previewed_rules, ready_rows
from ctnb.views.charts.depth import look_of
from ctnb.views.explorer.chart import DepthChart
from ctnb.views.explorer.options import BY_ROW, depth_options
from ctnb.views.explorer.static import explorer_headline, static_view
from ctnb.views.handlers import Handlers
from ctnb.views.html import render as markup
from ctnb.views.html.card import cut
from ctnb.views.html.preview import rules_table
from ctnb.views.static_view import Beside, StaticView
from ctnb.views.studio.code import rules_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnb.leads.rules import Rule
    from ctnb.matching.candidates import RuleCandidates
    from ctnb.matching.matched_plan import MatchedPlan


_LONGEST_NAME: Final = 40


class DepthExplorer(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Sliders over the depths of contact rules; the match rate, each rule's counts and the chart follow at once.

    Nothing is looked up again, and nothing is sent. An error is shown under the headline, and logged.

    Parameters
    ----------
    matched : MatchedPlan
        A plan that was looked up.
    use : callable, optional
        Called with the rules under the chosen depths; without it their code is shown.

    Attributes
    ----------
    headline, problem, table, chart : HTML
        The match rate, the last error, the counts of each rule, and the curves.
    sliders : dict of int to SelectionSlider
        By the rule's rank.
    take, reset : Button
        Use these rules; put the sliders back.
    code : Textarea
        Python that makes the rules; blank until it is asked for.
    """

    def __init__(self, matched: MatchedPlan, use: Callable[[tuple[Rule, ...]], None] | None = None) -> None:
        self._matched, self._use = matched, use
        # Rows of a lead that differ in a rule's depth alone are looked up anew under one depth: once for each rule.
        self._leveled: dict[frozenset[int], MatchedPlan] = {frozenset(): matched}
        handlers = self._handlers = Handlers(self._show_problem, "explorer")
        self._static_view: StaticView | None = None
        self.headline, self.problem, self.table, self.chart = (HTML() for _ in range(4))
        self.sliders = {
            rule.search.rank: _slider(rule, matched.plan.rules[rule.search.rank - 1])
            for rule in matched.rules
            if rule.moments is not None
        }
        for place, slider in enumerate(self.sliders.values()):
            slider.style.handle_color = look_of(place)[0]
            slider.observe(handlers.when(self._follow), "value")
        self.take = Button(description=gettext("Use these rules"), icon="check", layout=Layout(width="auto"))
        self.reset = Button(description=gettext("Depths as set"), icon="undo", layout=Layout(width="auto"))
        self.take.on_click(handlers.when(self._take))
        self.reset.on_click(handlers.when(self._put_back))
        self.code = Textarea(
            description=gettext("The rules as code"),
            layout=Layout(width="100%", max_width="860px", height="auto", display="none", flex_flow="column"),
            style={"description_width": "auto"},
        )
        super().__init__(
            [
                HTML(markup.rendered("style.html")),
                self.headline,
                self.problem,
                VBox(list(self.sliders.values())),
                HBox([self.take, self.reset], layout=Layout(flex_flow="row wrap", grid_gap="6px")),
                self.code,
                self.table,
                self.chart,
            ]
        )
        self.add_class("ctnb-explorer")
        self._drawn = DepthChart(matched, f"ctnb-{self.model_id[:8]}-depth")
        self._follow()

    @property
    def depths(self) -> dict[int, int | None]:
        """The depths of contact rules in minutes, by rank; None where rows differ in it."""
        return {rank: None if slider.value == BY_ROW else slider.value for rank, slider in self.sliders.items()}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules under the chosen depths."""
        changed = self._changed()
        return tuple(
            replace(rule, depth=changed[rank]) if rank in changed else rule  # type: ignore[arg-type]  # a contact rule
            for rank, rule in enumerate(self._matched.plan.rules, start=1)
        )

    def _changed(self) -> dict[int, int]:
        """Return the depths that differ from those of the rules."""
        own = {rule.search.rank: rule.one_depth for rule in self._matched.rules}
        return {rank: depth for rank, depth in self.depths.items() if depth is not None and depth != own[rank]}

    def _show_problem(self, problem: str) -> None:
        self.problem.value = problem

    def _at_depths(self) -> MatchedPlan:
        """Return the plan under the chosen depths."""
        changed = self._changed()
        ranks = frozenset(changed)
        if ranks not in self._leveled:
            self._leveled[ranks] = self._matched.at_depths(changed)
        return self._leveled[ranks].at_depths(changed)

    def _follow(self) -> None:
        """Show what would match at the chosen depths."""
        at_depths = self._at_depths()
        rules = previewed_rules(at_depths)
        self.headline.value = markup.facts(
            explorer_headline(matched_rows(at_depths), matched_rows(self._matched), ready_rows(at_depths))
        )
        self.table.value = markup.table(rules_table(rules))
        self.chart.value = self._drawn.html(rules, self.depths) + markup.rendered("name_sliders.html")
        self.code.layout.display = "none"

    def _take(self) -> None:
        """Hand on the rules, or show their code."""
        if self._use is not None:
            self._use(self.rules)
            return
        self.code.value = rules_code(self.rules)
        self.code.rows = min(self.code.value.count("\n") + 1, 24)
        self.code.layout.display = ""

    def _put_back(self) -> None:
        with self._handlers.held():
            for rule in self._matched.rules:
                if rule.search.rank in self.sliders:
                    self.sliders[rule.search.rank].value = rule.one_depth or BY_ROW
        self._follow()

    def close(self) -> None:
        """Close it with all in it, so that the plan that it holds can go."""
        for widget in _within(self):
            if widget is not self:
                widget.close()
        super().close()

    def _ipython_display_(self, **_: Any) -> None:
        if self._static_view is None:
            self._static_view = static_view(self._matched)
        Beside(self._static_view, self)

    def __repr__(self) -> str:
        return f"<depth explorer of {len(self._matched):,} rows>"


def _within(widget: Any) -> Iterator[Any]:
    """Yield a widget and all in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _within(child)


def _slider(candidates: RuleCandidates, rule: Rule) -> SelectionSlider:
    """Return a slider over the depths of one rule; the columns that it reads tell it from others of its type."""
    columns = (getattr(rule, name, None) or () for name in ("phones", "emails"))
    name = gettext(
        "{rank}. {type} by {columns}",
        rank=candidates.search.rank,
        type=kind_label(candidates.search.kind),
        columns=", ".join(cut(str(column), _LONGEST_NAME) for part in columns for column in part),
    )
    slider = SelectionSlider(
        options=depth_options(candidates),
        value=candidates.one_depth or BY_ROW,
        description=name,
        layout=Layout(width="100%", max_width="720px"),
    )
    slider.tooltip = gettext("Search depth of rule {rank}", rank=candidates.search.rank)
    return slider
