"""The ledger writer: asks the ledger for the sender, off the loop's thread where the ledger writes to a disk.

Requests of the same moment become one durable change: a disk takes as long to write a thousand comments as to write
one. A change that fails is undone, and each of its parts is tried by itself, so that one batch does not spoil another.
Nothing is answered before it is durable. Requests are carried out in their order, except claims: they are made ahead
and take long, so every other request goes before them.
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

from ctnb.delivery.ledger.protocol import DurableLedger, RunLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ctnb.delivery.ledger.protocol import Comments, Terms
    from ctnb.outcomes import Outcome

GATHERING: Final = 0.005
"""Seconds that outcomes wait for a change that they can be part of: mostly the next intent."""


class LedgerWriter:
    """Asks a ledger for one run; use it as a context manager, in a running loop.

    Its methods are the ledger's own, see `RunLedger`; each returns a future that is done when the ledger has answered.
    A ledger in memory is asked at once, in the loop's thread.

    Parameters
    ----------
    ledger : RunLedger
    terms : Terms
        The run's.
    """

    def __init__(self, ledger: RunLedger, terms: Terms) -> None:
        self._ledger, self._terms = ledger, terms
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        if isinstance(self._ledger, DurableLedger):
            self._thread = Thread(
                target=_work,
                args=(self._requests, self._ledger, asyncio.get_running_loop()),
                name="ctnb-ledger",
                daemon=True,
            )
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._thread is not None:
            self._requests.put(None)
            self._thread.join()

    @property
    def secret(self) -> bytes:
        """The 32 bytes that comments are keyed with."""
        return self._ledger.secret

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """Keys that earlier comments were keyed with."""
        return self._ledger.older_secrets

    @property
    def only_new(self) -> bool:
        """Whether the run sends only what is new to the ledger."""
        return self._terms.only_new

    def claim(self, comments: Comments, most: int | None = None) -> asyncio.Future[list[Outcome | None]]:
        """Take ownership where it is free, of so many at most; it may recover what dead runs left: a change of its own.

        Later requests may go first, so nothing may be asked for its comments until it is answered.
        """
        return self._ask(lambda: self._ledger.claim(comments, self._terms, most), alone=True)

    def intend(self, identities: Sequence[bytes], attempt: str) -> asyncio.Future[None]:
        """Mark claimed comments as being sent."""
        return self._ask(lambda: self._ledger.intend(identities, self._terms, attempt))

    def withdraw(self, identities: Sequence[bytes], attempt: str) -> asyncio.Future[None]:
        """Mark comments as claimed again."""
        return self._ask(lambda: self._ledger.withdraw(identities, self._terms, attempt))

    def record(self, outcomes: Mapping[bytes, Outcome], attempt: str) -> asyncio.Future[None]:
        """Keep outcomes and give the comments up; nobody waits for it, and so it may wait for others."""
        return self._ask(lambda: self._ledger.record(outcomes, self._terms, attempt), can_wait=True)

    def release(self, identities: Sequence[bytes]) -> asyncio.Future[None]:
        """Give comments up unsent."""
        return self._ask(lambda: self._ledger.release(identities, self._terms))

    def caught_up(self) -> asyncio.Future[None]:
        """Return a future that is done when all earlier requests are."""
        return self._ask(lambda: None, alone=True)

    def _ask(self, carry_out: Callable[[], Any], *, alone: bool = False, can_wait: bool = False) -> asyncio.Future[Any]:
        request = _Request(carry_out, alone, can_wait, asyncio.get_running_loop().create_future())
        if self._thread is None:
            request.attempt()
            request.answer()
        else:
            self._requests.put(request)
        return request.answered


@dataclass(slots=True)
class _Request:
    """A request to the ledger, and its answer.

    One that is ``alone`` is a change of its own, after all others; one that ``can_wait`` waits for others.
    """

    carry_out: Callable[[], Any]
    alone: bool
    can_wait: bool
    answered: asyncio.Future[Any]
    result: Any = field(default=None, init=False)
    failure: Exception | None = field(default=None, init=False)

    def attempt(self) -> None:
        """Carry it out by itself."""
        try:
            self.result = self.carry_out()
        except Exception as failure:  # noqa: BLE001  raised where the answer is awaited
            self.failure = failure

    def answer(self) -> None:
        """Hand over the answer; whoever asked may have been cancelled."""
        if self.answered.done():
            return
        if self.failure is not None:
            self.answered.set_exception(self.failure)
        else:
            self.answered.set_result(self.result)


def _work(requests: SimpleQueue[_Request | None], ledger: DurableLedger, loop: asyncio.AbstractEventLoop) -> None:
    """Carry out requests until None comes; all that wait are taken at once."""
    later: deque[_Request] = deque()
    ended = False
    while not ended or later:
        now: list[_Request] = []
        until = 0.0
        with suppress(Empty):
            while not ended:
                request = requests.get(timeout=_seconds_for_more(now, later, until, ledger.renewal))
                if request is None:
                    ended = True
                elif request.alone:
                    later.append(request)
                else:
                    until = until or monotonic() + GATHERING
                    now.append(request)
        if later and not now:
            now.append(later.popleft())
        if now:
            _carry_out(now, ledger)
            loop.call_soon_threadsafe(_answer, now)
        elif not ended:
            ledger.renew()


def _seconds_for_more(
    now: Sequence[_Request], later: Sequence[_Request], until: float, renewal: float | None = None
) -> float | None:
    """Return how long to wait for another request; None when there is nothing to do before it."""
    if now:
        return max(until - monotonic(), 0) if all(request.can_wait for request in now) else 0
    return 0 if later else renewal


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
    except Exception:  # noqa: BLE001  each is tried by itself then, and shows whose fault it was
        return False
    return True


def _answer(requests: Iterable[_Request]) -> None:
    """Hand over the answers of requests, in the loop's thread and in their order."""
    for request in requests:
        request.answer()
