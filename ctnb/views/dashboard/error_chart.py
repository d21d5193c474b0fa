"""The chart of errors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ctnb.i18n.advice import advice_for
from ctnb.i18n.labels import reason_label, status_label
from ctnb.i18n.language import ngettext, number
from ctnb.results import rates
from ctnb.results.group_order import MOST_GROUPS
from ctnb.views import summary
from ctnb.views.charts import plots
from ctnb.views.dashboard.bar_texts import share_text
from ctnb.views.dashboard.chart_rows import on_axes
from ctnb.views.dashboard.chart_sentences import no_row
from ctnb.views.dashboard.chart_view import ChartView

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctnb.views.dashboard.chart_rows import ChartRows
    from ctnb.views.dashboard.filters import ChosenFilters


def errors_chart(rows: ChartRows, selection: ChosenFilters, width: float) -> ChartView:
    """Draw the errors; a click leaves the rows that a bar counts: those of its code, or of its code and status."""
    code, status = f"{rows.prefix}error_code", f"{rows.prefix}status"
    apart = _codes_of_several_statuses(rows)
    # The status of a bar that has been clicked leaves the other bars there too.
    own: list[Hashable] = [code, status] if apart and selection.codes_of(code) else [code]
    part = rows.part(selection, *own)
    found = rates.errors(part, prefix=rows.prefix)
    if not len(part):
        return ChartView(no_row())
    if found.empty:
        return ChartView(ngettext("{n} row, and no error.", "{n} rows, and no error.", len(part)))
    table = partial(summary.errors_table, part, prefix=rows.prefix)
    if len(found) == 1:
        reason, failed = found.index[0], int(found["rows"].iloc[0])
        return ChartView(
            ngettext(
                "There is one kind of error, in {n} row of {all}: {error}. {advice}",
                "There is one kind of error, in {n} rows of {all}: {error}. {advice}",
                failed, all=number(len(part)), error=reason_label(reason), advice=advice_for(reason),
            ),
            table=table,
        )  # fmt: skip
    shown = found.head(MOST_GROUPS)
    bars = []
    for reason, kind, failed in zip(shown.index, shown["status"], shown["rows"], strict=True):
        name = f"{reason_label(reason)} · {status_label(kind)}" if apart else reason_label(reason)
        of_status = [(status, rows.code(status, kind))] if apart else []
        wanted = rows.choosing((code, rows.code(code, reason)), *of_status)
        bars.append((share_text(name, int(failed), len(part)), wanted))
    draw = partial(on_axes, plots.errors, part, prefix=rows.prefix)
    return rows.bars(draw, bars, table, selection=selection, width=width)


def _codes_of_several_statuses(rows: ChartRows) -> bool:
    """Tell whether rows of one code differ in their status, so that their bars stand apart."""
    results = rows.results.results
    return bool((results.groupby("error_code", observed=True)["status"].nunique() > 1).any())
