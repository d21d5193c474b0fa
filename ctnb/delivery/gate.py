"""The gate between connecting and writing: a slot, then the intent (reliability, order of a batch)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.delivery.pace.limiter import RateLimiter


class Gate:
    """One request's way from its connection to its first byte; it stays shut once the run stops.

    Parameters
    ----------
    limiter : RateLimiter
    intend : callable
        Commits the intent; False when the run stopped meanwhile, and the intent was taken back.
    halt : Event
        Set when the run stops.
    """

    def __init__(self, limiter: RateLimiter, intend: Callable[[], Awaitable[bool]], halt: asyncio.Event) -> None:
        self._limiter, self._intend, self._halt = limiter, intend, halt
        self._has_slot = False
        self._waiting = True
        self._wait = asyncio.timeout(None)
        self.opened = False
        self.failure: LedgerError | None = None

    @property
    def wait(self) -> asyncio.Timeout:
        """The context that an exchange is carried out in; it times out when the exchange is called off."""
        return self._wait

    def call_off(self) -> None:
        """End the wait for a connection or a slot; an exchange that is past it looks at ``halt`` itself."""
        if self._waiting:
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def open(self) -> bool:
        """Wait for a slot and commit the intent; False calls the request off before its first byte."""
        await self._limiter.take()
        self._has_slot = True
        if self._halt.is_set():
            return False
        self._waiting = False
        try:
            self.opened = await self._intend()
        except LedgerError as failure:
            self.failure = failure
        return self.opened

    def written(self) -> None:
        """Give the slot back, stamped: the request is written."""
        if self._has_slot:
            self._has_slot = False
            self._limiter.written()

    def close(self) -> None:
        """Give the slot back, whatever happened; a write that broke off counts as written."""
        self._waiting = False
        if self.opened:
            self.written()
        elif self._has_slot:
            self._has_slot = False
            self._limiter.drop()
