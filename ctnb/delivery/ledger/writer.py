"""The clerk: asks the ledger for the sender, off the loop's thread where the ledger writes to a disk.

What several batches ask in the same moment becomes one durable change: a disk takes as long to keep a thousand
comments as to keep one. A change that fails is undone, and each of its parts is tried by itself, so that one batch
does not spoil another. Nothing is answered before it is durable. What is asked first is carried out first, but for
claims: they are made ahead and take long, so whatever else is asked goes before them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self

from ctnb.delivery.ledger.protocol import DurableLedger, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ctnb.delivery.ledger.protocol import Terms
    from ctnb.outcomes import Outcome

PATIENCE: Final = 0.005
"""Seconds that outcomes wait for a change that they can be part of: the next intent, more often than not."""


class LedgerWriter:
    """Carries out what is asked of a ledger; use it as a context manager, in a running loop.

    Its methods are the ledger's own, see `Ledger`; each returns a future that is done when the ledger has answered.
    A ledger in memory is asked at once, in the loop's thread.

    Parameters
    ----------
    ledger : Ledger
    terms : Terms
        The run's.
    """

    def __init__(self, ledger: Ledger, terms: Terms) -> None:
        self._ledger, self._terms = ledger, terms
        self._asked: SimpleQueue[_Request | None] = SimpleQueue()
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        if isinstance(self._ledger, DurableLedger):
            self._thread = Thread(
                target=_work,
                args=(self._asked, self._ledger, asyncio.get_running_loop()),
                name="ctnb-ledger",
                daemon=True,
            )
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()

    @property
    def secret(self) -> bytes:
        """The 32 bytes that identities are keyed with."""
        return self._ledger.secret

    def claim(self, identities: Sequence[bytes]) -> asyncio.Future[list[Outcome | None]]:
        """Take ownership where it is free; it may recover what dead runs left, and so is a change of its own.

        What is asked before it is begun goes first, so nothing may be asked for its comments until it is answered.
        """
        return self._ask(lambda: self._ledger.claim(identities, self._terms), alone=True)

    def intend(self, identities: Sequence[bytes], attempt: str) -> asyncio.Future[None]:
        """Mark claimed comments as being sent."""
        return self._ask(lambda: self._ledger.intend(identities, self._terms, attempt))

    def withdraw(self, identities: Sequence[bytes], attempt: str) -> asyncio.Future[None]:
        """Mark comments as claimed again."""
        return self._ask(lambda: self._ledger.withdraw(identities, self._terms, attempt))

    def record(self, outcomes: Mapping[bytes, Outcome], attempt: str) -> asyncio.Future[None]:
        """Keep outcomes and give the comments up; nobody waits for it, and so it may wait for others."""
        return self._ask(lambda: self._ledger.record(outcomes, self._terms, attempt), patient=True)

    def release(self, identities: Sequence[bytes]) -> asyncio.Future[None]:
        """Give comments up unsent."""
        return self._ask(lambda: self._ledger.release(identities, self._terms))

    def caught_up(self) -> asyncio.Future[None]:
        """Return a future that is done when everything is that was asked before."""
        return self._ask(lambda: None, alone=True)

    def _ask(self, carry_out: Callable[[], Any], *, alone: bool = False, patient: bool = False) -> asyncio.Future[Any]:
        request = _Request(carry_out, alone, patient, asyncio.get_running_loop().create_future())
        if self._thread is None:
            request.attempt()
            request.answer()
        else:
            self._asked.put(request)
        return request.answered


@dataclass(slots=True)
class _Request:
    """One thing that is asked of the ledger, and what came of it.

    What is to be alone is a change of its own, after everything else; what is patient may wait for others.
    """

    carry_out: Callable[[], Any]
    alone: bool
    patient: bool
    answered: asyncio.Future[Any]
    result: Any = field(default=None, init=False)
    failure: Exception | None = field(default=None, init=False)

    def attempt(self) -> None:
        """Carry it out by itself."""
        try:
            self.result = self.carry_out()
        except Exception as failure:  # noqa: BLE001  raised again where it was asked
            self.failure = failure

    def answer(self) -> None:
        """Hand over what came of it; who asked may have been cancelled."""
        if self.answered.done():
            return
        if self.failure is not None:
            self.answered.set_exception(self.failure)
        else:
            self.answered.set_result(self.result)


def _work(asked: SimpleQueue[_Request | None], ledger: DurableLedger, loop: asyncio.AbstractEventLoop) -> None:
    """Carry out what is asked until there is nothing more; everything that waits is taken at once."""
    later: deque[_Request] = deque()
    ended = False
    while not ended or later:
        now: list[_Request] = []
        until = 0.0
        with suppress(Empty):
            while not ended:
                request = asked.get(timeout=_seconds_for_more(now, later, until))
                if request is None:
                    ended = True
                elif request.alone:
                    later.append(request)
                else:
                    until = until or monotonic() + PATIENCE
                    now.append(request)
        if later and not now:
            now.append(later.popleft())
        if now:
            _carry_out(now, ledger)
            loop.call_soon_threadsafe(_answer, now)


def _seconds_for_more(now: Sequence[_Request], later: Sequence[_Request], until: float) -> float | None:
    """Return how long something else may be waited for; None when there is nothing to do before."""
    if now:
        return max(until - monotonic(), 0) if all(request.patient for request in now) else 0
    return 0 if later else None


def _carry_out(requests: Sequence[_Request], ledger: DurableLedger) -> None:
    """Carry requests out as one change; if that fails, each by itself."""
    if len(requests) == 1 or not _carried_out_together(requests, ledger):
        for request in requests:
            request.attempt()


def _carried_out_together(requests: Sequence[_Request], ledger: DurableLedger) -> bool:
    """Carry requests out as one change; False when it failed and was undone."""
    try:
        with ledger.together():
            for request in requests:
                request.result = request.carry_out()
    except Exception:  # noqa: BLE001  whose fault it is shows when each is tried
        return False
    return True


def _answer(requests: Iterable[_Request]) -> None:
    """Hand over what came of requests, in the loop's thread and in their order."""
    for request in requests:
        request.answer()
