"""A ledger in the memory of this process: for emulators, and for connections without a file."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from ctnb.delivery.ledger.answers import answers_of
from ctnb.delivery.ledger.key import IDENTITY
from ctnb.delivery.ledger.protocol import AT_STAKE, NO_LEADS, NOT_HELD, Entry, delivered, now_us
from ctnb.exceptions import ConfigError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import Comments, Terms
    from ctnb.delivery.ledger.run_lines import RunLine
    from ctnb.outcomes import Outcome


class _Kept(Entry, kw_only=True, gc=False):
    """A comment in memory: what is known of it, its other hashes, and what its row offers in the run that has it."""

    lead: bytes
    text: bytes
    account: bytes
    named: str
    offering: bytes | None = None


class MemoryLedger:
    """A ledger in the memory of this process, shared by its threads; it does not outlive it."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._entries: dict[bytes, _Kept] = {}
        self._leads: dict[bytes, bytes] = {}  # identities end to end: the garbage collector tracks lists
        self._runs: dict[str, RunLine] = {}
        self._lock = threading.Lock()

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """None: a ledger of its own has one key."""
        return ()

    def claim(self, comments: Comments, terms: Terms, most: int | None = None) -> list[Outcome | None]:
        """Take ownership where it is free; see `RunLedger.claim`."""
        with self._lock:
            answers = answers_of(comments, self._entries, terms, most, of_leads=self._of_leads, now=now_us())
            granted = [position for position, answer in enumerate(answers) if answer is None]
            self._add(comments, [place for place in granted if comments.identities[place] not in self._entries])
            for position, offering in zip(granted, comments.offers(granted), strict=True):
                entry = self._entries[comments.identities[position]]
                entry.owner, entry.offering = terms.owner, offering
        return answers

    def _add(self, comments: Comments, positions: Sequence[int]) -> None:
        """Make entries, which are somebody's at once."""
        account, named = comments.account, comments.naming
        hashes = zip(comments.leads(positions), comments.texts(positions), strict=True)
        for position, (lead, text) in zip(positions, hashes, strict=True):
            identity = comments.identities[position]
            self._entries[identity] = _Kept(None, lead=lead, text=text, account=account, named=named)
            self._leads[lead] = self._leads.get(lead, b"") + identity

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent; see `RunLedger.intend`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt=None):
                entry.attempt = attempt

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `RunLedger.withdraw`."""
        with self._lock:
            for entry in self._owned(identities, terms, attempt):
                entry.attempt = None

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `RunLedger.record`."""
        now = now_us()
        with self._lock:
            for entry, outcome in zip(self._owned(outcomes, terms, attempt), outcomes.values(), strict=True):
                entry.outcome, entry.rules, entry.offer = outcome, terms.rules, entry.offering
                entry.asked, entry.asked_at_us = entry.asked + 1, now
                entry.owner = entry.attempt = entry.offering = None

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `RunLedger.release`."""
        with self._lock:
            for identity, entry in zip(identities, self._owned(identities, terms, attempt=None), strict=True):
                entry.owner = entry.offering = None
                if entry.outcome is None:
                    del self._entries[identity]
                    others = [other for other in _parted(self._leads.pop(entry.lead)) if other != identity]
                    if others:
                        self._leads[entry.lead] = b"".join(others)

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; see `LedgerReader.entries`."""
        with self._lock:
            found = [self._entries.get(identity) for identity in identities]
            return [None if entry is None else _copied(entry) for entry in found]

    def of_leads(self, leads: Sequence[bytes]) -> dict[bytes, dict[bytes, str]]:
        """Return the comments of leads; see `LedgerReader.of_leads`."""
        with self._lock:
            return self._of_leads(leads)

    def _of_leads(self, leads: Sequence[bytes]) -> dict[bytes, dict[bytes, str]]:
        return {
            lead: {identity: self._entries[identity].state for identity in _parted(self._leads[lead])}
            for lead in leads
            if lead in self._leads
        }

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        asked, found = set(texts), dict[bytes, dict[bytes, Entry]]()
        with self._lock:
            for identity, entry in self._entries.items():
                if entry.text in asked:
                    found.setdefault(entry.text, {})[identity] = _copied(entry)
        return found

    def mark_delivered(self, ids: Iterable[str], leads: Mapping[str, Mapping[str, str]] = NO_LEADS) -> int:
        """Mark uncertain comments as commented; see `ReviewedLedger.mark_delivered`."""
        with self._lock:
            marked: dict[str, tuple[_Kept, Outcome]] = {}
            for named in ids:
                entry = self._entries.get(bytes.fromhex(named))
                if entry is None:
                    raise ConfigError(
                        "The id {id} names no comment of this ledger. Nothing was marked.",
                        id=named,
                    )
                marked[named] = entry, delivered(entry, leads.get(named, {}))
            for entry, outcome in marked.values():
                entry.outcome = outcome
        return len(marked)

    def is_live(self, owner: str) -> bool:
        """Return that it is: a run of this process gives up what it has, however it ends."""
        with self._lock:
            return any(entry.owner == owner for entry in self._entries.values())

    def naming(self, account: bytes) -> dict[str, int]:
        """Return how runs named their leads; see `LedgerReader.naming`."""
        found: dict[str, int] = {}
        with self._lock:
            for entry in self._entries.values():
                if entry.account == account:
                    found[entry.named] = found.get(entry.named, 0) + (
                        entry.outcome is not None and entry.outcome.status in AT_STAKE
                    )
        return found

    def begin_run(self, line: RunLine) -> None:
        """Keep the line of a run; see `RunLedger.begin_run`."""
        with self._lock:
            self._runs[line.run] = line

    def end_run(self, line: RunLine) -> None:
        """Keep how the run ended; see `RunLedger.end_run`."""
        self.begin_run(line)

    def runs(self, most: int) -> list[RunLine]:
        """Return the lines of the last runs; see `RunLedger.runs`."""
        with self._lock:
            return list(self._runs.values())[::-1][:most]

    def close(self) -> None:
        """Keep everything: the next run of this process uses it again."""

    def _owned(self, identities: Collection[bytes], terms: Terms, attempt: str | None) -> list[_Kept]:
        """Return entries that are this owner's, in this attempt; LedgerError when one is not, or is named twice."""
        entries = [entry for identity in identities if (entry := self._entries.get(identity)) is not None]
        held = all(entry.owner == terms.owner and entry.attempt == attempt for entry in entries)
        if not held or len(entries) < len(identities) or len({*identities}) < len(identities):
            raise LedgerError(NOT_HELD)
        return entries


def _copied(entry: _Kept) -> Entry:
    """Return what is known of a comment, which does not change any more."""
    return Entry(*(getattr(entry, name) for name in Entry.__struct_fields__))


def _parted(identities: bytes) -> list[bytes]:
    """Return identities that stand end to end."""
    return [identities[begin : begin + IDENTITY] for begin in range(0, len(identities), IDENTITY)]


_memories: dict[tuple[str, ...], MemoryLedger] = {}
_memories_lock = threading.Lock()


def memory_of(connection: Connection) -> MemoryLedger:
    """Return the ledger of an account, one in this process: a cell that builds its connection anew sends nothing twice.

    An emulator is known by its token too, because another emulator may get the same port.
    """
    account = (connection.base_url, str(connection.site_id), *([connection.token] if connection.loopback else []))
    with _memories_lock:
        return _memories.setdefault(account, MemoryLedger())
