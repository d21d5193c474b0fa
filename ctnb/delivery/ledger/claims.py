"""Claims: the leads that a run takes from its ledger ahead of sending them, many at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger.key import PlanComments
from ctnb.leads.limits import LEADS_PER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.writer import LedgerWriter
    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Outcome

WINDOW: Final = 500
"""Leads that are claimed at once, a second of sending at the vendor's pace; intents wait while a file claims more."""


MOST: Final = 2_000
"""Leads that are claimed at once where the ledger has answered all of those before, and so writes nothing."""


class Claims:
    """Takes leads of a plan from the ledger in order, and knows the identities of those that are not settled yet.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    writer : LedgerWriter
    settle : callable
        Given the rows of leads that the ledger answers, and their outcomes.
    window : int
        Leads that are claimed at once.
    limit : int or None
        Leads that are claimed at the most.
    """

    def __init__(
        self,
        plan: Plan,
        connection: Connection,
        writer: LedgerWriter,
        *,
        settle: Callable[[Sequence[int], Sequence[Outcome]], None],
        window: int = WINDOW,
        limit: int | None = None,
    ) -> None:
        self._plan, self._connection, self._writer = plan, connection, writer
        self._settle, self._window, self._size = settle, window, min(window, LEADS_PER_REQUEST)
        self._rows = plan.sent
        self._asked = 0
        self._left = limit
        self._free: deque[int] = deque()
        self._identities: dict[int, bytes] = {}  # by row
        self._own: set[bytes] = set()
        self._claiming: asyncio.Task[None] | None = None

    async def draw(self, most: int) -> list[int]:
        """Return the rows of the next leads, ascending, up to so many; fewer only when there are no more.

        Raises
        ------
        LedgerError
            When the ledger cannot be asked.
        """
        while len(self._free) < most and (claiming := self._more()) is not None:
            # The one that draws may be cancelled, and what is claimed must be known all the same.
            await asyncio.shield(claiming)
        drawn = [self._free.popleft() for _ in range(min(most, len(self._free)))]
        if len(self._free) < self._window:
            self._more()
        return drawn

    def identities(self, rows: Iterable[int]) -> list[bytes]:
        """Return the identities of leads that are claimed and not settled."""
        return [self._identities[row] for row in rows]

    def forget(self, rows: Iterable[int]) -> None:
        """Let go of leads that are settled."""
        for row in rows:
            self._identities.pop(row, None)

    @property
    def held(self) -> list[int]:
        """Rows of the leads that are claimed and not settled, those that are being sent among them."""
        return list(self._identities)

    def stop(self) -> None:
        """Claim no more."""
        self._asked = len(self._rows)

    async def stopped(self) -> None:
        """Wait for the claim that is under way; LedgerError when it failed."""
        self.stop()
        if self._claiming is not None:
            await asyncio.wait({self._claiming})
            if not self._claiming.cancelled():  # as all tasks are when the caller's loop ends
                self._claiming.result()

    def _more(self) -> asyncio.Task[None] | None:
        """Begin to claim more, if that is not under way already; None when there are no more."""
        claiming = self._claiming
        if claiming is None or (claiming.done() and claiming.exception() is None):
            if self._asked >= len(self._rows):
                return None
            self._claiming = asyncio.create_task(self._claim())
        return self._claiming

    async def _claim(self) -> None:
        """Claim the next window; leads that the ledger answers are settled on the way."""
        # The first request waits for the first claim: in a large file each lead of it costs some disk.
        rows = self._rows[self._asked : self._asked + self._size].tolist()
        self._asked += len(rows)
        writer = self._writer
        comments = PlanComments(self._plan, rows, self._connection, writer.secret, writer.older_secrets, own=self._own)
        answers = await writer.claim(comments, self._left)
        asked = zip(rows, comments.identities, answers, strict=True)
        granted = {row: identity for row, identity, answer in asked if answer is None}
        if self._left is not None:
            self._left -= len(granted)
        self._identities |= granted
        self._free.extend(granted)
        if writer.only_new:
            self._own.update(granted.values())
        self._size = self._window if granted else min(2 * self._size, max(MOST, self._window))
        if granted:
            rows = [row for row in rows if row not in granted]
        self._settle(rows, [answer for answer in answers if answer is not None])
