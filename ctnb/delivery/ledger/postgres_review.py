"""A team's ledger in PostgreSQL as it is reviewed between runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from ctnb.delivery.ledger.postgres import found_in, of_texts_in, recover
from ctnb.delivery.ledger.postgres_database import PostgresDatabase
from ctnb.delivery.ledger.postgres_owner import is_live
from ctnb.delivery.ledger.postgres_session import MarkedRows, name_of
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ctnb.delivery.ledger.protocol import Entry
    from ctnb.secret_texts import Address


class ReviewedDatabase:
    """A team's ledger that is open for review; see `Reviewed`."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    @classmethod
    def recovered(cls, address: Address) -> Self | None:
        """Open a database, and recover what dead runs left in it; None where there is no ledger.

        Raises
        ------
        LedgerError
            When it cannot be relied on.
        """
        database = PostgresDatabase.opened_if_made(address)
        if database is None:
            return None
        try:
            recover(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @classmethod
    def there(cls, address: Address) -> Self:
        """Open a database as `recovered` does; LedgerError where there is no ledger, too."""
        found = cls.recovered(address)
        if found is None:
            raise LedgerError(
                "There is no ledger at {name}. The first run that sends makes it.",
                name=name_of(address),
            )
        return found

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._database.secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        return self._database.secrets[1:]

    @contextmanager
    def reading(self) -> Iterator[MarkedRows]:
        """Read."""
        with self._database.reading() as session:
            yield MarkedRows(session)

    @contextmanager
    def one_moment(self) -> Iterator[MarkedRows]:
        """Read several things as they were at one moment."""
        with self._database.one_moment() as session:
            yield MarkedRows(session)

    @contextmanager
    def change(self) -> Iterator[MarkedRows]:
        """Make one durable transaction: all of it, or nothing."""
        with self._database.change() as session:
            yield MarkedRows(session)

    def mix(self, identities: Iterable[bytes]) -> None:
        """Do nothing: the server keeps checksums of its own."""

    def found(self, identities: Sequence[bytes]) -> Mapping[bytes, Entry]:
        """Return what is known of those comments that are in the ledger."""
        return found_in(self._database, identities)

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts."""
        return of_texts_in(self._database, texts)

    def is_live(self, owner: str) -> bool:
        """Return whether a run is alive."""
        return self._database.durably(lambda session: is_live(session, owner))

    def close(self) -> None:
        """End the session."""
        self._database.close()
