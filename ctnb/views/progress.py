"""Progress of a run: a bar in a terminal, a bar and a line in a notebook, a line in a log; then a summary.

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

from ctnb.i18n.labels import status_label
from ctnb.i18n.language import gettext, number
from ctnb.outcomes import Status
from ctnb.views.html.run import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ctnb.delivery.progress_counts import ProgressCounts

log = logging.getLogger("ctnb")

LINE_EVERY: Final = 1.0
"""Seconds between two changes of the line under a notebook's bar."""

BAR_EVERY: Final = 0.2
"""Seconds between two drawings of a bar."""

BAR_AND_COUNT: Final = 46
"""Characters of a terminal's line that a short bar, the counts and the time left take."""

ALWAYS_SHOWN: Final = (Status.COMMENTED, Status.UNMATCHED)
"""Statuses whose counts are shown while they are 0, too."""


class Surface(Protocol):
    """Where progress is shown."""

    def draw(self) -> None:
        """Show the counts as they are now."""
        ...

    def close(self, summary: RunSummary) -> None:
        """Show what the run came to, and leave nothing that moves."""
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
    surface = _surface(counts)
    try:
        yield surface.draw
    finally:
        surface.close(_summed_up(counts, rows, time.monotonic() - began))


def _summed_up(counts: ProgressCounts, rows: Mapping[str, int], seconds: float) -> RunSummary:
    statuses = {status: counts.statuses[status] for status in Status}
    statuses[Status.INVALID] += rows["invalid"]
    statuses[Status.UNSENT] += counts.leads - counts.settled
    reason = counts.stop.reason if counts.stop is not None else None
    return RunSummary(statuses, rows["ready"] - counts.leads, counts.requests, counts.replayed, seconds, reason)


def _surface(counts: ProgressCounts) -> Surface:
    from tqdm.auto import tqdm

    # By its name: importing the notebook's bar would load the widgets into every script.
    if any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__):
        return NotebookSurface(counts, tqdm)
    return TerminalSurface(counts, tqdm) if sys.stderr is not None and sys.stderr.isatty() else LogSurface()


class LogSurface:
    """No terminal and no notebook: nothing moves, and one line goes to the log when the run has ended."""

    def draw(self) -> None:
        """Show nothing."""

    def close(self, summary: RunSummary) -> None:
        """Log the counts, in English as all logs are."""
        counts = ", ".join(f"{status} {count}" for status, count in summary.statuses.items() if count)
        log.info("The run has ended: %s; requests %d.", counts or "nothing to send", summary.requests)


class TerminalSurface:
    """A bar that holds everything, then the summary under it."""

    def __init__(self, counts: ProgressCounts, tqdm: Any) -> None:
        self._counts = counts
        self._bar = _opened(tqdm, counts, "", file=sys.stderr, dynamic_ncols=True)

    def draw(self) -> None:
        """Draw the bar."""
        parts = (*_status_counts(self._counts), _pace(self._bar), _requests(self._counts))
        room = shutil.get_terminal_size().columns - BAR_AND_COUNT
        _moved(self._bar, self._counts, _fitting(parts, room))

    def close(self, summary: RunSummary) -> None:
        """End the bar where it stands."""
        self.draw()
        self._bar.close()
        sys.stderr.write(f"{summary!r}\n")
        sys.stderr.flush()


class NotebookSurface:
    """A widget that moves, and a line under it that a saved notebook keeps."""

    def __init__(self, counts: ProgressCounts, tqdm: Any) -> None:
        from IPython.display import display

        self._counts = counts
        self._bar = _opened(tqdm, counts, gettext("Comments: "), display=False)
        self._moving = None if self._bar.disable else display(self._bar.container, display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here
        self._line = display(_plain(self._text()), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._shown, self._drawn = self._text(), time.monotonic()

    def draw(self) -> None:
        """Move the bar, and bring the line up to date now and then."""
        _moved(self._bar, self._counts, _fitting((_pace(self._bar), _requests(self._counts)), room=math.inf))
        now, text = time.monotonic(), self._text()
        if text != self._shown and now - self._drawn >= LINE_EVERY:
            self._line.update(_plain(text), raw=True)
            self._shown, self._drawn = text, now

    def close(self, summary: RunSummary) -> None:
        """Put text in the place of the widget, and the summary in the place of the line."""
        self.draw()
        self._bar.close()
        if self._moving is not None:
            self._moving.update(_plain(self._bar.format_meter(**self._bar.format_dict)), raw=True)
            for widget in (*self._bar.container.children, self._bar.container):
                widget.close()
        self._line.update(summary)

    def _text(self) -> str:
        settled, leads = number(self._counts.settled), number(self._counts.leads)
        so_far = gettext("{settled} of {leads} comments", settled=settled, leads=leads)
        return f"{so_far}: {', '.join(_status_counts(self._counts))}"


def _opened(tqdm: Any, counts: ProgressCounts, name: str, **options: Any) -> Any:
    """Open a bar; there is none where nothing is to be sent."""
    left = gettext("left")
    form = f"{{desc}}{{percentage:3.0f}} %|{{bar}}| {{n_fmt}}/{{total_fmt}}, {left} {{remaining}}{{postfix}}"
    return tqdm(
        total=counts.leads,
        desc=name,
        disable=not counts.leads,
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


def _moved(bar: Any, counts: ProgressCounts, text: str) -> None:
    bar.set_postfix_str(text, refresh=False)
    bar.update(counts.settled - bar.n)


def _pace(bar: Any) -> str:
    rate = None if bar.disable else bar.format_dict["rate"]
    return gettext("{rate} leads/s", rate=number(round(rate))) if rate else ""


def _requests(counts: ProgressCounts) -> str:
    return f"{gettext('requests')} {number(counts.requests)}"


def _status_counts(counts: ProgressCounts) -> list[str]:
    statuses = [*ALWAYS_SHOWN, *([Status.UNCERTAIN] if counts.statuses[Status.UNCERTAIN] else [])]
    return [f"{status_label(status)} {number(counts.statuses[status])}" for status in statuses]


def _plain(text: str) -> dict[str, str]:
    return {"text/plain": text}
