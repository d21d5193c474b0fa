"""The plots of a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.exceptions import ConfigError
from ctnb.matching.clock import clock
from ctnb.matching.preview_summary import ready_rows
from ctnb.matching.sweep import sweep
from ctnb.results.group_order import MOST_GROUPS
from ctnb.views.charts import clock as clock_chart
from ctnb.views.charts import depth as depth_chart
from ctnb.views.charts import funnel, heatmap, plots

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.matching.matched_plan import MatchedPlan


class PreviewPlots:
    """Plots of a preview; each draws on ``ax``, or on new Axes, and returns them.

    `match_rates` compares types, rules or groups, `waterfall` shows what each rule would add, `heatmap` two groupings,
    `funnel` what is offered, reached and matched, `depth` what each rule would find at other depths, `clock` how far
    leads are from the deals in time. Every title says that it is predicted.
    """

    def __init__(self, matched: MatchedPlan, frame: Callable[[], pd.DataFrame]) -> None:
        self._matched = matched
        self._frame = frame

    def __repr__(self) -> str:
        return (
            "<preview.plot: .match_rates(by)  .waterfall(by)  .heatmap(by, across)  .funnel(by)  .depth(rules)"
            "  .clock(by)>"
        )

    def match_rates(
        self,
        by: Hashable | list[Any] = "type",
        *,
        sort: str | None = None,
        top: int = MOST_GROUPS,
        figsize: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the predicted match rate by type, by rule or by any column, with 95 % Wilson intervals.

        Parameters
        ----------
        by, sort, top, figsize, ax : optional
            As in ``df.calltouch.plot.match_rates``.
        """
        return plots.match_rates(self._frame(), by=by, sort=sort, top=top, figsize=figsize, ax=ax)

    def waterfall(
        self,
        by: Hashable | list[Any] | None = None,
        *,
        sort: str | None = None,
        top: int = MOST_GROUPS,
        figsize: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw what each rule would add, in their order, and the rows that would not match.

        Parameters
        ----------
        by, sort, top, figsize, ax : optional
            As in ``df.calltouch.plot.waterfall``.
        """
        return plots.waterfall(self._frame(), by=by, sort=sort, top=top, figsize=figsize, ax=ax)

    def heatmap(
        self,
        by: Hashable | list[Any] | None = None,
        across: Hashable = "type",
        *,
        sort: str | None = None,
        top: int = MOST_GROUPS,
        figsize: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the predicted match rate of each combination of two groupings.

        Parameters
        ----------
        by, across, sort, top, figsize, ax : optional
            As in ``df.calltouch.plot.heatmap``.
        """
        return heatmap.heatmap(self._frame(), by=by, across=across, sort=sort, top=top, figsize=figsize, ax=ax)

    def funnel(
        self,
        by: Hashable | list[Any] = "type",
        *,
        sort: str | None = None,
        top: int = MOST_GROUPS,
        figsize: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw how many rows each type or rule is offered, how many would reach it, and how many it would match.

        Parameters
        ----------
        by, sort, top, figsize, ax : optional
            As in ``df.calltouch.plot.funnel``.
        """
        return funnel.funnel(self._frame(), by=by, sort=sort, top=top, figsize=figsize, ax=ax)

    def depth(self, rules: int | Iterable[int] | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw what contact rules would find at every depth, alone and in their place, with the depths they have.

        Below, where deals have ids of the rule's kind, is the share for which the rule finds that very lead.

        Parameters
        ----------
        rules : int or iterable of int, optional
            Places in the rule list, from 1; by default all rules by contact.
        ax : Axes, optional

        Raises
        ------
        ConfigError
            When there is no such rule.
        """
        known = swept_rules(self._matched)
        if rules is not None:
            asked = [rules] if isinstance(rules, int) else list(rules)
            by_rank = {rule.rank: rule for rule in known}
            for rank in asked:
                if rank not in by_rank:
                    raise ConfigError(
                        "Expected the numbers of rules, from 1 to {count}, got {rank!r}.", count=len(known), rank=rank
                    )
            known = [by_rank[rank] for rank in dict.fromkeys(asked)]
        return depth_chart.depth(sweep(self._matched), known, ready_rows(self._matched), ax=ax)

    def clock(self, by: Hashable | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw how far leads are from the deals in time, within 14 hours, and mark the shifts that stand out.

        A peak away from 0 is a clock that differs: a source in UTC, or daylight-saving time.

        Parameters
        ----------
        by : hashable, optional
            A column of the deals: each value has a line of its own, for a shift belongs to a source.
        ax : Axes, optional

        Raises
        ------
        ColumnNotFoundError
            When there is no column `by`.
        """
        return clock_chart.clock(clock(self._matched, by), ax=ax)


def swept_rules(matched: MatchedPlan) -> list[depth_chart.SweptRule]:
    """Return the rules as the plot by depth wants them."""
    return [depth_chart.SweptRule(rule.search.rank, rule.search.kind, rule.one_depth) for rule in matched.rules]
