"""A comment's row as a database keeps it, with a checksum by which damage inside the row is noticed when it is read."""

from __future__ import annotations

from functools import lru_cache
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
_decode: Final = msgspec.json.Decoder(list[Outcome]).decode


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
    return crc32(outcome or b"", crc32(_listed(rules, status), crc32(identity)))


@lru_cache
def _listed(rules: str | None, status: str | None) -> bytes:
    return b"%b|%b|" % ((rules or "").encode(), (status or "").encode())


def entry_of(row: Sequence[Any]) -> Entry:
    """Return what a row of `statements.READ` says of its comment; see `entries_of`."""
    return entries_of([row])[row[0]]


def entries_of(rows: Sequence[Sequence[Any]]) -> dict[bytes, Entry]:
    """Return what rows of `statements.READ` say of their comments, by identity.

    Raises
    ------
    LedgerError
        When a row is damaged.
    """
    try:
        if not all(map(_is_whole, rows)):
            raise damaged()
        # Decoded at once, for a run again reads as many as it has rows.
        outcomes = iter(_decode(b"[%b]" % b",".join([row[8] for row in rows if row[8] is not None])))
    except (ValueError, TypeError, AttributeError):
        raise damaged() from None
    return {
        identity: Entry(owner, attempt)
        if outcome is None
        else Entry(owner, attempt, next(outcomes), rules, offer[:SHORT], asked, asked_at)
        for identity, owner, attempt, asked, asked_at, offer, rules, _, outcome, _ in rows
    }


def _is_whole(row: Sequence[Any]) -> bool:
    """Return whether a row fits its checksums."""
    identity, owner, attempt, _, _, offer, rules, status, outcome, checksum = row
    if seal(identity, rules, status, outcome) != checksum or not _is_text(owner) or not _is_text(attempt):
        return False
    return owner is not None if outcome is None else bool(offer == sealed_offer(identity, offer[:SHORT]))


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
