"""The dashboard: how the leads matched, in widgets that share one selection of rows."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
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
from ctnb.exceptions import ConfigError, CtnbError, MissingExtraError
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.tables.files import write_table
from ctnb.views import summary
from ctnb.views.charts import plots, timeline
from ctnb.views.charts.svg import height_of, picture
from ctnb.views.dashboard.controls import WIDE, Filters, table_options
from ctnb.views.dashboard.filters import Selection, date_columns, group_columns
from ctnb.views.dashboard.rows import PAGE_ROWS, Subject
from ctnb.views.dashboard.static import Still, still
from ctnb.views.html import render as markup

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import pandas as pd
    from matplotlib.axes import Axes

_log = logging.getLogger(__name__)

_WIDTH: Final = 7.4
_TIMELINE: Final = 3.6
_RATES, _STEPS, _ERRORS, _TIME, _ROWS = range(5)


def dashboard(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Dashboard:
    """Look at a frame of results in widgets.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again. It is not changed.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Dashboard
        A widget; a notebook that is saved without it shows the summary of the whole frame, contacts masked.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    MissingExtraError
        itables is not installed.
    """
    for package in ("itables", "anywidget"):
        if find_spec(package) is None:
            raise MissingExtraError.of(package, extra="notebook", purpose="The dashboard")
    return Dashboard(Subject(frame, prefix))


class Dashboard(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Filters above; below them, in tabs, rates, what rules add, errors, time and rows of what is selected.

    Only the tab that is looked at is drawn. What goes wrong is told above the tabs, and logged.

    Parameters
    ----------
    subject : Subject
        What is looked at.
    """

    def __init__(self, subject: Subject) -> None:
        from itables.widget import ITable

        self._subject = subject
        self._places = subject.places(Selection())
        self._stale = set(range(5))
        # A kernel may run what two controls call on two threads at once.
        self._turn = RLock()
        self._holding = False
        self._written: set[Path] = set()
        self._still: Still | None = None

        self._head, self._problem, self._done = HTML(), HTML(), HTML()
        self.filters = Filters(subject)
        self._make_charts()
        self._make_rows()
        self._table = ITable(subject.page(self._places[:0], 1), **table_options())
        self._tabs = Tab(
            [
                VBox([self.by, self._rates]),
                self._steps,
                self._errors,
                VBox([self.date, self._time]),
                VBox([self._above_rows, self._rows_note, self._table, self._below_rows, self._done]),
            ],
            titles=(
                gettext("Match rates"),
                gettext("What each rule added"),
                gettext("Errors and advice"),
                gettext("Over time"),
                gettext("The rows"),
            ),
        )
        super().__init__([HTML(markup.rendered("style.html")), self._head, self.filters.box, self._problem, self._tabs])
        self.add_class("ctnb-dashboard")
        self._watch()
        self._select()

    def _make_charts(self) -> None:
        frame, prefix = self._subject.frame, self._subject.prefix
        groups: list[tuple[str, tuple[str, Hashable]]] = [
            (gettext("matching type"), ("known", "type")),
            (gettext("rule"), ("known", "rule")),
            *((str(label), ("column", label)) for label in group_columns(frame, prefix)),
        ]
        self.by = Dropdown(options=groups, description=gettext("By"), **WIDE)
        dates: list[tuple[str, Hashable | None]] = [(str(label), label) for label in date_columns(frame, prefix)]
        self.date = Dropdown(
            options=[*dates, (gettext("moment of the answer"), None)],
            index=0,
            description=gettext("Date"),
            **WIDE,
        )
        self._rates, self._steps, self._errors, self._time = (HTML() for _ in range(4))

    def _make_rows(self) -> None:
        columns: list[tuple[str, Hashable]] = [(str(label), label) for label in self._subject.columns()]
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
            control.observe(self._when(self._select), "value")
        self.by.observe(self._when(partial(self._redraw, _RATES)), "value")
        self.date.observe(self._when(partial(self._redraw, _TIME)), "value")
        for control in (self.order, self.descending):
            control.observe(self._when(self._first_page), "value")
        self.page.observe(self._when(partial(self._redraw, _ROWS)), "value")
        self._tabs.observe(self._when(self._draw), "selected_index")
        self.filters.reset.on_click(self._when(self._show_all))
        self.to_csv.on_click(self._when(partial(self._export, ".csv")))
        self.to_xlsx.on_click(self._when(partial(self._export, ".xlsx")))

    def _when(self, act: Callable[[], None]) -> Callable[[Any], None]:
        """Return a handler: what it raises is shown in the dashboard, where a front end would lose it."""

        def handle(_event: Any) -> None:
            with self._turn:
                if not self._holding:
                    self._act(act)

        return handle

    def _act(self, act: Callable[[], None]) -> None:
        self._problem.value = self._done.value = ""
        try:
            act()
        except CtnbError as error:
            self._problem.value = markup.problem(error)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not get lost
            _log.error("The dashboard could not be brought up to date", exc_info=error)
            self._problem.value = markup.problem(error)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Change several controls, and let none of them act."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False

    @property
    def rows(self) -> pd.DataFrame:
        """The selected rows of the frame, as they are."""
        return self._subject.rows(self._places)

    def _show_all(self) -> None:
        with self._held():
            self.filters.clear()
        self._select()

    def _select(self) -> None:
        """Bring everything to the rows that the filters want."""
        self._places = self._subject.places(self.filters.selection)
        part = self._subject.part(self._places)
        everything, wanted = len(self._subject.frame), len(self._places)
        shown = ngettext("{wanted} of {n} row", "{wanted} of {n} rows", everything, wanted=number(wanted))
        shown = gettext("Shown: {rows}", rows=shown) if wanted < everything else ""
        self._head.value = markup.facts(summary.summary(part, prefix=self._subject.prefix), shown)
        self._stale = set(range(5))
        self._first_page()

    def _first_page(self) -> None:
        with self._held():
            self.page.max = max(1, -(-len(self._places) // PAGE_ROWS))
            self.page.value = 1
        self._redraw(_ROWS)

    def _redraw(self, tab: int) -> None:
        self._stale.add(tab)
        self._draw()

    def _draw(self) -> None:
        """Draw the tab that is looked at, when it is not up to date."""
        tab = self._tabs.selected_index
        if tab not in self._stale:
            return
        draw = (self._draw_rates, self._draw_steps, self._draw_errors, self._draw_time, self._draw_rows)[tab]
        draw()
        self._stale.discard(tab)

    def _draw_rates(self) -> None:
        prefix = self._subject.prefix
        sort, name = self.by.value
        part = self._subject.part(self._places, group=name if sort == "column" else None)
        by = [name] if sort == "column" else name
        table = summary.rates_table(part, by, prefix=prefix)
        draw = partial(plots.match_rates, part, by=by, prefix=prefix)
        self._rates.value = self._plot("rates", draw, height_of(len(table.rows))) + markup.table(table)

    def _draw_steps(self) -> None:
        prefix = self._subject.prefix
        part = self._subject.part(self._places)
        table = summary.rates_table(part, "rule", prefix=prefix)
        draw = partial(plots.waterfall, part, prefix=prefix)
        self._steps.value = self._plot("steps", draw, height_of(len(table.rows) + 2)) + markup.table(table)

    def _draw_errors(self) -> None:
        prefix = self._subject.prefix
        part = self._subject.part(self._places)
        table = summary.errors_table(part, prefix=prefix)
        draw = partial(plots.errors, part, prefix=prefix)
        bars = min(len(table.rows), summary.MOST_GROUPS)
        self._errors.value = self._plot("errors", draw, height_of(bars)) + markup.table(table)

    def _draw_time(self) -> None:
        date = self.date.value
        part = self._subject.part(self._places, date=date)
        draw = partial(timeline.timeline, part, date=date, prefix=self._subject.prefix)
        self._time.value = self._plot("time", draw, _TIMELINE)

    def _plot(self, name: str, draw: Callable[..., Axes], height: float) -> str:
        # The model's id keeps the ids of two dashboards on one page apart.
        drawn = picture(
            lambda axes: draw(ax=axes), name=f"ctnb-{self.model_id[:8]}-{name}", width=_WIDTH, height=height
        )
        return markup.rendered("plot.html", svg=drawn.svg)

    def _draw_rows(self) -> None:
        places = self._subject.sorted(self._places, self.order.value, descending=self.descending.value)
        page = self._subject.page(places, self.page.value)
        self._table.update(page, **table_options())
        first = (self.page.value - 1) * PAGE_ROWS
        self._rows_note.value = (
            gettext(
                "Rows {first} to {last} of {all}: more than {most} at a time would slow the browser down. Sorting by a "
                "heading and the search in the table are within the page; the controls above are for all rows.",
                first=number(first + 1),
                last=number(first + len(page)),
                all=number(len(places)),
                most=number(PAGE_ROWS),
            )
            if len(places) > PAGE_ROWS
            else ""
        )

    def _export(self, ending: str) -> None:
        """Write the selected rows, and never over a file that is not of this dashboard."""
        name = self.file.value.strip()
        if not name:
            raise ConfigError("The file has no name. Write one, such as ctnb_rows.")
        file = Path(name.removesuffix(ending) + ending)
        if file.exists() and file.absolute() not in self._written:
            raise ConfigError(f"{str(file)!r} is there already, and is not replaced. Choose another name.")
        write_table(self.rows, file)
        self._written.add(file.absolute())
        told = ngettext("{n} row is in {file}", "{n} rows are in {file}", len(self._places), file=str(file))
        self._done.value = markup.rendered("done.html", told=told)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and beside it what is shown where no widget runs."""
        shown: dict[str, Any] = super()._repr_mimebundle_(**options) or {}
        if self._still is None:
            self._still = still(self._subject)
        return {**shown, "text/plain": self._still.text, "text/html": self._still.html}

    def __repr__(self) -> str:
        return f"<ctnb dashboard of {len(self._subject.frame):,} rows>"
