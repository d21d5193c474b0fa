"""What a run came to, as text and as a card: rows by status, requests, time, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ctnb.i18n.advice import MEND_FIRST, advice_for
from ctnb.i18n.labels import reason_label, status_label
from ctnb.i18n.language import duration, gettext, number
from ctnb.outcomes import Status
from ctnb.views.html.card import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnb.outcomes import Reason


class Stopped(Protocol):
    """Why a run ended early."""

    @property
    def reason(self) -> Reason:
        """The code of it."""
        ...


class Tallied(Protocol):
    """The counts of a run that is under way or over."""

    @property
    def leads(self) -> int:
        """Comments to deliver."""
        ...

    @property
    def settled(self) -> int:
        """Comments that have an outcome."""
        ...

    @property
    def statuses(self) -> Mapping[Status, int]:
        """Comments by outcome."""
        ...

    @property
    def replayed(self) -> int:
        """Of these, the ones that the ledger answered."""
        ...

    @property
    def requests(self) -> int:
        """Requests written."""
        ...

    @property
    def stop(self) -> Stopped | None:
        """Why the run ended early."""
        ...


class Planned(Protocol):
    """What a summary needs of the plan."""

    @property
    def counts(self) -> dict[str, int]:
        """Rows that are ready and rows that are invalid."""
        ...


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What came of a run that has ended, however it ended.

    Attributes
    ----------
    statuses : mapping of Status to int
        Comments by status; those without an outcome are unsent, and the invalid rows are among them.
    repeats : int
        Rows that repeat another, and share its answer.
    requests, replayed : int
        Requests written, and answers that came from the ledger.
    seconds : float
    reason : Reason or None
        Why the run stopped early.
    """

    statuses: Mapping[Status, int]
    repeats: int
    requests: int
    replayed: int
    seconds: float
    reason: Reason | None

    @classmethod
    def of(cls, tally: Tallied, planned: Planned, seconds: float) -> RunSummary:
        """Sum up a run."""
        statuses = {status: tally.statuses.get(status, 0) for status in Status}
        statuses[Status.INVALID] += planned.counts["invalid"]
        statuses[Status.UNSENT] += tally.leads - tally.settled
        reason = tally.stop.reason if tally.stop is not None else None
        repeats = planned.counts["ready"] - tally.leads
        return cls(statuses, repeats, tally.requests, tally.replayed, seconds, reason)

    def __repr__(self) -> str:
        found = _counts(self.statuses) or gettext("nothing to send")
        facts = ", ".join(f"{label} {value}" for label, value in self._facts())
        return "\n".join([f"{found}; {facts}", *self.advice()])

    def _repr_html_(self) -> str:
        rows = [(status_label(status), number(count)) for status, count in self.statuses.items() if count]
        title = gettext("The run has ended") if self.reason is None else gettext("The run stopped early")
        return Card(title, [*rows, *self._facts()], advice=self.advice()).html()

    def advice(self) -> list[str]:
        """Say what to do next, the most pressing first."""
        told = []
        if self.reason is not None:
            told.append(f"{reason_label(self.reason)}: {advice_for(self.reason)}")
        unsent = (
            gettext("unsent: the next run sends these, once what stopped this one is mended.")
            if self.reason in MEND_FIRST
            else gettext("unsent: run the cell again to carry on; nothing that was answered is sent twice.")
        )
        next_steps = {
            Status.UNCERTAIN: gettext(
                'uncertain: the comments may be there. Look in the account; resend="uncertain" sends them again.'
            ),
            Status.UNSENT: unsent,
            Status.BUSY: gettext("busy: another run sends these now. Run the cell again when it has ended."),
            Status.INVALID: gettext("invalid: mend the rows by ct_error, and run the cell again."),
            Status.UNMATCHED: gettext(
                'unmatched: search deeper or add a rule, and run it again; resend="unmatched" asks with the same rules.'
            ),
        }
        return told + [step for status, step in next_steps.items() if self.statuses.get(status)]

    def _facts(self) -> list[tuple[str, str]]:
        facts = [(gettext("requests"), number(self.requests)), (gettext("time"), duration(self.seconds))]
        facts += [(gettext("answered by the ledger"), number(self.replayed))] * bool(self.replayed)
        return facts + [(gettext("repeats"), number(self.repeats))] * bool(self.repeats)


def _counts(statuses: Mapping[Status, int]) -> str:
    """Return the counts by status on one line, those of none left out."""
    return ", ".join(f"{status_label(status)} {number(statuses[status])}" for status in Status if statuses.get(status))
