"""A server of bare bytes on loopback: it does with each connection what its behaviour says."""

import asyncio
import contextlib
import ssl
import threading
from pathlib import Path

CERTIFICATES = Path(__file__).with_name("certificates")
AUTHORITY = CERTIFICATES / "authority.pem"
"""Made for these tests, like the server's certificate and key; it vouches for 127.0.0.1 and localhost alone."""


async def request_of(reader):
    """Read a request, or an answer, whole: its head and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    return head, await reader.readexactly(int(fields.get(b"content-length", 0)))


def reply_of(status, body=b"", **headers):
    """Write an answer: status line, headers and body; a header whose value is None is left out."""
    fields = {"Content-Length": len(body), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Does with each connection what its behaviour says; over TLS, if asked."""

    def __init__(self, behave, *, tls=False):
        self._tls = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(CERTIFICATES / "server.pem")
        self.behave, self.connections, self.heads = behave, 0, []
        self._tasks = set()

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self.base_url = f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            await server.wait_closed()

    async def _take(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        # A client that hangs up is what these tests are about.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.behave(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()


class ThreadedServer:
    """A `RawServer` in a thread of its own, as a context manager; what it does with a connection is `_take`.

    ``base_url`` is where it listens, once it is entered.
    """

    def __init__(self, *, tls=False):
        self._tls, self._ready = tls, threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self):
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _serve(self):
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with RawServer(self._take, tls=self._tls).listening() as server:
            self.base_url = server.base_url
            self._ready.set()
            await self._stopping.wait()
            for _ in range(10):  # a connection that is accepted just now begins, and can be closed
                await asyncio.sleep(0)

    async def _take(self, reader, writer):
        raise NotImplementedError
