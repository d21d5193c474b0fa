"""A comment's row as a database keeps it, with a checksum by which damage inside the row is noticed when it is read."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from itertools import repeat
from types import NoneType
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
import numpy as np
from msgspec.structs import asdict, replace

from ctnb.delivery.ledger.key import SHORT
from ctnb.delivery.ledger.protocol import Entry
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_OUTCOME: Final = 8
"""Of the columns of `statements.READ`."""

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
    settled = [row for row in rows if row[_OUTCOME] is not None]
    with _raising_damaged():
        found = dict(_settled(settled)) if settled else {}
        if len(settled) < len(rows):
            found |= {row[0]: _claimed(row) for row in rows if row[_OUTCOME] is None}
    return found


def commented_of(rows: Sequence[Sequence[Any]]) -> dict[bytes, Entry]:
    """Return what rows of `statements.COMMENTED` say, by identity: all of an entry that a claim depends on.

    Raises
    ------
    LedgerError
        When a row is damaged.
    """
    if not rows:
        return {}
    with _raising_damaged():
        identities, offers, rules, outcomes, seals = zip(*rows, strict=True)
        begun = list(map(crc32, identities))
        listed = {each: _listed(each, Status.COMMENTED.value) for each in set(rules)}
        decoded = _outcomes(begun, map(listed.__getitem__, rules), outcomes, seals)
        nobody = repeat(None)
        entries = map(Entry, nobody, nobody, decoded, rules, _offers(begun, offers))
        return dict(zip(identities, entries, strict=True))


def _settled(rows: Sequence[Sequence[Any]]) -> Iterable[tuple[bytes, Entry]]:
    """Return what rows with an outcome say; column by column, for a run again reads as many as it has rows."""
    identities, owners, attempts, asked, asked_at, offers, rules, statuses, outcomes, seals = zip(*rows, strict=True)
    begun = list(map(crc32, identities))
    decoded = _outcomes(begun, map(_listed, rules, statuses), outcomes, seals)
    if not set(map(type, owners + attempts)) <= {str, NoneType}:
        raise damaged()
    hashes = _offers(begun, offers)
    return zip(identities, map(Entry, owners, attempts, decoded, rules, hashes, asked, asked_at), strict=True)


def _offers(begun: Iterable[int], offers: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of offers that fit their checksums, which were begun with the identities."""
    hashes = [offer[:SHORT] for offer in offers]
    kept = np.frombuffer(b"".join([offer[SHORT:] for offer in offers]), ">u4")
    if kept.tolist() != list(map(crc32, hashes, begun)):
        raise damaged()
    return hashes


def _outcomes(
    begun: Iterable[int],
    listed: Iterable[bytes],
    outcomes: Sequence[bytes],
    seals: Sequence[int],
) -> list[Outcome]:
    """Return the outcomes of rows that fit their checksums, which were begun with the identities."""
    if tuple(map(crc32, outcomes, map(crc32, listed, begun))) != seals:
        raise damaged()
    return _decode(b"[%b]" % b",".join(outcomes))


@contextmanager
def _raising_damaged() -> Iterator[None]:
    """Raise that a row is damaged where it holds what cannot be read."""
    try:
        yield
    except (ValueError, TypeError, AttributeError):
        raise damaged() from None


def _claimed(row: Sequence[Any]) -> Entry:
    """Return what a row without an outcome says."""
    identity, owner, attempt, *_, checksum = row
    if seal(identity, row[6], row[7]) != checksum or type(owner) is not str or type(attempt) not in {str, NoneType}:
        raise damaged()
    return Entry(owner, attempt)


def sealed_offer(identity: bytes, offer: bytes) -> bytes:
    """Return what is kept of an offer: its hash, and a checksum of its own, for it is kept before its outcome is."""
    return offer + crc32(offer, crc32(identity)).to_bytes(4, "big")


def damaged() -> LedgerError:
    """Return the error for a ledger in which a comment's row is damaged."""
    return LedgerError("An outcome in the ledger is damaged. Put back a backup and adopt it.")


def _whole(outcome: Outcome) -> Outcome:
    whole: dict[str, Any] = {
        name: value.encode(errors="replace").decode()
        for name, value in asdict(outcome).items()
        if isinstance(value, str) and not value.isascii()
    }
    return replace(outcome, **whole)
