"""The emulator: the vendor on a loopback port, in a thread of its own."""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections import deque
from concurrent.futures import Future
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Self

from ctnb.connection import Connection
from ctnb.defaults import TIMEZONE
from ctnb.emulator.journal_methods import CALLS_PATH, REQUESTS_PATH, JournalMethods
from ctnb.emulator.journals import Journals
from ctnb.emulator.listening import HOST, checked_numbers, checked_port, checked_rate, listen, reply
from ctnb.emulator.records import COMMENT_DTYPES, POST_DTYPES, READ_DTYPES, JournalRead, Post, as_frame
from ctnb.emulator.refusals import TOO_MANY, Refusal, chosen_refusal
from ctnb.emulator.request_body import count_leads
from ctnb.emulator.vendor import ENDPOINT, Vendor
from ctnb.exceptions import ConfigError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    import pandas as pd
    from aiohttp import web

LARGEST_BODY: Final = 32 * 1024 * 1024
STOP_WAIT: Final = 0.2
"""Seconds that a stop waits for requests which are half received; also the seconds between two looks for Ctrl-C."""
CONNECTING_ROUNDS: Final = 10
"""Rounds of the event loop after which an accepted connection is known to the server."""


class RequestWindow:
    """Lets so many requests through in any sliding second; a rate of None lets all."""

    def __init__(self, rate: int | None) -> None:
        self.rate = rate
        self._admitted: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Tell whether a request at this time, in seconds, goes through; one that does not is not counted."""
        if self.rate is None:
            return True
        while self._admitted and now - self._admitted[0] >= 1:
            self._admitted.popleft()
        if len(self._admitted) >= self.rate:
            return False
        self._admitted.append(now)
        return True


class Emulator:
    """The vendor on this machine, over journals of yours: it takes comments, and gives the journals with them.

    It is strict, and nothing leaves the machine.

    Parameters
    ----------
    calls, requests : DataFrame, path to a CSV file, or None
        The journals that comments are matched with, with the vendor's headings: at the least
        ``callId`` or ``requestId``, and ``date``. A CSV is UTF-8 or Windows-1251.
    rate : int or None
        Requests let through in any sliding second; over it the answer is HTTP 429. None: no limit.
    site_id : int
        The account id that is let in.
    token : str or None
        The token that is let in; None: a random one, which `connection` alone shows.
    timezone : str
        IANA name of the account's time zone.
    look_back_only : bool
        Whether a contact rule finds no lead later than its date; by default it looks both ways.
    undocumented : bool
        Whether a match value outside the documented three is allowed; it means ``nearest``.
    port : int
        Port on 127.0.0.1; 0: a free one.
    lose_answer : int or collection of int
        Which comment requests get no answer, counted from 1 as in `posts`: they are applied as usual, and the
        connection is cut. So a run sees what an outage does: those rows are uncertain.

    Raises
    ------
    ConfigError
        When a setting or a journal's date cannot be used, or the port is taken (on `start`).
    ColumnNotFoundError
        When a journal has no id or no date column.

    Examples
    --------
    >>> import pandas as pd
    >>> calls = pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"], "callerNumber": ["79157771122"]})
    >>> with Emulator(calls, rate=None) as vendor:
    ...     print(vendor.connection.loopback, len(vendor.comments))
    True 0
    """

    def __init__(
        self,
        calls: pd.DataFrame | str | Path | None = None,
        requests: pd.DataFrame | str | Path | None = None,
        *,
        rate: int | None = 5,
        site_id: int = 4242,
        token: str | None = None,
        timezone: str = TIMEZONE,
        look_back_only: bool = False,
        undocumented: bool = False,
        port: int = 0,
        lose_answer: int | Collection[int] = (),
    ) -> None:
        # Made without an address, so that the settings are checked as the client's will be.
        access = Connection(site_id, secrets.token_hex(16) if token is None else token, timezone=timezone, ledger=None)
        journals = Journals(calls, requests, timezone=access.timezone, look_back_only=look_back_only)
        self._vendor = Vendor(journals, token=access.token, site_id=access.site_id, undocumented=undocumented)
        self._methods = JournalMethods(self._vendor)
        self._access = access
        self._window = RequestWindow(checked_rate(rate))
        self._port = checked_port(port)
        self._lost = checked_numbers(lose_answer)
        self._posts: list[Post] = []
        self._reads: list[JournalRead] = []
        self._refusals: deque[Refusal] = deque()
        self._lock = Lock()
        self._connection: Connection | None = None
        self._thread: Thread | None = None
        self._ask_to_stop: Callable[[], object] = lambda: None
        self._ended = Event()

    def __repr__(self) -> str:
        journals = self._vendor.journals
        state = f"http://{HOST}:{self._port}" if self._thread else "stopped"
        return f"<Emulator {state}: {len(journals.calls)} calls, {len(journals.requests)} requests>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Begin to listen, on the old port after a stop; an emulator that listens already stays as it is."""
        if self._thread is None:
            listener = listen(self._port)
            self._port = listener.getsockname()[1]
            self._ended.clear()
            serving: Future[Callable[[], object]] = Future()
            self._thread = Thread(target=self._run_loop, args=(listener, serving), name="ctnb-emulator", daemon=True)
            self._thread.start()
            self._ask_to_stop = serving.result()
        if self._connection is None:
            self._connection = self._connect()
        return self

    def stop(self) -> None:
        """Stop listening and wait for the thread to end; `comments` and `posts` stay."""
        thread, self._thread = self._thread, None
        if thread is not None:
            # A loop that has ended by itself takes no calls.
            with contextlib.suppress(RuntimeError):
                self._ask_to_stop()
            thread.join()

    def run(self) -> None:
        """Serve until Ctrl-C, then stop. Call it from the main thread."""
        self.start()
        try:
            # Short waits, for Windows does not interrupt a long one; and not a join, for Python before 3.13
            # takes a thread for ended when its join is interrupted.
            while not self._ended.wait(STOP_WAIT):
                pass
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    @property
    def connection(self) -> Connection:
        """The connection that reaches this emulator, the same object each time, with the ledger in memory.

        Raises
        ------
        ConfigError
            When the emulator has not been started yet.
        """
        if self._connection is None:
            raise ConfigError("The emulator has no address yet. Start it: with Emulator(...) as vendor: ...")
        return self._connection

    @property
    def comments(self) -> pd.DataFrame:
        """The comments applied so far, a row each, in order.

        Columns: ``request`` (the accepted POST, 1-based), ``lead`` (the lead's position in it, 0-based), ``comment``,
        ``rule`` (the rank of the rule that won, 1-based), ``matched_by`` (its type), ``call_id``,
        ``call_reference_id``, ``sip_call_id``, ``request_id``, ``request_number`` (string, NA where there is
        none), ``received_at`` (datetime64 UTC).
        """
        return as_frame(self._vendor.applied(), COMMENT_DTYPES)

    @property
    def posts(self) -> pd.DataFrame:
        """The POSTs received whole on the endpoint so far, refused ones too, a row each, in order.

        Columns: ``number`` (1-based), ``received`` (seconds of `time.monotonic` when the whole request was
        there), ``status`` (HTTP), ``leads`` (how many it carried, 0 where that could not be read).
        """
        with self._lock:
            posts = list(self._posts)
        return as_frame(posts, POST_DTYPES)

    @property
    def reads(self) -> pd.DataFrame:
        """The GETs of the journal methods so far, refused ones too, a row each, in order.

        Columns: ``number`` (1-based), ``received`` (seconds of `time.monotonic`), ``status`` (HTTP; 0 while it is
        being answered), ``journal`` (``calls`` or ``requests``), ``leads`` (how many records the answer has).
        """
        with self._lock:
            reads = list(self._reads)
        return as_frame(reads, READ_DTYPES)

    def refuse_next(self, refusal: str | Mapping[str, Any], *, status: int | None = None, times: int = 1) -> None:
        """Refuse the next requests whole, whatever they hold, those for journals too; nothing of them is applied.

        The vendor says neither what its refusals look like in full nor under which HTTP status they come; so any body
        can be given, under any status. Refusals that are asked for one after another are given in this order.

        Parameters
        ----------
        refusal : str or mapping
            ``token``, ``access``, ``credentials``, ``violations`` (of the first lead), ``api_error`` (an error with
            a code), ``unavailable`` (a text that no contract knows) or ``journal_error`` (an error in the place of a
            journal's records); or the JSON object to answer with.
        status : int, optional
            HTTP status; None takes the usual one of the refusal, and 400 for a body.
        times : int
            How many requests are refused.

        Raises
        ------
        ConfigError
            When there is no such refusal or status.

        Examples
        --------
        >>> with Emulator(rate=None) as vendor:
        ...     vendor.refuse_next("token", status=200)
        """
        with self._lock:
            self._refusals.extend([chosen_refusal(refusal, status)] * times)

    def _connect(self) -> Connection:
        return Connection(
            self._access.site_id,
            self._access.token,
            base_url=f"http://{HOST}:{self._port}",
            timezone=self._access.timezone,
            rate=self._window.rate or math.inf,
            ledger=None,
        )

    def _run_loop(self, listener: socket.socket, serving: Future[Callable[[], object]]) -> None:
        """Run the emulator's own event loop, whatever loop the caller is in."""
        import asyncio

        try:
            # Not the proactor of Windows, which prints a traceback for each connection that a client resets.
            with listener, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve(listener, serving))
        except Exception as error:
            if serving.done():
                raise
            serving.set_exception(error)
        finally:
            self._ended.set()

    async def _serve(self, listener: socket.socket, serving: Future[Callable[[], object]]) -> None:
        import asyncio

        from aiohttp import web

        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post(ENDPOINT, self._take)
        app.router.add_get(CALLS_PATH, self._give_calls)
        app.router.add_get(REQUESTS_PATH, self._give_requests)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=STOP_WAIT)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        serving.set_result(lambda: loop.call_soon_threadsafe(stopping.set))
        await stopping.wait()
        # What was accepted just now must be known before the server closes, or asyncio leaves its socket open.
        loop.remove_reader(listener)
        for _ in range(CONNECTING_ROUNDS):
            await asyncio.sleep(0)
        await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        from aiohttp import web

        try:
            body = await request.read()
        except (ConnectionError, web.RequestPayloadError):
            # The client is gone: nobody reads this answer, and no traceback is wanted.
            return web.Response(status=400)
        number, status, answer = self._receive(request.headers, body)
        if number in self._lost and request.transport is not None:
            request.transport.abort()
        return reply(status, answer)

    async def _give_calls(self, request: web.Request) -> web.Response:
        site_id = request.match_info["site_id"]
        return await self._give("calls", lambda: self._methods.calls(site_id, request.query))

    async def _give_requests(self, request: web.Request) -> web.Response:
        return await self._give("requests", lambda: self._methods.requests(request.query))

    async def _give(self, journal: str, read: Callable[[], tuple[int, Any]]) -> web.Response:
        import asyncio

        begun = JournalRead(len(self._reads) + 1, time.monotonic(), 0, journal, 0)
        with self._lock:
            self._reads.append(begun)
        refused = self._refused(begun.received)
        # In a thread: a page takes a while, and others are to be stamped when they come.
        status, answer = await asyncio.to_thread(read) if refused is None else refused
        records = answer if isinstance(answer, list) else answer.get("records")
        leads = len(records) if isinstance(records, list) else 0
        with self._lock:
            self._reads[begun.number - 1] = begun._replace(status=status, leads=leads)
        return await asyncio.to_thread(reply, status, answer)

    def _next_refusal(self) -> Refusal | None:
        with self._lock:
            return self._refusals.popleft() if self._refusals else None

    def _receive(self, headers: Mapping[str, str], body: bytes) -> tuple[int, int, Mapping[str, Any]]:
        """Let a POST through to the vendor, and keep a record of it; return its number, status and answer."""
        received = time.monotonic()
        status, answer = self._refused(received) or self._vendor.answer(headers, body)
        with self._lock:
            number = len(self._posts) + 1
            self._posts.append(Post(number, received, status, count_leads(body)))
        return number, status, answer

    def _refused(self, received: float) -> Refusal | None:
        """Return the refusal of a request for which the rate leaves no room, or that is to be refused."""
        if not self._window.admits(received):
            return TOO_MANY
        return self._next_refusal()
