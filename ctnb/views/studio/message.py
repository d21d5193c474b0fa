"""A message in the studio: progress, advice, and every error, in the widget and not in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ipywidgets

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import gettext
from ctnb.masking import Strength, masked
from ctnb.views.studio.widgets import note, show_if

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 2_000
"""Characters that are shown of an error that is not ours."""


class Message:
    """A line of the studio that shows one message, or nothing.

    Attributes
    ----------
    text : str
        What is shown; blank for nothing.
    """

    def __init__(self) -> None:
        self.widget: Any = ipywidgets.HTML()
        self.show("")

    def show(self, text: str, kind: str = "") -> None:
        """Replace the message; ``kind`` is blank, ``error`` or ``good``."""
        self.text = text
        self.widget.value = note(text, kind) if text else ""
        show_if(text, self.widget)

    def show_error(self, error: BaseException) -> None:
        """Show what an error says."""
        self.show(error_text(error), "error")

    def guarded(self, act: Callable[[], object]) -> Callable[[], None]:
        """Return a function whose errors are shown here: what a widget's callback raises is lost in a log."""

        def acted() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
                self.show_error(error)

        return acted


def error_text(error: BaseException) -> str:
    """Return what an error says, contacts masked; an error that is not ours is named by its type."""
    if isinstance(error, CtnbError):
        return str(error)
    text = gettext("Unexpected: {kind}. {message}", kind=type(error).__name__, message=error)
    return masked(text, Strength.SCREEN)[:LONGEST]
