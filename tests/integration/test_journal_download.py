"""Downloads against servers that misbehave, at the shared pace, killed in the middle; and the token is seen nowhere."""

import asyncio
import json
import logging
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pandas as pd
import pytest
from download_process import calls_of, requests_of, started
from raw_server import ThreadedServer, reply_of
from tracebacks import shown_with_locals

import ctnb
from ctnb import Connection, Emulator, Journal
from ctnb.delivery.client import open_client
from ctnb.delivery.pace.choose import rate_limiter_of
from ctnb.exceptions import JournalError
from ctnb.journals import reader
from ctnb.journals.download_counts import DownloadCounts
from ctnb.journals.reader import JournalReader

TOKEN = "canary-token-7d1f"
DAY = "2026-03-01"


class Misbehaving(ThreadedServer):
    """A server of bare bytes in a thread: it does with each request what its behaviour says."""

    def __init__(self, behave):
        super().__init__()
        self._behave, self.targets = behave, []
        self.asked = threading.Event()

    async def _take(self, stream, writer):
        head = await stream.readuntil(b"\r\n\r\n")
        self.targets.append(head.split(b" ")[1].decode())
        self.asked.set()
        await self._behave(self, writer)

    def connection(self, **settings):
        usual = {"rate": math.inf, "timeout": 2.0, "concurrency": 1, "ledger": None}
        return Connection(4242, TOKEN, base_url=self.base_url, **{**usual, **settings})

    def download(self, **settings):
        return Journal.download(self.connection(**settings), since=DAY, until=DAY, progress=False)


def answers(status, value, **headers):
    body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()

    async def behave(_, writer):
        writer.write(reply_of(status, body, **headers))

    return behave


async def silent(*_):
    await asyncio.sleep(60)


async def closing(*_):
    pass


async def half(_, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{")


async def broken(*_):
    raise ConnectionResetError


async def echoing(server, writer):
    """Repeat the address in an error, token and all."""
    body = json.dumps({"errorCode": "400", "message": f"wrong address {server.targets[-1]}"})
    writer.write(reply_of(400, body.encode()))


FAULTS = {
    "redirect": answers(302, b"", Location="http://127.0.0.1:1/elsewhere"),
    "help page": answers(200, b"<html>help</html>", Content_Type="text/html"),
    "token refused": answers(403, {"message": "Invalid credentials"}),
    "error in place of data": answers(200, {"errorCode": "500", "message": "Ошибка"}),
    "server error": answers(503, b""),
    "too many requests": answers(429, b"", Retry_After="86400"),
    "silence": silent,
    "closed at once": closing,
    "half an answer": half,
    "broken": broken,
    "no id": answers(200, [{"timestamp": 1772345100}]),
    "repeats the address": echoing,
    "not a record": answers(200, [None]),
}


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(reader, "FIRST_BACKOFF", 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_the_token_is_seen_nowhere(fault, impatient, caplog):
    caplog.set_level(logging.DEBUG)
    with Misbehaving(FAULTS[fault]) as server, pytest.raises(JournalError) as error:
        server.download(timeout=0.2)
    assert any(TOKEN in target for target in server.targets)
    assert str(error.value).startswith("The journal of calls")
    shown = shown_with_locals(error.value)
    assert shown.count("\n") > 3
    for text in (shown, caplog.text, repr(error.value.__traceback__)):
        assert TOKEN not in text
        assert "clientApiId" not in text.replace("'clientApiId': '***'", "") or fault == "repeats the address"
    assert TOKEN.encode() not in pickle.dumps(error.value)
    assert error.value.__context__ is None


def test_an_address_that_nobody_listens_on_is_given_up_after_some_tries(impatient):
    connection = Connection(4242, TOKEN, base_url="http://127.0.0.1:1", rate=math.inf, ledger=None)
    with pytest.raises(JournalError, match=r"the connection failed: .*, in 5 tries\. Run it again later") as error:
        Journal.download(connection, since=DAY, until=DAY, progress=False)
    assert TOKEN not in shown_with_locals(error.value)


async def test_a_download_that_is_cancelled_shows_no_token():
    with Misbehaving(silent) as server:
        connection = server.connection()
        async with open_client(connection) as client:
            asking = JournalReader(client, connection, rate_limiter_of(connection), DownloadCounts())
            day = pd.Timestamp(DAY).date()
            task = asyncio.create_task(asking.page_of_calls(day, day, 1, 1000))
            await asyncio.to_thread(server.asked.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
    assert TOKEN not in shown_with_locals(caught.value)


def test_reprs_logs_and_the_cache_hold_no_token_and_only_what_the_contract_names(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    requests = pd.DataFrame({"requestId": [5], "date": ["01-03-2026 12:00:00"], "email": ["a.person@mail.ru"]})
    with Emulator(calls_of(1, 3), requests, rate=None, token=TOKEN) as vendor:
        journal = Journal.download(vendor.connection, since=DAY, until=DAY, cache=tmp_path, progress=True)
        shown = [repr(journal), journal._repr_html_(), repr(vendor), repr(vendor.reads), caplog.text]
    names = [str(path) for path in tmp_path.rglob("*")]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not [text for text in (*shown, *names) if TOKEN in text or "4242" in text.replace(str(tmp_path), "")]
    assert not [text for text in shown if "7915" in text or "person" in text]
    assert TOKEN.encode() not in kept
    assert b"phoneNumber" in kept
    assert b"city" not in kept


def test_broken_connections_and_server_errors_are_tried_again(impatient):
    faults = iter([broken, half, answers(502, b""), closing])

    async def recovering(server, writer):
        await next(faults, answers(200, []))(server, writer)

    with Misbehaving(recovering) as server:
        assert server.download().calls.empty
    assert len(server.targets) == 6


def test_a_server_that_ignores_the_page_is_asked_twice():
    page = {"page": 1, "pageTotal": 3, "records": [{"callId": 1, "timestamp": 1772345100}]}
    with Misbehaving(answers(200, page)) as server, pytest.raises(JournalError, match="on page 2 of 3"):
        server.download()
    assert len(server.targets) == 2


def test_arrays_where_pages_are_expected_are_read_whole():
    async def arrays(server, writer):
        record = {"callId": "7", "date": "01/03/2026 9:05:00", "uniqueCall": "True", "timestamp": "1772345100"}
        await answers(200, [record if "calls-diary" in server.targets[-1] else {"requestId": 5}])(server, writer)

    with Misbehaving(arrays) as server:
        journal = server.download()
    assert journal.calls[["callId", "uniqueCall"]].to_numpy().tolist() == [["7", True]]
    assert journal.requests["requestId"].tolist() == ["5"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither of these signals")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT], ids=lambda blow: blow.name)
def test_a_download_that_is_broken_off_goes_on_where_it_was(tmp_path, blow):
    with Emulator(calls_of(20, 60), requests_of(20), rate=None) as vendor:
        with started(vendor, tmp_path) as first:
            while len(list(tmp_path.rglob("*.day"))) < 28:
                time.sleep(0.01)
                assert first.poll() is None
            first.send_signal(blow)
            first.communicate(timeout=30)
        kept = {file.stem for file in tmp_path.glob("*/requests/*.day")}
        time.sleep(0.3)  # what it had sent is received
        before = len(vendor.reads)
        whole = [read_all(vendor, tmp_path)]
        again = len(vendor.reads) - before
    assert len(list(tmp_path.glob("*/calls/*.day"))) == 20
    assert again == 20 - len(kept)
    # The emulator has ended: nothing can be read any more.
    whole.append(read_all(vendor, tmp_path))
    assert [(len(journal.calls), len(journal.requests)) for journal in whole] == [(60, 20)] * 2


def read_all(vendor, cache):
    return Journal.download(vendor.connection, since="2026-03-01", until="2026-03-20", cache=cache, progress=False)


def test_ctrl_c_stops_a_download_at_once():
    with Misbehaving(silent) as server:

        def interrupt():
            server.asked.wait()
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt) as caught:
            server.download(timeout=60.0)
        assert time.monotonic() - began < 30
    assert TOKEN not in shown_with_locals(caught.value)


def test_importing_ctnb_and_reading_a_file_loads_no_client():
    code = (
        "import sys, ctnb, pandas as pd\n"
        "print(ctnb.Journal(pd.DataFrame({'callId': [1], 'date': [None]})))\n"
        "print(sorted({'aiohttp', 'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    )
    checkout = os.path.dirname(os.path.dirname(ctnb.__file__))  # noqa: PTH120
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": checkout},
    )
    assert run.stdout.splitlines() == ["<Journal: 1 call, Europe/Moscow>", "[]"]
