"""The look that the studio's steps share: labelled fields, rows that wrap, tables."""

from __future__ import annotations

import html
from importlib import resources
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def style() -> Any:
    """Return the style sheet as a widget."""
    css = resources.files("ctnb").joinpath("views", "studio", "studio.css").read_text(encoding="utf-8")
    return ipywidgets.HTML(f"<style>{css}</style>", layout={"display": "block", "height": "0", "margin": "0"})


def field(made: Callable[..., Any], label: str, *looks: str, **settings: Any) -> Any:
    """Return a labelled input; the label stands over it, so that it fits a phone's screen too."""
    widget = made(description=label, **settings)
    widget.tooltip = label
    for look in ("field", *looks):
        widget.add_class(f"ctnb-{look}")
    return widget


def button(label: str, pressed: Callable[[], object], *looks: str, tooltip: str = "", disabled: bool = False) -> Any:
    """Return a button that calls a function without arguments."""
    widget = ipywidgets.Button(description=label, tooltip=tooltip or label, disabled=disabled)
    widget.on_click(lambda _: pressed())
    for look in looks:
        widget.add_class(f"ctnb-{look}")
    return widget


def row(widgets: Iterable[Any], *looks: str) -> Any:
    """Return widgets side by side, as many as fit, the rest beneath."""
    box = ipywidgets.Box(list(widgets))
    for look in looks or ("row",):
        box.add_class(f"ctnb-{look}")
    return box


def card(widgets: Iterable[Any]) -> Any:
    """Return widgets one under the other in a frame."""
    box = ipywidgets.VBox(list(widgets))
    box.add_class("ctnb-card")
    return box


def shown_if(widget: Any, shown: object) -> None:
    """Show or hide a widget without taking it out of its place."""
    widget.layout.display = "" if shown else "none"


def heading(title: str, text: str) -> Any:
    """Return the title of a step, and what is to be done in it."""
    return ipywidgets.HTML(f"<h3>{html.escape(title)}</h3><p>{html.escape(text)}</p>")


def note(text: str, kind: str = "") -> str:
    """Return a message as HTML; an error is read out at once."""
    role = "alert" if kind == "error" else "status"
    return f'<div role="{role}" class="ctnb-note ctnb-{kind or "plain"}">{html.escape(text)}</div>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> str:
    """Return a table as HTML; `numbers` are the 0-based columns that stand to the right."""

    def cells(tag: str, values: Sequence[object]) -> str:
        looks = ['class="ctnb-number"' if place in numbers else "" for place in range(len(values))]
        return "".join(
            f"<{tag} {look}>{html.escape(str(value))}</{tag}>" for look, value in zip(looks, values, strict=True)
        )

    body = "".join(f"<tr>{cells('td', values)}</tr>" for values in rows)
    head = f"<thead><tr>{cells('th', heads)}</tr></thead>" if any(heads) else ""
    return f'<table class="ctnb-table"><caption>{html.escape(caption)}</caption>{head}<tbody>{body}</tbody></table>'


def one_of(label: str, names: Iterable[str], chosen: str | None, *looks: str) -> Any:
    """Return a list that one column is chosen from, or none: its value is blank then.

    A choice that is no column stays one: the check says what is wrong with it.
    """
    known = list(names)
    known = known if chosen is None or chosen in known else [chosen, *known]
    options = [(gettext("(none)"), ""), *((name, name) for name in known)]
    return field(ipywidgets.Dropdown, label, *looks, options=options, value=chosen or "")


def some_of(label: str, names: Sequence[str], chosen: Iterable[str], *looks: str) -> Any:
    """Return a list that several columns are chosen from; those chosen at first stand on top, where they are seen."""
    first = tuple(chosen)
    options = [*first, *(name for name in names if name not in first)]
    rows = min(6, max(3, len(options)))
    return field(ipywidgets.SelectMultiple, label, *looks, options=options, rows=rows, value=first)
