"""A ledger in a SQLite file: it outlives the process, and several processes share it.

A run is known by a lock that the system frees when its process ends, however it ends; what a dead run left is
recovered before its comments are claimed.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger import statements
from ctnb.delivery.ledger.answers import answers_of
from ctnb.delivery.ledger.file import LedgerFile
from ctnb.delivery.ledger.lookup import Lookup, rows_in
from ctnb.delivery.ledger.owner import Owner, is_live
from ctnb.delivery.ledger.protocol import LOST_IN_FLIGHT, NOT_HELD, Entry, now_us, state_of
from ctnb.delivery.ledger.rows import entries_of, seal, sealed, sealed_offer
from ctnb.delivery.ledger.run_lines import read_lines, with_killed, write_begin, write_end
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ctnb.delivery.ledger.protocol import Comments, Terms
    from ctnb.delivery.ledger.run_lines import RunLine
    from ctnb.outcomes import Outcome


class SqliteLedger:
    """A ledger file as one run asks it.

    Parameters
    ----------
    path : path
        The file; it is made, with its key, when neither is there.
    verified : bool
        Whether its identities are compared with their checksum, about half a second for a million of them. Without
        it nothing should be sent.

    Raises
    ------
    LedgerError
        When the file or its key cannot be relied on.
    """

    renewal: Final = None
    """A lock alone shows that a run is alive."""

    def __init__(self, path: Path, *, verified: bool = True) -> None:
        self._owner: Owner | None = None
        self._begun = False
        self._file = LedgerFile.opened(path)
        self._lookup = Lookup(self._file)
        try:
            self._file.refuse_closed()
            if verified:
                self._file.verify()
        except BaseException:
            self._file.close()
            raise

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._file.secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """None: a ledger of its own has one key."""
        return ()

    def claim(self, comments: Comments, terms: Terms, most: int | None = None) -> list[Outcome | None]:
        """Take ownership where it is free; see `RunLedger.claim`."""
        self._enter(terms.owner)
        version = self._version()
        known = self._lookup.find(comments.identities)
        if recover(self._file, {each.owner for each in known.values() if each.owner is not None} - {terms.owner}):
            known = found_in(self._file, comments.identities)
        answers = answers_of(comments, known, terms, most, of_leads=self.of_leads, now=now_us())
        if None not in answers:
            return answers  # none is granted: nothing is to be written
        with self._file.change() as database:
            if self._version() != version:
                known = found_in(self._file, comments.identities)
                answers = answers_of(comments, known, terms, most, of_leads=self.of_leads, now=now_us())
            granted = [position for position, answer in enumerate(answers) if answer is None]
            new = [position for position in granted if comments.identities[position] not in known]
            old = [position for position in granted if comments.identities[position] in known]
            _add(database, comments, new, terms)
            _take(database, comments, old, terms)
            self._file.mix(comments.identities[position] for position in new)
            self._file.raise_generation()
        self._begun = True
        return answers

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent, on the disk; see `RunLedger.intend`."""
        self._step(statements.intend, identities, attempt, terms.owner)

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `RunLedger.withdraw`."""
        self._step(statements.withdraw, identities, terms.owner, attempt)

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `RunLedger.record`."""
        if outcomes:
            with self._file.change() as database:
                _record(database, outcomes, terms.owner, attempt, terms.rules)

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `RunLedger.release`."""
        if not identities:
            return
        with self._file.change() as database:
            found = 0
            known = found_in(self._file, identities)
            new = [name for name in identities if name in known and known[name].outcome is None]
            for statement, names in ((statements.forget, new), (statements.release, [*{*identities} - {*new}])):
                for piece in statements.pieces(names):
                    found += database.execute(statement(len(piece)), (terms.owner, *piece)).rowcount
            _exactly(found, len(identities))
            self._file.mix(new)

    def renew(self) -> None:
        """Do nothing: the run is alive as long as it has its lock."""

    def together(self) -> AbstractContextManager[object]:
        """Make several changes one; see `DurableLedger.together`."""
        return self._file.change()

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; see `LedgerReader.entries`."""
        found = found_in(self._file, identities)
        return [found.get(identity) for identity in identities]

    def of_leads(self, leads: Sequence[bytes]) -> dict[bytes, dict[bytes, str]]:
        """Return the comments of leads; see `LedgerReader.of_leads`."""
        found: dict[bytes, dict[bytes, str]] = {}
        with self._file.reading() as database:
            for piece in statements.pieces(leads):
                for lead, identity, owner, attempt, status in database.execute(statements.of_leads(len(piece)), piece):
                    found.setdefault(lead, {})[identity] = state_of(owner, attempt, status)
        return found

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        return of_texts_in(self._file, texts)

    def is_live(self, owner: str) -> bool:
        """Tell whether a run is alive; see `LedgerReader.is_live`."""
        with self._file.reading():
            return is_live(self._file.path, owner)

    def naming(self, account: bytes) -> dict[str, int]:
        """Return how runs named their leads; see `LedgerReader.naming`."""
        with self._file.reading() as database:
            return {
                named: database.execute(statements.NAMED, (number,)).fetchone()[0]
                for named, number in database.execute(statements.NAMING, (account,)).fetchall()
            }

    def begin_run(self, line: RunLine) -> None:
        """Become a live owner, and keep the run's line; see `RunLedger.begin_run`."""
        self._enter(line.run)
        with self._file.change() as database:
            write_begin(database, line)

    def end_run(self, line: RunLine) -> None:
        """Keep how the run ended; see `RunLedger.end_run`."""
        with self._file.change() as database:
            write_end(database, line)

    def runs(self, most: int) -> list[RunLine]:
        """Return the lines of the last runs; see `RunLedger.runs`."""
        with self._file.reading() as database:
            return with_killed(read_lines(database, most), self.is_live)

    def close(self) -> None:
        """Close the file and give up the run's name; what it has claimed is recovered by the next run."""
        if self._file.is_forked:
            return  # file and name are the first process's
        if self._begun:
            # What was sent is kept already; a generation that is not raised is no reason to fail.
            with suppress(LedgerError), self._file.change():
                self._file.raise_generation()
            self._begun = False
        self._file.close()
        if self._owner is not None:
            self._owner.leave()
            self._owner = None

    def _enter(self, name: str) -> None:
        """Become a live owner, then recover what dead ones left."""
        if self._owner is not None:
            if self._owner.name != name:
                raise LedgerError("A ledger's file is opened by each run for itself. Open it anew for another run.")
            return
        with self._file.reading():
            self._owner = Owner.taken(self._file.path, name)
        if self._owner is None:
            raise LedgerError("Another run has this run's name. Run the cell again.")
        recover(self._file)

    def _version(self) -> object:
        """Return what changes when another connection changes the file."""
        with self._file.reading() as database:
            return database.execute("PRAGMA data_version").fetchone()

    def _step(self, statement: Callable[[int], str], identities: Sequence[bytes], *settings: str) -> None:
        """Change the state of all of these comments, or of none."""
        if not identities:
            return
        with self._file.change() as database:
            found = sum(
                database.execute(statement(len(piece)), (*settings, *piece)).rowcount
                for piece in statements.pieces(identities)
            )
            _exactly(found, len(identities))


def found_in(file: LedgerFile, identities: Sequence[bytes]) -> dict[bytes, Entry]:
    """Return what is known of those comments that are in a ledger."""
    with file.reading() as database:
        return entries_of(rows_in(database, identities))


def of_texts_in(file: LedgerFile, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
    """Return the comments that have these texts; see `LedgerReader.of_texts`."""
    found: dict[bytes, dict[bytes, Entry]] = {}
    with file.reading() as database:
        for piece in statements.pieces(texts, statements.MOST_SOUGHT):
            rows = database.execute(statements.of_texts(len(piece)), piece).fetchall()
            entries = entries_of([row for _, *row in rows])
            for text, identity, *_ in rows:
                found.setdefault(text, {})[identity] = entries[identity]
    return found


def recover(file: LedgerFile, owners: Collection[str] | None = None) -> bool:
    """Settle what dead runs left: what they claimed is free again, what they were sending is uncertain.

    Parameters
    ----------
    file : LedgerFile
    owners : collection of str or None
        The runs to look at; None: all that have a comment. Those that live keep theirs.

    Returns
    -------
    bool
        Whether there was any.
    """
    if owners is None:
        with file.reading() as database:
            owners = [owner for (owner,) in database.execute(statements.OWNERS)]
    found = False
    for name in owners:
        with file.reading():
            dead = Owner.taken(file.path, name)
        if dead is None:
            continue
        found = True
        try:
            with file.change() as database:
                _recover_owner(file, database, name)
        finally:
            dead.leave()
    return found


def _recover_owner(file: LedgerFile, database: sqlite3.Connection, owner: str) -> None:
    """Settle what a dead owner had: `claimed` is dropped, `sending` becomes uncertain (reliability, Ledger)."""
    in_flight = sorted(database.execute(statements.IN_FLIGHT, (owner,)).fetchall())
    for attempt, rows in groupby(in_flight, key=itemgetter(0)):
        _record(database, {identity: LOST_IN_FLIGHT for _, identity in rows}, owner, attempt, rules="")
    file.mix(identity for (identity,) in database.execute(statements.CLAIMED_NEW, (owner,)).fetchall())
    for statement in (statements.FORGET_ALL, statements.RELEASE_ALL):
        database.execute(statement, (owner,))
    file.raise_generation()


def _add(database: sqlite3.Connection, comments: Comments, positions: Sequence[int], terms: Terms) -> None:
    """Claim comments that are not in the ledger."""
    naming = _naming(database, comments)
    for piece in statements.pieces(positions):
        rows = zip(
            [comments.identities[position] for position in piece],
            comments.leads(piece),
            comments.texts(piece),
            comments.offers(piece),
            strict=True,
        )
        values = [
            value
            for identity, lead, text, offering in rows
            for value in (
                identity,
                lead,
                text,
                naming,
                terms.owner,
                sealed_offer(identity, offering),
                seal(identity),
            )
        ]
        _exactly(database.execute(statements.add(len(piece)), values).rowcount, len(piece))


def _naming(database: sqlite3.Connection, comments: Comments) -> int:
    """Return the number of the way in which the run names its leads; a new one is kept."""
    database.execute(statements.NAME, (comments.account, comments.naming))
    numbers = dict(database.execute(statements.NAMING, (comments.account,)).fetchall())
    return int(numbers[comments.naming])


def _take(database: sqlite3.Connection, comments: Comments, positions: Sequence[int], terms: Terms) -> None:
    """Claim comments that have an outcome, and that nobody has."""
    for piece in statements.pieces(positions):
        names = [comments.identities[position] for position in piece]
        values = [
            value
            for identity, offering in zip(names, comments.offers(piece), strict=True)
            for value in (identity, sealed_offer(identity, offering))
        ]
        found = database.execute(statements.take(len(piece)), (terms.owner, *values)).rowcount
        _exactly(found, len(piece))


def _record(
    database: sqlite3.Connection, outcomes: Mapping[bytes, Outcome], owner: str, attempt: str, rules: str
) -> None:
    """Keep outcomes of comments that are being sent, and give them up."""
    settings = (now_us(), rules)
    for piece in statements.pieces(list(outcomes)):
        values = [value for identity in piece for value in sealed(identity, rules, outcomes[identity])]
        found = database.execute(statements.record(len(piece)), (*settings, *values, owner, attempt)).rowcount
        _exactly(found, len(piece))


def _exactly(found: int, wanted: int) -> None:
    """Refuse a change that did not find all of its comments."""
    if found != wanted:
        raise LedgerError(NOT_HELD)
