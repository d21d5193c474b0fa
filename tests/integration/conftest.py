"""Servers on loopback that misbehave on purpose, connections that reach them, and a kernel of this Python."""

import contextlib
import json
import math
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from fault_proxy import FaultProxy
from raw_server import RawServer, reply_of, request_of

import ctnb
from ctnb.connection import Connection
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.pace import choose

TOKEN = "canary-5f0e1c"
HOMES = ("HOME", "USERPROFILE", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")
TEMPORARY = ("TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME")


@pytest.fixture(autouse=True)
def own_stores(monkeypatch, tmp_path_factory):
    """Give a test, and its processes, rate-limiter histories of its own: a port may come again, its pause must not."""
    folder = str(tmp_path_factory.mktemp("pace"))
    monkeypatch.setattr(choose, "_stores", {})
    monkeypatch.setattr(tempfile, "tempdir", folder)
    for variable in TEMPORARY:
        monkeypatch.setenv(variable, folder)


@pytest.fixture(scope="module")
def kernel_name(tmp_path_factory):
    """A kernel of this very Python, in folders of its own."""
    home = tmp_path_factory.mktemp("jupyter")
    spec = home / "kernels" / "ctnb-under-test"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = json.dumps({"argv": argv, "display_name": "ctnb", "language": "python"})
    (spec / "kernel.json").write_text(text, encoding="utf-8")
    checkout = str(Path(ctnb.__file__).parents[1])
    with pytest.MonkeyPatch.context() as patch:
        for name in HOMES + TEMPORARY:
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
    """Make a frame of deals, each with its row number for a call id."""

    def make(count):
        return pd.DataFrame({"call": range(count)}, index=[f"deal {row // 2}" for row in range(count)])

    return make


@pytest.fixture(scope="session")
def read_request():
    """Read a request whole: its head and its body."""
    return request_of


@pytest.fixture(scope="session")
def reply():
    """Write an answer: status line, headers and body."""
    return reply_of


@pytest.fixture
async def raw_server():
    """Start servers in the running loop; each is given what to do with a connection."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(behave, **settings):
            return await stack.enter_async_context(RawServer(behave, **settings).listening())

        yield start


class BreakingVendor(FaultProxy):
    """An emulator that knows some calls, behind a proxy that breaks chosen requests; see `FaultProxy`."""

    def __init__(self, emulator):
        super().__init__(emulator.connection.base_url)
        self._emulator = emulator

    @property
    def applied(self):
        """How often each lead was commented, by the emulator's own record."""
        return Counter(int(number) for number in self._emulator.comments["call_id"])

    @property
    def emulator(self):
        """The connection that reaches the emulator itself."""
        return self._emulator.connection


@pytest.fixture
def vendor():
    """Know the calls 0 to 599."""
    calls = pd.DataFrame({"callId": range(600), "date": "01-10-2020 12:00:00", "callerNumber": "79157771122"})
    with ctnb.Emulator(calls, rate=None, token=TOKEN) as emulator, BreakingVendor(emulator) as started:
        yield started
