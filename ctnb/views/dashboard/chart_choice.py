"""What chart the sheet shows, and by what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from ctnb.views.dashboard.menu import FilterMenu


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """A chart, and what each chart goes by; columns are named as `FilterMenu` does.

    Attributes
    ----------
    chart : "rates", "funnel", "heatmap", "rules", "errors", "time" or "compare"
    by, date, side_by : str
        What rates and the funnel are grouped by, what time goes by, and what the two results are grouped by.
    split : str
        The groups that rules and time compare; "all" where they show all rows together.
    sort : str
        Order of the groups of a column, as `ctnb.views.charts.plots.match_rates` has it; blank for its default.
    down, across : str
        The two groupings of the heatmap.
    numbers : bool
        Whether the numbers stand below as a table.
    """

    chart: str = "rates"
    by: str = "type"
    date: str = ""
    side_by: str = "all"
    split: str = "all"
    sort: str = ""
    down: str = ""
    across: str = "type"
    numbers: bool = False

    def with_value(self, name: str, value: Any) -> ChartChoice:
        """Set one of the attributes."""
        return replace(self, **{name: value})

    def state(self, menu: FilterMenu, *, compared: bool) -> dict[str, Any]:
        """Return the controls above the chart."""
        charts = {
            "rates": gettext("Match rates"),
            "funnel": gettext("Funnel"),
            "heatmap": gettext("Heatmap"),
            "rules": gettext("Rules"),
            "errors": gettext("Errors"),
            "time": gettext("Over time"),
            "compare": gettext("Before and after"),
        }
        there = {"heatmap": bool(menu.own_groups), "time": bool(menu.dates), "compare": compared}
        return {
            "charts": [[key, text] for key, text in charts.items() if there.get(key, True)],
            "chart": self.chart,
            "selects": self._selects(menu),
            "numbers": self.numbers,
        }

    def _selects(self, menu: FilterMenu) -> list[dict[str, Any]]:
        by = gettext("by")
        if self.chart in ("rates", "funnel"):
            return [_select("by", by, menu.groups, self.by), *self._orders(menu, self.by)]
        if self.chart == "heatmap":
            others = {key: group for key, group in menu.groups.items() if key != self.down}
            return [
                _select("down", by, menu.own_groups, self.down),
                _select("across", gettext("and by"), others, self.across),
            ]
        # Without a column to group by there is nothing to choose.
        groups = {"all": (gettext("all rows"), None), **menu.own_groups}
        split = [_select("split", by, groups, self.split)] if menu.own_groups else []
        if self.chart == "rules":
            return [*split, *self._orders(menu, self.split)]
        if self.chart == "time":
            return [_select("date", gettext("by the date"), menu.dates, self.date), *split]
        if self.chart == "compare":
            groups = {key: group for key, group in menu.groups.items() if key != "rule"}
            return [_select("side_by", by, {"all": (gettext("all pairs"), None), **groups}, self.side_by)]
        return []

    def _orders(self, menu: FilterMenu, by: str) -> list[dict[str, Any]]:
        """Return the orders of the groups of a column; types and rules have their own."""
        if by not in menu.own_groups:
            return []
        orders = {"": gettext("usual order"), "rate": gettext("by rate"), "offered": gettext("by rows")}
        shown = {key: (text, None) for key, text in orders.items()}
        return [_select("sort", gettext("order"), shown, self.sort) | {"bare": True}]


def _select(name: str, label: str, options: dict[str, Any], value: str) -> dict[str, Any]:
    shown = [[key, text] for key, (text, _) in options.items()]
    return {"name": name, "label": label, "options": shown, "value": value}
