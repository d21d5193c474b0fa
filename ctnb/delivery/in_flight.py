"""The leads in flight: from the intent that the ledger keeps for them to their outcome."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.delivery.batch import Batch
    from ctnb.delivery.ledger.claims import Claims
    from ctnb.delivery.ledger.writer import LedgerWriter
    from ctnb.outcomes import Outcome


class InFlight:
    """Asks the ledger for each step of a batch, and knows which leads may have been sent and have no outcome yet.

    Parameters
    ----------
    claims : Claims
        The run's, which knows the identities of its leads.
    writer : LedgerWriter
        Of the run's ledger.
    settle : callable
        Given the rows of leads and their outcomes.
    not_recorded : callable
        Given the rows whose outcomes the ledger could not keep, and what went wrong.
    """

    def __init__(
        self,
        claims: Claims,
        writer: LedgerWriter,
        *,
        settle: Callable[[Sequence[int], Sequence[Outcome]], None],
        not_recorded: Callable[[Sequence[int], BaseException], None],
    ) -> None:
        self._claims, self._writer = claims, writer
        self._settle, self._not_recorded = settle, not_recorded
        self._batches: dict[int, Batch] = {}  # by row

    async def intend(self, batch: Batch) -> None:
        """Commit that a batch is being sent: from here on its leads may have been applied."""
        attempt, batch.written = secrets.token_hex(8), False

        def intended() -> None:
            batch.attempt = attempt
            self._batches.update(dict.fromkeys(batch.rows, batch))

        await _agreed(self._writer.intend(self._claims.identities(batch.rows), attempt), intended)

    async def withdraw(self, batch: Batch) -> None:
        """Take an intent back: the request was refused whole, or never written."""
        withdrawn = self._writer.withdraw(self._claims.identities(batch.rows), batch.attempt)
        await _agreed(withdrawn, lambda: self._forget(batch.rows))

    def record(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Settle the leads of a batch; an outcome that the ledger cannot keep is shown all the same."""
        identities = self._claims.identities(batch.rows)
        # Not waited for: the same worker's next intent is asked after it, and so is kept after it.
        recorded = self._writer.record(dict(zip(identities, outcomes, strict=True)), batch.attempt)
        self._settle(batch.rows, outcomes)
        self._claims.forget(batch.rows)
        self._forget(batch.rows)
        if recorded.done():
            self._check(batch.rows, recorded)
        else:
            recorded.add_done_callback(partial(self._check, batch.rows))

    def left(self) -> list[Batch]:
        """Return what was broken off: the leads without an outcome, by the batch that carried them."""
        batches = {id(batch): batch for batch in self._batches.values()}.values()
        return [batch.part([row for row in batch.rows if row in self._batches]) for batch in batches]

    def _forget(self, rows: Sequence[int]) -> None:
        for row in rows:
            self._batches.pop(row, None)

    def _check(self, rows: Sequence[int], recorded: asyncio.Future[None]) -> None:
        if (failure := recorded.exception()) is not None:
            self._not_recorded(rows, failure)


async def _agreed(asked: asyncio.Future[None], note: Callable[[], None]) -> None:
    """Wait until the ledger has agreed; it is noted even if the one that waits is cancelled meanwhile."""

    def answered(agreed: asyncio.Future[None]) -> None:
        if agreed.exception() is None:
            note()

    if asked.done():
        answered(asked)
    else:
        asked.add_done_callback(answered)
    await asyncio.shield(asked)
