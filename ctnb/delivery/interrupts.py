"""Interrupts: SIGINT and SIGTERM while a run is under way.

An exception that a signal raises can come between any two steps, and once more while the first one is handled: whatever
must be done to its end would be left half done. So while a run is under way a signal only asks it to stop. When the run
has ended, the handlers that were there are put back, and handed the signals that came.
"""

from __future__ import annotations

import asyncio
import functools
import signal
import threading
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""The first is the one that raises: it is held from the first step to the last."""


class Interrupts:
    """Holds signals while a run is under way; use it as a context manager.

    In the main thread alone: no other one gets signals. One that is ignored stays ignored.

    Parameters
    ----------
    stop : callable
        Asks the run to stop: called for each signal, between any two steps of the main thread.
    loop : event loop, optional
        The caller's, for a run in it: ``stop`` is called there. A signal for which the caller has a handler of his own
        is left to it then, for his loop goes on and may cancel the run.

    Attributes
    ----------
    arrived : list of int
        Signals that came, each once.
    """

    def __init__(self, stop: Callable[[], object], *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._stop, self._loop = stop, loop
        self._put_back: list[int] = []
        self.arrived: list[int] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if number in _held or self._holds(signal.getsignal(number)):
                    _held.setdefault(number, _Held()).add(number, self)
        return self

    def __exit__(self, *error: object) -> None:
        for number in reversed(SIGNALS):
            if number in _held and _held[number].remove(number, self):
                self._put_back.append(number)

    @property
    def is_last(self) -> bool:
        """Whether no other run holds a signal that came to this one."""
        return set(self.arrived) <= set(self._put_back)

    def hand_on(self) -> None:
        """Hand the signals that came to the handlers that were put back; they may raise."""
        for number in self.arrived:
            if number in self._put_back and callable(signal.getsignal(number)):
                signal.raise_signal(number)

    def note(self, number: int) -> None:
        """Note a signal, and ask the run to stop."""
        if number not in self.arrived:
            self.arrived.append(number)
        if self._loop is None:
            self._stop()
        else:
            self._loop.call_soon_threadsafe(self._stop)

    def _holds(self, handler: Any) -> bool:
        """Return whether a signal with this handler is held."""
        if handler in (None, signal.SIG_IGN):  # None: not a handler of Python's
            return False
        return self._loop is None or handler in (signal.SIG_DFL, signal.default_int_handler) or _is_asyncios(handler)


class _Held:
    """A signal that is held, and the runs that it stops: in one loop there may be several."""

    def __init__(self) -> None:
        self._runs: list[Interrupts] = []
        self._before: Any = None
        self._last: int | None = None

    def add(self, number: int, run: Interrupts) -> None:
        if not self._runs:
            self._before = signal.getsignal(number)
            signal.signal(number, self._on_signal)
        self._runs.append(run)
        if self._last is not None and len(self._runs) == 1:
            run.note(number)

    def remove(self, number: int, run: Interrupts) -> bool:
        """Forget a run; when it was the last, put back the handler that was there, and return True."""
        if run in self._runs:
            self._runs.remove(run)
            if not self._runs:
                del _held[number]
                signal.signal(number, self._before)
                return True
        return False

    def _on_signal(self, number: int, _frame: object) -> None:
        self._last = number
        for run in tuple(self._runs):
            run.note(number)


_held: dict[int, _Held] = {}


def _is_asyncios(handler: object) -> bool:
    """Return whether a handler is that of `asyncio.run`, which cancels at first, and raises in the loop then."""
    return isinstance(handler, functools.partial) and isinstance(
        getattr(handler.func, "__self__", None), asyncio.Runner
    )
