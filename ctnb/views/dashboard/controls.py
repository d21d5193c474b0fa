"""The controls of the dashboard that filter its rows, and the options of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML, Button, Dropdown, HBox, Layout, SelectMultiple, Text, VBox

from ctnb.i18n.labels import kind_label, reason_label, status_label
from ctnb.i18n.language import gettext, number
from ctnb.views.dashboard.filters import RowFilter, own_columns
from ctnb.views.html import render as markup

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.views.dashboard.rows import ResultRows

WIDE: Final[dict[str, Any]] = {"layout": {"width": "340px"}, "style": {"description_width": "110px"}}
"""The layout of controls that stand beside their names."""


class FilterControls:
    """Controls that choose rows: nothing chosen and no text is every row.

    Parameters
    ----------
    rows : ResultRows
        The rows whose values and columns can be chosen.

    Attributes
    ----------
    status, kind, code : SelectMultiple
        Values of ``ct_status``, ``ct_matched_by`` and ``ct_error_code`` that occur, with their rows.
    text, column : Text, Dropdown
        A part of a cell, and where it is looked for.
    reset : Button
        Shows every row again.
    box : VBox
        All of them.
    """

    def __init__(self, rows: ResultRows) -> None:
        self.status = _choice(gettext("Status"), rows.counts("status"), status_label)
        self.kind = _choice(gettext("Found by"), rows.counts("matched_by"), kind_label)
        self.code = _choice(gettext("Error"), rows.counts("error_code"), reason_label)
        self.text = Text(
            description=gettext("Text"), placeholder=gettext("part of a cell"), continuous_update=False, **WIDE
        )
        columns = [(str(label), label) for label in rows.columns()]
        self.column = Dropdown(options=columns, description=gettext("in column"), **WIDE)
        own = own_columns(rows.frame, rows.prefix)
        if own:
            self.column.value = own[0]
        self.reset = Button(description=gettext("Show all rows"), icon="undo", layout=Layout(width="auto"))
        self.reset.layout.margin, self.reset.layout.align_self = "4px 0 0 118px", "flex-start"
        hint = HTML(
            markup.rendered("hint.html", text=gettext("Ctrl and a click choose several; nothing chosen is all."))
        )
        search = VBox([self.text, self.column, self.reset])
        chosen = HBox([self.status, self.kind, self.code, search], layout=Layout(flex_flow="row wrap"))
        self.box = VBox([chosen, hint])
        self.controls = (self.status, self.kind, self.code, self.text, self.column)

    @property
    def row_filter(self) -> RowFilter:
        """The filter that the controls are set to."""
        return RowFilter(
            statuses=frozenset(self.status.value),
            kinds=frozenset(self.kind.value),
            codes=frozenset(self.code.value),
            text=self.text.value,
            column=self.column.value,
        )

    def clear(self) -> None:
        """Set the controls to every row."""
        self.status.value = self.kind.value = self.code.value = ()
        self.text.value = ""


def _choice(name: str, counts: dict[str, int], label: Callable[[str], str]) -> SelectMultiple:
    """Return a list of values with their rows, any number of which can be chosen."""
    options = [(f"{label(value)} ({number(rows)})", value) for value, rows in counts.items()]
    return SelectMultiple(
        options=options,
        description=name,
        rows=min(max(len(options), 2), 6),
        layout=Layout(flex_flow="column", width="230px", height="auto"),
        style={"description_width": "auto"},
    )


def table_options() -> dict[str, Any]:
    """Return the options of the table of rows: texts are shown as they are, and none as HTML."""
    return {
        "allow_html": False,
        "maxBytes": 0,
        "maxColumns": 0,
        "showIndex": False,
        "scrollX": True,
        "pageLength": 10,
        "lengthMenu": [10, 25, 50, 100],
        "style": "width:100%",
        "language": {
            "thousands": number(1_000)[1:-3],
            "search": gettext("Search in the page:"),
            "lengthMenu": gettext("_MENU_ rows"),
            "info": gettext("_START_–_END_ of _TOTAL_"),
            "infoEmpty": gettext("no rows"),
            "infoFiltered": gettext("(of _MAX_)"),
            "zeroRecords": gettext("No row has this text."),
            "emptyTable": gettext("No row is selected."),
        },
    }
