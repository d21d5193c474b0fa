"""The batch: the leads of one request, and their outcomes once it is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.masking import Strength, masked
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ctnb.delivery.wire_decode import Item

LONGEST_TEXT: Final = 500
"""Characters that are kept of a text of the vendor's."""

_NOT_FOUND = re.compile(r"не найден|not found", re.IGNORECASE)
_HALVES = re.compile(r"[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def plain(text: str) -> str:
    """Return a text of the vendor's as it is stored and shown: without contacts, on one line, not too long.

    Contacts are masked as in all that is stored, for the vendor may repeat the lead's own.

    >>> plain("No lead for +7 (915) 777-11-22 or ivan@mail.ru")
    'No lead for +7 (915) ***-**-22 or i***@mail.ru'
    """
    text = masked(_HALVES.sub("\ufffd", _CONTROLS.sub(" ", text)), Strength.STORED)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


@dataclass(slots=True)
class Batch:
    """Leads of one request.

    Attributes
    ----------
    rows : sequence of int
        Rows of the plan, in the order of the request: a lead's position in the batch is its position here.
    attempts : int
        Requests that have carried them.
    attempt : str
        Token of the latest request, for the ledger.
    number : int
        1-based number of the latest request in the run.
    written : bool
        Whether that request may have been written.
    """

    rows: Sequence[int]
    attempts: int = 0
    attempt: str = ""
    number: int = 0
    written: bool = False

    def part(self, rows: Sequence[int]) -> Batch:
        """Return a batch of some of these leads, with the same past."""
        return replace(self, rows=rows)

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
                error=kept[item.error] if item.commented else kept[item.error] or OutcomeText.NO_LEAD,
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
    """Return the code for a lead that was not commented, by the vendor's text."""
    return Reason.LEAD_NOT_FOUND if error is None or _NOT_FOUND.search(error) else Reason.VENDOR_ERROR
