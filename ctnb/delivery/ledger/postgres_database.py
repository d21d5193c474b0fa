"""The database of a team's ledger: how it is made and opened, whether it can be relied on, and how it is changed.

Every change is one transaction that is on the server's disk before the next step is taken. A database that was
restored from a backup, or that another server has taken over, is refused, for what was sent since may not be in it.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self, TypeVar

import psycopg
from psycopg import errors

from ctnb.delivery.ledger import postgres_about as about
from ctnb.delivery.ledger.generation import keep_generation, kept_generation
from ctnb.delivery.ledger.key import fingerprint
from ctnb.delivery.ledger.postgres_session import (
    ServerGoneError,
    is_gone,
    name_of,
    open_session,
    refuse_pooler,
    shown,
)
from ctnb.delivery.ledger.team_key import team_secrets
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnb.delivery.ledger.postgres_session import Session
    from ctnb.secret_texts import Address

_T = TypeVar("_T")

RETRYING: Final = 20.0
"""Seconds for which a step is tried again while the server is gone."""

PAUSE: Final = 0.25
"""Seconds between two tries."""


class PostgresDatabase:
    """An open database of a ledger, with its keys; use `opened`.

    Attributes
    ----------
    name : str
        Host and database, as they may be shown.
    secrets : list of bytes
        The team's keys: the writing one, and the older ones in an order that is the same everywhere.
    on_session : callable or None
        Given a new session that took the place of a lost one.
    unsure : bool
        Whether a connection was lost in a commit: what was asked then may have been kept.
    """

    def __init__(self, address: Address, session: Session, secrets: list[bytes]) -> None:
        self._address, self._session = address, session
        self.name = name_of(address)
        # Of two older keys that have a comment each machine takes the same one, in whatever order it was given them.
        self.secrets = [*secrets[:1], *sorted(secrets[1:], key=fingerprint)]
        self.on_session: Callable[[Session], None] | None = None
        self.unsure = False
        self._kept_as = ""
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._changing = self._waited_in_vain = False
        self._raised = 0

    @classmethod
    def opened(cls, address: Address) -> Self:
        """Open a ledger's database for a run; it is made where there is none.

        Raises
        ------
        LedgerError
            When the server cannot be reached or relied on, the key is missing or another one, the database was
            restored or taken over by another server, or the role lacks a right.
        """
        secrets = team_secrets()
        with _opening(address) as session:
            about.create(session, secrets)
            opened = cls(address, session, secrets)
            opened._check(for_run=True)
        return opened

    @classmethod
    def opened_if_made(cls, address: Address) -> Self | None:
        """Open a ledger's database to look at it, or to review it; None where there is none.

        Raises
        ------
        LedgerError
            As for `opened`.
        """
        secrets = team_secrets()
        with _opening(address) as session:
            if not about.is_made(session):
                session.close()
                return None
            opened = cls(address, session, secrets)
            opened._check(for_run=False)
        return opened

    def _check(self, *, for_run: bool) -> None:
        """Refuse a database that cannot be relied on."""
        facts = about.checked_facts(self._session, self.name)
        self._kept_as = about.state_name(facts)
        # What is kept outside is read first: a run that raises its generation meanwhile writes it there last.
        kept = kept_generation(None, self._kept_as)
        about.check_home(self._session, self.name, kept)
        about.check_keys(self._session, self.secrets, self.name, for_run=for_run)

    @property
    def secret(self) -> bytes:
        """The key that new comments are hashed with."""
        return self.secrets[0]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read, in this process alone: a session cannot be shared across a fork."""
        self._refuse_fork()
        with self._lock, raising_ledger_errors(self._address):
            yield self._session if self._changing else self._living()

    @contextmanager
    def one_moment(self) -> Iterator[Session]:
        """Read several things as they were at one moment."""
        with self.reading() as session, session.transaction():
            session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield session

    @contextmanager
    def change(self) -> Iterator[Session]:
        """Make one durable transaction: all of it, or nothing; inside another one it is part of that."""
        with self.reading() as session:
            if self._changing:
                yield session
                return
            with self._transaction(session):
                yield session

    def durably(self, work: Callable[[Session], _T], *, again: bool = True) -> _T:
        """Do something in a transaction; one that is lost with the server is tried again when that is back.

        Where it is not worth waiting ``again`` for a server that the step before has waited for in vain, it is tried
        once then.

        What is done must find out itself what an earlier try has kept; see `unsure`. Inside another change it is part
        of that, and is tried once.
        """
        self._refuse_fork()
        with self._lock, raising_ledger_errors(self._address):
            if self._changing:
                return work(self._session)
            return self._retried(work, RETRYING if again or not self._waited_in_vain else 0.0)

    def raise_generation(self) -> None:
        """Begin a new generation inside a change: in the database now, outside it when the change is durable."""
        self._raised = about.raise_generation(self._session)

    @property
    def is_forked(self) -> bool:
        """Whether this is a fork's copy; the session is the first process's."""
        return os.getpid() != self._process

    def close(self) -> None:
        """End the session, after what another thread is doing with it; a fork's copy is left as it is."""
        if not self.is_forked:
            with self._lock:
                self._session.close()

    def _refuse_fork(self) -> None:
        if self.is_forked:
            raise LedgerError("The ledger was opened before this process was forked. Open it anew.")

    def _living(self) -> Session:
        """Return the session, or a new one where it was lost."""
        if self._session.closed:
            self._session = open_session(self._address)
            if self.on_session is not None:
                self.on_session(self._session)
        return self._session

    def _retried(self, work: Callable[[Session], _T], seconds: float) -> _T:
        until = time.monotonic() + seconds
        while True:
            try:
                session = self._living()
                with self._transaction(session):
                    done = work(session)
            except (psycopg.Error, ServerGoneError) as error:
                if not _may_be_tried_again(error, self._session):
                    raise
                if time.monotonic() > until:
                    self._waited_in_vain = True
                    raise
            else:
                self._waited_in_vain = False
                return done
            time.sleep(PAUSE)

    @contextmanager
    def _transaction(self, session: Session) -> Iterator[None]:
        session.execute("BEGIN")
        self._changing, self._raised = True, 0
        try:
            yield
            self._commit(session)
        except BaseException as error:
            if isinstance(error, errors.Error) and is_gone(error, session):
                session.close()
            if not session.closed:
                _undo(session)
            raise
        finally:
            self._changing = False
        if self._raised:
            keep_generation(None, self._kept_as, self._raised)

    def _commit(self, session: Session) -> None:
        try:
            answer = session.execute("COMMIT").statusmessage
        except psycopg.Error:
            self.unsure = True
            raise
        if answer != "COMMIT":
            raise LedgerError(
                "The database of the ledger {name} has not kept a change. Run the cell again.",
                name=self.name,
            )


@contextmanager
def _opening(address: Address) -> Iterator[Session]:
    """Open a session, which is closed again where its ledger cannot be used."""
    with raising_ledger_errors(address):
        session = open_session(address)
        try:
            refuse_pooler(session, address)
            yield session
        except BaseException:
            session.close()
            raise


@contextmanager
def raising_ledger_errors(address: Address) -> Iterator[None]:
    """Raise an error of the database, or that it cannot be reached, as a LedgerError."""
    try:
        yield
    except (psycopg.Error, ServerGoneError) as error:
        reason = str(error) if isinstance(error, ServerGoneError) else shown(error, address)
    else:
        return
    # Outside, for the driver's frames hold the password.
    raise LedgerError(
        "The ledger {name} cannot be used: {reason}. Nothing is sent without it; see that its server runs and "
        "lets this role in, and run the cell again.",
        name=name_of(address),
        reason=reason,
    )


def adopt(address: Address) -> None:
    """Adopt a database that was restored or taken over by another server: runs use it again.

    Raises
    ------
    LedgerError
        When there is no ledger, its key is another one, or the server refuses.
    """
    secrets = team_secrets()
    with _opening(address) as session, session, session.transaction():
        if not about.is_made(session):
            raise LedgerError("There is no ledger at {name}.", name=name_of(address))
        facts = about.checked_facts(session, name_of(address))
        about.check_keys(session, secrets, name_of(address), for_run=False)
        kept_as = about.state_name(facts)
        generation = about.adopt(session, kept_generation(None, kept_as))
    keep_generation(None, kept_as, generation)


def _may_be_tried_again(error: Exception, session: Session) -> bool:
    """Return whether nothing of what was asked is in the way of asking it again."""
    if isinstance(error, ServerGoneError | errors.DeadlockDetected | errors.SerializationFailure):
        return True
    return isinstance(error, psycopg.Error) and is_gone(error, session)


def _undo(session: Session) -> None:
    """Undo a transaction; a session in which that fails is of no use any more."""
    try:
        session.execute("ROLLBACK")
    except psycopg.Error:
        session.close()
