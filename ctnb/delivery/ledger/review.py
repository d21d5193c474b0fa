"""The review of a ledger between runs: counting its comments, and settling by hand what is uncertain.

Nothing is sent here. Runs that are alive keep their comments; those of dead runs are recovered first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

from ctnb.delivery.ledger import statements
from ctnb.delivery.ledger.protocol import CLAIMED, NO_LEADS, SENDING, STATES, Entry, delivered
from ctnb.delivery.ledger.rows import damaged, entry_of, sealed
from ctnb.delivery.ledger.run_lines import read_lines, with_killed
from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import state_message
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ctnb.delivery.ledger.run_lines import RunLine
    from ctnb.delivery.ledger.statements import Rows
    from ctnb.outcomes import Outcome

SHORT: Final = 12
"""Hex digits of an id, unless comments share them."""

HEX: Final = re.compile(rf"[0-9a-f]{{{SHORT},64}}")
PREFIX: Final = SHORT // 2
WHOLE: Final = 64


@dataclass(frozen=True, slots=True)
class UncertainComment:
    """A comment that may be in the account; ``changed_at`` is aware, in UTC."""

    id: str
    changed_at: datetime
    outcome: Outcome


class Reviewed(Protocol):
    """An open ledger as its review needs it, whatever database holds it; what dead runs left in it is recovered."""

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        ...

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        ...

    def reading(self) -> AbstractContextManager[Rows]:
        """Read."""
        ...

    def one_moment(self) -> AbstractContextManager[Rows]:
        """Read several things as they were at one moment."""
        ...

    def change(self) -> AbstractContextManager[Rows]:
        """Make one durable transaction: all of it, or nothing."""
        ...

    def mix(self, identities: Iterable[bytes]) -> None:
        """Keep the checksum of the identities, where there is one, inside a change that takes some away."""
        ...

    def found(self, identities: Sequence[bytes]) -> Mapping[bytes, Entry]:
        """Return what is known of those comments that are in the ledger."""
        ...

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        ...

    def is_live(self, owner: str) -> bool:
        """Return whether a run is alive."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Review:
    """A ledger that is open for review; use it in a ``with``.

    Parameters
    ----------
    ledger : Reviewed
        It is closed with the review.
    """

    def __init__(self, ledger: Reviewed) -> None:
        self._ledger = ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._ledger.secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        return self._ledger.older_secrets

    def counts(self) -> dict[str, int]:
        """Return how many comments are in each of `STATES`."""
        found = dict.fromkeys(STATES, 0)
        with self._ledger.one_moment() as database:
            found.update(database.execute(statements.COUNTS))
            for status, sending, count in database.execute(statements.COUNTS_OWNED):
                found[SENDING if sending else CLAIMED] += count
                if status is not None:  # counted by what became of it before
                    found[status] -= count
        return found

    def uncertain(self) -> list[UncertainComment]:
        """Return the uncertain comments, the earliest first."""
        with self._ledger.reading() as database:
            rows = database.execute(statements.UNCERTAIN).fetchall()
        ids = self.ids([row[0] for row in rows])
        return [_uncertain(named, entry_of(row)) for named, row in zip(ids, rows, strict=True)]

    def ids(self, identities: Sequence[bytes]) -> list[str]:
        """Return the short name of each comment: 12 hex digits, or all 64 where comments of the ledger share those."""
        begins = sorted({identity[:PREFIX] for identity in identities})
        shared: set[bytes] = set()
        with self._ledger.reading() as database:
            for piece in statements.pieces(begins):
                ranges = [end for begin in piece for end in _range(begin)]
                shared.update(begin[:PREFIX] for (begin,) in database.execute(statements.shared(len(piece)), ranges))
        return [identity.hex() if identity[:PREFIX] in shared else identity[:PREFIX].hex() for identity in identities]

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; see `LedgerReader.entries`."""
        found = self._ledger.found(identities)
        return [found.get(identity) for identity in identities]

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        return self._ledger.of_texts(texts)

    def runs(self, most: int) -> list[RunLine]:
        """Return the lines of the last runs, the latest first, so many at most."""
        with self._ledger.reading() as database:
            lines = read_lines(database, most)
        return with_killed(lines, self._ledger.is_live)

    def mark_delivered(self, ids: Iterable[str], leads: Mapping[str, Mapping[str, str]] = NO_LEADS) -> int:
        """Mark uncertain comments as commented; see `ReviewedLedger.mark_delivered`. Begins of ids will do."""
        with self._ledger.change() as database:
            found = _named(database, ids)
            rows = [
                sealed(identity, known.rules, delivered(known, leads.get(identity.hex(), {})))
                for identity, known in found.items()
            ]
            database.executemany(
                statements.SETTLE, [(status, kept, seal, identity) for identity, status, kept, seal in rows]
            )
        return len(found)

    def mark_not_delivered(self, ids: Iterable[str]) -> int:
        """Forget uncertain comments, so that they are sent again; return how many."""
        with self._ledger.change() as database:
            found = _named(database, ids)
            database.executemany(statements.FORGET_UNCERTAIN, [(identity,) for identity in found])
            self._ledger.mix(found)
        return len(found)


def _named(database: Rows, ids: Iterable[str]) -> dict[bytes, Entry]:
    """Return the uncertain comments that ids name, each once; ConfigError when one names none, or several."""
    found: dict[bytes, Entry] = {}
    for named in ids:
        digits = named.strip().lower() if isinstance(named, str) else ""
        if not HEX.fullmatch(digits):
            raise ConfigError(
                "Expected an id of {short} to {whole} hex digits, as the list of uncertain comments has them, "
                "got {named!r}. Nothing was marked.",
                short=SHORT,
                whole=WHOLE,
                named=named,
            )
        ends = bytes.fromhex(digits.ljust(WHOLE, "0")), bytes.fromhex(digits.ljust(WHOLE, "f"))
        rows = database.execute(statements.BETWEEN, ends).fetchall()
        if not rows:
            raise ConfigError("The id {id} names no comment of this ledger. Nothing was marked.", id=digits)
        if len(rows) > 1:
            raise ConfigError("The id {id} names several comments; give more digits. Nothing was marked.", id=digits)
        known = entry_of(rows[0])
        if known.state != Status.UNCERTAIN:
            raise ConfigError(
                "The comment {id} is {state}; only an uncertain one can be marked. Nothing was marked.",
                id=digits,
                state=state_message(known.state),
            )
        found[rows[0][0]] = known
    return found


def _range(begin: bytes) -> tuple[bytes, bytes]:
    """Return the least and the greatest identity that begin so."""
    rest = WHOLE // 2 - len(begin)
    return begin + bytes(rest), begin + b"\xff" * rest


def _uncertain(named: str, known: Entry) -> UncertainComment:
    if known.outcome is None or known.asked_at is None:
        raise damaged()
    return UncertainComment(named, known.asked_at, known.outcome)
