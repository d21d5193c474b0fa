"""The outcomes of a batch as a SQLite ledger keeps them: a letter for each, and all of them as one JSON list."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import asdict, replace

from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

IDENTITY: Final = 32
"""Bytes of an identity."""

LETTERS: Final = {
    Status.COMMENTED: "c",
    Status.UNMATCHED: "u",
    Status.INVALID: "i",
    Status.REJECTED: "r",
    Status.UNCERTAIN: "?",
}
"""The states of settled comments, so that they are known without reading the outcomes."""

_decoder = msgspec.json.Decoder(list[Outcome])
_encoder = msgspec.json.Encoder()


def joined(identities: Iterable[bytes]) -> bytes:
    """Return the members of a batch as they are kept."""
    return b"".join(identities)


def parted(members: bytes) -> list[bytes]:
    """Return the identities of a batch, by position."""
    return [members[begin : begin + IDENTITY] for begin in range(0, len(members), IDENTITY)]


def letters(outcomes: Iterable[Outcome]) -> str:
    """Return the letters of outcomes; a blank, which no ledger takes, for a status that is not final."""
    return "".join([LETTERS.get(outcome.status, " ") for outcome in outcomes])


def encoded(outcomes: Sequence[Outcome]) -> bytes:
    """Return outcomes as JSON; half a surrogate pair, which no file can hold, becomes a question mark."""
    try:
        return _encoder.encode(outcomes)
    except UnicodeEncodeError:
        return _encoder.encode([_whole(outcome) for outcome in outcomes])


def read(kept: bytes, states: str | None = None) -> list[Outcome]:
    """Read outcomes; LedgerError when they are damaged, or are not what their letters say, where those are known."""
    with suppress(ValueError):
        outcomes = _decoder.decode(kept)
        if states is None or letters(outcomes) == states:
            return outcomes
    raise damaged()


def damaged() -> LedgerError:
    """Return the error for a ledger in which the outcome of a comment is damaged."""
    return LedgerError("An outcome in the ledger is damaged. Put back a backup and adopt it.")


def _whole(outcome: Outcome) -> Outcome:
    whole: dict[str, Any] = {
        name: value.encode(errors="replace").decode()
        for name, value in asdict(outcome).items()
        if isinstance(value, str) and not value.isascii()
    }
    return replace(outcome, **whole)
