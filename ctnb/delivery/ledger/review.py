"""The review of a ledger between runs: counting its comments, and settling by hand what is uncertain.

Nothing is sent here. Runs that are alive keep their comments; those of dead runs are recovered first.
"""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from msgspec.structs import replace

from ctnb.delivery.ledger.file import open_file, raising_ledger_errors
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.delivery.ledger.sqlite_outcomes import encoded, letters, read
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.outcomes import Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ctnb.outcomes import Outcome

STATES: Final = ("claimed", "sending", *(status.value for status in Status if status not in {"unsent", "busy"}))
"""The states of a comment in a ledger, in their order."""

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


class Review:
    """An existing ledger, open for review; use it in a ``with``.

    Parameters
    ----------
    path : path
        The ledger's file.

    Raises
    ------
    LedgerError
        When there is no ledger, or it cannot be relied on.
    """

    def __init__(self, path: Path) -> None:
        _checked(path)
        with closing(SqliteLedger(path)) as ledger:
            ledger.recover()
        self._path = path
        with raising_ledger_errors(path):
            self._database, self.secret = open_file(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def counts(self) -> dict[str, int]:
        """Return how many comments are in each of `STATES`."""
        with raising_ledger_errors(self._path):
            found = dict(self._database.execute(_COUNTS).fetchall())
        return {state: found.get(state, 0) for state in STATES}

    def uncertain(self) -> list[UncertainComment]:
        """Return the uncertain comments, the earliest first."""
        with raising_ledger_errors(self._path):
            rows = self._database.execute(_UNCERTAIN).fetchall()
        ids = self.ids([identity for identity, _, _, _ in rows])
        outcomes = _Outcomes(self._database)
        return [
            UncertainComment(named, datetime.fromisoformat(changed_at), outcomes.of(batch)[position])
            for named, (_, batch, position, changed_at) in zip(ids, rows, strict=True)
        ]

    def ids(self, identities: Sequence[bytes]) -> list[str]:
        """Return the short name of each comment: 12 hex digits, or all 64 where comments of the ledger share those."""
        with raising_ledger_errors(self._path):
            shared = {prefix for (prefix,) in self._database.execute(_SHARED)}
        return [identity.hex() if identity[:PREFIX] in shared else identity[:PREFIX].hex() for identity in identities]

    def mark_delivered(self, ids: Iterable[str]) -> int:
        """Mark uncertain comments as commented; return how many."""
        with self._change():
            outcomes, found = _Outcomes(self._database), self._named(ids)
            for batch, position in found.values():
                outcomes.of(batch)[position] = _delivered(outcomes.of(batch)[position])
            outcomes.write()
        return len(found)

    def mark_not_delivered(self, ids: Iterable[str]) -> int:
        """Forget uncertain comments, so that they are sent again; return how many."""
        with self._change():
            found = self._named(ids)
            self._database.executemany(_FORGET, [(identity,) for identity in found])
        return len(found)

    def _named(self, ids: Iterable[str]) -> dict[bytes, tuple[int, int]]:
        """Return the uncertain comments that ids name, each once, with batch and position in it.

        ConfigError when one names none, or several.
        """
        found: dict[bytes, tuple[int, int]] = {}
        for named in ids:
            digits = named.strip().lower() if isinstance(named, str) else ""
            if not HEX.fullmatch(digits):
                raise ConfigError(
                    f"Expected an id of {SHORT} to {WHOLE} hex digits, as the list of uncertain comments has them, got "
                    f"{named!r}. Nothing was marked."
                )
            first, last = bytes.fromhex(digits.ljust(WHOLE, "0")), bytes.fromhex(digits.ljust(WHOLE, "f"))
            rows = self._database.execute(_NAMED, (first, last)).fetchall()
            if len(rows) != 1:
                wrong = "names several comments; give more digits" if rows else "names no comment of this ledger"
                raise ConfigError(f"The id {digits} {wrong}. Nothing was marked.")
            identity, batch, position, state = rows[0]
            if state != Status.UNCERTAIN:
                raise ConfigError(
                    f"The comment {digits} is {state}; only an uncertain one can be marked. Nothing was marked."
                )
            found[identity] = batch, position
        return found

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Make one durable transaction; one that fails is rolled back when the file is closed."""
        with raising_ledger_errors(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")


def _checked(path: Path) -> None:
    """Refuse a path without a ledger: looking makes none."""
    with raising_ledger_errors(path):
        if not path.is_file() or path.stat().st_size == 0:
            raise LedgerError(f"There is no ledger at {str(path)!r}. The first run that sends makes it.")


class _Outcomes:
    """The outcomes of batches, each read once; what is changed in them can be written back."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._outcomes: dict[int, list[Outcome]] = {}

    def of(self, batch: int) -> list[Outcome]:
        """Return the outcomes of a batch."""
        if batch not in self._outcomes:
            self._outcomes[batch] = read(*self._database.execute(_OUTCOMES, (batch,)).fetchone())
        return self._outcomes[batch]

    def write(self) -> None:
        """Write all that was read."""
        rows = [(letters(outcomes), encoded(outcomes), batch) for batch, outcomes in self._outcomes.items()]
        self._database.executemany(_WRITE, rows)


def _delivered(outcome: Outcome) -> Outcome:
    """Return the outcome of an uncertain comment that the user has seen in the account; it was never answered."""
    return replace(outcome, status=Status.COMMENTED, error=None, reason=None, answered_at=None)


_COUNTS = "SELECT state, count(*) FROM standing GROUP BY state"
_UNCERTAIN = """
SELECT identity, batch, position, changed_at FROM standing WHERE state = 'uncertain' ORDER BY changed_at, identity
"""
_SHARED = f"SELECT substr(identity, 1, {PREFIX}) AS prefix FROM comments GROUP BY prefix HAVING count(*) > 1"  # noqa: S608  a number of ours
_NAMED = "SELECT identity, batch, position, state FROM standing WHERE identity BETWEEN ? AND ? LIMIT 2"
_OUTCOMES = "SELECT outcomes, states FROM batches WHERE id = ?"
_WRITE = "UPDATE batches SET states = ?, outcomes = ? WHERE id = ?"
_FORGET = "DELETE FROM comments WHERE identity = ?"
