"""What came of a download of journals, as a line of text and as a card."""

from __future__ import annotations

from dataclasses import dataclass

from ctnb.i18n.language import duration, gettext, number
from ctnb.views.html.card import Card


@dataclass(frozen=True, slots=True)
class DownloadSummary:
    """What came of a download that has ended, however it ended.

    Attributes
    ----------
    days, read : int
        Days of journals that were to be read from the vendor, and those that were.
    kept : int
        Days that the cache had.
    leads, requests : int
        Calls and requests that came, and requests written.
    seconds : float
    """

    days: int
    read: int
    kept: int
    leads: int
    requests: int
    seconds: float

    def __repr__(self) -> str:
        return ", ".join(f"{label} {value}" for label, value in self._facts())

    def _repr_html_(self) -> str:
        whole = self.read == self.days
        title = gettext("The journals are read") if whole else gettext("The journals are read in part")
        return Card(title, self._facts()).html()

    @property
    def log_line(self) -> str:
        """The counts for the log, in English as all logs are."""
        return (
            f"The download has ended: days read {self.read} of {self.days}, kept {self.kept}; leads {self.leads}; "
            f"requests {self.requests}."
        )

    def _facts(self) -> list[tuple[str, str]]:
        read = number(self.read) if self.read == self.days else f"{number(self.read)} / {number(self.days)}"
        kept = [(gettext("days that were kept"), number(self.kept))] * bool(self.kept)
        return [
            (gettext("days read"), read),
            *kept,
            (gettext("leads"), number(self.leads)),
            (gettext("requests"), number(self.requests)),
            (gettext("time"), duration(self.seconds)),
        ]
