"""Meters: how far a run or a download is, in numbers and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ctnb.i18n.labels import status_label
from ctnb.i18n.language import gettext, number
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.journals.download_counts import DownloadCounts

ALWAYS_SHOWN: Final = (Status.COMMENTED, Status.UNMATCHED)
"""Statuses whose counts are shown while they are 0, too."""


class Meter(Protocol):
    """What is under way, read each time it is drawn."""

    @property
    def title(self) -> str:
        """What a bar is named."""
        ...

    @property
    def total(self) -> int:
        """How much there is to do."""
        ...

    @property
    def done(self) -> int:
        """How much of it is done."""
        ...

    def counts(self) -> list[str]:
        """Return what came of it so far."""
        ...

    def facts(self, rate: float | None) -> list[str]:
        """Return how it goes, given how much is done in a second."""
        ...

    def line(self) -> str:
        """Return how far it is, as a line of text that stands alone."""
        ...


class RunMeter:
    """A run: comments that have an outcome."""

    def __init__(self, counts: ProgressCounts) -> None:
        self._counts = counts

    @property
    def title(self) -> str:
        """What a bar is named."""
        return gettext("Comments: ")

    @property
    def total(self) -> int:
        """Comments to deliver."""
        return self._counts.leads

    @property
    def done(self) -> int:
        """Comments that have an outcome."""
        return self._counts.settled

    def counts(self) -> list[str]:
        """Return the commonest statuses with their counts."""
        statuses = [*ALWAYS_SHOWN, *([Status.UNCERTAIN] if self._counts.statuses[Status.UNCERTAIN] else [])]
        return [f"{status_label(status)} {number(self._counts.statuses[status])}" for status in statuses]

    def facts(self, rate: float | None) -> list[str]:
        """Return the pace and the requests."""
        pace = gettext("{rate} leads/s", rate=number(round(rate))) if rate else ""
        return [pace, f"{gettext('requests')} {number(self._counts.requests)}"]

    def line(self) -> str:
        """Return how many comments are settled, by status."""
        settled, leads = number(self._counts.settled), number(self._counts.leads)
        so_far = gettext("{settled} of {leads} comments", settled=settled, leads=leads)
        return f"{so_far}: {', '.join(self.counts())}"


class DownloadMeter:
    """A download: days of the journals that are read."""

    def __init__(self, counts: DownloadCounts) -> None:
        self._counts = counts

    @property
    def title(self) -> str:
        """What a bar is named."""
        return gettext("Days of journals: ")

    @property
    def total(self) -> int:
        """Days to read."""
        return self._counts.days

    @property
    def done(self) -> int:
        """Days that are read."""
        return self._counts.read

    def counts(self) -> list[str]:
        """Return how many leads came."""
        return [f"{gettext('leads')} {number(self._counts.leads)}"]

    def facts(self, rate: float | None) -> list[str]:  # noqa: ARG002  how many days a second says nothing
        """Return the requests."""
        return [f"{gettext('requests')} {number(self._counts.requests)}"]

    def line(self) -> str:
        """Return how many days are read, and how many leads came."""
        read, days = number(self._counts.read), number(self._counts.days)
        so_far = gettext("{read} of {days} days of journals", read=read, days=days)
        return f"{so_far}: {', '.join([*self.counts(), *self.facts(None)])}"
