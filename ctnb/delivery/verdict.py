"""What an exchange means for its batch: decided by position and body alone, without any I/O.

The table of the delivery protocol stands here. Only a complete, well-formed refusal gives the right
to send a lead again; what may have been applied is uncertain.
"""

from __future__ import annotations

import email.utils
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ctnb.delivery.client import Answer, Lost
from ctnb.delivery.wire_decode import Done, Item, Refused, Unreadable, Violation, Violations, decode
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SHORTEST_PAUSE: Final = 1.1
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_READ: Final = 1e9
"""Seconds that any longer pause is read as; a run stops long before."""

_NO_SUCH_ENDPOINT: Final = frozenset({404, 405, 413, 415})


@dataclass(frozen=True, slots=True)
class Answered:
    """Each lead has its answer, by position."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class ValidationFailed:
    """The request was refused whole for its content; ``leads`` are at fault, the rest may be sent again.

    ``leads`` is empty when the refusal does not say which; ``message`` is the vendor's then.
    """

    leads: dict[int, str]
    message: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Too many requests: nothing was applied, the batch waits so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """The request was refused whole in a way that the next one would be too."""

    reason: Reason
    message: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The request may have been applied, and nothing trustworthy tells."""

    reason: Reason
    message: str
    stops: bool = False


Verdict: TypeAlias = Answered | ValidationFailed | RateLimited | Stopped | Uncertain


def judge(exchange: Answer | Lost, leads: int, now: datetime) -> Verdict:
    """Tell what an exchange means for a batch of so many leads.

    Parameters
    ----------
    exchange : Answer or Lost
        What came of a request that was written.
    leads : int
        Leads in the request, 1 to 100.
    now : datetime
        Aware; what a ``Retry-After`` date is reckoned from.
    """
    if isinstance(exchange, Lost):
        return Uncertain(exchange.reason, exchange.detail)
    status = exchange.status
    if 300 <= status < 400:
        return Uncertain(
            Reason.REDIRECTED, f"the server redirects (HTTP {status}), which is never followed", stops=True
        )
    if status == 429:
        return RateLimited(pause_of(exchange.retry_after, now))
    if status in _NO_SUCH_ENDPOINT:
        return Stopped(Reason.WRONG_ADDRESS, f"the server does not take this request (HTTP {status})", rejected=False)
    if status == 408 or status >= 500:
        return Uncertain(Reason.SERVER_ERROR, f"the server failed (HTTP {status})")
    return _by_body(exchange.body, leads)


def _by_body(body: bytes, leads: int) -> Verdict:
    """Read a whole answer."""
    reply = decode(body)
    match reply:
        case Done(items) if len(items) == leads:
            return Answered(items)
        case Done(items):
            return Uncertain(Reason.WRONG_COUNT, f"{len(items)} answers came for {leads} leads")
        case Violations(violations):
            return _faulty(violations, leads)
        case Refused(reason, message):
            return Stopped(reason, message, rejected=True)
        case Unreadable(detail):
            return Uncertain(Reason.UNREADABLE_ANSWER, detail)


def _faulty(violations: Sequence[Violation], leads: int) -> ValidationFailed:
    """Gather violations by lead; one that names no lead of the request names none at all."""
    told: dict[int, list[str]] = {}
    for violation in violations:
        if violation.lead is not None and violation.lead < leads:
            told.setdefault(violation.lead, []).append(_worded(violation))
    nameless = "; ".join(dict.fromkeys(_worded(violation) for violation in violations if violation.lead not in told))
    return ValidationFailed(
        {lead: "; ".join(dict.fromkeys(words)) for lead, words in told.items()}, nameless or "no reason given"
    )


def _worded(violation: Violation) -> str:
    """Say field and reason; the lead's place in the request means nothing to the reader."""
    field = re.sub(r"^comments\[\d+\]\.?", "", violation.field)
    return f"{field}: {violation.message}" if field else violation.message


def pause_of(retry_after: str | None, now: datetime) -> float:
    """Return seconds to wait after a 429: seconds or a date; rubbish reads as the shortest pause."""
    text = (retry_after or "").strip()
    seconds = math.nan
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        seconds = float(text)
    elif text:
        try:
            seconds = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
        except (OverflowError, TypeError, ValueError):  # TypeError: a date without a zone
            seconds = math.nan
    return SHORTEST_PAUSE if math.isnan(seconds) else min(max(seconds, SHORTEST_PAUSE), LONGEST_READ)
