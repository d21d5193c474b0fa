"""Pieces of a column on several threads: NumPy and Arrow let others run while they work."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_THREADS: Final = 4
"""More threads gain little: between the kernels there is Python, which runs on one thread at a time."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def slices(length: int, most: int) -> list[slice]:
    """Cut n rows into as few slices of `most` rows or less as there can be, about as long; one slice at least."""
    count = -(-length // most) or 1
    step = -(-length // count) or 1
    return [slice(begin, begin + step) for begin in range(0, length or 1, step)]


def mapped(work: Callable[[Piece], Result], pieces: Sequence[Piece]) -> list[Result]:
    """Apply a function to pieces, several at a time; the results come in order, and the first error is raised."""
    workers = min(MOST_THREADS, os.cpu_count() or 1, len(pieces))
    if workers < 2:
        return [work(piece) for piece in pieces]
    pool = ThreadPoolExecutor(workers, thread_name_prefix="ctnb-plan")
    try:
        return list(pool.map(work, pieces))
    finally:
        # Also when the user interrupts: what has not begun is left out.
        pool.shutdown(cancel_futures=True)
