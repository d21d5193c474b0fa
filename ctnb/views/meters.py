"""Meters: how far a run or a download is, as one number in words, with the time that is left."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, Protocol

from ctnb.i18n.language import duration, gettext, ngettext, number

if TYPE_CHECKING:
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.journals.download_counts import DownloadCounts

BAR_EVERY: Final = 0.2
"""Seconds between two drawings of a bar."""


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
    """A meter with the time that is left, as tqdm reckons it.

    Parameters
    ----------
    meter : Meter
    tqdm : class, optional
        Of the bar; without one nothing is drawn.
    **options
        Of the bar.
    """

    def __init__(self, meter: Meter, tqdm: Any = None, **options: Any) -> None:
        from tqdm.std import tqdm as plain

        self._meter = meter
        self.bar = (tqdm or plain)(
            total=meter.total,
            desc=meter.line(),
            # There is no bar where nothing is to be done.
            disable=not meter.total,
            bar_format="|{bar}| {desc}",
            # Redrawn though nothing came: the clock goes on.
            miniters=0,
            mininterval=BAR_EVERY,
            **(options or {"file": io.StringIO()}),
        )

    def step(self) -> str:
        """Read the meter; return how far it is, with the time left where that is known."""
        text = self._meter.line()
        if self.bar.disable:
            return text
        done, state = self._meter.done, self.bar.format_dict
        # The average until tqdm has seen enough for the rate of late.
        rate = state["rate"] or (done / state["elapsed"] if state["elapsed"] else 0)
        if rate and done < self._meter.total:
            left = duration(max(1, (self._meter.total - done) / rate))
            text = gettext("{progress}, {time} left", progress=text, time=left)
        self.bar.set_description_str(text, refresh=False)
        self.bar.update(done - self.bar.n)
        return text

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.bar.close()
