"""A team's ledger in PostgreSQL: several machines share it, and each run asks it in a session of its own."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from ctnb.delivery.ledger import postgres_about as about
from ctnb.delivery.ledger import postgres_statements as statements
from ctnb.delivery.ledger.answers import answer_of, answers_of
from ctnb.delivery.ledger.postgres_claims import add, entries_in, take
from ctnb.delivery.ledger.postgres_database import PostgresDatabase
from ctnb.delivery.ledger.postgres_owner import LEASE, PostgresOwner, buried, dead_owners, is_live
from ctnb.delivery.ledger.postgres_session import MarkedRows
from ctnb.delivery.ledger.protocol import LOST_IN_FLIGHT, NOT_HELD, Entry, now_us, state_of
from ctnb.delivery.ledger.rows import entries_of, sealed
from ctnb.delivery.ledger.run_lines import read_lines, with_killed, write_begin, write_end
from ctnb.exceptions import LedgerError
from ctnb.i18n.language import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ctnb.delivery.ledger.postgres_session import Session
    from ctnb.delivery.ledger.protocol import Comments, Terms
    from ctnb.delivery.ledger.run_lines import RunLine
    from ctnb.outcomes import Outcome
    from ctnb.secret_texts import Address

ANOTHER_KEY: Final = N_(
    "The ledger has a newer key than the first one of this run, or an older one that this run was not given. Give the "
    "team's keys, the newest first, and run the cell again."
)


class PostgresLedger:
    """A team's ledger as one run asks it.

    Parameters
    ----------
    database : PostgresDatabase
        Opened for this run, or to look; it is closed with the ledger.
    """

    renewal: Final = LEASE / 4
    """Seconds after which a run that asks nothing is to `renew` its lease."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._owner: PostgresOwner | None = None
        self._begun = False

    @classmethod
    def for_run(cls, address: Address) -> Self:
        """Open a ledger for a run; it is made where there is none.

        Raises
        ------
        LedgerError
            When it cannot be relied on.
        """
        return cls(PostgresDatabase.opened(address))

    @classmethod
    def to_look(cls, address: Address) -> Self | None:
        """Open a ledger to be looked at alone; None where there is none. `LedgerError` as for `for_run`."""
        database = PostgresDatabase.opened_if_made(address)
        return None if database is None else cls(database)

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._database.secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        return self._database.secrets[1:]

    def claim(self, comments: Comments, terms: Terms, most: int | None = None) -> list[Outcome | None]:
        """Take ownership where it is free; see `RunLedger.claim`."""
        self._enter(terms.owner)
        if self.older_secrets:
            comments.identify(self.entries)
        known = found_in(self._database, comments.identities)
        owners = {each.owner for each in known.values() if each.owner is not None} - {terms.owner}
        if owners and recover(self._database, owners):
            known = found_in(self._database, comments.identities)
        now = self._now() if terms.resend_after is not None else now_us()
        answers = answers_of(comments, known, terms, most, of_leads=self.of_leads, now=now)
        granted = [position for position, each in enumerate(answers) if each is None]
        if not granted:
            return answers  # nothing is to be written
        answer = partial(answer_of, terms=terms, now=now)
        new = [position for position in granted if comments.identities[position] not in known]
        old = [position for position in granted if comments.identities[position] in known]

        def claimed(session: Session) -> dict[int, Outcome]:
            """Claim them; return the answers to those that others have claimed meanwhile."""
            self._live_on(session)
            if self._database.unsure:  # an earlier try may have claimed them
                _release(session, [comments.identities[position] for position in granted], terms)
            taken = add(session, comments, new, terms.owner, answer)
            taken |= take(session, comments, old, terms.owner, answer)
            if len(taken) < len(granted):
                self._database.raise_generation()
            return taken

        self._begun = True
        for position, taken in self._database.durably(claimed).items():
            answers[position] = taken
        return answers

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark claimed comments as being sent, on the server's disk; see `RunLedger.intend`."""

        def intended(session: Session) -> None:
            self._live_on(session)
            values = (attempt, terms.owner, list(identities))
            self._exactly(session, len(identities), (statements.INTEND, values), kept=(statements.INTENDED, values))

        self._step(identities, intended)

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Mark comments as claimed again; see `RunLedger.withdraw`."""

        def withdrawn(session: Session) -> None:
            self._exactly(
                session,
                len(identities),
                (statements.WITHDRAW, (terms.owner, attempt, list(identities))),
                kept=(statements.CLAIMED, (terms.owner, list(identities))),
            )

        self._step(identities, withdrawn)

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Keep outcomes and give the comments up; see `RunLedger.record`.

        The answer to a request that recovery gave up settles what is uncertain since.
        """
        given = _sealed(outcomes, terms.rules)

        def recorded(session: Session) -> None:
            self._exactly(
                session,
                len(outcomes),
                (statements.RECORD, (terms.rules, *given, terms.owner, attempt)),
                (statements.SETTLE_LATE, (terms.rules, *given, attempt)),
                kept=(statements.RECORDED, given),
            )

        self._step(outcomes, recorded)

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give comments up unsent; see `RunLedger.release`."""

        def released(session: Session) -> None:
            found = _release(session, identities, terms)
            if found != len(identities) and not (
                self._database.unsure and _count(session, statements.HELD, (terms.owner, list(identities))) == 0
            ):
                raise LedgerError(NOT_HELD)

        self._step(identities, released, again=False)  # the next run recovers them

    def together(self) -> AbstractContextManager[object]:
        """Make several changes one; see `DurableLedger.together`."""
        return self._database.change()

    def renew(self) -> None:
        """Begin the run's lease anew; where that fails the next intent says so."""
        if self._owner is not None:
            with suppress(LedgerError):
                self._database.durably(self._live_on)

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; see `LedgerReader.entries`."""
        found = found_in(self._database, identities)
        return [found.get(identity) for identity in identities]

    def of_leads(self, leads: Sequence[bytes]) -> dict[bytes, dict[bytes, str]]:
        """Return the comments of leads; see `LedgerReader.of_leads`."""
        found: dict[bytes, dict[bytes, str]] = {}
        for lead, identity, owner, attempt, status in self._rows(statements.OF_LEADS, (list(leads),)):
            found.setdefault(lead, {})[identity] = state_of(owner, attempt, status)
        return found

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        return of_texts_in(self._database, texts)

    def is_live(self, owner: str) -> bool:
        """Tell whether a run is alive; see `LedgerReader.is_live`."""
        return self._database.durably(lambda session: is_live(session, owner))

    def naming(self, account: bytes) -> dict[str, int]:
        """Return how runs named their leads; see `LedgerReader.naming`."""
        return dict(self._rows(statements.NAMED, (account,)))

    def begin_run(self, line: RunLine) -> None:
        """Become a live owner, and keep the run's line; see `RunLedger.begin_run`."""
        self._enter(line.run)
        self._database.durably(lambda session: write_begin(MarkedRows(session), line))

    def end_run(self, line: RunLine) -> None:
        """Keep how the run ended; see `RunLedger.end_run`."""
        self._database.durably(lambda session: write_end(MarkedRows(session), line), again=False)

    def runs(self, most: int) -> list[RunLine]:
        """Return the lines of the last runs; see `RunLedger.runs`."""
        lines = self._database.durably(lambda session: read_lines(MarkedRows(session), most))
        return with_killed(lines, self.is_live)

    def close(self) -> None:
        """End the session and give up the run's name; what it has claimed is recovered by the next run."""
        if self._database.is_forked:
            return  # session and name are the first process's
        if self._owner is not None:
            # What was sent is kept already; what cannot be tidied is no reason to fail.
            with suppress(LedgerError):
                if self._begun:
                    with self._database.change():
                        self._database.raise_generation()
                with self._database.reading() as session:
                    self._owner.leave(session)
            self._owner = None
        self._database.close()

    def _enter(self, name: str) -> None:
        """Become a live owner, then recover what dead ones left."""
        if self._owner is not None:
            if self._owner.name != name:
                raise LedgerError("A ledger is opened by each run for itself. Open it anew for another run.")
            return

        def entered(session: Session) -> PostgresOwner:
            if not about.are_its_keys(session, self._database.secrets):
                raise LedgerError(ANOTHER_KEY)
            if self._database.unsure:
                buried(session, name)
            return PostgresOwner.entered(session, name)

        self._owner = self._database.durably(entered)
        self._database.on_session = self._owner.enter_again
        recover(self._database)

    def _live_on(self, session: Session) -> None:
        if self._owner is None:
            raise LedgerError(NOT_HELD)
        self._owner.live_on(session)

    def _now(self) -> int:
        """Return the server's time, by which outcomes are dated: in microseconds since 1970."""
        ((now,),) = self._rows(statements.NOW, ())
        return int(now)

    def _rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._database.durably(lambda session: session.execute(statement, values).fetchall())

    def _step(self, comments: Collection[bytes], change: Callable[[Session], None], *, again: bool = True) -> None:
        """Make a change to all of these comments, or to none."""
        if not comments:
            return
        self._database.durably(change, again=again)

    def _exactly(
        self,
        session: Session,
        wanted: int,
        *steps: tuple[str, Sequence[object]],
        kept: tuple[str, Sequence[object]],
    ) -> None:
        """Carry out statements that change all of some comments between them; an earlier try may have kept that.

        Raises
        ------
        LedgerError
            When they do not find them all.
        """
        found = 0
        for statement, values in steps:
            if found < wanted:
                found += session.execute(statement, values).rowcount
        if found != wanted and not (self._database.unsure and not found and _count(session, *kept) == wanted):
            raise LedgerError(NOT_HELD)


def found_in(database: PostgresDatabase, identities: Sequence[bytes]) -> dict[bytes, Entry]:
    """Return what is known of those comments that are in a ledger."""
    return database.durably(lambda session: entries_in(session, statements.FIND, identities))


def of_texts_in(database: PostgresDatabase, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
    """Return the comments that have these texts; see `LedgerReader.of_texts`."""
    rows = database.durably(lambda session: session.execute(statements.OF_TEXTS, (list(texts),)).fetchall())
    entries = entries_of([row for _, *row in rows])
    found: dict[bytes, dict[bytes, Entry]] = {}
    for text, identity, *_ in rows:
        found.setdefault(text, {})[identity] = entries[identity]
    return found


def recover(database: PostgresDatabase, owners: Collection[str] | None = None) -> bool:
    """Settle what dead runs left: what they claimed is free again, what they were sending is uncertain.

    Parameters
    ----------
    database : PostgresDatabase
    owners : collection of str or None
        The runs to look at; None: all. Those that live keep theirs.

    Returns
    -------
    bool
        Whether there was any.
    """
    if owners is None:
        owners = database.durably(dead_owners)

    def recovered(name: str, session: Session) -> bool:
        if not buried(session, name):
            return False
        lost = [identity for (identity,) in session.execute(statements.IN_FLIGHT, (name,))]
        if lost:
            session.execute(statements.LOSE, ("", *_sealed(dict.fromkeys(lost, LOST_IN_FLIGHT), ""), name))
        for statement in (statements.FORGET_ALL, statements.RELEASE_ALL):
            session.execute(statement, (name,))
        database.raise_generation()
        return True

    found = [database.durably(partial(recovered, name)) for name in sorted(owners)]
    return any(found)


def _count(session: Session, statement: str, values: Sequence[object]) -> int:
    (found,) = session.execute(statement, values).fetchone() or (0,)
    return int(found)


def _sealed(outcomes: Mapping[bytes, Outcome], rules: str) -> tuple[list[Any], ...]:
    """Return identities, statuses, outcomes and seals, as the statements take them."""
    rows = [sealed(identity, rules, outcome) for identity, outcome in outcomes.items()]
    return tuple(map(list, zip(*rows, strict=True)))


def _release(session: Session, identities: Sequence[bytes], terms: Terms) -> int:
    """Give claimed comments up; return how many."""
    return sum(
        session.execute(statement, (terms.owner, list(identities))).rowcount
        for statement in (statements.FORGET, statements.RELEASE)
    )
