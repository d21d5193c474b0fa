"""Servers on loopback that misbehave on purpose, connections that reach them, and a kernel of this Python."""

import asyncio
import contextlib
import json
import math
import os
import sys
import threading
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import ctnb
from ctnb.connection import Connection
from ctnb.delivery import pace
from ctnb.delivery.ledger import MemoryLedger

TOKEN = "canary-5f0e1c"


@pytest.fixture(autouse=True)
def own_rings(monkeypatch):
    """A port may come again: what a test asked for as a pause is not for the next one."""
    monkeypatch.setattr(pace, "_rings", {})


@pytest.fixture(scope="module")
def kernel_name(tmp_path_factory):
    """A kernel of this very Python, in folders of its own."""
    home = tmp_path_factory.mktemp("jupyter")
    spec = home / "kernels" / "ctnb-under-test"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = json.dumps({"argv": argv, "display_name": "ctnb", "language": "python"})
    (spec / "kernel.json").write_text(text, encoding="utf-8")
    folders = ("HOME", "USERPROFILE", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")
    checkout = str(Path(ctnb.__file__).parents[1])
    with pytest.MonkeyPatch.context() as patch:
        for name in folders:
            patch.setenv(name, str(home))
        patch.setenv("JUPYTER_PATH", str(home))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH")])))
        yield spec.name


@pytest.fixture(scope="session")
def token():
    return TOKEN


@pytest.fixture(scope="session")
def connect():
    """Make a connection to an address, as fast as it goes."""

    def make(base_url, **settings):
        usual = {"rate": math.inf, "timeout": 5.0, "ledger": MemoryLedger()}
        return Connection(4242, TOKEN, base_url=base_url, **{**usual, **settings})

    return make


@pytest.fixture(scope="session")
def deals():
    """Make a frame of deals, each with the call id that its place is."""

    def make(count):
        return pd.DataFrame({"call": range(count)}, index=[f"deal {place // 2}" for place in range(count)])

    return make


@pytest.fixture(scope="session")
def read_request():
    """Read a request whole: its head and its body."""
    return request_of


@pytest.fixture(scope="session")
def reply():
    """Write an answer: status line, headers and body."""
    return reply_of


async def request_of(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    return head, await reader.readexactly(int(fields.get(b"content-length", 0)))


def reply_of(status, body=b"", **headers):
    fields = {"Content-Length": len(body), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Does with each connection what it is told to."""

    def __init__(self, behave):
        self.behave, self.connections, self.heads = behave, 0, []
        self._tasks = set()

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
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


@pytest.fixture
async def raw_server():
    """Start servers in the running loop; each is given what to do with a connection."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(behave):
            return await stack.enter_async_context(RawServer(behave).listening())

        yield start


class FaultyVendor:
    """Comments each lead by the call whose id it carries; on chosen requests it breaks, applied or not.

    Attributes
    ----------
    faults : dict
        By the number of the POST (from 1): whether the leads are applied, and what is done instead of
        answering, given the writer and the answer.
    posts : list of list of int
        Ids of the leads of each POST that was read whole, in order.
    applied : Counter
        How often each lead was commented.
    """

    def __init__(self):
        self.faults, self.posts, self.applied = {}, [], Counter()
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
        async with RawServer(self._take).listening() as server:
            self.base_url = server.base_url
            self._ready.set()
            await self._stopping.wait()

    async def _take(self, reader, writer):
        _, body = await request_of(reader)
        ids = [lead["matching"][0]["callParams"]["callId"] for lead in json.loads(body)["comments"]]
        self.posts.append(ids)
        applies, instead = self.faults.get(len(self.posts), (True, None))
        if applies:
            self.applied.update(ids)
        items = [{"commented": True, "callInfo": {"callId": number}} for number in ids]
        answer = json.dumps({"meta": [], "data": {"comments": items}}).encode()
        if instead is None:
            writer.write(reply_of(200, answer))
        else:
            await instead(writer, answer)


@pytest.fixture
def vendor():
    with FaultyVendor() as started:
        yield started
