"""The dashboard: one sheet of a finding, its numbers, filters, a chart and the rows."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from ipywidgets import VBox

from ctnb.defaults import PREFIX
from ctnb.exceptions import MissingExtraError
from ctnb.i18n.language import ngettext
from ctnb.i18n.message import lazy_gettext
from ctnb.views.dashboard.before_after import BeforeAfter
from ctnb.views.dashboard.chart_choice import ChartChoice
from ctnb.views.dashboard.chart_rows import ChartRows
from ctnb.views.dashboard.chart_view import inches
from ctnb.views.dashboard.downloads import LARGEST, picture_file, table_file
from ctnb.views.dashboard.error_chart import errors_chart
from ctnb.views.dashboard.filters import ChosenFilters, DateFilter, TextFilter, ValueFilter
from ctnb.views.dashboard.menu import FilterMenu
from ctnb.views.dashboard.rate_charts import funnel_chart, heatmap_chart, rates_chart
from ctnb.views.dashboard.row_table import RowTable
from ctnb.views.dashboard.rows import ResultRows
from ctnb.views.dashboard.rule_charts import rules_by_chart, rules_chart
from ctnb.views.dashboard.sheet_state import (
    chart_state,
    filter_state,
    head_state,
    offer_state,
    sheet_words,
    table_state,
)
from ctnb.views.dashboard.static import static_view
from ctnb.views.dashboard.time_chart import time_chart
from ctnb.views.handlers import Handlers
from ctnb.views.html import render as markup
from ctnb.views.own_files import OwnFiles
from ctnb.views.static_view import Beside, StaticView

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.views.dashboard.chart_view import ChartView
    from ctnb.views.dashboard.downloads import FileToSave
    from ctnb.views.dashboard.rows import RowNumbers

_PIXELS: Final = 960
"""Width that a chart is drawn for until the browser tells its own."""

_STEP: Final = 40
"""Pixels by which the width must change for the chart to be drawn anew."""


def dashboard(
    frame: pd.DataFrame, *, prefix: str = PREFIX, before: pd.DataFrame | None = None, key: str | None = None
) -> Dashboard:
    """Look at a frame of results in widgets.

    See `ctnb.dashboard`.
    """
    if find_spec("anywidget") is None:
        raise MissingExtraError.of("anywidget", extra="notebook", purpose=lazy_gettext("The dashboard"))
    results = ResultRows(frame, prefix)
    return Dashboard(results, None if before is None else BeforeAfter(results, before, key))


class Dashboard(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One sheet: the finding, its numbers, a line of filters, a chart, and the rows that are left.

    Python holds what is shown and chosen; the browser draws the traits of `sheet`, and sets its `command`.

    Parameters
    ----------
    results : ResultRows
        The rows to look at.
    compared : BeforeAfter, optional
        With the results of an earlier run.

    Attributes
    ----------
    sheet : Sheet
        What the browser shows.
    """

    def __init__(self, results: ResultRows, compared: BeforeAfter | None = None) -> None:
        from ctnb.views.dashboard.sheet import Sheet

        self._results, self._menu, self._compared = results, FilterMenu(results), compared
        self._selection, self._table = ChosenFilters(), RowTable()
        self._choice = ChartChoice(date=next(iter(self._menu.dates), ""), down=next(iter(self._menu.own_groups), ""))
        self._pixels = _PIXELS
        self._files = OwnFiles()
        self._static_view: StaticView | None = None
        self.sheet = Sheet(words=sheet_words())
        super().__init__([self.sheet])
        self.add_class("ctnb-dashboard")
        # The model's id keeps the ids in the pictures of two dashboards on one page apart.
        self._chart_rows = ChartRows(results, f"ctnb-{self.model_id[:8]}")
        self._handlers = Handlers(self._show_problem, "dashboard")
        self._orders: dict[str, Callable[[dict[str, Any]], None]] = {
            "offer": self._offer,
            "values": self._choose_values,
            "dates": self._choose_dates,
            "text": self._choose_text,
            "drop": lambda order: self._select(self._selection.without(order["filter"])),
            "undo": lambda _: self._select(self._selection.undone()),
            "all": lambda _: self._select(self._selection.cleared()),
            "bar": self._choose_bar,
            "chart": self._choose_chart,
            "width": self._set_width,
            "table": self._turn_table,
            "columns": self._pick_columns,
            "save": self._save,
        }
        self.sheet.observe(self._obey, "command")
        with self.sheet.hold_sync():
            self._select(self._selection)

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of the frame that the filters leave, as they are."""
        return self._results.frame[self._wanted]

    def _obey(self, change: dict[str, Any]) -> None:
        """Carry out a command of the browser, and say that it is done, whatever came of it."""
        order = change["new"]
        with self.sheet.hold_sync():
            try:
                self._handlers.when(partial(self._carry_out, order))(change)
            finally:
                # An interrupted kernel too: the browser lets nothing be clicked until then.
                self.sheet.done = order["n"]

    def _carry_out(self, order: dict[str, Any]) -> None:
        self.sheet.notice = ""
        self._orders[order["do"]](order)

    def _show_problem(self, problem: str) -> None:
        self.sheet.problem = problem

    def _select(self, selection: ChosenFilters) -> None:
        """Bring everything to the rows that some filters leave."""
        results = self._results
        self._selection, self._wanted = selection, results.matching(selection.filters)
        self._table = self._table.searching(self._table.search)
        self.sheet.head = head_state(results.part(self._wanted), results.prefix)
        self.sheet.filters = filter_state(results, self._menu, selection, int(self._wanted.sum()))
        self._show_rows()
        self._draw()

    def _offer(self, order: dict[str, Any]) -> None:
        item = self._menu.item(order["item"])
        self.sheet.offer = offer_state(self._results, self._menu, self._selection, item)

    def _choose_values(self, order: dict[str, Any]) -> None:
        column = self._menu.item(order["item"]).column
        chosen = ValueFilter(column, frozenset(order["values"]))
        self._select(self._selection.with_filter(chosen) if chosen.codes else self._selection.without_like(chosen))

    def _choose_dates(self, order: dict[str, Any]) -> None:
        since, last = (pd.Timestamp(order[name]) if order[name] else None for name in ("since", "until"))
        if since is not None and last is not None and since > last:
            since, last = last, since
        until = None if last is None else last + pd.Timedelta(days=1)
        chosen = DateFilter(self._menu.item(order["item"]).column, since, until)
        open_span = since is None and until is None
        self._select(self._selection.without_like(chosen) if open_span else self._selection.with_filter(chosen))

    def _choose_text(self, order: dict[str, Any]) -> None:
        chosen = TextFilter(self._menu.column(order["column"]), order["text"].strip())
        self._select(self._selection.with_filter(chosen) if chosen.text else self._selection.without_like(chosen))

    def _choose_bar(self, order: dict[str, Any]) -> None:
        wanted = self._view.buttons[order["bar"]].wanted
        if wanted:
            self._select(self._selection.clicked(wanted))

    def _choose_chart(self, order: dict[str, Any]) -> None:
        choice = self._choice.with_value(order["name"], order["value"])
        # The two groupings of the heatmap differ.
        self._choice = choice.with_value("across", "type") if choice.across == choice.down else choice
        self._draw()

    def _set_width(self, order: dict[str, Any]) -> None:
        pixels = max(round(order["pixels"] / _STEP), 1) * _STEP
        if inches(pixels) != inches(self._pixels):
            self._pixels = pixels
            self._draw()

    def _draw(self) -> None:
        self._view = self._chart()
        numbers = self._view.table if self._choice.numbers else None
        table = "" if numbers is None else markup.table(numbers(), label=self.sheet.words["numbers"])
        controls = self._choice.state(self._menu, compared=self._compared is not None)
        self.sheet.chart = controls | chart_state(self._view) | {"table": table}

    def _chart(self) -> ChartView:
        choice, width = self._choice, inches(self._pixels)
        rows, selection, groups, sort = self._chart_rows, self._selection, self._menu.groups, choice.sort or None
        split = None if choice.split == "all" else [*groups[choice.split][1]]
        charts: dict[str, Callable[[], ChartView]] = {
            "rates": lambda: rates_chart(rows, selection, groups[choice.by][1], width, sort=sort),
            "funnel": lambda: funnel_chart(rows, selection, groups[choice.by][1], width, sort=sort),
            "heatmap": lambda: heatmap_chart(
                rows, selection, [*groups[choice.down][1]], groups[choice.across][1], width
            ),
            "rules": lambda: (
                rules_chart(rows, selection, width)
                if split is None
                else rules_by_chart(rows, selection, split, width, sort=sort)
            ),
            "errors": lambda: errors_chart(rows, selection, width),
            "time": lambda: time_chart(rows, selection, self._menu.dates[choice.date][1], width, by=split),
        }
        if self._compared is not None:
            side_by = None if choice.side_by == "all" else groups[choice.side_by][1]
            charts["compare"] = partial(self._compared.draw, rows, selection, side_by, width)
        return charts[choice.chart]()

    def _turn_table(self, order: dict[str, Any]) -> None:
        table = self._table
        if "search" in order:
            table = table.searching(order["search"])
        if "sort" in order:
            table = table.sorted_by(self._menu.column(order["sort"]))
        if "size" in order:
            table = table.sized(order["size"])
        if "page" in order:
            table = table.turned_to(order["page"])
        self._table = table
        self._show_rows()

    def _pick_columns(self, order: dict[str, Any]) -> None:
        picked = {self._menu.column(key) for key in order["columns"]}
        columns = [column.name for column in self._results.columns]
        # A table without a column shows nothing.
        self._table = self._table.hiding(name for name in columns if picked and name not in picked)
        self._show_rows()

    def _show_rows(self) -> None:
        self.sheet.table = table_state(self._results, self._menu, self._table, self._shown_rows())

    def _shown_rows(self) -> RowNumbers:
        """Return the rows of all pages in their order."""
        return self._table.rows(self._results, self._wanted)

    def _save(self, order: dict[str, Any]) -> None:
        file = self.file(order["ending"])
        if len(file.data) <= LARGEST:
            self.sheet.send_file(file)
            return
        stem, _, ending = file.name.rpartition(".")
        path = self._files.write(stem, f".{ending}", lambda place: place.write_bytes(file.data))
        rows = len(self._shown_rows())
        self.sheet.notice = ngettext(
            "The file is too large for the browser: {n} row is in {file}",
            "The file is too large for the browser: {n} rows are in {file}",
            rows,
            file=str(path),
        )

    def file(self, ending: str) -> FileToSave:
        """Return what a click on a download saves.

        Parameters
        ----------
        ending : ".csv", ".xlsx", ".png" or ".svg"
            A table is of the rows of all pages in their order, contacts as in the frame; a picture is of the chart.
        """
        if ending in (".csv", ".xlsx"):
            return table_file(self._results.frame.iloc[np.asarray(self._shown_rows())], ending)
        name = "match_rates" if self._choice.chart == "rates" else self._choice.chart
        return picture_file(self._view, ending, name=name, width=inches(self._pixels))

    def _ipython_display_(self, **_: Any) -> None:
        if self._static_view is None:
            self._static_view = static_view(self._results)
        Beside(self._static_view, self)

    def __repr__(self) -> str:
        return f"<ctnb dashboard of {len(self._results):,} rows>"
