"""The ledger's protocol: who owns a comment, what became of it, whether it may be sent again.

States: absent -> claimed -> sending -> an outcome. A ledger is the only judge of what may be sent;
the sender asks it before every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec.structs import replace

from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which a run asks for comments: its owner, its rules' fingerprint, and what it sends again."""

    owner: str
    rules: str
    resend: frozenset[Status] = frozenset()


@runtime_checkable
class RunLedger(Protocol):
    """A ledger as one run asks it; identities are the keyed hashes of `ctnb.delivery.ledger.key`.

    Every method raises `LedgerError` when the ledger cannot be read or written; then nothing may be sent.
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
        """Give up the run's hold on the ledger."""
        ...


@runtime_checkable
class DurableLedger(RunLedger, Protocol):
    """A ledger that waits for a disk: it is asked in a thread of its own, and may make several changes at once."""

    def together(self) -> AbstractContextManager[object]:
        """Make the changes inside one: when it ends all of them are durable; when it is left by an error, none is made.

        Nothing that is claimed inside may be sent before it has ended. Claims are never made inside.
        """
        ...


def answer_of(outcome: Outcome, rules: str, terms: Terms) -> Outcome | None:
    """Return the answer to a run's claim of a comment that has an outcome; None where the run may send it again.

    A rule's rank is replayed under the same rule list alone: in another list it is another rule's.

    Parameters
    ----------
    outcome : Outcome
    rules : str
        Fingerprint of the rules that got it.
    terms : Terms
        The run's.
    """
    same_rules = rules == terms.rules
    if may_send(outcome, same_rules=same_rules, resend=terms.resend):
        return None
    return replace(outcome, replayed=True, rule=outcome.rule if same_rules else None)


def may_send(outcome: Outcome, *, same_rules: bool, resend: frozenset[Status]) -> bool:
    """Return whether a comment with an outcome may be sent again.

    Never when it was commented. When it was rejected, which was the token's fault. When no lead
    was found or the vendor refused a field, under other rules. Otherwise when the user asks for it.
    """
    if outcome.status is Status.COMMENTED:
        return False
    if outcome.status is Status.REJECTED or outcome.status in resend:
        return True
    return outcome.status in {Status.UNMATCHED, Status.INVALID} and not same_rules


BUSY: Final = Outcome(Status.BUSY, reason=Reason.BUSY, error="another run is sending this comment now")
"""The answer to a claim of a comment that another live run owns."""

NOT_HELD: Final = "The ledger no longer holds these comments for this run. Run the cell again."
"""Why an illegal step is refused."""
