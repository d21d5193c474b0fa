"""The pace of an outside address that several machines share, in the database of their team's ledger.

The turn is an advisory lock: whoever holds it writes one request and stamps it, by the clock of the server, before the
next one has it. The server frees it when its holder's session ends. A holder that died may have written a request; the
next one finds the mark, and stamps it.

Nothing here waits for the server's disk: what a crash of it loses is a second old when it is back, and whoever comes
back to it waits that long.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
import psycopg

from ctnb.delivery.ledger import postgres_about as about
from ctnb.delivery.ledger.postgres_database import PAUSE, RETRYING, raising_ledger_errors
from ctnb.delivery.ledger.postgres_owner import LOCKS
from ctnb.delivery.ledger.postgres_session import ServerGoneError, is_gone, open_session, refuse_pooler
from ctnb.delivery.ledger.team_key import team_secrets
from ctnb.delivery.pace.history import History, Rate
from ctnb.delivery.pace.hold_up import HoldUp
from ctnb.delivery.pace.limiter import RateLimiter, holder_name
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.delivery.ledger.postgres_session import Session
    from ctnb.secret_texts import Address

_T = TypeVar("_T")

TURNS: Final = LOCKS + 1
"""The first number of the locks that are turns; the second one is the address's."""

POLL: Final = 0.02
"""Seconds between two looks at a turn that another one holds, which waits out most of a gap after it."""

RECENT: Final = 2.0
"""Seconds that stamps are kept for: twice the longest window of a rate above 1, and one stamp does for slower ones."""

_log = logging.getLogger(__name__)


class PaceTable:
    """The history of one address in the database, over a session of its own; it is asked in one thread.

    Parameters
    ----------
    database : Address
        Of the team's ledger.
    name : str
        Of the outside address, with the host that is asked.

    Attributes
    ----------
    has_turn : bool
        Whether this session has the turn.
    closing : Event
        Set when nobody waits any more for a server that is gone.
    """

    def __init__(self, database: Address, name: str) -> None:
        self._database, self._name = database, name
        self._session: Session | None = None
        self._id = 0
        self._was_opened = self.has_turn = False
        self.closing = threading.Event()

    def take_turn(self) -> bool:
        """Take the turn if it is free."""
        self.has_turn = self._retried(
            lambda session: session.execute("SELECT pg_try_advisory_lock(%s, %s)", (TURNS, self._id)).fetchone()
        ) == (True,)
        return self.has_turn

    def free_turn(self) -> None:
        """Give the turn back, where this session has it."""
        if self.has_turn and self._session is not None:
            self.has_turn = False
            self._session.execute("SELECT pg_advisory_unlock(%s, %s)", (TURNS, self._id))

    def read(self) -> tuple[History, float]:
        """Return the history, and the time."""
        return self.change(lambda history, _: history)

    def change(self, change: Callable[[History, float], History]) -> tuple[History, float]:
        """Change the history in one step; return it changed, and the time, which nobody writes a later one before."""
        return self._retried(lambda session: self._changed(session, change))

    def close(self) -> None:
        """End the session, and with it the turn."""
        if self._session is not None:
            self._session.close()

    def _changed(self, session: Session, change: Callable[[History, float], History]) -> tuple[History, float]:
        while True:
            kept, now = session.execute(
                "SELECT history, extract(epoch FROM clock_timestamp())::float8 FROM pace WHERE id = %s", (self._id,)
            ).fetchone() or (b"", 0.0)
            found = _decoded(kept)
            changed = change(_not_later(found, now).at(now), now)
            if changed == found:
                return changed, now
            changed = _recent(changed, now)
            # Written only over what was read: others ask for pauses without having the turn.
            if session.execute(
                "UPDATE pace SET history = %s WHERE id = %s AND history = %s",
                (msgspec.msgpack.encode(changed), self._id, kept),
            ).rowcount:
                return changed, now

    def _retried(self, work: Callable[[Session], _T]) -> _T:
        """Do something, again when the server is back; `LedgerError` when it does not come back."""
        until = time.monotonic() + RETRYING
        with raising_ledger_errors(self._database):
            while True:
                try:
                    return work(self._living())
                except (psycopg.Error, ServerGoneError) as error:
                    is_lost = isinstance(error, ServerGoneError) or self._session is None
                    if not is_lost and not is_gone(error, self._session):  # type: ignore[arg-type]
                        raise
                    if time.monotonic() > until or self.closing.is_set():
                        raise
                self.closing.wait(PAUSE)

    def _living(self) -> Session:
        """Return the session; after a lost one whatever was stamped may be lost, too."""
        if self._session is None or self._session.closed:
            self.has_turn = False
            self._session = session = open_session(self._database)
            session.execute("SET synchronous_commit = off")
            if not self._was_opened:
                refuse_pooler(session, self._database)
                if not about.is_made(session):  # a journal may be read before the first run
                    about.create(session, team_secrets())
            found = None
            while found is None:
                found = session.execute("SELECT id FROM pace WHERE name = %s", (self._name,)).fetchone()
                if found is None:
                    empty = msgspec.msgpack.encode(History())
                    session.execute(
                        "INSERT INTO pace (name, history) VALUES (%s, %s) ON CONFLICT DO NOTHING", (self._name, empty)
                    )
            self._id = found[0]
            if self._was_opened:
                self._changed(session, lambda _, now: History(whole=False).at(now))
            self._was_opened = True
        return self._session


class TeamLimiter:
    """Gives slots, each for writing one request, among the machines of a team; see `RateLimiter`.

    Whoever has the team's turn takes the machine's slot, too, for others on this machine may not know of the team.

    Parameters
    ----------
    rate : float
        Requests a second from the outside address.
    table : PaceTable
        Closed with the limiter.
    own : RateLimiter
        The machine's.
    """

    def __init__(self, rate: float, table: PaceTable, own: RateLimiter) -> None:
        self._rate, self._table, self._own = Rate(rate), table, own
        self._free = asyncio.Lock()
        self._steps = ThreadPoolExecutor(1, thread_name_prefix="ctnb-pace")

    async def take(self) -> None:
        """Wait for a slot; every slot taken must be given back with `written` or `drop`.

        Raises
        ------
        LedgerError
            When the database is gone, and does not come back.
        """
        await self._free.acquire()
        try:
            await self._take_turn()
            await self._own.take()
        except BaseException:
            # Behind whatever is under way in that thread: it may take the turn yet.
            self._later(self._give_up)
            self._free.release()
            raise

    def written(self) -> None:
        """Give the slot back: the request is written now."""
        self._own.written()
        self._later(self._stamp)
        self._free.release()

    def drop(self) -> None:
        """Give the slot back: nothing was written."""
        self._own.drop()
        self._later(self._give_up)
        self._free.release()

    def pause(self, seconds: float) -> None:
        """Give no slot for so many seconds, and allow for more jitter: the answer to a 429."""
        self._own.pause(seconds)
        self._later(lambda: self._table.change(lambda history, now: history.limited(now, seconds)))

    def close(self) -> None:
        """Wait until the last request is stamped; a server that is gone is not waited for."""
        self._table.closing.set()
        self._later(self._table.close)
        self._steps.shutdown()

    async def _take_turn(self) -> None:
        await self._wait_for_turn()
        # A turn is lost with the session, and another machine may have it since.
        while not self._table.has_turn:
            await self._wait_for_turn()

    async def _wait_for_turn(self) -> None:
        hold_up = HoldUp(time.monotonic)
        while not await self._ask(self._table.take_turn):
            if hold_up.wants_to_look:
                history, now = await self._ask(self._table.read)
                hold_up.look(history, is_paused=now < history.paused_until)
            await asyncio.sleep(POLL)
        # Marked before the wait, so that it costs no time after it; whoever finds the mark of a holder that died in the
        # wait stamps a request that was never written.
        name = holder_name()
        history, now = await self._ask(
            lambda: self._table.change(lambda history, now: history.taken(name, now).marked_busy())
        )
        while (left := self._rate.due(history, now) - now) > 0:
            await asyncio.sleep(left)
            history, now = await self._ask(self._table.read)  # another one may have paused everybody

    async def _ask(self, step: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._steps, step)

    def _later(self, step: Callable[[], object]) -> None:
        """Carry a step out after those before it; what fails leaves its mark, and the next holder stamps it."""

        def carried_out() -> None:
            try:
                step()
            except (LedgerError, psycopg.Error) as failure:
                _log.warning("The pace that machines share could not be written down: %s", type(failure).__name__)

        self._steps.submit(carried_out)

    def _stamp(self) -> None:
        try:
            self._table.change(lambda history, now: history.stamped(now))
        finally:
            self._table.free_turn()

    def _give_up(self) -> None:
        if self._table.has_turn:
            try:
                self._table.change(lambda history, _: history.dropped())
            finally:
                self._table.free_turn()


def _decoded(kept: bytes) -> History:
    """Return a history as it was kept; a damaged one counts as full of requests."""
    try:
        return msgspec.msgpack.decode(kept, type=History)
    except msgspec.DecodeError:
        return History(whole=False)


def _not_later(history: History, now: float) -> History:
    """Return a history none of whose stamps is to come: a server's clock may be set back by less than a window."""
    return replace(history, stamps=tuple(min(stamp, now) for stamp in history.stamps))


def _recent(history: History, now: float) -> History:
    """Return a history with the stamps that count."""
    kept = tuple(stamp for stamp in history.stamps[:-1] if stamp > now - RECENT)
    return replace(history, stamps=kept + history.stamps[-1:])
