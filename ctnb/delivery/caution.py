"""Caution: after an uncertain request one goes at a time until a good answer comes: an outage costs few rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctnb.delivery.pace.choose import Limiter


class Caution:
    """Hands the limiter's slots on; while it is on, only when no other request of the run is under way."""

    def __init__(self) -> None:
        self.is_on = False
        self._under_way = 0
        self._ended = asyncio.Event()

    async def take_slot(self, limiter: Limiter) -> None:
        """Wait for a slot; the request is under way then, until `ended`."""
        while True:
            while self._must_wait:
                self._ended.clear()
                await self._ended.wait()
            await limiter.take()
            if not self._must_wait:
                self._under_way += 1
                return
            limiter.drop()

    def ended(self) -> None:
        """Note that a request is over, or was called off."""
        self._under_way -= 1
        self._ended.set()

    @property
    def _must_wait(self) -> bool:
        return self.is_on and self._under_way > 0
