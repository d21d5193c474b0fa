"""A comment's row as a database keeps it, with a checksum by which damage inside the row is noticed when it is read."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
from msgspec.structs import asdict, replace

from ctnb.delivery.ledger.key import SHORT
from ctnb.delivery.ledger.protocol import Entry
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Outcome).decode


def sealed(identity: bytes, rules: str, outcome: Outcome) -> tuple[bytes, str, bytes, int]:
    """Return what `statements.record` takes for a comment: identity, status, outcome as JSON, checksum.

    Half a surrogate pair, which no file can hold, becomes a question mark.
    """
    try:
        kept = _encode(outcome)
    except UnicodeEncodeError:
        kept = _encode(_whole(outcome))
    status = outcome.status.value
    return identity, status, kept, seal(identity, rules, status, kept)


def seal(identity: bytes, rules: str | None = None, status: str | None = None, outcome: bytes | None = None) -> int:
    """Return the checksum of a row; without an outcome there are no rules and no status."""
    return crc32(b"%b|%b|%b" % ((rules or "").encode(), (status or "").encode(), outcome or b""), crc32(identity))


def entry_of(row: Sequence[Any]) -> Entry:
    """Return what a row of `statements.READ` says of its comment.

    Raises
    ------
    LedgerError
        When the row is damaged.
    """
    identity, owner, attempt, asked, asked_at, offer, rules, status, outcome, checksum = row
    with suppress(ValueError, TypeError, AttributeError):
        if seal(identity, rules, status, outcome) == checksum and _is_text(owner) and _is_text(attempt):
            if outcome is not None and offer == sealed_offer(identity, offer[:SHORT]):
                return Entry(owner, attempt, _decode(outcome), rules, offer[:SHORT], asked, asked_at)
            if outcome is None and owner is not None:
                return Entry(owner, attempt)
    raise damaged()


def sealed_offer(identity: bytes, offer: bytes) -> bytes:
    """Return what is kept of an offer: its hash, and a checksum of its own, for it is kept before its outcome is."""
    return offer + crc32(offer, crc32(identity)).to_bytes(4, "big")


def damaged() -> LedgerError:
    """Return the error for a ledger in which a comment's row is damaged."""
    return LedgerError("An outcome in the ledger is damaged. Put back a backup and adopt it.")


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _whole(outcome: Outcome) -> Outcome:
    whole: dict[str, Any] = {
        name: value.encode(errors="replace").decode()
        for name, value in asdict(outcome).items()
        if isinstance(value, str) and not value.isascii()
    }
    return replace(outcome, **whole)
