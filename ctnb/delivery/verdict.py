"""The verdict on an exchange: what it means for its batch, decided without any I/O.

The tables of contract (Answers) and reliability stand here, as far as they speak of one answer; what is counted over
several batches stands in `ctnb.delivery.stop_policy`. HTTP status and body decide together: only a complete,
well-formed refusal under a status that fits it gives the right to send a lead again; all else is uncertain.
"""

from __future__ import annotations

import email.utils
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ctnb.delivery.client import Answer, Lost
from ctnb.delivery.wire_decode import (
    ApiError,
    Done,
    FieldViolation,
    Item,
    KnownRefusal,
    Reply,
    ServerMessage,
    Unreadable,
    Violations,
    decode,
)
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SHORTEST_PAUSE: Final = 1.1
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_READ: Final = 1e9
"""Seconds that any longer pause is read as; a run stops long before."""

_TOO_MANY_REQUESTS: Final = 429
_WRONG_ADDRESS: Final = frozenset({404, 405, 413, 415})
_TURNED_AWAY: Final = {401: Reason.TOKEN_REFUSED, 403: Reason.ACCESS_DENIED}
"""What a server refuses with a text of its own, by HTTP status."""


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
    """Row "429": nothing was applied, and every process pauses for so many seconds; ``message`` is the vendor's."""

    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """Rows "access error, token error ..." and "404, 405, 413, 415": nothing was applied, and the run stops.

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
        return Uncertain(Reason.REDIRECTED, OutcomeText.REDIRECTED.format(status=status), stops=True)
    if status == 408 or status >= 500:
        return Uncertain(Reason.SERVER_ERROR, OutcomeText.SERVER_FAILED.format(status=status))
    reply = decode(exchange.body)
    return _by_status_and_body(status, reply, leads) or _by_status(exchange, reply, now)


def _by_status_and_body(status: int, reply: Reply, leads: int) -> Verdict | None:
    """Return what the contract says of a body under a status; None where it names no such pair."""
    client_error = 400 <= status < 500
    match reply:
        case Done(items) if status == 200:
            return _answered(items, leads)
        case KnownRefusal(reason, message):
            return RequestRefused(reason, message, rejected=True)
        case Violations(violations) if status == 200 or client_error:
            return _validation_failed(violations, leads)
        # A 429 pauses whatever its code says: spent points and too high a rate may look alike.
        case ApiError() if client_error and status != _TOO_MANY_REQUESTS:
            return RequestRefused(Reason.REFUSED, _text_in(reply), rejected=True)
        case ServerMessage(text) if status in _TURNED_AWAY:
            return RequestRefused(_TURNED_AWAY[status], text, rejected=True)
    return None


def _answered(items: list[Item], leads: int) -> Answered | Uncertain:
    """Trust answers when there are as many as leads."""
    if len(items) == leads:
        return Answered(items)
    return Uncertain(Reason.WRONG_COUNT, OutcomeText.WRONG_COUNT.format(answers=len(items), leads=leads))


def _by_status(answer: Answer, reply: Reply, now: datetime) -> RateLimited | RequestRefused | Uncertain:
    """Return what a status says by itself: that nothing was applied, unless the body may hold answers; else nothing."""
    status = answer.status
    if not isinstance(reply, Done) and not (isinstance(reply, Unreadable) and reply.answers):
        if status == _TOO_MANY_REQUESTS:
            message = _text_in(reply) if isinstance(reply, ApiError | ServerMessage) else ""
            return RateLimited(pause_of(answer.retry_after, now), message)
        if status in _WRONG_ADDRESS:
            message = OutcomeText.WRONG_ADDRESS.format(status=status)
            return RequestRefused(Reason.WRONG_ADDRESS, message, rejected=False)
    return Uncertain(Reason.UNREADABLE_ANSWER, OutcomeText.UNCLEAR.format(status=status, text=_text_in(reply)))


def _text_in(reply: Reply) -> str:
    """Return what a body says, for people."""
    match reply:
        case Done(items):
            return OutcomeText.OTHER_STATUS.format(answers=len(items))
        case Violations(violations):
            return _joined([_text_of(violation) for violation in violations])
        case ApiError(code, message):
            return OutcomeText.CODED.format(text=message, code=code)
        case KnownRefusal(message=text) | ServerMessage(text) | Unreadable(text):
            return text


def _validation_failed(violations: Sequence[FieldViolation], leads: int) -> ValidationFailed:
    """Gather violations by position; one whose position is not in the request names no lead."""
    named: dict[int, list[str]] = {}
    unnamed: list[str] = []
    for violation in violations:
        position = violation.position
        texts = unnamed if position is None or position >= leads else named.setdefault(position, [])
        texts.append(_text_of(violation))
    return ValidationFailed(
        {position: _joined(texts) for position, texts in named.items()}, _joined(unnamed) or OutcomeText.NO_REASON
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
