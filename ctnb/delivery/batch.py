"""One batch on its way: its leads, the gate before its first byte, and what its answer makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ctnb.errors import LedgerError
from ctnb.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ctnb.delivery.pace import Pace
    from ctnb.delivery.wire import Item

__all__ = ["Batch", "Gate"]

_NOT_FOUND = re.compile(r"не найден|not found", re.IGNORECASE)


@dataclass(slots=True)
class Batch:
    """Leads of one request.

    Attributes
    ----------
    places : sequence of int
        Positions in the plan, in the order of the request.
    attempts : int
        Requests that have carried them.
    attempt : str
        Token of the latest request, for the ledger.
    number : int
        1-based number of the latest request in the run.
    """

    places: Sequence[int]
    attempts: int = 0
    attempt: str = ""
    number: int = 0

    def part(self, places: Sequence[int]) -> Batch:
        """Return a batch of some of these leads, with the same past."""
        return replace(self, places=places)

    def answers(self, items: Sequence[Item], now: datetime) -> dict[int, Outcome]:
        """Turn the vendor's items, one for each lead by position, into outcomes."""
        return {place: self._answer(item, now) for place, item in zip(self.places, items, strict=True)}

    def all(self, status: Status, reason: Reason, message: str, now: datetime) -> dict[int, Outcome]:
        """Give all leads one outcome; only a refusal counts as an answer."""
        answered = now if status in {Status.INVALID, Status.REJECTED} else None
        outcome = Outcome(
            status, error=message, reason=reason, batch=self.number, attempts=self.attempts, answered_at=answered
        )
        return dict.fromkeys(self.places, outcome)

    def _answer(self, item: Item, now: datetime) -> Outcome:
        """Turn one item into an outcome."""
        found = Outcome(
            status=Status.COMMENTED,
            call_id=item.call_id,
            call_reference_id=item.call_reference_id,
            sip_call_id=item.sip_call_id,
            request_id=item.request_id,
            request_number=item.request_number,
            error=item.error,
            batch=self.number,
            attempts=self.attempts,
            answered_at=now,
        )
        if item.commented:
            return found
        not_found = item.error is None or _NOT_FOUND.search(item.error)
        return replace(
            found,
            status=Status.UNMATCHED,
            error=item.error or "no lead found",
            reason=Reason.LEAD_NOT_FOUND if not_found else Reason.VENDOR_ERROR,
        )


class Gate:
    """Between connecting and writing: the turn, then the intent; nothing is sent once the run stops."""

    def __init__(self, pace: Pace, intend: Callable[[], None], halt: asyncio.Event) -> None:
        self._pace, self._intend, self._halt = pace, intend, halt
        self._turn = False
        self.opened = False
        self.failure: LedgerError | None = None

    async def open(self) -> bool:
        """Wait for the turn and commit the intent."""
        await self._pace.take()
        self._turn = True
        if self._halt.is_set():
            return False
        try:
            self._intend()
        except LedgerError as failure:
            self.failure = failure
            return False
        self.opened = True
        return True

    def written(self) -> None:
        """Give the turn back, stamped."""
        if self._turn:
            self._turn = False
            self._pace.written()

    def close(self) -> None:
        """Give the turn back, whatever happened; a write that broke off counts as written."""
        if self.opened:
            self.written()
        elif self._turn:
            self._turn = False
            self._pace.drop()
