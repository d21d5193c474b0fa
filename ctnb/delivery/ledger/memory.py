"""A ledger in the memory of this process: for emulators, and for connections without a file."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Final

import msgspec

from ctnb.delivery.ledger.protocol import BUSY, NOT_HELD, answer_of
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import Terms
    from ctnb.outcomes import Outcome


class _Entry(msgspec.Struct, gc=False):
    """A comment in memory: its owner while a run has it, its last outcome and the rules that got it.

    The garbage collector does not track it: it would go through all that a notebook holds again and again.
    """

    owner: str | None
    attempt: str | None = None
    outcome: Outcome | None = None
    rules: str = ""


_ABSENT: Final = _Entry(None)


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
        """Take ownership where it is free; see `RunLedger.claim`."""
        with self._lock:
            return [self._claimed(identity, terms) for identity in identities]

    def _claimed(self, identity: bytes, terms: Terms) -> Outcome | None:
        entry = self._entries.get(identity)
        if entry is None:
            self._entries[identity] = _Entry(terms.owner)
            return None
        if entry.owner is not None:
            return BUSY
        answer = None if entry.outcome is None else answer_of(entry.outcome, entry.rules, terms)
        if answer is None:
            entry.owner = terms.owner
        return answer

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent; see `RunLedger.intend`."""
        with self._lock:
            entries = self._owned(identities, terms, attempt=None)
            for entry in entries:
                entry.attempt = attempt

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `RunLedger.withdraw`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt):
                entry.attempt = None

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `RunLedger.record`."""
        with self._lock:
            for entry, outcome in zip(self._owned(outcomes, terms, attempt), outcomes.values(), strict=True):
                entry.outcome, entry.rules = outcome, terms.rules
                entry.owner = entry.attempt = None

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `RunLedger.release`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt=None):
                entry.owner = None

    def close(self) -> None:
        """Keep everything: the next run of this process uses it again."""

    def _owned(self, identities: Iterable[bytes], terms: Terms, attempt: str | None) -> list[_Entry]:
        """Return entries that are this owner's, in this attempt; LedgerError when one is not."""
        entries = [self._entries.get(identity, _ABSENT) for identity in identities]
        if any(entry.owner != terms.owner or entry.attempt != attempt for entry in entries):
            raise LedgerError(NOT_HELD)
        return entries


_memories: dict[tuple[str, ...], MemoryLedger] = {}
_memories_lock = threading.Lock()


def memory_of(connection: Connection) -> MemoryLedger:
    """Return the ledger of an account, one in this process: a cell that builds its connection anew sends nothing twice.

    An emulator is known by its token too, because another emulator may get the same port.
    """
    account = (connection.base_url, str(connection.site_id), *([connection.token] if connection.loopback else []))
    with _memories_lock:
        return _memories.setdefault(account, MemoryLedger())
