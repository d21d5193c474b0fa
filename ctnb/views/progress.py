"""Progress of a run or a download: a bar in a terminal, a bar in a notebook, a line in a log.

All say one number, what is done of all, and the time that is left. A notebook's bar is plain HTML, which a saved
notebook keeps; the card of what it came to takes its place at the end.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from ctnb.outcomes import Status
from ctnb.views.html.download import DownloadSummary
from ctnb.views.html.render import rendered
from ctnb.views.html.run import RunSummary
from ctnb.views.meters import DownloadMeter, Pace, RunMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.journals.download_counts import DownloadCounts
    from ctnb.views.meters import Meter

log = logging.getLogger("ctnb")

BAR_EVERY: Final = 0.2
"""Seconds between two drawings of a bar."""


class Summary(Protocol):
    """What something came to: its repr for people, and a line for the log."""

    @property
    def log_line(self) -> str:
        """What the log says, in English as all logs do."""
        ...


class Surface(Protocol):
    """Where progress is shown."""

    def draw(self) -> None:
        """Show the counts as they are now."""
        ...

    def close(self, summary: Summary) -> None:
        """Show what it came to, and leave nothing that moves."""
        ...


@contextmanager
def progress_bar(counts: ProgressCounts, *, shown: bool, rows: Mapping[str, int]) -> Iterator[Callable[[], None]]:
    """Show the progress of a run, and what it came to when it ends: done, failed or interrupted.

    Parameters
    ----------
    counts : ProgressCounts
        Of the run, read each time they are drawn.
    shown : bool
        Whether anything is shown at all.
    rows : mapping of str to int
        Rows of the plan that are ``ready`` and ``invalid``, as in `Plan.counts`.

    Yields
    ------
    callable
        Draws the counts as they are now.
    """
    if not shown:
        yield lambda: None
        return
    began = time.monotonic()
    surface = _surface(RunMeter(counts))
    try:
        yield surface.draw
    finally:
        surface.close(_summed_up(counts, rows, time.monotonic() - began))


@contextmanager
def download_bar(counts: DownloadCounts, *, shown: bool) -> Iterator[Callable[[], None]]:
    """Show the progress of a download of journals, and what it came to when it ends; see `progress_bar`."""
    if not shown:
        yield lambda: None
        return
    began = time.monotonic()
    surface = _surface(DownloadMeter(counts))
    try:
        yield surface.draw
    finally:
        seconds = time.monotonic() - began
        surface.close(DownloadSummary(counts.days, counts.read, counts.kept, counts.leads, counts.requests, seconds))


def _summed_up(counts: ProgressCounts, rows: Mapping[str, int], seconds: float) -> RunSummary:
    statuses = {status: counts.statuses[status] for status in Status}
    statuses[Status.INVALID] += rows["invalid"]
    statuses[Status.UNSENT] += counts.leads - counts.settled
    reason = counts.stop.reason if counts.stop is not None else None
    return RunSummary(statuses, rows["ready"] - counts.leads, counts.requests, counts.replayed, seconds, reason)


def _surface(meter: Meter) -> Surface:
    from tqdm.auto import tqdm

    # By its name: importing the notebook's bar would load the widgets into every script.
    if any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__):
        return NotebookSurface(meter)
    return TerminalSurface(meter, tqdm) if sys.stderr is not None and sys.stderr.isatty() else LogSurface()


class LogSurface:
    """No terminal and no notebook: nothing moves, and one line goes to the log at the end."""

    def draw(self) -> None:
        """Show nothing."""

    def close(self, summary: Summary) -> None:
        """Log the counts."""
        log.info("%s", summary.log_line)


class TerminalSurface:
    """A bar that says how far it is, then the summary under it."""

    def __init__(self, meter: Meter, tqdm: Any) -> None:
        self._meter, self._pace = meter, Pace(meter)
        self._bar = tqdm(
            total=meter.total,
            desc=meter.line(),
            # There is no bar where nothing is to be done.
            disable=not meter.total,
            bar_format="|{bar}| {desc}",
            # Redrawn though nothing came: the clock goes on.
            miniters=0,
            mininterval=BAR_EVERY,
            file=sys.stderr,
            dynamic_ncols=True,
        )

    def draw(self) -> None:
        """Draw the bar."""
        self._bar.set_description_str(self._pace.text(), refresh=False)
        self._bar.update(self._meter.done - self._bar.n)

    def close(self, summary: Summary) -> None:
        """End the bar where it stands."""
        self.draw()
        self._bar.close()
        sys.stderr.write(f"{summary!r}\n")
        sys.stderr.flush()


class NotebookSurface:
    """A bar and a text in one output, in the place of which the summary stands at the end."""

    def __init__(self, meter: Meter) -> None:
        from IPython.display import display

        self._meter, self._pace = meter, Pace(meter)
        self._drawn, self._shown = time.monotonic(), meter.line()
        self._output = display(self._bundle(self._shown), raw=True, display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here

    def draw(self) -> None:
        """Bring the bar up to date now and then."""
        text, now = self._pace.text(), time.monotonic()
        if text != self._shown and now - self._drawn >= BAR_EVERY:
            self._output.update(self._bundle(text), raw=True)
            self._drawn, self._shown = now, text

    def close(self, summary: Summary) -> None:
        """Put the summary in the place of the bar."""
        self._output.update(summary)

    def _bundle(self, text: str) -> dict[str, str]:
        shown = rendered("progress.html", text=text, done=self._meter.done, total=self._meter.total)
        return {"text/plain": text, "text/html": shown}
