"""Work that must not hold up the kernel: the buttons live while it goes on."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Background:
    """One piece of work at a time, each on a thread of its own.

    The thread runs in a copy of the caller's context, so that a kernel knows which cell or click its
    messages belong to.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether work goes on."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], None]) -> None:
        """Begin a piece of work; it shows its own errors."""
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(work,), name="ctnb-studio", daemon=True)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds at the most for the work to end; tell whether it has."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        return not self.busy
