"""A ledger in a SQLite file: it outlives the process, and several processes share it.

Every change is one transaction that is on the disk before the next step is taken: rollback journal,
``synchronous=EXTRA``, ``BEGIN IMMEDIATE``. A run is known by a lock that the system frees when its process
ends, however it ends; what a dead run left is recovered before its comments are claimed.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger import sqlite_statements as statements
from ctnb.delivery.ledger.file import open_file, raising_ledger_errors
from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.protocol import BUSY, NOT_HELD, answer_of
from ctnb.delivery.ledger.sqlite_outcomes import damaged, encoded, joined, letters, parted, read
from ctnb.exceptions import LedgerError
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ctnb.delivery.ledger.protocol import Terms

LOST_IN_FLIGHT: Final = Outcome(
    Status.UNCERTAIN, error="the program ended while it was being sent", reason=Reason.CONNECTION_LOST
)
"""The outcome that recovery gives to a comment that a dead run was sending."""

_BatchRow = tuple[str | None, "Sequence[Outcome]", str]
"""Owner, outcomes and rules of a batch."""


class SqliteLedger:
    """A ledger file as one run asks it.

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
        self._changing = False
        with raising_ledger_errors(path):
            self._database, self._secret = open_file(path)

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        return self._secret

    def claim(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Take ownership where it is free; see `RunLedger.claim`."""
        self._check_process()
        if self._owner is None:
            self._enter(terms.owner)
        elif self._owner.name != terms.owner:
            raise LedgerError("A ledger's file is opened by each run for itself. Open it anew for another run.")
        with raising_ledger_errors(self._path):
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
            wanted = [identity for identity, answer in zip(identities, answers, strict=True) if answer is None]
            for piece in statements.pieces(wanted):
                first = _formed(database, _groups(piece), terms)
                database.execute(statements.point(len(piece)), (first, *piece))
        return answers

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent, on the disk; see `RunLedger.intend`."""
        if identities:
            self._carry_out(statements.INTEND, identities, terms, held=None, attempt=attempt)

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `RunLedger.withdraw`."""
        if identities:
            self._carry_out(statements.WITHDRAW, identities, terms, held=attempt, attempt=attempt)

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `RunLedger.record`."""
        if outcomes:
            kept = list(outcomes.values())
            settings = {"attempt": attempt, "rules": terms.rules, "states": letters(kept), "outcomes": encoded(kept)}
            self._carry_out(statements.RECORD, list(outcomes), terms, held=attempt, **settings)

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `RunLedger.release`."""
        if not identities:
            return
        with self._change() as database:
            settings = {"members": joined(identities), "owner": terms.owner}
            found = database.execute(statements.BELONGS, settings).fetchone()
            batch = _gathered(database, identities, terms, attempt=None) if found is None else found[0]
            _drop(database, batch, identities)

    def together(self) -> AbstractContextManager[object]:
        """Make several changes one; see `DurableLedger.together`."""
        return self._change()

    def recover(self) -> None:
        """Settle what dead runs left: what they claimed is free again, what they were sending is uncertain."""
        with raising_ledger_errors(self._path):
            owners = {owner for (owner,) in self._database.execute(statements.OWNERS)}
        self._recover(owners)

    def close(self) -> None:
        """Close the file and give up the run's name; what it has claimed is recovered by the next run."""
        if os.getpid() != self._process:
            return  # a fork's copy: file and name are the first process's
        self._database.close()
        if self._owner is not None:
            self._owner.leave()
            self._owner = None

    def _enter(self, name: str) -> None:
        """Become a live owner, then recover what dead ones left."""
        with raising_ledger_errors(self._path):
            self._owner = Owner.taken(self._path, name)
        if self._owner is None:
            raise LedgerError("Another run has this run's name. Run the cell again.")
        self.recover()

    def _recover(self, owners: Collection[str]) -> bool:
        """Settle the comments of those owners that are dead; return whether there were any."""
        found = False
        for name in owners:
            with raising_ledger_errors(self._path):
                dead = Owner.taken(self._path, name)
            if dead is None:
                continue
            found = True
            try:
                with self._change() as database:
                    _recover_owner(database, name)
            finally:
                dead.leave()
        return found

    def _strangers(self, identities: Sequence[bytes], terms: Terms) -> set[str]:
        """Return the other owners of comments."""
        known = _pointers(self._database, identities)
        owners = {owner for owner, _, _ in self._batches({batch for batch, _ in known.values()}).values()}
        return {owner for owner in owners if owner is not None and owner != terms.owner}

    def _version(self) -> object:
        """Return what changes when another connection changes the file."""
        return self._database.execute("PRAGMA data_version").fetchone()

    def _answers(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Return the ledger's answer to each comment, None where it may be sent."""
        known = _pointers(self._database, identities)
        batches = self._batches({batch for batch, _ in known.values()})
        answers: list[Outcome | None] = []
        granted: set[bytes] = set()
        for identity in identities:
            answer = None
            if identity in known:
                batch, position = known[identity]
                answer = _answer(batches.get(batch), position, terms)
            if answer is None and identity in granted:
                answer = BUSY
            elif answer is None:
                granted.add(identity)
            answers.append(answer)
        return answers

    def _batches(self, batches: Collection[int]) -> dict[int, _BatchRow]:
        """Return owner, outcomes and rules of batches."""
        return {
            batch: (owner, () if outcomes is None else read(outcomes, states), rules)
            for piece in statements.pieces(sorted(batches))
            for batch, owner, outcomes, states, rules in self._database.execute(
                statements.batches_of(len(piece)), piece
            )
        }

    def _carry_out(
        self, statement: str, identities: Sequence[bytes], terms: Terms, *, held: str | None, **settings: object
    ) -> None:
        """Change the one batch that has exactly these comments; where they are in other company, it is made first.

        ``held`` is the attempt that they are in, None when they are only claimed.
        """
        values = {**settings, "members": joined(identities), "owner": terms.owner, "now": _now()}
        with self._change() as database:
            if database.execute(statement, values).rowcount != 1:
                _gathered(database, identities, terms, attempt=held)
                _exactly(database.execute(statement, values).rowcount, 1)

    def _check_process(self) -> None:
        """Refuse a fork's copy, for SQLite cannot be shared across a fork."""
        if os.getpid() != self._process:
            raise LedgerError("The ledger was opened before this process was forked. Open it anew.")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Make one durable transaction: all of it, or nothing; inside another one it is part of that."""
        self._check_process()
        with raising_ledger_errors(self._path):
            # The database is not asked: a transaction that could not be undone must not be gone on with.
            if self._changing:
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            self._changing = True
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                # A failed commit may have ended the transaction already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            finally:
                self._changing = False


def _answer(batch: _BatchRow | None, position: int, terms: Terms) -> Outcome | None:
    """Return a batch's answer to one of its members, None where it may be sent."""
    owner, outcomes, rules = batch or (None, (), "")
    if owner is not None:
        return BUSY
    if position >= len(outcomes):
        raise damaged()
    return answer_of(outcomes[position], rules, terms)


def _pointers(database: sqlite3.Connection, identities: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return the batch of those comments that are in the ledger, and their position in it."""
    return {
        identity: (batch, position)
        for piece in statements.pieces(identities)
        for identity, batch, position in database.execute(statements.known(len(piece)), piece)
    }


def _groups(identities: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return comments in groups that one request takes."""
    return [identities[begin : begin + LEADS_PER_REQUEST] for begin in range(0, len(identities), LEADS_PER_REQUEST)]


def _formed(database: sqlite3.Connection, groups: Sequence[Sequence[bytes]], terms: Terms) -> int:
    """Make claimed batches; return the id of the first, the others' follow."""
    settings = (terms.owner, terms.rules, _now())
    made = database.execute(statements.form(len(groups)), (*settings, *map(joined, groups)))
    last = made.lastrowid
    assert last is not None  # noqa: S101  rows were inserted
    return last - len(groups) + 1


def _gathered(database: sqlite3.Connection, identities: Sequence[bytes], terms: Terms, attempt: str | None) -> int:
    """Make one batch of exactly these comments, and others of what is left of the batches that they were in.

    LedgerError when one of them is not this owner's, in this attempt.
    """
    known = _pointers(database, identities)
    _exactly(len(known), len(identities))
    old = sorted({batch for batch, _ in known.values()})
    groups = [list(identities)]
    for piece in statements.pieces(old):
        for state, owner, its, members in database.execute(statements.companies(len(piece)), piece):
            if (state, owner, its) != ("claimed" if attempt is None else "sending", terms.owner, attempt):
                raise LedgerError(NOT_HELD)
            groups.append([identity for identity in parted(members) if identity not in known])
    made = [_moved(database, group, terms, attempt) for group in groups if group]
    database.executemany(statements.DROP, [(batch,) for batch in old])
    return made[0]


def _moved(database: sqlite3.Connection, group: Sequence[bytes], terms: Terms, attempt: str | None) -> int:
    """Put comments that are held into a batch of their own, in the same state; return its id."""
    batch, position = _formed(database, [group], terms), 0
    if attempt is not None:
        database.execute(statements.ENGAGE, (attempt, batch))
    for piece in statements.pieces(group):
        found = database.execute(statements.move(len(piece)), (batch, position, *piece)).rowcount
        _exactly(found, len(piece))
        position += len(piece)
    return batch


def _drop(database: sqlite3.Connection, batch: int, identities: Sequence[bytes]) -> None:
    """Give up a claimed batch: its comments are free again, or what they were before."""
    found = 0
    for piece in statements.pieces(identities):
        found += database.execute(statements.forget(len(piece)), (batch, *piece)).rowcount
        found += database.execute(statements.restore(len(piece)), (batch, *piece)).rowcount
    _exactly(found, len(identities))
    database.execute(statements.DROP, (batch,))


def _recover_owner(database: sqlite3.Connection, owner: str) -> None:
    """Settle what a dead owner had: `claimed` is dropped, `sending` becomes uncertain (reliability, Ledger)."""
    for batch, state, members in database.execute(statements.OWNED, (owner,)).fetchall():
        identities = parted(members)
        if state == "claimed":
            _drop(database, batch, identities)
        else:
            lost = [LOST_IN_FLIGHT] * len(identities)
            settings = {"id": batch, "owner": owner, "now": _now(), "states": letters(lost), "outcomes": encoded(lost)}
            database.execute(statements.SETTLE, settings)


def _exactly(found: int, wanted: int) -> None:
    """Refuse a change that did not find all of its comments."""
    if found != wanted:
        raise LedgerError(NOT_HELD)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
