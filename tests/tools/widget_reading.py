"""Reads widgets as a user does: their texts, as far as they are not hidden."""

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import IPython.display
from IPython.core.formatters import DisplayFormatter
from ipywidgets import HTML


def every(widget: Any) -> Iterator[Any]:
    """Yield a widget, and all in it, that are not hidden."""
    if widget.layout.display == "none":
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def seen(widget: Any) -> str:
    """Return every text in a widget: values, labels, hints."""
    names = ("value", "description", "placeholder")
    return " ".join(str(getattr(each, name, "")) for each in every(widget) for name in names)


def markup(widget: Any) -> str:
    """Return the HTML in a widget."""
    return "".join(each.value for each in every(widget) if isinstance(each, HTML))


def text(widget: Any) -> str:
    """Return the text of the HTML in a widget."""
    return " ".join(re.sub("<[^>]*>", " ", markup(widget)).split())


def displayed(shown: Any) -> dict[str, Any]:
    """Return what a notebook keeps of an object that is the last of a cell, by MIME type, all outputs together."""
    outputs: list[dict[str, Any]] = []
    with patch.object(IPython.display, "display", lambda bundle, **_: outputs.append(bundle)):
        outputs.append(DisplayFormatter().format(shown)[0])
    return {kind: value for output in outputs for kind, value in output.items()}
