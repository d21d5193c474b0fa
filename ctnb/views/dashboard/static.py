"""The static view of a dashboard, for a saved notebook: the whole frame summed up, contacts masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import gettext
from ctnb.views import summary
from ctnb.views.charts import plots
from ctnb.views.charts.bars import plot_height
from ctnb.views.predicted import rows_title
from ctnb.views.static_view import StaticPlot, StaticView

if TYPE_CHECKING:
    from ctnb.views.dashboard.rows import ResultRows

_WIDTH: Final = 7.4


def static_view(rows: ResultRows) -> StaticView:
    """Sum up a frame of results in one plot and small tables."""
    prefix = rows.prefix
    whole = rows.part(rows.matching(()))
    headline = summary.summary(whole, prefix=prefix)
    tables = [(rows_title(whole, prefix), summary.status_table(whole, prefix=prefix))]
    plot = None
    if whole[f"{prefix}matched"].notna().any():
        kinds = summary.rates_table(whole, "type", prefix=prefix)
        tables.append((gettext("Match rate by matching type"), kinds))
        tables.append((gettext("What each rule added"), summary.rates_table(whole, "rule", prefix=prefix)))
        plot = StaticPlot.drawn(
            lambda axes: plots.match_rates(whole, prefix=prefix, ax=axes),
            width=_WIDTH,
            height=plot_height(len(kinds.rows)),
        )
    tables.append((gettext("Errors and advice"), summary.errors_table(whole, prefix=prefix)))
    return StaticView.of(headline, tables, plot)
