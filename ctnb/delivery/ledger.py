"""The record of what was sent: who owns a comment, what became of it, whether it may be sent again.

States: absent -> claimed -> sending -> an outcome. A ledger is the only judge of what may be sent;
the sender asks it before every request. `MemoryLedger` lives as long as the process.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ctnb.connection import DEFAULT, Connection
from ctnb.errors import ConfigError, LedgerError
from ctnb.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Ledger", "MemoryLedger", "Terms", "may_send", "open_ledger"]


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run asks for comments: its owner, its rules, and what it sends again.

    ``rules`` is a fingerprint; comments that no lead was found for are sent again under other rules.
    """

    owner: str
    rules: str
    resend: frozenset[Status] = frozenset()


class Ledger(Protocol):
    """What the sender needs of a ledger; identities are the keyed hashes of `ctnb.delivery.identity`.

    Every method raises `LedgerError` when the record cannot be read or written; then nothing may be sent.
    """

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        ...

    def claim(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Take ownership: None where the comment is now this owner's to send.

        Otherwise what became of it before (``replayed``), or status busy where another live run owns it.
        """
        ...

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Move claimed comments to sending, all of them or none, before the first byte is written."""
        ...

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Move sending comments back to claimed: the vendor refused the request whole."""
        ...

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Move sending comments to their outcomes."""
        ...

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give claimed comments back, to what they were before the claim."""
        ...


def may_send(outcome: Outcome, same_rules: bool, resend: frozenset[Status]) -> bool:  # noqa: FBT001  a fact, not an option
    """Tell whether a comment with an outcome may be sent again.

    Never when it was commented. When it was rejected, for that was the token's fault. When no lead
    was found or the vendor refused a field, under other rules. Otherwise when the user asks for it.
    """
    if outcome.status is Status.COMMENTED:
        return False
    if outcome.status is Status.REJECTED or outcome.status in resend:
        return True
    return outcome.status in {Status.UNMATCHED, Status.INVALID} and not same_rules


@dataclass(slots=True)
class _Entry:
    """A comment in memory: its owner while a run has it, its last outcome and the rules that got it."""

    owner: str | None = None
    attempt: str | None = None
    outcome: Outcome | None = None
    rules: str = ""


class MemoryLedger:
    """A ledger in the memory of this process, shared by its threads; it does not outlive it."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._entries: dict[bytes, _Entry] = {}
        self._lock = threading.Lock()

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        return self._secret

    def claim(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Take ownership where it is free; see `Ledger.claim`."""
        with self._lock:
            return [self._claimed(self._entries.setdefault(identity, _Entry()), terms) for identity in identities]

    def _claimed(self, entry: _Entry, terms: Terms) -> Outcome | None:
        if entry.owner is not None:
            return Outcome(Status.BUSY, reason=Reason.BUSY, error="another run is sending this comment now")
        if entry.outcome is not None and not may_send(entry.outcome, entry.rules == terms.rules, terms.resend):
            return replace(entry.outcome, replayed=True)
        entry.owner = terms.owner
        return None

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent; see `Ledger.intend`."""
        with self._lock:
            entries = self._owned(identities, terms, attempt=None)
            for entry in entries:
                entry.attempt = attempt

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `Ledger.withdraw`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt):
                entry.attempt = None

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `Ledger.record`."""
        with self._lock:
            for entry, outcome in zip(self._owned(outcomes, terms, attempt), outcomes.values(), strict=True):
                entry.outcome, entry.rules = outcome, terms.rules
                entry.owner = entry.attempt = None

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `Ledger.release`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt=None):
                entry.owner = None

    def _owned(self, identities: Iterable[bytes], terms: Terms, attempt: str | None) -> list[_Entry]:
        """Return entries that are this owner's, in this attempt; LedgerError when one is not."""
        entries = [self._entries.get(identity, _Entry()) for identity in identities]
        if any(entry.owner != terms.owner or entry.attempt != attempt for entry in entries):
            raise LedgerError("The ledger no longer holds these comments for this run. Run the cell again.")
        return entries


_memories: dict[tuple[str, ...], MemoryLedger] = {}
_memories_lock = threading.Lock()


def open_ledger(connection: Connection) -> Ledger:
    """Return the ledger that a connection names.

    The memory ledger is one for each account in this process, so that a cell that builds its
    connection anew still sends nothing twice. An emulator's token is its own, and so is its memory.

    Raises
    ------
    ConfigError
        When the connection names a file or a database: this version keeps its record in memory.
    """
    named = connection.ledger
    if named is not None and named != DEFAULT:
        if hasattr(named, "claim"):
            return named  # type: ignore[return-value]  # a ledger object, for tests and rehearsals
        raise ConfigError(f"ledger is {str(named)!r}; this version keeps its record in memory only. Use ledger=None.")
    account = (connection.base_url, str(connection.site_id), *([connection.token] if connection.loopback else []))
    with _memories_lock:
        return _memories.setdefault(account, MemoryLedger())
