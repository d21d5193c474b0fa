"""The columns that rows can be filtered by, that rates can be grouped by, and that time can go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.language import gettext
from ctnb.results.group_columns import group_columns
from ctnb.views.dashboard.filters import DateFilter, TextFilter, date_columns

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctnb.views.dashboard.filters import RowFilter
    from ctnb.views.dashboard.rows import ResultRows

_RESULTS: Final = ("status", "matched_by", "error_code", "rule", "attribution", "offered", "replayed")
"""Results whose values are few."""

TEXT: Final = "text"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A filter that can be added.

    Attributes
    ----------
    key : str
        What the browser calls it.
    kind : "values", "dates" or "text"
    label : str
    column : column
        None for a text, whose column is chosen with it.
    """

    key: str
    kind: str
    label: str
    column: Hashable = None


class FilterMenu:
    """What a frame of results can be filtered, grouped and dated by.

    Parameters
    ----------
    rows : ResultRows

    Attributes
    ----------
    items : list of MenuItem
    groups, own_groups : dict
        What ``by=`` may be, by what the browser calls it; and the columns of the user's own among these.
    dates : dict
        The columns of dates likewise.
    """

    def __init__(self, rows: ResultRows) -> None:
        self._keys = {column.name: str(number) for number, column in enumerate(rows.columns)}
        self._labels = labels = {column.name: column.label for column in rows.columns}
        own = group_columns(rows.frame, rows.prefix)
        answered = rows.prefix + "answered_at"
        dates = date_columns(rows.frame, rows.prefix)
        if answered in labels and rows.results["answered_at"].notna().any():
            dates.append(answered)
        results = [
            rows.prefix + name
            for name in _RESULTS
            if name in rows.results and rows.results[name].nunique(dropna=False) > 1
        ]
        self.items = [
            *(MenuItem(f"values {self._keys[each]}", "values", labels[each], each) for each in (*results, *own)),
            *(MenuItem(f"dates {self._keys[each]}", "dates", labels[each], each) for each in dates),
            MenuItem(TEXT, "text", gettext("Text in a column")),
        ]
        # A list, so that a column called "type" is not taken for the matching type.
        self.groups: dict[str, tuple[str, str | list[Hashable]]] = {
            "type": (gettext("matching type"), "type"),
            "rule": (gettext("rule"), "rule"),
            **{self._keys[each]: (labels[each], [each]) for each in own},
        }
        self.own_groups = {key: group for key, group in self.groups.items() if isinstance(group[1], list)}
        self.dates = {self._keys[each]: (labels[each], each) for each in dates}
        self.texts = [[self._keys[column.name], column.label] for column in rows.columns]
        # The column in which a text is looked for at first: the first of the user's own.
        self.text_column = next((self._keys[c.name] for c in rows.columns if not c.result), self.texts[0][0])
        self._columns = {key: name for name, key in self._keys.items()}

    def column(self, key: str) -> Hashable:
        """Return the column that the browser calls so."""
        return self._columns[key]

    def key(self, column: Hashable) -> str:
        """Return what the browser calls a column."""
        return self._keys[column]

    def item(self, key: str) -> MenuItem:
        """Return the filter that the browser calls so."""
        found = next((item for item in self.items if item.key == key), None)
        if found is not None:
            return found
        # Of a column that has one value no filter is offered, but a bar may have added one.
        kind, _, number = key.partition(" ")
        return MenuItem(key, kind, self._labels[self._columns[number]], self._columns[number])

    def key_of(self, wanted: RowFilter) -> str:
        """Return what the browser calls the item that a filter comes from."""
        if isinstance(wanted, TextFilter):
            return TEXT
        return f"{'dates' if isinstance(wanted, DateFilter) else 'values'} {self._keys[wanted.column]}"

    def state(self) -> list[list[Any]]:
        """Return the items as the browser lists them."""
        return [[item.key, item.label, item.kind] for item in self.items]
