"""The named points of a run at which a child process can be killed; hooks from outside, none in ctnb itself."""

import asyncio
import contextlib
import functools
import inspect
import os
import signal
import sqlite3
import sys

import aiohttp

from ctnb.delivery import client, sender
from ctnb.delivery.ledger import writer
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.leads.limits import LEADS_PER_REQUEST


class Passes:
    """Counts how often a point is passed, and kills this process on the chosen pass."""

    def __init__(self, nth):
        self._left = nth

    def due(self):
        self._left -= 1
        return self._left == 0

    def __call__(self):
        if self.due():
            die()


def die():
    """End this process as `kill -9` or TerminateProcess does: no handler, no flush, no farewell."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def wrap(owner, name, *, before=None, after=None, inside=None):
    """Call hooks around a method, plain or async; ``inside`` is a context manager."""
    plain = getattr(owner, name)
    inside = inside or contextlib.nullcontext

    @functools.wraps(plain)
    def hooked(*arguments, **settings):
        with inside():
            if before:
                before()
            result = plain(*arguments, **settings)
            if after:
                after()
        return result

    @functools.wraps(plain)
    async def hooked_async(*arguments, **settings):
        if before:
            before()
        result = await plain(*arguments, **settings)
        if after:
            after()
        return result

    setattr(owner, name, hooked_async if inspect.iscoroutinefunction(plain) else hooked)


class Within:
    """Knows whether a method of the ledger is under way."""

    def __init__(self, method):
        self._depth = 0
        wrap(SqliteLedger, method, inside=self._counted)

    @contextlib.contextmanager
    def _counted(self):
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def __bool__(self):
        return self._depth > 0


def before(owner, name):
    return lambda passed: wrap(owner, name, before=passed)


def after(owner, name):
    return lambda passed: wrap(owner, name, after=passed)


def on_statements(listener):
    """Call back with each SQL statement of a database that is opened from now on, before it is carried out."""
    connect = sqlite3.connect

    def connecting(*arguments, **settings):
        database = connect(*arguments, **settings)
        database.set_trace_callback(listener)
        return database

    sqlite3.connect = connecting


class Pending:
    """Knows whether a change of the ledger is made and not committed: several may be committed as one."""

    def __init__(self, method):
        self._made = False
        wrap(SqliteLedger, method, before=self._note)

    def _note(self):
        self._made = True

    def cleared(self):
        """Return whether there is one, and forget it."""
        made, self._made = self._made, False
        return made


def at_commit_of(method):
    """Stop before the commit of a change of the ledger."""

    def arm(passed):
        pending = Pending(method)
        on_statements(lambda statement: statement.upper().startswith("COMMIT") and pending.cleared() and passed())

    return arm


def committed(method):
    """Stop when a change of the ledger is on the disk, before anybody knows."""

    def arm(passed):
        pending = Pending(method)
        wrap(writer, "_carry_out", after=lambda: pending.cleared() and passed())

    return arm


def one_batch_claimed_at_once(arm):
    """Have a run claim batch by batch, so that each of them passes a point of the claim."""

    def armed(passed):
        sender.Sender.__init__.__kwdefaults__["window"] = LEADS_PER_REQUEST
        arm(passed)

    return armed


FILE_EVENTS = {"open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.truncate", "sqlite3.connect"}


def at_steps_of_opening(passed):
    """Stop before each call to the system, and each statement, while the ledger is being opened or made."""
    within = Within("__init__")

    def listener(event, arguments):
        # Python's own files are opened too, while modules are imported.
        if event in FILE_EVENTS and within and "ledger" in str(arguments[0]) and ".py" not in str(arguments[0]):
            passed()

    wrap(os, "fsync", before=lambda: within and passed(), after=lambda: within and passed())
    on_statements(lambda _: within and passed())
    sys.addaudithook(listener)


def at_first_bytes(passed):
    """Stop with half of a request written."""
    write = client._Body.write_with_length

    async def half_written(self, writer, content_length):
        if passed.due():
            await writer.write(self._value[: len(self._value) // 2])
            await asyncio.sleep(0.005)
            die()
        await write(self, writer, content_length)

    client._Body.write_with_length = half_written


def at_half_answer(passed):
    """Stop with the first piece of an answer read."""
    iter_chunked = aiohttp.StreamReader.iter_chunked

    def in_pieces(self, size):
        async def pieces():
            first = True
            async for piece in iter_chunked(self, 1000):
                if first:
                    passed()
                first = False
                yield piece

        return pieces()

    aiohttp.StreamReader.iter_chunked = in_pieces


BATCH = {
    "before the claim's commit": one_batch_claimed_at_once(at_commit_of("claim")),
    "claimed": one_batch_claimed_at_once(after(SqliteLedger, "claim")),
    "connected": after(aiohttp.TCPConnector, "connect"),
    "slot taken": after(RateLimiter, "take"),
    "before the intent": before(SqliteLedger, "intend"),
    "before the intent's commit": at_commit_of("intend"),
    "intent made": after(SqliteLedger, "intend"),
    "intent committed": committed("intend"),
    "first bytes written": at_first_bytes,
    "all written": after(client._Body, "write_with_length"),
    "answer half read": at_half_answer,
    "answer read": after(client.Client, "exchange"),
    "before the record": before(SqliteLedger, "record"),
    "before the record's commit": at_commit_of("record"),
    "record made": after(SqliteLedger, "record"),
    "recorded": committed("record"),
}
"""Passed once for each batch."""

REFUSED = {
    "before the withdrawal": before(SqliteLedger, "withdraw"),
    "before the withdrawal's commit": at_commit_of("withdraw"),
    "withdrawn": committed("withdraw"),
    "before the release": before(SqliteLedger, "release"),
    "before the release's commit": at_commit_of("release"),
    "released": committed("release"),
}
"""Passed when a request is refused whole and the run stops."""

OPENING = {"opening": at_steps_of_opening}
"""Passed many times while a ledger is opened or made: its folder, its key, its database."""

CLOSING = {"before the close": before(SqliteLedger, "close"), "closed": after(SqliteLedger, "close")}
"""Passed once for each run."""

POINTS = {**BATCH, **REFUSED, **OPENING, **CLOSING}


def arm(name, nth):
    """Kill this process on the n-th pass (1-based) of a point."""
    POINTS[name](Passes(nth))
