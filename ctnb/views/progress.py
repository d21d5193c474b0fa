"""Progress of a run or a download: a bar in a terminal, a bar and a line in a notebook, a line in a log.

A notebook's bar is a widget, of which a saved notebook keeps nothing that can be read. So a line of text stands under
it while the run goes on, and at the end the bar is replaced by its own text, and the line by the summary.
"""

from __future__ import annotations

import logging
import math
import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from ctnb.i18n.language import gettext
from ctnb.outcomes import Status
from ctnb.views.html.download import DownloadSummary
from ctnb.views.html.run import RunSummary
from ctnb.views.meters import DownloadMeter, RunMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.journals.download_counts import DownloadCounts
    from ctnb.views.meters import Meter

log = logging.getLogger("ctnb")

LINE_EVERY: Final = 1.0
"""Seconds between two changes of the line under a notebook's bar."""

BAR_EVERY: Final = 0.2
"""Seconds between two drawings of a bar."""

BAR_AND_COUNT: Final = 46
"""Characters of a terminal's line that a short bar, the counts and the time left take."""


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
        return NotebookSurface(meter, tqdm)
    return TerminalSurface(meter, tqdm) if sys.stderr is not None and sys.stderr.isatty() else LogSurface()


class LogSurface:
    """No terminal and no notebook: nothing moves, and one line goes to the log at the end."""

    def draw(self) -> None:
        """Show nothing."""

    def close(self, summary: Summary) -> None:
        """Log the counts."""
        log.info("%s", summary.log_line)


class TerminalSurface:
    """A bar that holds everything, then the summary under it."""

    def __init__(self, meter: Meter, tqdm: Any) -> None:
        self._meter = meter
        self._bar = _opened(tqdm, meter, "", file=sys.stderr, dynamic_ncols=True)

    def draw(self) -> None:
        """Draw the bar."""
        parts = (*self._meter.counts(), *self._meter.facts(_rate(self._bar)))
        room = shutil.get_terminal_size().columns - BAR_AND_COUNT
        _moved(self._bar, self._meter, _fitting(parts, room))

    def close(self, summary: Summary) -> None:
        """End the bar where it stands."""
        self.draw()
        self._bar.close()
        sys.stderr.write(f"{summary!r}\n")
        sys.stderr.flush()


class NotebookSurface:
    """A widget that moves, and a line under it that a saved notebook keeps."""

    def __init__(self, meter: Meter, tqdm: Any) -> None:
        from IPython.display import display

        self._meter = meter
        self._bar = _opened(tqdm, meter, meter.title, display=False)
        self._moving = None if self._bar.disable else display(self._bar.container, display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here
        self._line = display(_plain(meter.line()), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._shown, self._drawn = meter.line(), time.monotonic()

    def draw(self) -> None:
        """Move the bar, and bring the line up to date now and then."""
        _moved(self._bar, self._meter, _fitting(self._meter.facts(_rate(self._bar)), room=math.inf))
        now, text = time.monotonic(), self._meter.line()
        if text != self._shown and now - self._drawn >= LINE_EVERY:
            self._line.update(_plain(text), raw=True)
            self._shown, self._drawn = text, now

    def close(self, summary: Summary) -> None:
        """Put text in the place of the widget, and the summary in the place of the line."""
        self.draw()
        self._bar.close()
        if self._moving is not None:
            self._moving.update(_plain(self._bar.format_meter(**self._bar.format_dict)), raw=True)
            for widget in (*self._bar.container.children, self._bar.container):
                widget.close()
        self._line.update(summary)


def _opened(tqdm: Any, meter: Meter, name: str, **options: Any) -> Any:
    """Open a bar; there is none where nothing is to be done."""
    left = gettext("left")
    form = f"{{desc}}{{percentage:3.0f}} %|{{bar}}| {{n_fmt}}/{{total_fmt}}, {left} {{remaining}}{{postfix}}"
    return tqdm(
        total=meter.total,
        desc=name,
        disable=not meter.total,
        bar_format=form,
        # Redrawn though nothing came: the clock goes on.
        miniters=0,
        mininterval=BAR_EVERY,
        **options,
    )


def _fitting(parts: Iterable[str], room: float) -> str:
    """Join what fits, the first first."""
    kept = ""
    for part in filter(None, parts):
        longer = f"{kept}, {part}" if kept else part
        if len(longer) > room:
            break
        kept = longer
    return kept


def _moved(bar: Any, meter: Meter, text: str) -> None:
    bar.set_postfix_str(text, refresh=False)
    bar.update(meter.done - bar.n)


def _rate(bar: Any) -> float | None:
    """Return what is done in a second; None while that is not known."""
    rate: float | None = None if bar.disable else bar.format_dict["rate"]
    return rate


def _plain(text: str) -> dict[str, str]:
    return {"text/plain": text}
