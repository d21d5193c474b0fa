"""A ledger in a SQLite file: it outlives the process, and several processes share it.

Every change is one transaction that is on the disk before the next step is taken: rollback journal,
``synchronous=EXTRA``, ``BEGIN IMMEDIATE``. A run is known by a lock that the system frees when its process
ends, however it ends; what a dead run left is recovered before its comments are claimed.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ctnb.delivery.ledger import BUSY, may_send
from ctnb.delivery.ledger_file import open_file, told
from ctnb.delivery.owner import Owner
from ctnb.errors import LedgerError
from ctnb.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from ctnb.delivery.ledger import Terms

__all__ = ["SqliteLedger"]

LOST_IN_FLIGHT: Final = Outcome(
    Status.UNCERTAIN, error="the program ended while it was being sent", reason=Reason.CONNECTION_LOST
)
"""What recovery makes of a comment that a dead run was sending."""

GONE: Final = "The ledger no longer holds these comments for this run. Run the cell again."

_decoder = msgspec.json.Decoder(Outcome)
_encoder = msgspec.json.Encoder()


class SqliteLedger:
    """The record in one file, as one run uses it.

    Parameters
    ----------
    path : path
        The file; it is made, with its key, when neither is there.

    Raises
    ------
    LedgerError
        When the file or its key cannot be relied on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = os.getpid()
        self._owner: Owner | None = None
        with told(path):
            self._database, self._secret = open_file(path)

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        return self._secret

    def claim(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Take ownership where it is free; see `Ledger.claim`."""
        self._check_process()
        if self._owner is None:
            self._enter(terms.owner)
        elif self._owner.name != terms.owner:
            raise LedgerError("A ledger's file is opened by each run for itself. Open it anew for another run.")
        with told(self._path):
            answers = self._answers(identities, terms)
            owners = self._strangers(identities, terms) if BUSY in answers else set()
        if self._recover(owners):
            return self.claim(identities, terms)
        if None not in answers:
            return answers  # all are answered or busy: nothing is to be written
        with self._change() as database:
            answers = self._answers(identities, terms)
            now = _now()
            wanted = [
                (identity, terms.owner, terms.rules, now)
                for identity, answer in zip(identities, answers, strict=True)
                if answer is None
            ]
            database.executemany(_CLAIM, wanted)
        return answers

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent, on the disk; see `Ledger.intend`."""
        now = _now()
        self._move(_INTEND, [(attempt, now, identity, terms.owner) for identity in identities])

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `Ledger.withdraw`."""
        now = _now()
        self._move(_WITHDRAW, [(now, identity, terms.owner, attempt) for identity in identities])

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `Ledger.record`."""
        now = _now()
        rows = [
            (outcome.status.value, _written(outcome), terms.rules, now, identity, terms.owner, attempt)
            for identity, outcome in outcomes.items()
        ]
        self._move(_RECORD, rows)

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `Ledger.release`."""
        if not identities:
            return
        now = _now()
        with self._change() as database:
            dropped = database.executemany(_DROP, [(identity, terms.owner) for identity in identities])
            restored = database.executemany(_RESTORE, [(now, identity, terms.owner) for identity in identities])
            _exactly(dropped.rowcount + restored.rowcount, len(identities))

    def recover(self) -> None:
        """Settle what dead runs left: what they claimed is free again, what they were sending is uncertain."""
        with told(self._path):
            owners = {owner for (owner,) in self._database.execute(_OWNERS)}
        self._recover(owners)

    def close(self) -> None:
        """Close the file and give up the run's name; what it still claims is recovered by the next run."""
        if os.getpid() != self._process:
            return  # a fork's copy: file and name are the first process's
        self._database.close()
        if self._owner is not None:
            self._owner.leave()
            self._owner = None

    def _enter(self, name: str) -> None:
        """Become a live owner, then recover what dead ones left."""
        with told(self._path):
            self._owner = Owner.taken(self._path, name)
        if self._owner is None:
            raise LedgerError("Another run has this run's name. Run the cell again.")
        self.recover()

    def _recover(self, owners: Collection[str]) -> bool:
        """Settle the comments of those owners that are dead; tell whether there were any."""
        found = False
        for name in owners:
            with told(self._path):
                ghost = Owner.taken(self._path, name)
            if ghost is None:
                continue
            found = True
            try:
                with self._change() as database:
                    database.execute(_DROP_ALL, {"owner": name})
                    database.execute(_RESTORE_ALL, {"owner": name, "now": _now()})
                    database.execute(_LOSE_ALL, {"owner": name, "now": _now(), "outcome": _written(LOST_IN_FLIGHT)})
            finally:
                ghost.leave()
        return found

    def _strangers(self, identities: Sequence[bytes], terms: Terms) -> set[str]:
        """Return the other owners of comments."""
        owners = {owner for owner, _, _ in self._known(identities).values()}
        return {owner for owner in owners if owner is not None and owner != terms.owner}

    def _answers(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Tell of each comment what stands in the ledger, None where it may be sent."""
        known = self._known(identities)
        answers: list[Outcome | None] = []
        granted: set[bytes] = set()
        for identity in identities:
            answer = self._answer(known.get(identity), terms)
            if answer is None and identity in granted:
                answer = BUSY
            elif answer is None:
                granted.add(identity)
            answers.append(answer)
        return answers

    def _answer(self, row: tuple[str | None, bytes, str] | None, terms: Terms) -> Outcome | None:
        if row is None:
            return None
        owner, written, rules = row
        if owner is not None:
            return BUSY
        outcome = _read(written)
        return None if may_send(outcome, rules == terms.rules, terms.resend) else replace(outcome, replayed=True)

    def _known(self, identities: Sequence[bytes]) -> dict[bytes, tuple[str | None, bytes, str]]:
        """Return owner, outcome and rules of those comments that are in the ledger."""
        marks = ",".join("?" * len(identities))
        rows = self._database.execute(_KNOWN.format(marks=marks), list(identities))
        return {identity: (owner, outcome, rules) for identity, owner, outcome, rules in rows}

    def _move(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Move comments in one transaction, all of them or none."""
        if rows:
            with self._change() as database:
                _exactly(database.executemany(statement, rows).rowcount, len(rows))

    def _check_process(self) -> None:
        """Refuse a fork's copy, for SQLite cannot be shared across a fork."""
        if os.getpid() != self._process:
            raise LedgerError("The ledger was opened before this process was forked. Open it anew.")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Make one durable transaction: all of it, or nothing."""
        self._check_process()
        with told(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                # A failed commit may have ended the transaction already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


def _exactly(found: int, wanted: int) -> None:
    """Refuse a change that did not find all of its comments."""
    if found != wanted:
        raise LedgerError(GONE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _written(outcome: Outcome) -> bytes:
    """Write an outcome as JSON; half a surrogate pair, which no file can hold, becomes a question mark."""
    try:
        return _encoder.encode(outcome)
    except UnicodeEncodeError:
        whole: dict[str, Any] = {
            name: value.encode(errors="replace").decode()
            for name, value in asdict(outcome).items()
            if isinstance(value, str) and not value.isascii()
        }
        return _encoder.encode(replace(outcome, **whole))


def _read(written: bytes) -> Outcome:
    try:
        return _decoder.decode(written)
    except ValueError:
        raise LedgerError("An outcome in the ledger is damaged. Put back a backup and adopt it.") from None


_OWNERS = "SELECT DISTINCT owner FROM comments WHERE owner IS NOT NULL"
_KNOWN = "SELECT identity, owner, outcome, rules FROM comments WHERE identity IN ({marks})"
_CLAIM = """
INSERT INTO comments (identity, state, owner, rules, changed_at) VALUES (?, 'claimed', ?, ?, ?)
ON CONFLICT (identity) DO UPDATE SET state = 'claimed', owner = excluded.owner, changed_at = excluded.changed_at
"""
_INTEND = """
UPDATE comments SET state = 'sending', attempt = ?, changed_at = ?
WHERE identity = ? AND state = 'claimed' AND owner = ?
"""
_WITHDRAW = """
UPDATE comments SET state = 'claimed', attempt = NULL, changed_at = ?
WHERE identity = ? AND state = 'sending' AND owner = ? AND attempt = ?
"""
_RECORD = """
UPDATE comments SET state = ?, outcome = ?, rules = ?, changed_at = ?, owner = NULL, attempt = NULL
WHERE identity = ? AND state = 'sending' AND owner = ? AND attempt = ?
"""
_DROP = "DELETE FROM comments WHERE identity = ? AND state = 'claimed' AND outcome IS NULL AND owner = ?"
_RESTORE = """
UPDATE comments SET state = json_extract(CAST(outcome AS TEXT), '$.status'), owner = NULL, changed_at = ?
WHERE identity = ? AND state = 'claimed' AND owner = ?
"""
_DROP_ALL = "DELETE FROM comments WHERE owner = :owner AND state = 'claimed' AND outcome IS NULL"
_RESTORE_ALL = """
UPDATE comments SET state = json_extract(CAST(outcome AS TEXT), '$.status'), owner = NULL, changed_at = :now
WHERE owner = :owner AND state = 'claimed'
"""
_LOSE_ALL = """
UPDATE comments SET state = 'uncertain', outcome = :outcome, owner = NULL, attempt = NULL, changed_at = :now
WHERE owner = :owner AND state = 'sending'
"""
