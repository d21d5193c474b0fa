"""A server that closes connections on which no request comes in time, and runs that make their connections wait."""

import asyncio
import json
import math
import time

import pandas as pd
from fault_proxy import found_all
from raw_server import ThreadedServer, reply_of, request_of

import ctnb
from ctnb.delivery.ledger.memory import MemoryLedger

CASES = {
    "429 with Retry-After": {"rows": 1000, "rate": math.inf, "concurrency": 4, "limited": 3},
    "concurrency 32": {"rows": 4000, "rate": 5.0, "concurrency": 32},
    "one a second": {"rows": 1200, "rate": 1.0, "concurrency": 4},
}
"""What makes a connection wait for its slot longer than a server does that waits two seconds."""


class IdleClosing(ThreadedServer):
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
        super().__init__(tls=tls)
        self._idle, self._limited, self._retry_after = idle, limited, retry_after
        self.requests, self.closed = 0, 0

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


def statuses(case, *, idle=2.0, retry_after=5.0, ledger=None, faster=1):
    """Carry one case out, so many times as fast; count its rows by their status, and the connections closed idle."""
    settings = dict(case)
    rows, limited, rate = settings.pop("rows"), settings.pop("limited", 0), settings.pop("rate") * faster
    with IdleClosing(idle / faster, limited=limited, retry_after=retry_after) as server:
        connection = ctnb.Connection(
            1,
            "token",
            base_url=server.base_url,
            ledger=MemoryLedger() if ledger is None else ledger,
            rate=rate,
            **settings,
        )
        deals = pd.DataFrame({"call": range(rows)})
        done = ctnb.comment(deals, ctnb.Call("call"), "deal {call}", connection=connection, progress=False)
    return {status: count for status, count in done.calltouch.counts().items() if count}, server.closed


def lines():
    """Yield what becomes of the rows in each case, against a server that waits two seconds."""
    for name, case in CASES.items():
        began = time.perf_counter()
        found, closed = statuses(case)
        yield f"{name:24}{found}, {closed} connections closed idle, {time.perf_counter() - began:.1f} s", found


if __name__ == "__main__":
    for line, _ in lines():
        print(line, flush=True)
