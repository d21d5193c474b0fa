"""Handlers of a widget's events: one at a time, and what they raise is shown in the widget."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import in_english
from ctnb.views.html import render as markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)


class Handlers:
    """Makes the handlers of one widget.

    Parameters
    ----------
    show : callable
        Takes the HTML of a problem; a blank one before each event.
    widget : str
        The widget's name, for the log.
    """

    def __init__(self, show: Callable[[str], None], widget: str) -> None:
        self._show, self._widget = show, widget
        # A kernel may run the handlers of two controls on two threads at once.
        self._lock = RLock()
        self._holding = False

    def when(self, act: Callable[[], None]) -> Callable[[Any], None]:
        """Return a handler whose errors are shown in the widget, where a front end would lose them."""

        def handle(_event: Any) -> None:
            with self._lock:
                if not self._holding:
                    self._carry_out(act)

        return handle

    def _carry_out(self, act: Callable[[], None]) -> None:
        self._show("")
        try:
            act()
        except CtnbError as error:
            self._show(markup.problem(error))
        except Exception as error:  # noqa: BLE001  whatever it is, it must not get lost
            # An error of ctnb may be its cause.
            with in_english():
                _log.error("The %s could not be brought up to date", self._widget, exc_info=error)
            self._show(markup.problem(error))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Change several controls, and let none of them act."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
