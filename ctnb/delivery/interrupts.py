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
        self._signals: list[_Held] = []
        self.arrived: list[int] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for held in _HELD:
                if held.is_on or self._holds(held.handler):
                    self._signals.append(held)
                    held.add(self)
        return self

    def __exit__(self, *error: object) -> None:
        for held in reversed(self._signals):
            held.remove(self)

    @property
    def is_gone(self) -> bool:
        """Whether the loop was left with the run in it: what it holds is held for nobody."""
        return self._loop is not None and not self._loop.is_running()

    @property
    def ended(self) -> bool:
        """Whether no other run, of the same loop, holds the signals any more."""
        return not any(held.runs for held in self._signals)

    def hand_on(self) -> None:
        """Hand the signals that came to the handlers that were put back, each once; they may raise."""
        for held in self._signals:
            held.hand_on()

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
    """A signal that is held, and the runs that it stops."""

    def __init__(self, number: int) -> None:
        self._number, self._arrived = number, False
        self._before: Any = None
        self.runs: list[Interrupts] = []

    @property
    def handler(self) -> Any:
        return signal.getsignal(self._number)

    @property
    def is_on(self) -> bool:
        return bool(self.handler == self._on_signal)

    def add(self, run: Interrupts) -> None:
        self.runs = [other for other in self.runs if not other.is_gone]
        self._arrived = self._arrived and bool(self.runs)
        if not self.is_on:
            self._before = self.handler
            signal.signal(self._number, self._on_signal)
        self.runs.append(run)
        if self._arrived:
            run.note(self._number)

    def remove(self, run: Interrupts) -> None:
        if run in self.runs:
            self.runs.remove(run)
            # A run that was left with its loop is given up late: a handler that came since is somebody else's.
            if not self.runs and self.is_on:
                signal.signal(self._number, self._before)

    def hand_on(self) -> None:
        arrived, self._arrived = self._arrived, False
        if arrived and callable(self._before):
            signal.raise_signal(self._number)

    def _on_signal(self, number: int, _frame: object) -> None:
        self._arrived = True
        for run in tuple(self.runs):
            if run.is_gone:
                self.remove(run)
            else:
                run.note(number)
        if not self.runs:
            signal.raise_signal(number)


_HELD: Final = (_Held(signal.SIGINT), _Held(signal.SIGTERM))
"""The first is the one that raises: it is held from the first step to the last."""


def _is_asyncios(handler: object) -> bool:
    """Return whether a handler is that of `asyncio.run`, which cancels at first, and raises in the loop then."""
    return isinstance(handler, functools.partial) and isinstance(
        getattr(handler.func, "__self__", None), asyncio.Runner
    )
