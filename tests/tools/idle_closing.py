"""A server that closes connections on which no request comes in time, and runs that make their connections wait."""

import asyncio
import json
import math
import threading
import time

import pandas as pd
from fault_proxy import found_all
from raw_server import RawServer, reply_of, request_of

import ctnb
from ctnb.delivery.ledger.memory import MemoryLedger

CASES = {
    "429 with Retry-After": {"rows": 1000, "rate": math.inf, "concurrency": 4, "limited": 3},
    "concurrency 32": {"rows": 4000, "rate": 5.0, "concurrency": 32},
    "one a second": {"rows": 1200, "rate": 1.0, "concurrency": 4},
}
"""What makes a connection wait for its slot longer than the server does."""


class IdleClosing:
    """Answers that every lead was found; use it as a context manager.

    Parameters
    ----------
    idle : float
        Seconds that a connection may wait with its request.
    limited : int
        The number of the request (from 1) that is refused with a 429; 0 for none.
    retry_after : float
        Seconds that the 429 asks for.
    """

    def __init__(self, idle, *, limited=0, retry_after=5.0, tls=False):
        self._tls, self._idle, self._limited, self._retry_after = tls, idle, limited, retry_after
        self.requests, self.closed = 0, 0
        self._ready = threading.Event()
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

    async def _take(self, reader, writer):
        try:
            async with asyncio.timeout(self._idle):
                _, body = await request_of(reader)
        except TimeoutError:
            self.closed += 1
            return
        self.requests += 1
        if self.requests == self._limited:
            writer.write(reply_of(429, Retry_After=f"{self._retry_after:g}"))
            return
        ids = [lead["matching"][0]["callParams"]["callId"] for lead in json.loads(body)["comments"]]
        writer.write(reply_of(200, found_all(ids)))


def statuses(server, *, rows, **settings):
    """Count the rows of one run by their status."""
    connection = ctnb.Connection(1, "token", base_url=server.base_url, ledger=MemoryLedger(), **settings)
    deals = pd.DataFrame({"call": range(rows)})
    done = ctnb.comment(deals, ctnb.Call("call"), "deal {call}", connection=connection, progress=False)
    return {status: count for status, count in done.calltouch.counts().items() if count}


def main():
    """Print what becomes of the rows in each case, against a server that waits two seconds."""
    for name, case in CASES.items():
        settings = dict(case)
        with IdleClosing(2.0, limited=settings.pop("limited", 0)) as server:
            began = time.perf_counter()
            found = statuses(server, **settings)
            seconds = time.perf_counter() - began
        print(f"{name:24}{found}, {server.closed} connections closed idle, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
