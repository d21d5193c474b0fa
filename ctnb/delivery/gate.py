"""The gate between connecting and writing: a slot, then the intent (reliability, order of a batch)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.delivery.caution import Caution
    from ctnb.delivery.pace.choose import Limiter


Look: TypeAlias = "Callable[[], Awaitable[bool]]"
"""Tells whether a connection can still carry a request."""


class Gate:
    """One request's way from its connection to its first byte; it stays shut once the run stops.

    Parameters
    ----------
    limiter : Limiter
    caution : Caution
    intend : callable
        Commits the intent, then looks at the connection once more; False when the intent was taken back, because the
        run stopped meanwhile or the connection is dead.
    halt : Event
        Set when the run stops.
    """

    def __init__(
        self,
        limiter: Limiter,
        caution: Caution,
        intend: Callable[[Look], Awaitable[bool]],
        halt: asyncio.Event,
    ) -> None:
        self._limiter, self._caution, self._intend, self._halt = limiter, caution, intend, halt
        self._has_slot = self._under_way = False
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
            self._waiting = False
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def take_slot(self) -> None:
        """Wait for a slot; where a team's pace cannot be asked, the gate stays shut."""
        try:
            await self._caution.take_slot(self._limiter)
            self._has_slot = self._under_way = True
        except LedgerError as failure:
            self.failure = failure

    async def open(self, alive: Look) -> bool:
        """Commit the intent; False calls the request off before its first byte."""
        if self._halt.is_set() or self.failure is not None:
            return False
        self._waiting = False
        try:
            self.opened = await self._intend(alive)
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
        if self._under_way:
            self._under_way = False
            self._caution.ended()
