"""A comment's row as a database keeps it, with a checksum by which damage inside the row is noticed when it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
from msgspec.structs import astuple

from ctnb.delivery.ledger.protocol import Known
from ctnb.delivery.ledger.schema import OUTCOME
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Attribution, Kind, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_STATUSES: Final = {str(status): status for status in Status}
_KINDS: Final[dict[str | None, Kind | None]] = {None: None, **{str(kind): kind for kind in Kind}}
_ATTRIBUTIONS: Final[dict[str | None, Attribution | None]] = {None: None, **{str(each): each for each in Attribution}}
_REASONS: Final[dict[str | None, Reason | None]] = {None: None, **{str(reason): reason for reason in Reason}}

_encode: Final = msgspec.msgpack.Encoder().encode

UNSETTLED: Final = (None,) * len(OUTCOME)
"""The values of a comment that has no outcome yet."""


def values_of(outcome: Outcome) -> tuple[Any, ...]:
    """Return the values of an outcome, as `OUTCOME` names them.

    Half a surrogate pair, which no file can hold, becomes a question mark.
    """
    status, matched_by, rule, attribution, *texts, reason, _, batch, attempts, answered_at = astuple(outcome)
    codes = (matched_by and str(matched_by), rule, attribution and str(attribution))
    when = None if answered_at is None else stamp(answered_at)
    values = (str(status), *codes, *texts, reason and str(reason), batch, attempts, when)
    try:
        _encode(values)
    except UnicodeEncodeError:
        return tuple(value.encode(errors="replace").decode() if isinstance(value, str) else value for value in values)
    return values


def seal(identity: bytes, rules: str | None, values: Sequence[Any]) -> int:
    """Return the checksum of a row."""
    return crc32(_encode(values), crc32(_encode(rules), crc32(identity)))


def sealed(identity: bytes, rules: str, outcome: Outcome) -> tuple[Any, ...]:
    """Return what `statements.record` takes for a comment: identity, checksum and the values of its outcome."""
    values = values_of(outcome)
    return identity, seal(identity, rules, values), *values


def known_of(row: Sequence[Any]) -> Known:
    """Return what a row of `statements.READ` says of its comment.

    Raises
    ------
    LedgerError
        When the row is damaged.
    """
    identity, owner, attempt, asked, asked_at, offer, rules, checksum, *values = row
    try:
        if seal(identity, rules, values) != checksum or (owner is None and rules is None):
            raise damaged()
        if rules is None:
            return Known(owner, attempt)
        return Known(owner, attempt, _outcome(values), rules, offer, asked, moment(asked_at))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise damaged() from None


def _outcome(values: Sequence[Any]) -> Outcome:
    status, matched_by, rule, attribution, *texts, reason, batch, attempts, answered_at = values
    when = None if answered_at is None else moment(answered_at)
    codes = [_STATUSES[status], _KINDS[matched_by], rule, _ATTRIBUTIONS[attribution]]
    fields: list[Any] = [*codes, *texts, _REASONS[reason], False, batch, attempts, when]
    return Outcome(*fields)


def stamp(when: datetime) -> int:
    """Return a moment as it is kept: microseconds since 1970."""
    return (when - _EPOCH) // _MICROSECOND


def moment(kept: int) -> datetime:
    """Return the aware moment, in UTC, that was kept."""
    return _EPOCH + timedelta(microseconds=kept)


def damaged() -> LedgerError:
    """Return the error for a ledger in which a comment's row is damaged."""
    return LedgerError("An outcome in the ledger is damaged. Put back a backup and adopt it.")
