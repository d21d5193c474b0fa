"""Progress of a run, on a bar that suits a terminal and a notebook."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ctnb.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Counted", "progress_bar"]


class Counted(Protocol):
    """What the bar needs of a run's counts."""

    @property
    def leads(self) -> int:
        """Comments to deliver."""
        ...

    @property
    def settled(self) -> int:
        """Comments that have an outcome."""
        ...

    @property
    def statuses(self) -> dict[Status, int]:
        """Comments by outcome."""
        ...


@contextmanager
def progress_bar(counted: Counted, *, shown: bool) -> Iterator[Callable[[], None]]:
    """Open a bar over the leads of a run.

    Parameters
    ----------
    counted : Counted
        The run's counts, read each time the bar is drawn.
    shown : bool
        Whether there is a bar at all.

    Yields
    ------
    callable
        Draws the bar as the counts are now.
    """
    from tqdm.auto import tqdm

    with tqdm(total=counted.leads, desc="Comments", unit="lead", disable=not shown) as bar:

        def draw() -> None:
            told = {str(status): counted.statuses.get(status, 0) for status in (Status.COMMENTED, Status.UNMATCHED)}
            doubts = counted.statuses.get(Status.UNCERTAIN, 0)
            bar.set_postfix(told | ({str(Status.UNCERTAIN): doubts} if doubts else {}), refresh=False)
            bar.update(counted.settled - bar.n)

        try:
            yield draw
        finally:
            draw()
