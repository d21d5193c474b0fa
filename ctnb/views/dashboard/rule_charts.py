"""The charts of rules: what each of them added, to all rows or to each group of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ctnb.i18n.language import gettext, number
from ctnb.results import rates
from ctnb.views import summary
from ctnb.views.charts import plots
from ctnb.views.charts.waterfall_groups import KEY, RuleParts
from ctnb.views.dashboard.bar_texts import rate_cells, rule_name
from ctnb.views.dashboard.chart_rows import on_axes
from ctnb.views.dashboard.chart_sentences import one_value, without_rates
from ctnb.views.dashboard.chart_view import ChartView
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctnb.views.dashboard.chart_rows import ChartRows
    from ctnb.views.dashboard.filters import ChosenFilters


def rules_chart(rows: ChartRows, selection: ChosenFilters, width: float) -> ChartView:
    """Draw what each rule added."""
    column = rows.column("rule")
    part = rows.part(selection, column)
    answers = rows.answers(part)
    if not answers.matched:
        return ChartView(without_rates(len(part), answers))
    found = rates.match_rates(part, "rule", prefix=rows.prefix)
    found = found[found.index.notna()]
    say = partial(rows.texts.answered, whole=answers.answered)
    bars = [
        (say(rule_name(rank, kind), int(matched)), rows.choosing((column, rows.code(column, rank))))
        for rank, kind, matched in zip(found.index, found["type"], found["matched"], strict=True)
    ]
    unknown = answers.matched - int(found["matched"].sum())
    # The bars of rows whose rule is not known, of all rules together, and of what none found choose nothing.
    if unknown:
        bars.append((say(gettext("rule not known"), unknown), ()))
    bars.append((say(gettext("all rules"), answers.matched), ()))
    bars.append(("", ()))
    draw = partial(on_axes, plots.waterfall, part, prefix=rows.prefix)
    table = partial(summary.rates_table, part, "rule", prefix=rows.prefix)
    return rows.bars(draw, bars, table, selection=selection, width=width)


def rules_by_chart(
    rows: ChartRows, selection: ChosenFilters, by: list[Hashable], width: float, *, sort: str | None = None
) -> ChartView:
    """Draw what each rule added in each group of a column."""
    column = by[0]
    part = rows.part(selection, column, groups=by)
    answers = rows.answers(part)
    if not answers.matched:
        return ChartView(without_rates(len(part), answers))
    if part[f"{rows.prefix}rule"].isna().all():
        return ChartView(gettext("It is not known which rules matched."))
    parts = RuleParts.of(part, by, sort=sort, prefix=rows.prefix)
    coded = rows.results.coded(column)
    if len(parts.shown) < 2:
        return ChartView(one_value(str(column), coded.text(coded.code(parts.shown.index[0])), answers))
    used = [at for at, rows_won in enumerate(parts.won.sum(axis=0)) if rows_won]
    bars, cells = [], []
    for key, matched, reached, won in zip(
        parts.shown.index, parts.shown["matched"], parts.shown["reached"], parts.won, strict=True
    ):
        name, answered = coded.text(coded.code(key)), int(reached)
        text = rows.texts.answered(name, int(matched), answered)
        of_rules = [f"{parts.names[at]}: {number(int(won[at]))}" for at in used if won[at]]
        bars.append(("\n".join([text, *of_rules]), rows.choosing((column, rows.code(column, key)))))
        cells.append((name, *(number(int(won[at])) for at in used), *rate_cells(int(matched), answered)))
    headings = (rows.results.label_of(column), *(parts.names[at] for at in used), *rows.texts.headings())
    table = Table(headings, cells, frozenset(range(1, len(headings))))
    draw = partial(on_axes, plots.waterfall, part, by=by, sort=sort, prefix=rows.prefix)
    return rows.bars(draw, bars, lambda: table, selection=selection, width=width, above=KEY)
