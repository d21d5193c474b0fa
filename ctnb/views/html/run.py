"""What came of a run, as text and as a card: rows by status, requests, time, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnb.i18n.advice import MEND_FIRST, NEXT_STEPS, UNSENT_UNTIL_MENDED, advice_for
from ctnb.i18n.labels import reason_label, status_label
from ctnb.i18n.language import duration, gettext, number
from ctnb.outcomes import Status
from ctnb.views.html.card import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnb.outcomes import Reason


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
    reason: Reason | None = None

    def __repr__(self) -> str:
        counts = ", ".join(f"{label} {value}" for label, value in self._counts()) or gettext("nothing to send")
        facts = ", ".join(f"{label} {value}" for label, value in self._facts())
        return "\n".join([f"{counts}; {facts}", *self.advice()])

    def _repr_html_(self) -> str:
        title = gettext("The run has ended") if self.reason is None else gettext("The run stopped early")
        return Card(title, [*self._counts(), *self._facts()], advice=[*self.advice(), *self._next()]).html()

    @property
    def log_line(self) -> str:
        """The counts for the log, in English as all logs are."""
        counts = ", ".join(f"{status} {count}" for status, count in self.statuses.items() if count)
        return f"The run has ended: {counts or 'nothing to send'}; requests {self.requests}."

    def advice(self) -> list[str]:
        """Say what to do next, the most pressing first."""
        stopped = [] if self.reason is None else [f"{reason_label(self.reason)}: {advice_for(self.reason)}"]
        steps = {**NEXT_STEPS, **({Status.UNSENT: UNSENT_UNTIL_MENDED} if self.reason in MEND_FIRST else {})}
        found = [status for status in steps if self.statuses.get(status)]
        return stopped + [f"{status_label(status)}: {gettext(steps[status])}" for status in found]

    def _next(self) -> list[str]:
        """Say where to look at the answers, if there are any."""
        answered = self.statuses.get(Status.COMMENTED) or self.statuses.get(Status.UNMATCHED)
        look = gettext('Where next: .calltouch.match_rates(), .calltouch.dashboard(), .calltouch.report("report.html")')
        return [look] if answered else []

    def _counts(self) -> list[tuple[str, str]]:
        """Return the counts by status, zeros left out."""
        found = [status for status in Status if self.statuses.get(status)]
        return [(status_label(status), number(self.statuses[status])) for status in found]

    def _facts(self) -> list[tuple[str, str]]:
        facts = [(gettext("requests"), number(self.requests)), (gettext("time"), duration(self.seconds))]
        facts += [(gettext("answered by the ledger"), number(self.replayed))] * bool(self.replayed)
        return facts + [(gettext("repeats"), number(self.repeats))] * bool(self.repeats)
