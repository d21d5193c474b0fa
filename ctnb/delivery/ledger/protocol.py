"""The ledger's protocol: who owns a comment, what became of it, whether it may be sent again.

States: absent -> claimed -> sending -> an outcome. A ledger is the only judge of what may be sent;
the sender asks it before every request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import msgspec
from msgspec.structs import replace

from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import state_message
from ctnb.i18n.language import N_
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ctnb.delivery.ledger.run_lines import RunLine


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

NO_LEADS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which a run asks for comments: its owner, its rules' fingerprint, and what it sends.

    Attributes
    ----------
    owner : str
    rules : str
    resend : frozenset of Status
        Earlier outcomes that are sent again because the user asks for it.
    resend_after : timedelta or None
        How old such an outcome must be, by the ledger's own clock; None: of any age.
    resend_times : int or None
        How often a comment is sent again, besides the first time; None: as often as asked for.
    only_new : bool
        Whether nothing is sent that the ledger knows, by this text or by another of the same lead.
    """

    owner: str
    rules: str
    resend: frozenset[Status] = frozenset()
    resend_after: timedelta | None = None
    resend_times: int | None = None
    only_new: bool = False


class Comments(Protocol):
    """Comments that a ledger is asked for, by position: keyed hashes, of which all but the identities are made late."""

    @property
    def account(self) -> bytes:
        """16 bytes for site, endpoint and job, which all of them share."""
        ...

    @property
    def identities(self) -> Sequence[bytes]:
        """32 bytes for each comment."""
        ...

    @property
    def older(self) -> Sequence[Comments]:
        """The same comments under each of the ledger's older keys."""
        ...

    @property
    def own(self) -> Collection[bytes]:
        """Identities that this run has claimed before; kept where it sends only what is new."""
        ...

    def identify(self, entries: Callable[[Sequence[bytes]], Sequence[Entry | None]]) -> None:
        """Give each comment that a ledger has under an older key the identity by which it has it.

        Parameters
        ----------
        entries : callable
            The ledger's own.
        """
        ...

    def leads(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for the lead of each comment, without its text."""
        ...

    def texts(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for each text alone."""
        ...

    def offers(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for what the row of each comment offers."""
        ...

    @property
    def naming(self) -> str:
        """How the run names its leads: by key, ids or contacts."""
        ...


class Entry(msgspec.Struct, gc=False):
    """What a ledger knows of a comment.

    The garbage collector does not track it: it would go through all that a notebook holds again and again.

    Attributes
    ----------
    owner : str or None
        The run that has it; None: nobody has.
    attempt : str or None
        The request that it is being sent with; None: it is not being sent.
    outcome : Outcome or None
        What became of it last; a comment that is claimed again keeps it until it has a new one.
    rules : str
        Fingerprint of the rule list that got the outcome.
    offer : bytes or None
        Fingerprint of what its row offered then.
    asked : int
        Outcomes that it has had: how often the vendor was asked.
    asked_at_us : int or None
        When the last outcome came, in microseconds since 1970; see `asked_at`.
    """

    owner: str | None
    attempt: str | None = None
    outcome: Outcome | None = None
    rules: str = ""
    offer: bytes | None = None
    asked: int = 0
    asked_at_us: int | None = None

    @property
    def asked_at(self) -> datetime | None:
        """When the last outcome came; aware, in UTC."""
        return None if self.asked_at_us is None else _EPOCH + timedelta(microseconds=self.asked_at_us)

    @property
    def state(self) -> str:
        """One of `STATES`."""
        return state_of(self.owner, self.attempt, None if self.outcome is None else self.outcome.status.value)


def now_us() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


def state_of(owner: str | None, attempt: str | None, status: str | None) -> str:
    """Return the state of a comment, one of `STATES`, by who has it and the status that it had last."""
    if owner is not None or status is None:
        return CLAIMED if attempt is None else SENDING
    return status


COMMENTED: Final = 4
"""The `gravity` of a comment that was applied: nothing forbids more."""


def gravity(entry: Entry) -> int:
    """Return how much an entry forbids, from 1 to `COMMENTED`: which one counts where a comment has several."""
    if entry.outcome is not None and entry.outcome.status is Status.COMMENTED:
        return COMMENTED
    if entry.owner is not None:
        return 3
    return 2 if entry.outcome is not None and entry.outcome.status is Status.UNCERTAIN else 1


CLAIMED: Final = "claimed"
SENDING: Final = "sending"
STATES: Final = (
    CLAIMED,
    SENDING,
    *(status.value for status in Status if status not in {Status.UNSENT, Status.BUSY}),
)
"""The states of a comment in a ledger, in their order."""


class LedgerReader(Protocol):
    """A ledger as it is looked at: nothing is changed, and nothing is claimed."""

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with; see `ctnb.delivery.ledger.key`."""
        ...

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        ...

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; None where one is not in the ledger."""
        ...

    def of_leads(self, leads: Sequence[bytes]) -> dict[bytes, dict[bytes, str]]:
        """Return the comments of leads, whatever their texts: for each lead that has any, state by identity."""
        ...

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts, in every account and job: for each text that any has, by identity.

        All comments are gone through, for texts have no index.
        """
        ...

    def is_live(self, owner: str) -> bool:
        """Tell whether a run that has comments is alive; what a dead one left is recovered by the next."""
        ...

    def naming(self, account: bytes) -> dict[str, int]:
        """Return how the runs of an account and job named their leads (key, ids, contacts).

        With each the number of its comments that are commented or uncertain: named otherwise they would look new.
        """
        ...


@runtime_checkable
class RunLedger(LedgerReader, Protocol):
    """A ledger as one run asks it; identities are the keyed hashes of `ctnb.delivery.ledger.key`.

    Every method raises `LedgerError` when the ledger cannot be read or written; then nothing may be sent.
    """

    def claim(self, comments: Comments, terms: Terms, most: int | None = None) -> list[Outcome | None]:
        """Take ownership, of so many at most: None where the comment is now this owner's to send.

        Otherwise what became of it before (``replayed``), or status busy where another live run owns it, or unsent
        where it might be sent, but is one too many, or not new in a run that sends only what is.
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

    def begin_run(self, line: RunLine) -> None:
        """Become a live owner under the run's name, and keep its line."""
        ...

    def end_run(self, line: RunLine) -> None:
        """Keep how the run ended."""
        ...

    def runs(self, most: int) -> list[RunLine]:
        """Return the lines of the last runs, the latest first, so many at most."""
        ...

    def close(self) -> None:
        """Give up the run's hold on the ledger."""
        ...


@runtime_checkable
class ReviewedLedger(Protocol):
    """A ledger that is reviewed between runs; what dead runs left in it is recovered."""

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        ...

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        ...

    def entries(self, identities: Sequence[bytes]) -> list[Entry | None]:
        """Return what is known of comments; see `LedgerReader.entries`."""
        ...

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts; see `LedgerReader.of_texts`."""
        ...

    def mark_delivered(self, ids: Iterable[str], leads: Mapping[str, Mapping[str, str]] = NO_LEADS) -> int:
        """Mark uncertain comments as commented, all of them or none; return how many.

        Parameters
        ----------
        ids : iterable of str
            Identities in hex.
        leads : mapping, optional
            By id, the lead on which a comment was found: its ids under the names of `Outcome`.

        Raises
        ------
        ConfigError
            When an id names no comment, or one that is not uncertain, such as one that a live run has.
        """
        ...

    def close(self) -> None:
        """Let go of the ledger."""
        ...


@runtime_checkable
class DurableLedger(RunLedger, Protocol):
    """A ledger that waits for a disk: it is asked in a thread of its own, and may make several changes at once."""

    @property
    def renewal(self) -> float | None:
        """Seconds after which a run that asks nothing is to `renew`; None: it need not."""
        ...

    def renew(self) -> None:
        """Show that the run is alive; it raises nothing."""
        ...

    def together(self) -> AbstractContextManager[object]:
        """Make the changes inside one: when it ends all of them are durable; when it is left by an error, none is made.

        Nothing that is claimed inside may be sent before it has ended. Claims are never made inside.
        """
        ...


def delivered(known: Entry, lead: Mapping[str, str]) -> Outcome:
    """Return the outcome of an uncertain comment that was seen in the account, on a lead if that is known.

    The vendor has never answered it, so nothing is known of the rule that found the lead.

    Raises
    ------
    ConfigError
        When the comment is not uncertain.
    """
    if known.outcome is None or known.state != Status.UNCERTAIN:
        raise ConfigError(
            "Expected an uncertain comment, got one that is {state}: only an uncertain one can be marked. "
            "Nothing was marked.",
            state=state_message(known.state),
        )
    return replace(known.outcome, status=Status.COMMENTED, error=None, reason=None, answered_at=None, **dict(lead))


AT_STAKE: Final = frozenset({Status.COMMENTED, Status.UNCERTAIN})
"""Outcomes whose comment may be in the account."""

LOST_IN_FLIGHT: Final = Outcome(Status.UNCERTAIN, error=OutcomeText.ENDED_IN_FLIGHT, reason=Reason.CONNECTION_LOST)
"""The outcome that recovery gives to a comment that a dead run was sending."""

NOT_HELD: Final = N_("The ledger no longer holds these comments for this run. Run the cell again.")
"""Why an illegal step is refused."""
