"""One batch on its way: its leads, the gate before its first byte, and what its answer makes of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import LedgerError
from ctnb.masking import Strength, masked
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ctnb.delivery.pace.limiter import Pace
    from ctnb.delivery.wire_decode import Item

LONGEST_TEXT: Final = 500
"""Characters that are kept of a text of the vendor's."""

_NOT_FOUND = re.compile(r"не найден|not found", re.IGNORECASE)
_HALVES = re.compile(r"[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def plain(text: str) -> str:
    """Return a text of the vendor's as it is kept and shown: without contacts, on one line, not too long.

    Contacts are masked as in all that is stored, for the vendor may repeat the lead's own.

    >>> plain("No lead for +7 (915) 777-11-22 or ivan@mail.ru")
    'No lead for +7 (915) ***-**-22 or i***@mail.ru'
    """
    text = masked(_HALVES.sub("\ufffd", _CONTROLS.sub(" ", text)), Strength.SHARED)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


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
    written : bool
        Whether that request may have been written.
    """

    places: Sequence[int]
    attempts: int = 0
    attempt: str = ""
    number: int = 0
    written: bool = False

    def part(self, places: Sequence[int]) -> Batch:
        """Return a batch of some of these leads, with the same past."""
        return replace(self, places=places)

    def answers(self, items: Sequence[Item], now: datetime) -> list[Outcome]:
        """Turn the vendor's items, one for each lead by position, into outcomes."""
        # Few errors, many leads.
        errors = {item.error for item in items}
        kept = {error: None if error is None else plain(error) for error in errors}
        reasons = {error: _reason_of(error) for error in errors}
        return [
            Outcome(
                status=Status.COMMENTED if item.commented else Status.UNMATCHED,
                call_id=item.call_id,
                call_reference_id=item.call_reference_id,
                sip_call_id=item.sip_call_id,
                request_id=item.request_id,
                request_number=item.request_number,
                error=kept[item.error] if item.commented else kept[item.error] or "no lead found",
                reason=None if item.commented else reasons[item.error],
                batch=self.number,
                attempts=self.attempts,
                answered_at=now,
            )
            for item in items
        ]

    def outcome(self, status: Status, reason: Reason, message: str, now: datetime) -> Outcome:
        """Return one outcome for all leads; only a refusal counts as an answer."""
        answered = now if status in {Status.INVALID, Status.REJECTED} else None
        return Outcome(
            status, error=plain(message), reason=reason, batch=self.number, attempts=self.attempts, answered_at=answered
        )


def _reason_of(error: str | None) -> Reason:
    """Tell why a lead was not commented."""
    return Reason.LEAD_NOT_FOUND if error is None or _NOT_FOUND.search(error) else Reason.VENDOR_ERROR


class Gate:
    """Between connecting and writing: the turn, then the intent; nothing is sent once the run stops.

    Parameters
    ----------
    pace : Pace
    intend : callable
        Commits the intent; False when the run stopped meanwhile, and the intent was taken back.
    halt : Event
        Set when the run stops.
    """

    def __init__(self, pace: Pace, intend: Callable[[], Awaitable[bool]], halt: asyncio.Event) -> None:
        self._pace, self._intend, self._halt = pace, intend, halt
        self._turn = False
        self._waiting = True
        self._wait = asyncio.timeout(None)
        self.opened = False
        self.failure: LedgerError | None = None

    @property
    def wait(self) -> asyncio.Timeout:
        """What an exchange is to be carried out in; it times out when the exchange is called off."""
        return self._wait

    def call_off(self) -> None:
        """End the wait for a connection or for the turn; what is further than that sees for itself."""
        if self._waiting:
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def open(self) -> bool:
        """Wait for the turn and commit the intent."""
        await self._pace.take()
        self._turn = True
        if self._halt.is_set():
            return False
        self._waiting = False
        try:
            self.opened = await self._intend()
        except LedgerError as failure:
            self.failure = failure
        return self.opened

    def written(self) -> None:
        """Give the turn back, stamped."""
        if self._turn:
            self._turn = False
            self._pace.written()

    def close(self) -> None:
        """Give the turn back, whatever happened; a write that broke off counts as written."""
        self._waiting = False
        if self.opened:
            self.written()
        elif self._turn:
            self._turn = False
            self._pace.drop()
