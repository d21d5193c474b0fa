"""Widgets that the studio's steps are made of: labelled fields, buttons, rows that wrap, messages, tables."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from ctnb.i18n.labels import value_text
from ctnb.i18n.language import gettext
from ctnb.views.html.render import rendered
from ctnb.views.html.render import table as table_html
from ctnb.views.html.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_numbers: Final = count(1)


def style_sheet() -> Any:
    """Return the style sheet as a widget."""
    return ipywidgets.HTML(rendered("studio/style.html"), layout={"display": "block", "height": "0", "margin": "0"})


def field(widget_type: Callable[..., Any], label: str, *classes: str, **settings: Any) -> Any:
    """Return a labelled input; the label stands over it, so that it fits a phone's screen too."""
    widget = widget_type(description=label, **settings)
    widget.tooltip = label
    for name in ("field", *classes):
        widget.add_class(f"ctnb-{name}")
    return named(widget)


def button(label: str, pressed: Callable[[], object], *classes: str, tooltip: str = "") -> Any:
    """Return a button that calls a function without arguments."""
    widget = ipywidgets.Button(description=label, tooltip=tooltip or label)
    widget.on_click(lambda _: pressed())
    for name in classes:
        widget.add_class(f"ctnb-{name}")
    return named(widget)


def named(widget: Any) -> Any:
    """Give a control a class of its own, by which the page finds it again when it was drawn anew."""
    widget.add_class(f"ctnb-at-{next(_numbers)}")
    return widget


def row(widgets: Iterable[Any], *classes: str) -> Any:
    """Return widgets side by side, as many as fit, the rest beneath."""
    box = ipywidgets.Box(list(widgets))
    for name in classes or ("row",):
        box.add_class(f"ctnb-{name}")
    return box


def card(widgets: Iterable[Any], *classes: str) -> Any:
    """Return widgets one under the other in a frame."""
    box = ipywidgets.VBox(list(widgets))
    for name in ("card", *classes):
        box.add_class(f"ctnb-{name}")
    return box


def show_if(condition: object, widget: Any) -> None:
    """Show or hide a widget; hidden, it keeps its place."""
    widget.layout.display = "" if condition else "none"


def heading(title: str, text: str) -> Any:
    """Return the title of a step, and what is to be done in it."""
    return ipywidgets.HTML(rendered("studio/heading.html", title=title, text=text))


def note(text: str, kind: str = "") -> str:
    """Return a message as HTML; an error is read out at once."""
    return rendered("studio/note.html", text=text, kind=kind)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> str:
    """Return a table as HTML; `numbers` are the 0-based columns that stand to the right."""
    texts = [[value_text(value) for value in values] for values in rows]
    return table_html(Table(heads, texts, frozenset(numbers), title=caption))


def choose_one(label: str, columns: Iterable[str], chosen: str | tuple[str, ...] | None) -> Any:
    """Return a list from which one column is chosen, or none: its value is blank then.

    A choice that is no column stays one: the check says what is wrong with it. So does one of two columns.
    """
    known: list[str | tuple[str, ...]] = list(columns)
    known = known if chosen is None or chosen in known else [chosen, *known]
    options = [
        (gettext("(none)"), ""),
        *((name if isinstance(name, str) else " + ".join(name), name) for name in known),
    ]
    return field(ipywidgets.Dropdown, label, options=options, value=chosen or "")


def choose_several(label: str, columns: Sequence[str], chosen: Iterable[str]) -> Any:
    """Return a list from which several columns are chosen; those chosen at first stand on top, where they are seen."""
    first = tuple(chosen)
    options = [*first, *(name for name in columns if name not in first)]
    return field(ipywidgets.SelectMultiple, label, options=options, rows=min(6, max(3, len(options))), value=first)
