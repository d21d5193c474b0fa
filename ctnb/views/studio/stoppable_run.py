"""A run that can be stopped while it goes on."""

from __future__ import annotations

import asyncio
import atexit
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.run import Run

TICK = 0.2
"""Seconds between two looks at the counts."""
LAST_WAIT = 30.0
"""Seconds that a kernel which is shut down waits for the requests in flight."""


class StoppableRun:
    """A run that is carried out on the thread of the caller, and stopped from another.

    Stopping does what an interrupt does: no new requests, those in flight are waited for and recorded.

    Parameters
    ----------
    run : Run
    tick : callable
        Called with the counts about five times a second, from the run's thread.
    """

    def __init__(self, run: Run, tick: Callable[[ProgressCounts], None]) -> None:
        self._run = run
        self._tick = tick
        self._stop_asked = threading.Event()
        self._ended = threading.Event()

    def carry_out(self) -> None:
        """Send until all is answered or the run is stopped.

        Raises
        ------
        CtnbError
            When the run broke; `joined` gives the answers that came before.
        """
        # A page that is closed shuts its kernel down: requests in flight must be recorded all the same.
        atexit.register(self._stop_and_wait)
        try:
            asyncio.run(self._carried_out())
        finally:
            self._ended.set()
            atexit.unregister(self._stop_and_wait)

    def joined(self) -> pd.DataFrame:
        """Return the rows with what has become of them.

        Raises
        ------
        CtnbError
            When rows are lost.
        """
        return self._run.broken_off(interrupted=self.stopped)

    def stop(self) -> None:
        """Stop the run; it returns at once, and the run ends soon after."""
        self._stop_asked.set()

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop_asked.is_set()

    async def _carried_out(self) -> None:
        running = asyncio.ensure_future(self._run.acarry_out(progress=False))
        cancelled = False
        while not running.done():
            await asyncio.wait({running}, timeout=TICK)
            self._tick(self._run.counts)
            if self.stopped and not cancelled:
                cancelled = running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            if not self.stopped:
                raise

    def _stop_and_wait(self) -> None:
        self.stop()
        self._ended.wait(LAST_WAIT)
