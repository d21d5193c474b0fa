"""The verdict on an exchange: what it means for its batch, decided without any I/O.

The table of reliability stands here, as far as it speaks of answers; what is counted over several batches stands in
`ctnb.delivery.stop_policy`. Only a complete, well-formed refusal gives the right to send a lead again; what may have
been applied is uncertain.
"""

from __future__ import annotations

import email.utils
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ctnb.delivery.client import Answer, Lost
from ctnb.delivery.wire_decode import Done, FieldViolation, Item, Refused, Unreadable, Violations, decode
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SHORTEST_PAUSE: Final = 1.1
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_READ: Final = 1e9
"""Seconds that any longer pause is read as; a run stops long before."""

_WRONG_ADDRESS: Final = frozenset({404, 405, 413, 415})


@dataclass(frozen=True, slots=True)
class Answered:
    """As many answers as leads: each lead has its own, by position."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class ValidationFailed:
    """Rows "violations with indices" and "violations with no or impossible index": nothing was applied.

    Attributes
    ----------
    faults : dict of int to str
        Field and reason by position in the batch; all other leads may be sent again. Empty when the refusal names no
        lead.
    message : str
        What the refusal says without naming a lead.
    """

    faults: dict[int, str]
    message: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Row "429": nothing was applied, and every process pauses for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """Rows "access error, token error" and "404, 405, 413, 415": nothing was applied, and the run stops.

    ``rejected`` leads are settled as such; those of a wrong address stay unsent.
    """

    reason: Reason
    message: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Rows whose batch may have been applied; ``stops`` ends the run at once, as after any 3xx."""

    reason: Reason
    message: str
    stops: bool = False


Verdict: TypeAlias = Answered | ValidationFailed | RateLimited | RequestRefused | Uncertain


def judge(exchange: Answer | Lost, leads: int, now: datetime) -> Verdict:
    """Return what an exchange means for a batch of so many leads.

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
    if status in _WRONG_ADDRESS:
        message = f"the server does not take this request (HTTP {status})"
        return RequestRefused(Reason.WRONG_ADDRESS, message, rejected=False)
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
            return _validation_failed(violations, leads)
        case Refused(reason, message):
            return RequestRefused(reason, message, rejected=True)
        case Unreadable(detail):
            return Uncertain(Reason.UNREADABLE_ANSWER, detail)


def _validation_failed(violations: Sequence[FieldViolation], leads: int) -> ValidationFailed:
    """Gather violations by position; one whose position is not in the request names no lead."""
    named: dict[int, list[str]] = {}
    unnamed: list[str] = []
    for violation in violations:
        position = violation.position
        texts = unnamed if position is None or position >= leads else named.setdefault(position, [])
        texts.append(_text_of(violation))
    return ValidationFailed(
        {position: _joined(texts) for position, texts in named.items()}, _joined(unnamed) or "no reason given"
    )


def _text_of(violation: FieldViolation) -> str:
    """Return field and reason; the lead's position in the request means nothing to the reader."""
    field = re.sub(r"^comments\[\d+\]\.?", "", violation.field)
    return f"{field}: {violation.message}" if field else violation.message


def _joined(texts: Sequence[str]) -> str:
    """Join texts, each once."""
    return "; ".join(dict.fromkeys(texts))


def pause_of(retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a 429 asks for, by its ``Retry-After``: seconds or a date; rubbish is the shortest."""
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
