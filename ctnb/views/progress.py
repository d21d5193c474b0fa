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

from ctnb.i18n.language import gettext, number
from ctnb.outcomes import Status
from ctnb.views.html.run import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ctnb.views.html.run import Planned, Tallied

log = logging.getLogger("ctnb")

LINE_EVERY: Final = 1.0
"""Seconds between two changes of the line under a notebook's bar."""

BAR_EVERY: Final = 0.2
"""Seconds between two drawings of a bar."""

BAR_AND_COUNT: Final = 46
"""Characters of a terminal's line that a short bar, the counts and the time left take."""

TOLD: Final = (Status.COMMENTED, Status.UNMATCHED, Status.UNCERTAIN)


class Surface(Protocol):
    """Where progress is shown."""

    def draw(self) -> None:
        """Show the counts as they are now."""
        ...

    def close(self, summary: RunSummary) -> None:
        """Show what the run came to, and leave nothing that moves."""
        ...


@contextmanager
def progress_bar(tally: Tallied, *, shown: bool, plan: Planned) -> Iterator[Callable[[], None]]:
    """Show the progress of a run, and what it came to when it ends: done, failed or interrupted.

    Parameters
    ----------
    tally : Tallied
        The run's counts, read each time they are drawn.
    shown : bool
        Whether anything is shown at all.
    plan : Planned
        Whose comments these are.

    Yields
    ------
    callable
        Draws the counts as they are now.
    """
    if not shown:
        yield lambda: None
        return
    began = time.monotonic()
    surface = _surface(tally)
    try:
        yield surface.draw
    finally:
        surface.close(RunSummary.of(tally, plan, time.monotonic() - began))


def _surface(tally: Tallied) -> Surface:
    from tqdm.auto import tqdm

    # By its name: importing the notebook's bar would load the widgets into every script.
    if any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__):
        return NotebookSurface(tally, tqdm)
    return TerminalSurface(tally, tqdm) if sys.stderr is not None and sys.stderr.isatty() else LogSurface(tally)


class LogSurface:
    """No terminal and no notebook: nothing moves, and one line goes to the log when the run has ended."""

    def __init__(self, tally: Tallied) -> None:
        self._tally = tally

    def draw(self) -> None:
        """Show nothing."""

    def close(self, summary: RunSummary) -> None:
        """Log the counts, in English as all logs are."""
        told = ", ".join(f"{status} {count}" for status, count in summary.statuses.items() if count)
        log.info("The run has ended: %s; requests %d.", told or "nothing to send", self._tally.requests)


class TerminalSurface:
    """A bar that holds everything, then the summary under it."""

    def __init__(self, tally: Tallied, tqdm: Any) -> None:
        self._tally = tally
        self._bar = _opened(tqdm, tally, "", file=sys.stderr, dynamic_ncols=True)

    def draw(self) -> None:
        """Draw the bar."""
        parts = (_told(self._tally), _pace(self._bar), _batches(self._tally))
        room = shutil.get_terminal_size().columns - BAR_AND_COUNT
        _moved(self._bar, self._tally, _fitting(parts, room))

    def close(self, summary: RunSummary) -> None:
        """End the bar where it stands."""
        self.draw()
        self._bar.close()
        sys.stderr.write(f"{summary!r}\n")
        sys.stderr.flush()


class NotebookSurface:
    """A widget that moves, and a line under it that a saved notebook keeps."""

    def __init__(self, tally: Tallied, tqdm: Any) -> None:
        from IPython.display import display

        self._tally = tally
        self._bar = _opened(tqdm, tally, gettext("Comments: "), display=False)
        self._moving = None if self._bar.disable else display(self._bar.container, display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here
        self._line = display(_plain(self._text()), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._shown, self._drawn = self._text(), time.monotonic()

    def draw(self) -> None:
        """Move the bar, and bring the line up to date now and then."""
        _moved(self._bar, self._tally, _fitting((_pace(self._bar), _batches(self._tally)), room=math.inf))
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
        settled, leads = number(self._tally.settled), number(self._tally.leads)
        so_far = gettext("{settled} of {leads} comments", settled=settled, leads=leads)
        return f"{so_far}: {_told(self._tally)}"


def _opened(tqdm: Any, tally: Tallied, name: str, **options: Any) -> Any:
    """Open a bar; there is none where nothing is to be sent."""
    left = gettext("left")
    form = f"{{desc}}{{percentage:3.0f}} %|{{bar}}| {{n_fmt}}/{{total_fmt}}, {left} {{remaining}}{{postfix}}"
    return tqdm(
        total=tally.leads,
        desc=name,
        disable=not tally.leads,
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


def _moved(bar: Any, tally: Tallied, told: str) -> None:
    bar.set_postfix_str(told, refresh=False)
    bar.update(tally.settled - bar.n)


def _pace(bar: Any) -> str:
    rate = None if bar.disable else bar.format_dict["rate"]
    return gettext("{rate} leads/s", rate=number(round(rate))) if rate else ""


def _batches(tally: Tallied) -> str:
    return gettext("batches {count}", count=number(tally.requests))


def _told(tally: Tallied) -> str:
    commented, unmatched, uncertain = (tally.statuses.get(status, 0) for status in TOLD)
    told = [
        gettext("commented {count}", count=number(commented)),
        gettext("unmatched {count}", count=number(unmatched)),
    ]
    told += [gettext("uncertain {count}", count=number(uncertain))] if uncertain else []
    return ", ".join(told)


def _plain(text: str) -> dict[str, str]:
    return {"text/plain": text}
