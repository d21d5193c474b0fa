"""A ledger in a SQLite file: it outlives the process, and several processes share it.

Every change is one transaction that is on the disk before the next step is taken: rollback journal,
``synchronous=EXTRA``, ``BEGIN IMMEDIATE``. A run is known by a lock that the system frees when its process
ends, however it ends; what a dead run left is recovered before its comments are claimed.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import asdict, replace

from ctnb.delivery import sqlite_statements as statements
from ctnb.delivery.ledger import BUSY, may_send
from ctnb.delivery.ledger_file import open_file, told
from ctnb.delivery.owner import Owner
from ctnb.errors import LedgerError
from ctnb.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ctnb.delivery.ledger import Terms

__all__ = ["SqliteLedger"]

LOST_IN_FLIGHT: Final = Outcome(
    Status.UNCERTAIN, error="the program ended while it was being sent", reason=Reason.CONNECTION_LOST
)
"""What recovery makes of a comment that a dead run was sending."""

GONE: Final = "The ledger no longer holds these comments for this run. Run the cell again."

_STATES: Final = {status: str(status.value) for status in Status}
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
            version = self._version()
            answers = self._answers(identities, terms)
            owners = self._strangers(identities, terms) if BUSY in answers else set()
        if self._recover(owners):
            return self.claim(identities, terms)
        if None not in answers:
            return answers  # all are answered or busy: nothing is to be written
        with self._change() as database:
            if self._version() != version:
                answers = self._answers(identities, terms)
            now = _now()
            wanted = [identity for identity, answer in zip(identities, answers, strict=True) if answer is None]
            for piece in statements.pieces(wanted):
                database.execute(statements.claim(len(piece)), (terms.owner, terms.rules, now, *piece))
        return answers

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent, on the disk; see `Ledger.intend`."""
        self._move(statements.intend, identities, terms, attempt)

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `Ledger.withdraw`."""
        self._move(statements.withdraw, identities, terms, attempt)

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `Ledger.record`."""
        if not outcomes:
            return
        settings = (_now(), terms.owner, attempt, terms.rules)
        found = 0
        with self._change() as database:
            for piece in statements.pieces(list(outcomes)):
                told_of = [(name, _STATES[outcomes[name].status], _written(outcomes[name])) for name in piece]
                rows = chain.from_iterable(told_of)
                found += database.execute(statements.record(len(piece)), (*settings, *rows)).rowcount
            _exactly(found, len(outcomes))

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `Ledger.release`."""
        if not identities:
            return
        now, found = _now(), 0
        with self._change() as database:
            for piece in statements.pieces(identities):
                found += database.execute(statements.drop(len(piece)), (terms.owner, *piece)).rowcount
                found += database.execute(statements.restore(len(piece)), (now, terms.owner, *piece)).rowcount
            _exactly(found, len(identities))

    def together(self) -> AbstractContextManager[object]:
        """Make several changes one; see `DurableLedger.together`."""
        return self._change()

    def recover(self) -> None:
        """Settle what dead runs left: what they claimed is free again, what they were sending is uncertain."""
        with told(self._path):
            owners = {owner for (owner,) in self._database.execute(statements.OWNERS)}
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
                    settings = {"owner": name, "now": _now(), "outcome": _written(LOST_IN_FLIGHT)}
                    for statement in statements.RECOVERY:
                        database.execute(statement, settings)
            finally:
                ghost.leave()
        return found

    def _strangers(self, identities: Sequence[bytes], terms: Terms) -> set[str]:
        """Return the other owners of comments."""
        owners = {owner for owner, _, _ in self._known(identities).values()}
        return {owner for owner in owners if owner is not None and owner != terms.owner}

    def _version(self) -> object:
        """Return what changes when another connection changes the file."""
        return self._database.execute("PRAGMA data_version").fetchone()

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
        return {
            identity: (owner, outcome, rules)
            for piece in statements.pieces(identities)
            for identity, owner, outcome, rules in self._database.execute(statements.known(len(piece)), piece)
        }

    def _move(self, statement: Callable[[int], str], identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Move comments in one transaction, all of them or none."""
        if not identities:
            return
        settings, found = (_now(), terms.owner, attempt), 0
        with self._change() as database:
            for piece in statements.pieces(identities):
                found += database.execute(statement(len(piece)), (*settings, *piece)).rowcount
            _exactly(found, len(identities))

    def _check_process(self) -> None:
        """Refuse a fork's copy, for SQLite cannot be shared across a fork."""
        if os.getpid() != self._process:
            raise LedgerError("The ledger was opened before this process was forked. Open it anew.")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Make one durable transaction: all of it, or nothing; inside another one it is part of that."""
        self._check_process()
        with told(self._path):
            if self._database.in_transaction:
                yield self._database
                return
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
