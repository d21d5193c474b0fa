"""The client: one request, judged by how far it came: whether a byte can have been written, and what was answered.

aiohttp's exceptions cannot tell a request that was applied from one that was not, and they carry
the token in their arguments. So none of them leaves this module: an exchange ends in a value.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import aiohttp
from aiohttp.payload import Payload

from ctnb.delivery.connection_faults import fault_of, tls_of, with_proxy_advice
from ctnb.delivery.wire_encode import PATH, SITE_HEADER, TOKEN_HEADER
from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Reason
from ctnb.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from ssl import SSLContext

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection as Socket
    from aiohttp.tracing import Trace

    from ctnb.connection import Connection
    from ctnb.delivery.gate import Gate

CONNECT_TIMEOUT: Final = 15.0
"""Seconds to resolve, connect and agree on TLS."""

RECONNECTS: Final = 2
"""Connections made anew, with the slot in hand, when the server has closed the one that waited for it."""

TRUSTED_IDLE: Final = 1.0
"""Seconds that a connection should wait for its slot. Servers close idle ones after two seconds and more, and a close
that is still on its way cannot be seen. So only as many connect as get a slot in this time, and an older connection is
made anew, with the slot in hand."""

RECONNECT_TIMEOUT: Final = 4.0
"""Seconds for them: nobody else gets a slot meanwhile."""

LOOP_TURNS: Final = 3
"""Turns of the loop until it has handed on all that had come for a socket: two, and one for TLS."""

ANSWER_LIMIT: Final = 8 << 20
"""Bytes of an answer, unpacked; one of 100 leads takes about 30 KB."""

CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, of any status; the body, which may hold anything, is not shown in a traceback."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request was written: it may be tried again."""

    detail: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have been applied, and no whole answer came."""

    reason: Reason
    detail: str


Exchange: TypeAlias = Answer | NotSent | Lost


class _NotWrittenError(Exception):
    """The request ended before its first byte."""


class _TooLargeError(Exception):
    """The answer is longer than it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(OutcomeText.TOO_LARGE.format(size=limit >> 20))


@dataclass(slots=True)
class _Posting:
    """One request on its way: its gate, its deadline, and whether the gate has let it through."""

    gate: Gate
    deadline: asyncio.Timeout
    timeout: float
    has_body: bool
    passed: bool = False

    def wait_without_limit(self) -> None:
        # Waiting for a turn or a slot is not the server's fault.
        self.deadline.reschedule(None)

    def begin_connecting(self) -> None:
        self._reschedule(CONNECT_TIMEOUT)

    async def take_slot(self) -> None:
        self.wait_without_limit()
        await self.gate.take_slot()
        self._reschedule(RECONNECT_TIMEOUT)

    async def pass_gate(self, connection: Socket, *, alive: bool) -> None:
        self.wait_without_limit()
        if not alive or not await self.gate.open(lambda: _is_alive(connection)):
            raise _NotWrittenError(OutcomeText.CLOSED)
        self.passed = True
        if not self.has_body:  # whose head is written next, in the same step
            self.gate.written()
        self._reschedule(self.timeout)

    def _reschedule(self, seconds: float) -> None:
        self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)


_posting: ContextVar[_Posting] = ContextVar("posting")


class _GatedConnector(aiohttp.TCPConnector):
    """Connects first and asks the gate then, so that no slot is spent on a connection that fails.

    Waiting for a slot takes seconds, and servers close idle connections meanwhile: one that is dead or old is replaced
    before the intent is committed, while nothing can have been sent.
    """

    def __init__(self, *, rate: float, concurrency: int, ssl: SSLContext | bool) -> None:
        super().__init__(force_close=True, limit=concurrency, ssl=ssl)
        self._turns = asyncio.Semaphore(max(1, int(min(concurrency, rate * TRUSTED_IDLE))))

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Socket:  # noqa: ASYNC109  aiohttp's signature
        posting, loop = _posting.get(), asyncio.get_running_loop()
        connection: Socket | None = None
        try:
            posting.wait_without_limit()
            async with self._turns:
                posting.begin_connecting()
                connection = await super().connect(req, traces, timeout)
                opened = loop.time()
                await posting.take_slot()
            tries, alive = 0, loop.time() - opened <= TRUSTED_IDLE and await _is_alive(connection)
            while not alive and tries < RECONNECTS:
                tries += 1
                connection.close()
                connection = await super().connect(req, traces, timeout)
                alive = await _is_alive(connection)
            await posting.pass_gate(connection, alive=alive)
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        return connection


async def _is_alive(connection: Socket) -> bool:
    """Look whether a connection can still carry a request, as far as this machine has heard.

    A close that is still on its way cannot be seen: a request that crosses it is uncertain.
    """
    for _ in range(LOOP_TURNS):
        await asyncio.sleep(0)
    protocol = connection.protocol
    # Whatever came before the request, such as a 408, is a farewell too.
    return protocol is not None and protocol.is_connected() and not protocol.should_close


class _Body(Payload):
    """A body of ready bytes that notes at the gate when it is written."""

    def __init__(self, value: bytes, gate: Gate) -> None:
        super().__init__(value, content_type="application/json")
        self._size = len(value)
        self._gate = gate

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        await writer.write(self._value if content_length is None else self._value[:content_length])
        self._gate.written()


class Client:
    """Asks one account over one session; see `open_client`."""

    def __init__(self, session: aiohttp.ClientSession, connection: Connection) -> None:
        self._session, self._connection = session, connection
        self._url = connection.base_url + PATH
        self._access = {TOKEN_HEADER: connection.token, SITE_HEADER: str(connection.site_id)}
        self._timeout = connection.timeout

    async def exchange(self, body: bytes, gate: Gate) -> Exchange:
        """Post one body, through the gate.

        Parameters
        ----------
        body : bytes
            Encoded leads.
        gate : Gate
            Passed between connecting and writing.

        Returns
        -------
        Answer, NotSent or Lost
            Nothing is raised but a cancellation.
        """
        return await self._carried_out(partial(self._post, body, gate), gate, has_body=True)

    async def fetch(self, path: str, query: Mapping[str, str], gate: Gate, *, limit: int) -> Exchange:
        """Get an answer, through the gate.

        Parameters
        ----------
        path : str
            Below the connection's address.
        query : mapping of str to str
            The token may be in it: aiohttp's frames hold the address, and none of them is in what is raised.
        gate : Gate
            Passed between connecting and writing.
        limit : int
            Bytes of the answer at the most; a longer one is `Lost` as unreadable.

        Returns
        -------
        Answer, NotSent or Lost
            Nothing is raised but a cancellation.
        """
        with contextlib.suppress(asyncio.CancelledError):
            return await self._carried_out(partial(self._get, path, query, limit), gate, has_body=False)
        raise asyncio.CancelledError

    async def _carried_out(self, ask: Callable[[], Awaitable[Answer]], gate: Gate, *, has_body: bool) -> Exchange:
        posting: _Posting | None = None
        try:
            async with asyncio.timeout(None) as deadline:
                posting = _Posting(gate, deadline, self._timeout, has_body)
                _posting.set(posting)
                return await ask()
        except _NotWrittenError as end:
            return NotSent(str(end))
        except _TooLargeError as end:
            return Lost(Reason.UNREADABLE_ANSWER, str(end))
        except TimeoutError:
            reason, detail = Reason.TIMED_OUT, str(OutcomeText.TIMED_OUT)
        except Exception as problem:  # noqa: BLE001  whatever broke, what counts is where
            reason, detail = Reason.CONNECTION_LOST, fault_of(problem)
        if posting is None or not posting.passed:
            return NotSent(
                with_proxy_advice(OutcomeText.NO_TIME if reason is Reason.TIMED_OUT else detail, self._connection)
            )
        return Lost(reason, detail)

    async def _post(self, body: bytes, gate: Gate) -> Answer:
        async with self._session.post(
            self._url, data=_Body(body, gate), headers=self._access, allow_redirects=False
        ) as response:
            return await _whole(response, ANSWER_LIMIT)

    async def _get(self, path: str, query: Mapping[str, str], limit: int) -> Answer:
        url = self._connection.base_url + path
        async with self._session.get(url, params=query, allow_redirects=False) as response:
            return await _whole(response, limit)


async def _whole(response: aiohttp.ClientResponse, limit: int) -> Answer:
    """Read an answer whole, unless it is too large."""
    read = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        read += chunk
        if len(read) > limit:
            response.close()
            raise _TooLargeError(limit)
    return Answer(response.status, bytes(read), response.headers.get("Retry-After"))


@asynccontextmanager
async def open_client(connection: Connection) -> AsyncIterator[Client]:
    """Open the one session of a run.

    Connections are not reused: one that the server closes between two requests would make a batch
    uncertain. Cookies are not kept, redirects are not followed, and the environment's proxies are
    used only when the connection says so.
    """
    connection.check_token()
    session = aiohttp.ClientSession(
        connector=_GatedConnector(rate=connection.rate, concurrency=connection.concurrency, ssl=tls_of(connection)),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        trust_env=connection.trust_env,
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"ctnb/{__version__}",
        },
    )
    async with session:
        yield Client(session, connection)
