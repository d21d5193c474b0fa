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
    chart : "rates", "rules", "errors", "time" or "compare"
    by, date, side_by : str
        What rates are grouped by, what time goes by, and what the two results are grouped by.
    numbers : bool
        Whether the numbers stand below as a table.
    """

    chart: str = "rates"
    by: str = "type"
    date: str = ""
    side_by: str = "all"
    numbers: bool = False

    def with_value(self, name: str, value: Any) -> ChartChoice:
        """Set one of the attributes."""
        return replace(self, **{name: value})

    def state(self, menu: FilterMenu, *, compared: bool) -> dict[str, Any]:
        """Return the controls above the chart."""
        charts = {
            "rates": gettext("Match rates"),
            "rules": gettext("Rules"),
            "errors": gettext("Errors"),
            "time": gettext("Over time"),
        }
        if not menu.dates:
            del charts["time"]
        if compared:
            charts["compare"] = gettext("Before and after")
        choices: dict[str, tuple[str, str, dict[str, tuple[str, Any]]]] = {
            "rates": ("by", gettext("by"), menu.groups),
            "time": ("date", gettext("by the date"), menu.dates),
            "compare": ("side_by", gettext("by"), {"all": (gettext("all pairs"), None), **menu.groups}),
        }
        selects = []
        if self.chart in choices:
            name, label, options = choices[self.chart]
            shown = [[key, text] for key, (text, _) in options.items() if (self.chart, key) != ("compare", "rule")]
            selects.append({"name": name, "label": label, "options": shown, "value": getattr(self, name)})
        return {
            "charts": [[key, text] for key, text in charts.items()],
            "chart": self.chart,
            "selects": selects,
            "numbers": self.numbers,
        }
