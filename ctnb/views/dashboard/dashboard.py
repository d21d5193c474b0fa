"""The dashboard: how the leads matched, in widgets that share one filter of rows."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import (
    HTML,
    BoundedIntText,
    Button,
    Checkbox,
    Dropdown,
    HBox,
    Layout,
    Tab,
    Text,
    VBox,
)

from ctnb.defaults import PREFIX
from ctnb.exceptions import MissingExtraError
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.i18n.message import lazy_gettext
from ctnb.tables.files import write_table
from ctnb.views import summary
from ctnb.views.charts import plots, timeline
from ctnb.views.charts.bars import plot_height
from ctnb.views.charts.svg import draw_svg
from ctnb.views.dashboard.controls import WIDE, FilterControls, table_options
from ctnb.views.dashboard.filters import RowFilter, date_columns, group_columns
from ctnb.views.dashboard.rows import PAGE_ROWS, ResultRows
from ctnb.views.dashboard.static import static_view
from ctnb.views.handlers import Handlers
from ctnb.views.html import render as markup
from ctnb.views.own_files import OwnFiles
from ctnb.views.static_view import Beside, StaticView

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import pandas as pd
    from matplotlib.axes import Axes


_WIDTH: Final = 7.4
_TIMELINE: Final = 3.6
_RATES, _RULES, _ERRORS, _TIME, _ROWS = range(5)


def dashboard(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Dashboard:
    """Look at a frame of results in widgets.

    See `ctnb.dashboard`.
    """
    for package in ("itables", "anywidget"):
        if find_spec(package) is None:
            raise MissingExtraError.of(package, extra="notebook", purpose=lazy_gettext("The dashboard"))
    return Dashboard(ResultRows(frame, prefix))


class Dashboard(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Filters above; below them, in tabs, rates, what rules add, errors, time and the rows that are left.

    Only the open tab is drawn. An error is shown above the tabs, and logged.

    Parameters
    ----------
    results : ResultRows
        The rows to look at.

    Attributes
    ----------
    headline, problem : HTML
        The numbers of the rows that are left, and the last error.
    filters : FilterControls
        What rows are left.
    tabs : Tab
        Rates, what rules add, errors, time, rows.
    by, date : Dropdown
        What the rates are grouped by, and the date that time goes by.
    order, descending, page : Dropdown, Checkbox, BoundedIntText
        The order of the rows, and the page of the table.
    table : ITable
        A page of rows.
    file, to_csv, to_xlsx : Text, Button, Button
        The name of a file for the rows that are left, and what writes it.
    """

    def __init__(self, results: ResultRows) -> None:
        from itables.widget import ITable

        self._results = results
        self._rows = results.matching(RowFilter())
        self._stale = set(range(5))
        self._handlers = Handlers(self._show_problem, "dashboard")
        self._files = OwnFiles()
        self._static_view: StaticView | None = None

        self.headline, self.problem, self._saved = HTML(), HTML(), HTML()
        self.filters = FilterControls(results)
        self._make_charts()
        self._make_row_controls()
        self.table = ITable(results.page(self._rows[:0], 1), **table_options())
        self.tabs = Tab(
            [
                VBox([self.by, self._rates]),
                self._waterfall,
                self._errors,
                VBox([self.date, self._timeline]),
                VBox([self._above_rows, self._rows_note, self.table, self._below_rows, self._saved]),
            ],
            titles=(
                gettext("Match rates"),
                gettext("What each rule added"),
                gettext("Errors and advice"),
                gettext("Over time"),
                gettext("The rows"),
            ),
        )
        style = HTML(markup.rendered("style.html"))
        super().__init__([style, self.headline, self.filters.box, self.problem, self.tabs])
        self.add_class("ctnb-dashboard")
        self._watch()
        self._filter()

    def _make_charts(self) -> None:
        frame, prefix = self._results.frame, self._results.prefix
        # A list, so that a column called "type" is not taken for the matching type.
        groups: list[tuple[str, str | list[Hashable]]] = [
            (gettext("matching type"), "type"),
            (gettext("rule"), "rule"),
            *((str(label), [label]) for label in group_columns(frame, prefix)),
        ]
        self.by = Dropdown(options=groups, description=gettext("By"), **WIDE)
        dates: list[tuple[str, Hashable | None]] = [(str(label), label) for label in date_columns(frame, prefix)]
        self.date = Dropdown(
            options=[*dates, (gettext("moment of the answer"), None)],
            index=0,
            description=gettext("Date"),
            **WIDE,
        )
        self._rates, self._waterfall, self._errors, self._timeline = (HTML() for _ in range(4))

    def _make_row_controls(self) -> None:
        columns: list[tuple[str, Hashable]] = [(str(label), label) for label in self._results.columns()]
        self.order = Dropdown(
            options=[(gettext("as in the table"), None), *columns],
            description=gettext("Sort all by"),
            **WIDE,
        )
        self.descending = Checkbox(description=gettext("descending"), indent=False, layout=Layout(width="auto"))
        self.page = BoundedIntText(value=1, min=1, max=1, description=gettext("Page"), layout=Layout(width="160px"))
        self._above_rows = HBox([self.order, self.descending, self.page], layout=Layout(flex_flow="row wrap"))
        self._rows_note = HTML().add_class("ctnb-note")
        self.file = Text(value="ctnb_rows", description=gettext("File"), **WIDE)
        self.to_csv = Button(description=gettext("Save CSV"), icon="download", layout=Layout(width="auto"))
        self.to_xlsx = Button(description=gettext("Save XLSX"), icon="download", layout=Layout(width="auto"))
        self._below_rows = HBox([self.file, self.to_csv, self.to_xlsx], layout=Layout(flex_flow="row wrap"))

    def _watch(self) -> None:
        for control in self.filters.controls:
            control.observe(self._handlers.when(self._filter), "value")
        self.by.observe(self._handlers.when(partial(self._redraw, _RATES)), "value")
        self.date.observe(self._handlers.when(partial(self._redraw, _TIME)), "value")
        for control in (self.order, self.descending):
            control.observe(self._handlers.when(self._first_page), "value")
        self.page.observe(self._handlers.when(partial(self._redraw, _ROWS)), "value")
        self.tabs.observe(self._handlers.when(self._draw), "selected_index")
        self.filters.reset.on_click(self._handlers.when(self._show_all))
        self.to_csv.on_click(self._handlers.when(partial(self._save, ".csv")))
        self.to_xlsx.on_click(self._handlers.when(partial(self._save, ".xlsx")))

    def _show_problem(self, problem: str) -> None:
        self.problem.value = problem
        if not problem:
            self._saved.value = ""

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of the frame that the filters leave, as they are."""
        return self._results.frame.iloc[self._rows]

    def _show_all(self) -> None:
        with self._handlers.held():
            self.filters.clear()
        self._filter()

    def _filter(self) -> None:
        """Bring everything to the rows that the filters leave."""
        self._rows = self._results.matching(self.filters.row_filter)
        part = self._results.part(self._rows)
        everything, wanted = len(self._results), len(self._rows)
        shown = ngettext("{wanted} of {n} row", "{wanted} of {n} rows", everything, wanted=number(wanted))
        shown = gettext("Shown: {rows}", rows=shown) if wanted < everything else ""
        self.headline.value = markup.facts(summary.summary(part, prefix=self._results.prefix), shown)
        self._stale = set(range(5))
        self._first_page()

    def _first_page(self) -> None:
        with self._handlers.held():
            self.page.max = max(1, -(-len(self._rows) // PAGE_ROWS))
            self.page.value = 1
        self._redraw(_ROWS)

    def _redraw(self, tab: int) -> None:
        self._stale.add(tab)
        self._draw()

    def _draw(self) -> None:
        """Draw the open tab, when it is not up to date."""
        tab = self.tabs.selected_index
        if tab not in self._stale:
            return
        draw = (self._draw_rates, self._draw_waterfall, self._draw_errors, self._draw_timeline, self._draw_rows)[tab]
        draw()
        self._stale.discard(tab)

    def _draw_rates(self) -> None:
        by, prefix = self.by.value, self._results.prefix
        part = self._results.part(self._rows, group=by[0] if isinstance(by, list) else None)
        table = summary.rates_table(part, by, prefix=prefix)
        draw = partial(plots.match_rates, part, by=by, prefix=prefix)
        self._rates.value = self._plot("rates", draw, plot_height(len(table.rows))) + markup.table(table)

    def _draw_waterfall(self) -> None:
        prefix = self._results.prefix
        part = self._results.part(self._rows)
        table = summary.rates_table(part, "rule", prefix=prefix)
        draw = partial(plots.waterfall, part, prefix=prefix)
        self._waterfall.value = self._plot("rules", draw, plot_height(len(table.rows) + 2)) + markup.table(table)

    def _draw_errors(self) -> None:
        prefix = self._results.prefix
        part = self._results.part(self._rows)
        table = summary.errors_table(part, prefix=prefix)
        draw = partial(plots.errors, part, prefix=prefix)
        bars = min(len(table.rows), summary.MOST_GROUPS)
        self._errors.value = self._plot("errors", draw, plot_height(bars)) + markup.table(table)

    def _draw_timeline(self) -> None:
        date = self.date.value
        part = self._results.part(self._rows, date=date)
        draw = partial(timeline.timeline, part, date=date, prefix=self._results.prefix)
        self._timeline.value = self._plot("time", draw, _TIMELINE)

    def _plot(self, name: str, draw: Callable[..., Axes], height: float) -> str:
        # The model's id keeps the ids of two dashboards on one page apart.
        plot = draw_svg(
            lambda axes: draw(ax=axes), name=f"ctnb-{self.model_id[:8]}-{name}", width=_WIDTH, height=height
        )
        return markup.rendered("plot.html", svg=plot.svg)

    def _draw_rows(self) -> None:
        rows = self._results.sorted(self._rows, self.order.value, descending=self.descending.value)
        page = self._results.page(rows, self.page.value)
        self.table.update(page, **table_options())
        first = (self.page.value - 1) * PAGE_ROWS
        self._rows_note.value = (
            gettext(
                "Rows {first} to {last} of {all}: more than {most} at a time would slow the browser down. Sorting by a "
                "heading and the search in the table are within the page; the controls above are for all rows.",
                first=number(first + 1),
                last=number(first + len(page)),
                all=number(len(rows)),
                most=number(PAGE_ROWS),
            )
            if len(rows) > PAGE_ROWS
            else ""
        )

    def _save(self, ending: str) -> None:
        """Write the rows that are left, and never over a file that is not of this dashboard."""
        file = self._files.write(self.file.value, ending, partial(write_table, self.rows))
        message = ngettext("{n} row is in {file}", "{n} rows are in {file}", len(self._rows), file=str(file))
        self._saved.value = markup.rendered("done.html", message=message)

    def _ipython_display_(self, **_: Any) -> None:
        if self._static_view is None:
            self._static_view = static_view(self._results)
        Beside(self._static_view, self)

    def __repr__(self) -> str:
        return f"<ctnb dashboard of {len(self._results):,} rows>"
