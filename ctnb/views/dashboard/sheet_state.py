"""The parts of the sheet as plain values, which go to the browser as JSON. Columns are named by their number."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ctnb.i18n.language import gettext, ngettext, number
from ctnb.views import summary
from ctnb.views.dashboard.filter_texts import filter_text
from ctnb.views.dashboard.filters import DateFilter, TextFilter, ValueFilter
from ctnb.views.dashboard.row_table import SIZES
from ctnb.views.dashboard.shown_cells import unicode_text

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctnb.views.dashboard.chart_view import ChartView
    from ctnb.views.dashboard.filters import ChosenFilters
    from ctnb.views.dashboard.menu import FilterMenu, MenuItem
    from ctnb.views.dashboard.row_table import RowTable
    from ctnb.views.dashboard.rows import ResultRows, RowNumbers

    State = dict[str, Any]


def sheet_words() -> dict[str, str]:
    """Return the words of the sheet."""
    return {
        "add": gettext("Add a filter"),
        "undo": gettext("Undo"),
        "all": gettext("Show all rows"),
        "filters": gettext("Filters"),
        "remove": gettext("Remove the filter: {text}"),
        "change": gettext("Change the filter: {text}"),
        "apply": gettext("Apply"),
        "close": gettext("Close"),
        "search_values": gettext("Search the values"),
        "search_columns": gettext("Search the columns"),
        "no_value": gettext("No value has this text."),
        "no_column": gettext("No column has this text."),
        "columns": gettext("Columns"),
        "all_columns": gettext("All columns"),
        "files": gettext("Files have all columns."),
        "since": gettext("From"),
        "until": gettext("Until"),
        "text": gettext("Text in a column"),
        "column": gettext("in column"),
        "part": gettext("part of a cell"),
        "chart": gettext("Chart"),
        "bars": gettext("Bars: a click shows the rows of one alone"),
        "cells": gettext("Cells: a click shows the rows of one alone"),
        "numbers": gettext("Numbers as a table"),
        "rows": gettext("The rows"),
        "search": gettext("Search in the rows"),
        "size": gettext("Rows on a page"),
        "first": gettext("First page"),
        "previous": gettext("Previous page"),
        "next": gettext("Next page"),
        "last": gettext("Last page"),
        "pages": gettext("Pages"),
        "working": gettext("Working…"),
        "save": gettext("Download"),
    }


def head_state(part: pd.DataFrame, prefix: str) -> State:
    """Return the finding and its numbers."""
    headline = summary.summary(part, prefix=prefix)
    facts = [{"label": fact.label, "value": fact.value, "note": fact.note} for fact in headline.facts]
    return {"sentence": headline.sentence, "label": headline.label, "facts": facts}


def filter_state(rows: ResultRows, menu: FilterMenu, selection: ChosenFilters, wanted: int) -> State:
    """Return the chips, what filters there can be, and how many rows are left."""
    everything = len(rows)
    return {
        "chips": [
            {"label": rows.label_of(each.column), "text": filter_text(each, rows), "item": menu.key_of(each)}
            for each in selection.filters
        ],
        "undo": bool(selection.earlier),
        "menu": menu.state(),
        "rows": ngettext("{wanted} of {n} row", "{wanted} of {n} rows", everything, wanted=number(wanted)),
    }


def offer_state(rows: ResultRows, menu: FilterMenu, selection: ChosenFilters, item: MenuItem) -> State:
    """Return what can be chosen of a column, with the rows that the other filters leave of each value."""
    state: State = {"item": item.key, "label": item.label, "kind": item.kind}
    if item.kind == "text":
        current = next((each for each in reversed(selection.filters) if isinstance(each, TextFilter)), None)
        column = menu.text_column if current is None else menu.key(current.column)
        return state | {"columns": menu.texts, "column": column, "text": "" if current is None else current.text}
    if item.kind == "dates":
        return state | _dates_offered(rows, selection, item.column)
    chosen = selection.codes_of(item.column)
    others = (each for each in selection.filters if not (isinstance(each, ValueFilter) and each.column == item.column))
    coded = rows.coded(item.column)
    counts = coded.counts(rows.matching(others))
    return state | {
        "values": [
            [code, coded.text(code), number(count), code in chosen]
            for code, count in counts.items()
            if count or code in chosen
        ]
    }


def _dates_offered(rows: ResultRows, selection: ChosenFilters, column: Hashable) -> State:
    moments = rows.moments(column).dropna()
    span = next(
        (each for each in selection.filters if isinstance(each, DateFilter) and each.column == column),
        DateFilter(column),
    )
    # The browser asks for days, the last of them included.
    last = None if span.until is None else span.until - pd.Timedelta(1, "s")
    days = {"since": span.since, "until": last, "min": moments.min(), "max": moments.max()}
    return {name: "" if pd.isna(day) else f"{day:%Y-%m-%d}" for name, day in days.items()}


def chart_state(view: ChartView) -> State:
    """Return the drawn chart; see `ctnb.views.dashboard.chart_choice` for the controls above it."""
    return {
        "sentence": view.sentence,
        "svg": "" if view.picture is None else view.picture.svg,
        "title": "" if view.picture is None else view.picture.title,
        "bars": [
            {
                "label": bar.label,
                "pressed": bar.pressed,
                "box": list(astuple(bar.box)),
                "chooses": bool(bar.wanted),
            }
            for bar in view.buttons
        ],
        "cells": view.cells,
        "note": _left_out_note(cells=view.cells) if any(bar.pressed for bar in view.buttons) else "",
        "has_table": view.table is not None,
    }


def _left_out_note(*, cells: bool) -> str:
    if cells:
        return gettext(
            "The map leaves the filters of its own cells out, so that the others stay beside the chosen ones."
        )
    return gettext("The chart leaves the filter of its own bars out, so that the others stay beside the chosen ones.")


def table_state(rows: ResultRows, menu: FilterMenu, table: RowTable, numbers: RowNumbers) -> State:
    """Return a page of the rows, as texts, with its headings and the columns that there are."""
    first, on_page = table.on(numbers)
    columns = table.columns(rows)
    orders = {True: "descending", False: "ascending"}
    found = len(numbers)
    return {
        "columns": [
            {
                "key": menu.key(column.name),
                "label": column.label,
                "name": unicode_text(str(column.name)),
                "sort": orders[table.descending] if column.name == table.order else "none",
                "number": is_numeric_dtype(rows.cells(column.name).dtype)
                and not is_bool_dtype(rows.cells(column.name).dtype),
            }
            for column in columns
        ],
        "menu": [[menu.key(column.name), column.label, column in columns] for column in rows.columns],
        "picked": gettext("Columns: {n} of {all}", n=number(len(columns)), all=number(len(rows.columns)))
        if table.hidden
        else gettext("Columns"),
        "rows": rows.texts(on_page, columns),
        "search": table.search,
        "shown": gettext(
            "{first}–{last} of {all}",
            first=number(min(first + 1, found)),
            last=number(first + len(on_page)),
            all=number(found),
        )
        if found
        else gettext("No row has this text in the columns that are shown.")
        if table.hidden and table.search.strip()
        else gettext("No row has this text.")
        if table.search.strip()
        else gettext("No row is left. Remove a filter."),
        "page": first // table.size + 1,
        "pages": table.pages(found),
        "size": table.size,
        "sizes": list(SIZES),
    }
