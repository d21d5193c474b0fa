"""Meters: how far a run or a download is, as one number in words, with the time that is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from ctnb.i18n.language import duration, gettext, ngettext, number

if TYPE_CHECKING:
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.journals.download_counts import DownloadCounts


class Meter(Protocol):
    """What is under way, read each time it is drawn."""

    @property
    def total(self) -> int:
        """How much there is to do."""
        ...

    @property
    def done(self) -> int:
        """How much of it is done."""
        ...

    def line(self) -> str:
        """Return how much of how much is done, as a text that stands alone."""
        ...


class RunMeter:
    """A run: comments that have an outcome."""

    def __init__(self, counts: ProgressCounts) -> None:
        self._counts = counts

    @property
    def total(self) -> int:
        """Comments to deliver."""
        return self._counts.leads

    @property
    def done(self) -> int:
        """Comments that have an outcome."""
        return self._counts.settled

    def line(self) -> str:
        """Return how many comments have an outcome."""
        return ngettext("{done} of {n} comment", "{done} of {n} comments", self.total, done=number(self.done))


class DownloadMeter:
    """A download: days of the journals that are read."""

    def __init__(self, counts: DownloadCounts) -> None:
        self._counts = counts

    @property
    def total(self) -> int:
        """Days to read."""
        return self._counts.days

    @property
    def done(self) -> int:
        """Days that are read."""
        return self._counts.read

    def line(self) -> str:
        """Return how many days are read."""
        return ngettext(
            "{done} of {n} day of journals", "{done} of {n} days of journals", self.total, done=number(self.done)
        )


class Pace:
    """A meter with the time that is left, by the smoothed rate that tqdm reckons with."""

    def __init__(self, meter: Meter) -> None:
        from tqdm.std import EMA  # type: ignore[attr-defined]  # its types leave it out

        self._meter = meter
        self._done, self._read = meter.done, time.monotonic()
        self._gain, self._span = EMA(), EMA()

    def text(self) -> str:
        """Read the meter; return how far it is, with the time left where that is known."""
        done, now = self._meter.done, time.monotonic()
        # Only when something came: a pause says nothing about the rate.
        if done > self._done:
            self._gain(done - self._done)
            self._span(now - self._read)
            self._done, self._read = done, now
        gain, rest = self._gain(), self._meter.total - done
        if not gain or not rest:
            return self._meter.line()
        left = duration(max(1, rest * self._span() / gain))
        return gettext("{progress}, {time} left", progress=self._meter.line(), time=left)
