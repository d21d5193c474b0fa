"""Halving: find the lead for which the vendor refuses a whole request without naming it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.delivery.batch import Batch

Unnamed: TypeAlias = "tuple[Batch, str]"
"""A batch that was refused without a lead being named, and the vendor's message."""


async def find_culprit(
    batch: Batch,
    message: str,
    *,
    deliver: Callable[[Batch], Awaitable[Unnamed | None]],
    withdraw: Callable[[Batch], Awaitable[None]],
    invalidate: Callable[[Batch, str], None],
) -> str | None:
    """Halve a batch as long as one half goes through; "violations with no or impossible index" of reliability.

    Parameters
    ----------
    batch : Batch
        Its intent stands.
    message : str
        Why the vendor refused it.
    deliver : callable
        Sends a batch; returns it with the vendor's message when it is refused in the same way.
    withdraw : callable
        Takes the intent of a batch back.
    invalidate : callable
        Settles the leads of a batch as invalid.

    Returns
    -------
    str or None
        The vendor's message when both halves are refused: the refusal is not one lead's. None otherwise.
    """
    while len(batch.rows) > 1:
        await withdraw(batch)
        middle = len(batch.rows) // 2
        halves = [batch.part(rows) for rows in (batch.rows[:middle], batch.rows[middle:])]
        refused = [unnamed for half in halves if (unnamed := await deliver(half)) is not None]
        if len(refused) == len(halves):
            for half, reason in refused:
                invalidate(half, reason)
            return message
        if not refused:
            return None
        batch, message = refused[0]
    invalidate(batch, message)
    return None
