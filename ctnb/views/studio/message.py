"""What the studio tells: progress, advice, and every error, in the widget and not in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import gettext
from ctnb.masking import masked_text
from ctnb.views.studio.widgets import note, shown_if

if TYPE_CHECKING:
    from collections.abc import Callable


class Notice:
    """A place for one message."""

    def __init__(self) -> None:
        self.widget: Any = ipywidgets.HTML()
        self.text = ""
        shown_if(self.widget, shown=False)

    def say(self, text: str, kind: str = "") -> None:
        """Show a message in the place of the one before; ``kind`` is empty, ``error`` or ``good``."""
        self.text = text
        self.widget.value = note(text, kind) if text else ""
        shown_if(self.widget, text)

    def clear(self) -> None:
        """Show nothing."""
        self.say("")

    def tell(self, error: BaseException) -> None:
        """Show an error."""
        self.say(told(error), "error")

    def guarded(self, act: Callable[[], object]) -> Callable[[], None]:
        """Return a function whose errors are shown here: what a widget's callback raises is lost in a log."""

        def acted() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
                self.tell(error)

        return acted


def told(error: BaseException) -> str:
    """Return what an error says, contacts masked; what is not ours is named by its type."""
    if isinstance(error, CtnbError):
        return str(error)
    return masked_text(gettext("Unexpected: {kind}. {message}", kind=type(error).__name__, message=error))
