"""The owners of a team's ledger: a run is alive while its session holds its lock and its lease lasts.

The lock is free as soon as the server notices that the session ended. The lease, by the clock of the server, is for
what it does not notice: a machine that was switched off, a cable that was pulled.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import LedgerError
from ctnb.i18n.language import N_

if TYPE_CHECKING:
    from ctnb.delivery.ledger.postgres_session import Session

LOCKS: Final = 0x63746E62
"""The first number of all advisory locks of ctnb; the second one is the owner's."""

LEASE: Final = 60.0
"""Seconds for which an owner is alive after its last step."""

WAITING: Final = 5.0
"""Seconds to wait for the lock of a session that was lost, and that the server has not noticed yet."""

POLL: Final = 0.05

_LEASE: Final = f"clock_timestamp() + interval '{LEASE} s'"

_LIVE: Final = f"""
lease > clock_timestamp() AND EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = {LOCKS} AND objid = owners.id AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""

NOT_ALIVE: Final = N_(
    "The database of the ledger has lost sight of this run for too long, and other runs may have what it had claimed. "
    "Run the cell again."
)


@dataclass(frozen=True, slots=True)
class PostgresOwner:
    """A run that is alive as long as its lock is held and its lease lasts.

    Attributes
    ----------
    name : str
        The run's random name.
    id : int
        The number of its lock.
    """

    name: str
    id: int

    @classmethod
    def entered(cls, session: Session, name: str) -> PostgresOwner:
        """Become a live owner, inside a transaction.

        Raises
        ------
        LedgerError
            When another run has the name.
        """
        found = session.execute(
            f"INSERT INTO owners (name, backend, lease) VALUES (%s, pg_backend_pid(), {_LEASE}) "
            "ON CONFLICT (name) DO NOTHING RETURNING id, pg_try_advisory_lock(%s, id)",
            (name, LOCKS),
        ).fetchone()
        if found is None or not found[1]:
            raise LedgerError("Another run has this run's name. Run the cell again.")
        return cls(name, found[0])

    def live_on(self, session: Session) -> None:
        """Begin the lease anew, inside a transaction, after which the owner cannot be recovered.

        Raises
        ------
        LedgerError
            When the lease is over, or the session is not the one that holds the lock.
        """
        if (
            session.execute(
                f"UPDATE owners SET lease = {_LEASE} WHERE id = %s AND backend = pg_backend_pid() "
                "AND lease > clock_timestamp()",
                (self.id,),
            ).rowcount
            != 1
        ):
            raise LedgerError(NOT_ALIVE)

    def enter_again(self, session: Session) -> None:
        """Take the lock in a new session; where that fails the owner is not alive, which its next step says."""
        until = time.monotonic() + WAITING
        while not self._has_lock(session):
            if time.monotonic() > until:
                return
            time.sleep(POLL)
        session.execute(
            "UPDATE owners SET backend = pg_backend_pid() WHERE id = %s AND lease > clock_timestamp()", (self.id,)
        )

    def _has_lock(self, session: Session) -> bool:
        return session.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, self.id)).fetchone() == (True,)

    def leave(self, session: Session) -> None:
        """Take the owner away, unless comments are still its own, which the next run recovers; and free the lock."""
        session.execute(
            "DELETE FROM owners WHERE id = %s AND NOT EXISTS (SELECT FROM comments WHERE owner = %s)",
            (self.id, self.name),
        )
        session.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, self.id))


def is_live(session: Session, name: str) -> bool:
    """Return whether an owner is alive."""
    found = session.execute(f"SELECT {_LIVE} FROM owners WHERE name = %s", (name,)).fetchone()
    return found is not None and bool(found[0])


def any_is_live(session: Session) -> bool:
    """Return whether any owner is alive."""
    return session.execute(f"SELECT EXISTS (SELECT FROM owners WHERE {_LIVE})").fetchone() == (True,)


def dead_owners(session: Session) -> list[str]:
    """Return the owners that are dead, those of which nothing but comments is left among them."""
    found = session.execute(
        f"SELECT name FROM owners WHERE NOT ({_LIVE}) UNION SELECT owner FROM comments "
        "WHERE owner IS NOT NULL AND NOT EXISTS (SELECT FROM owners WHERE name = owner)"
    ).fetchall()
    return [name for (name,) in found]


def buried(session: Session, name: str) -> bool:
    """Take a dead owner away, inside a transaction in which its comments are recovered; False when it is alive."""
    if is_live(session, name):
        return False
    # Locked before it is looked at for good: a step that it takes now comes first, and begins its lease anew.
    session.execute("SELECT FROM owners WHERE name = %s FOR UPDATE", (name,))
    if is_live(session, name):
        return False
    session.execute("DELETE FROM owners WHERE name = %s", (name,))
    return True
