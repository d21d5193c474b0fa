"""The record of what was sent: who owns a comment, what became of it, whether it may be sent again.

States: absent -> claimed -> sending -> an outcome. A ledger is the only judge of what may be sent;
the sender asks it before every request.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from ctnb.connection import DEFAULT, Connection
from ctnb.exceptions import ConfigError
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run asks for comments: its owner, its rules, and what it sends again.

    ``rules`` is a fingerprint; comments that no lead was found for are sent again under other rules.
    """

    owner: str
    rules: str
    resend: frozenset[Status] = frozenset()


class Ledger(Protocol):
    """What the sender needs of a ledger; identities are the keyed hashes of `ctnb.delivery.ledger.identity`.

    Every method raises `LedgerError` when the record cannot be read or written; then nothing may be sent.
    """

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        ...

    def claim(self, identities: Sequence[bytes], terms: Terms) -> list[Outcome | None]:
        """Take ownership: None where the comment is now this owner's to send.

        Otherwise what became of it before (``replayed``), or status busy where another live run owns it.
        """
        ...

    def intend(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Move claimed comments to sending, all of them or none, before the first byte is written."""
        ...

    def withdraw(self, identities: Sequence[bytes], terms: Terms, attempt: str) -> None:
        """Move sending comments back to claimed: the vendor refused the request whole."""
        ...

    def record(self, outcomes: Mapping[bytes, Outcome], terms: Terms, attempt: str) -> None:
        """Move sending comments to their outcomes."""
        ...

    def release(self, identities: Sequence[bytes], terms: Terms) -> None:
        """Give claimed comments back, to what they were before the claim."""
        ...

    def close(self) -> None:
        """Give up what the run holds of the ledger."""
        ...


@runtime_checkable
class DurableLedger(Ledger, Protocol):
    """A ledger that waits for a disk: it is asked in a thread of its own, and may make several changes at once."""

    def together(self) -> AbstractContextManager[object]:
        """Make the changes inside one: when it ends all of them are durable; when it is left by an error, none is made.

        Nothing that is claimed inside may be sent before it has ended. Claims are never made inside.
        """
        ...


def may_send(outcome: Outcome, same_rules: bool, resend: frozenset[Status]) -> bool:  # noqa: FBT001  a fact, not an option
    """Tell whether a comment with an outcome may be sent again.

    Never when it was commented. When it was rejected, for that was the token's fault. When no lead
    was found or the vendor refused a field, under other rules. Otherwise when the user asks for it.
    """
    if outcome.status is Status.COMMENTED:
        return False
    if outcome.status is Status.REJECTED or outcome.status in resend:
        return True
    return outcome.status in {Status.UNMATCHED, Status.INVALID} and not same_rules


BUSY: Final = Outcome(Status.BUSY, reason=Reason.BUSY, error="another run is sending this comment now")
"""The answer to a claim of what another live run owns."""


def open_ledger(connection: Connection) -> Ledger:
    """Return the ledger that a connection names; it is to be closed.

    Raises
    ------
    ConfigError
        When it names a database that this version cannot use.
    LedgerError
        When the file cannot be relied on.
    """
    named = connection.ledger
    if named is None or (named == DEFAULT and connection.loopback):
        from ctnb.delivery.ledger.memory import memory_of

        return memory_of(connection)
    if not isinstance(named, str | os.PathLike):
        return named
    if str(named).startswith(("postgres://", "postgresql://")):
        raise ConfigError("A ledger in PostgreSQL is not in this version. Name a file, or leave ledger= out.")
    from ctnb.delivery.ledger.file import default_path
    from ctnb.delivery.ledger.sqlite import SqliteLedger

    return SqliteLedger(default_path() if named == DEFAULT else Path(named).expanduser())
