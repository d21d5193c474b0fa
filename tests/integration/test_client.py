"""The client against servers that break in every way: where it broke is what counts."""

import asyncio
import gzip
import pickle
import socket
import time
import tracemalloc

import aiohttp
import pytest
from idle_closing import IdleClosing
from raw_server import AUTHORITY

from ctnb.delivery import client as client_module
from ctnb.delivery.client import ANSWER_LIMIT, Answer, Lost, NotSent, open_client
from ctnb.outcomes import Reason

BODY = b'{"comments": []}'
MIB = 1 << 20


class Turnstile:
    """A gate that keeps a record of how it was passed."""

    def __init__(self, *, lets=True):
        self.lets, self.events = lets, []

    async def take_slot(self):
        self.events.append("slot")

    async def open(self, alive):
        assert await alive()
        self.events.append("asked")
        return self.lets

    def written(self):
        self.events.append("written")


@pytest.fixture
def post(connect, token):
    """Send one body to an address, and check that nothing that comes of it tells the token."""

    async def send(base_url, body=BODY, gate=None, **settings):
        async with open_client(connect(base_url, **settings)) as client:
            exchange = await client.exchange(body, gate or Turnstile())
        assert token not in repr(exchange)
        assert token.encode() not in pickle.dumps(exchange)
        return exchange

    return send


@pytest.fixture
def answering(raw_server, read_request):
    """Start a server that reads a request and then writes some bytes and closes."""

    async def start(*answers):
        async def behave(reader, writer):
            server.heads.append((await read_request(reader))[0])
            writer.write(answers[min(len(server.heads), len(answers)) - 1])
            await writer.drain()

        server = await raw_server(behave)
        return server

    return start


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# ---- what is sent -------------------------------------------------------------------------------


async def test_the_request_is_what_the_contract_says(post, answering, reply, token):
    server = await answering(reply(200, b"{}"))

    assert await post(server.base_url) == Answer(200, b"{}")

    line, *fields = server.heads[0].decode().split("\r\n")
    assert line == "POST /lead-service/v1/api/comment/lead/add HTTP/1.1"
    assert {f"Access-Token: {token}", "SiteId: 4242", "Content-Type: application/json"} <= set(fields)


async def test_the_body_arrives_as_it_is(post, raw_server, read_request, reply):
    bodies = []

    async def behave(reader, writer):
        bodies.append((await read_request(reader))[1])
        writer.write(reply(200))

    server = await raw_server(behave)
    sent = "комментарий".encode() * 10_000
    await post(server.base_url, sent)

    assert bodies == [sent]


async def test_a_large_body_is_sent_without_a_warning(post, answering, reply):
    # aiohttp warns of bytes over 1 MiB, and warnings are errors here.
    server = await answering(reply(200, b"{}"))

    assert await post(server.base_url, b"x" * (3 * MIB)) == Answer(200, b"{}")


async def test_connections_are_not_reused_and_cookies_are_not_kept(connect, answering, reply):
    server = await answering(reply(200, b"{}", Set_Cookie="session=1", Connection="keep-alive"))

    async with open_client(connect(server.base_url)) as client:
        for _ in range(3):
            assert await client.exchange(BODY, Turnstile()) == Answer(200, b"{}")

    assert server.connections == 3
    assert all(b"cookie" not in head.lower() for head in server.heads)


# ---- the gate -----------------------------------------------------------------------------------


class Watching(Turnstile):
    """Looks at what the server has seen while the gate is asked."""

    def __init__(self, accepted, received, *, lets=True):
        super().__init__(lets=lets)
        self.accepted, self.received = accepted, received

    async def take_slot(self):
        await self.accepted.wait()
        await super().take_slot()

    async def open(self, alive):
        await asyncio.sleep(0.02)
        assert not self.received
        return await super().open(alive)


@pytest.fixture
async def watched(raw_server, reply):
    """A server that keeps what it receives, and the gate that watches it."""
    accepted, received = asyncio.Event(), bytearray()

    async def behave(reader, writer):
        accepted.set()
        while chunk := await reader.read(MIB):
            received.extend(chunk)
            if received.endswith(BODY):
                writer.write(reply(200, b"{}"))

    server = await raw_server(behave)
    return server, lambda **settings: Watching(accepted, received, **settings), received


async def test_the_gate_is_asked_after_connecting_and_before_the_first_byte(post, watched):
    server, gate_of, received = watched
    gate = gate_of()

    assert await post(server.base_url, gate=gate) == Answer(200, b"{}")
    assert gate.events == ["slot", "asked", "written"]
    assert received.endswith(BODY)


async def test_a_gate_that_stays_shut_lets_no_byte_through(post, watched):
    server, gate_of, received = watched
    gate = gate_of(lets=False)

    assert isinstance(await post(server.base_url, gate=gate), NotSent)
    assert gate.events == ["slot", "asked"]
    assert (server.connections, bytes(received)) == (1, b"")


async def test_waiting_at_the_gate_is_not_counted_against_the_server(post, answering, reply, monkeypatch):
    class Slow(Turnstile):
        async def take_slot(self):
            await asyncio.sleep(0.09)
            await super().take_slot()

        async def open(self, alive):
            await asyncio.sleep(0.09)
            return await super().open(alive)

    monkeypatch.setattr(client_module, "CONNECT_TIMEOUT", 0.08)
    server = await answering(reply(200, b"{}"))

    assert await post(server.base_url, gate=Slow()) == Answer(200, b"{}")


# ---- nothing was sent ---------------------------------------------------------------------------


async def test_a_refused_connection_sends_nothing(post):
    gate = Turnstile()

    exchange = await post(f"http://127.0.0.1:{free_port()}", gate=gate)

    assert isinstance(exchange, NotSent)
    assert gate.events == []


async def test_a_name_that_cannot_be_resolved_sends_nothing(post, monkeypatch):
    async def fails(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)

    assert await post("https://nowhere.invalid", rate=5.0) == NotSent("the server's name cannot be resolved")


async def test_a_server_without_tls_gets_nothing(post, raw_server):
    async def behave(reader, writer):
        received.extend(await reader.read(MIB))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    received = bytearray()
    server, gate = await raw_server(behave), Turnstile()
    exchange = await post(server.base_url.replace("http", "https"), gate=gate)

    assert (type(exchange), gate.events) == (NotSent, [])
    assert b"canary" not in received


async def test_a_server_that_never_agrees_on_tls_times_out_before_anything_is_sent(post, raw_server, monkeypatch):
    async def behave(reader, writer):
        await asyncio.Event().wait()

    monkeypatch.setattr(client_module, "CONNECT_TIMEOUT", 0.05)
    server, gate = await raw_server(behave), Turnstile()

    assert await post(server.base_url.replace("http", "https"), gate=gate) == NotSent("no connection in time")
    assert gate.events == []


# ---- a connection that dies while it waits -------------------------------------------------------


async def says_goodbye(_reader, writer):
    writer.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
    writer.close()


async def closes(_reader, writer):
    writer.close()


async def resets(_reader, writer):
    writer.transport.abort()


@pytest.fixture
def dying(raw_server, read_request, reply):
    """Start a server whose first connections end before a request comes; later ones are served."""

    async def start(times, ends, **settings):
        async def behave(reader, writer):
            if server.connections <= times:
                await ends(reader, writer)
            else:
                server.heads.append((await read_request(reader))[0])
                writer.write(reply(200, b"{}"))

        server = await raw_server(behave, **settings)
        return server

    return start


class Slow(Turnstile):
    """Takes its time, so that whatever the server does has come."""

    async def take_slot(self):
        await super().take_slot()
        await asyncio.sleep(0.05)


class DyingAtTheIntent(Turnstile):
    """Commits the intent for so long that the server closes the connection meanwhile."""

    async def open(self, alive):
        self.events.append("asked")
        await asyncio.sleep(0.05)
        return await alive()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("ends", [closes, resets, says_goodbye])
async def test_a_connection_that_died_while_it_waited_is_made_anew_before_the_intent(post, dying, ends, tls):
    server, gate = await dying(1, ends, tls=tls), Slow()

    assert await post(server.base_url, gate=gate, ca_file=AUTHORITY) == Answer(200, b"{}")
    assert gate.events == ["slot", "asked", "written"]
    assert (server.connections, len(server.heads)) == (2, 1)


class Blocking(Turnstile):
    """Keeps the loop from hearing of a close, the first time."""

    async def take_slot(self):
        await super().take_slot()
        time.sleep(0.3)  # noqa: ASYNC251  that is the point


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_close_that_has_come_and_that_the_loop_has_not_heard_of_is_seen(post, tls):
    gate = Blocking()
    with IdleClosing(0.1, tls=tls) as server:
        exchange = await post(server.base_url, gate=gate, ca_file=AUTHORITY)

    assert (exchange.status, gate.events) == (200, ["slot", "asked", "written"])
    assert (server.closed, server.requests) == (1, 1)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("ends", [closes, resets])
async def test_a_connection_that_dies_while_the_intent_is_committed_sends_nothing(post, raw_server, ends, tls):
    async def behave(reader, writer):
        await asyncio.sleep(0.02)
        await ends(reader, writer)

    server, gate = await raw_server(behave, tls=tls), DyingAtTheIntent()
    exchange = await post(server.base_url, gate=gate, ca_file=AUTHORITY)

    assert isinstance(exchange, NotSent)
    assert gate.events == ["slot", "asked"]


async def test_a_connection_that_waited_long_is_made_anew_for_its_close_may_be_on_its_way(post, dying, monkeypatch):
    monkeypatch.setattr(client_module, "TRUSTED_IDLE", 0.04)
    server, gate = await dying(0, closes), Slow()

    assert await post(server.base_url, gate=gate) == Answer(200, b"{}")
    assert gate.events == ["slot", "asked", "written"]
    assert (server.connections, len(server.heads)) == (2, 1)


async def test_only_as_many_connect_as_get_a_slot_before_their_connections_are_old(connect, dying):
    class Line(Turnstile):
        async def take_slot(self):
            waiting.append(server.connections)
            await slots.acquire()
            await super().take_slot()

    waiting, slots = [], asyncio.Semaphore(0)
    server = await dying(0, closes)
    async with open_client(connect(server.base_url, rate=3.0, concurrency=8)) as client:
        posts = [asyncio.create_task(client.exchange(BODY, Line())) for _ in range(8)]
        await asyncio.sleep(0.1)
        first = len(waiting), server.connections
        for _ in posts:
            slots.release()
        exchanges = await asyncio.gather(*posts)

    assert first == (3, 3)
    assert exchanges == [Answer(200, b"{}")] * 8
    assert server.connections == 8


async def test_a_server_that_closes_every_connection_gets_nothing_and_is_not_asked_for_ever(post, dying):
    server, gate = await dying(1000, closes), Slow()

    assert await post(server.base_url, gate=gate) == NotSent(
        "the server closed the connection before anything was sent"
    )
    assert gate.events == ["slot"]
    assert server.connections == 3


async def test_a_connection_that_is_not_made_anew_in_time_gives_the_slot_up(post, dying, monkeypatch):
    connect, made = aiohttp.TCPConnector.connect, []

    async def only_once(*arguments, **settings):
        made.append(await asyncio.Event().wait() if made else await connect(*arguments, **settings))
        return made[-1]

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", only_once)
    monkeypatch.setattr(client_module, "RECONNECT_TIMEOUT", 0.1)
    server, gate = await dying(1, closes), Slow()

    assert await post(server.base_url, gate=gate) == NotSent("no connection in time")
    assert gate.events == ["slot"]


# ---- perhaps applied ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_a_close_after_reading_is_lost(post, raw_server, read_request, how):
    async def behave(reader, writer):
        await read_request(reader)
        getattr(writer.transport, how)()

    server, gate = await raw_server(behave), Turnstile()
    exchange = await post(server.base_url, gate=gate)

    assert (type(exchange), exchange.reason) == (Lost, Reason.CONNECTION_LOST)
    assert gate.events == ["slot", "asked", "written"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
        b"<html>not HTTP at all</html>\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * MIB + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 100_000 + b"Content-Length: 2\r\n\r\n{}",
    ],
    ids=[
        "nothing",
        "half a line",
        "half a head",
        "short of its length",
        "no last chunk",
        "a broken chunk",
        "not gzip",
        "no length",
        "a page",
        "TLS",
        "a huge header",
        "a thousand headers",
    ],
)
async def test_an_answer_that_is_broken_is_lost(post, answering, answer):
    server = await answering(answer)

    assert isinstance(await post(server.base_url), Lost)


async def test_a_cut_body_without_a_length_comes_as_it_is_and_is_no_answer_of_the_contract(post, answering):
    server = await answering(b'HTTP/1.1 200 OK\r\n\r\n{"data": {"comments": [{"comm')

    assert await post(server.base_url) == Answer(200, b'{"data": {"comments": [{"comm')


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
async def test_an_answer_that_drips_without_end_is_lost_in_time(post, raw_server, read_request, head):
    async def behave(reader, writer):
        await read_request(reader)
        writer.write(head)
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    server = await raw_server(behave)

    assert await post(server.base_url, timeout=0.1) == Lost(Reason.TIMED_OUT, "no answer in time")


async def test_no_answer_is_lost_in_time(post, raw_server):
    async def behave(reader, writer):
        await asyncio.Event().wait()

    server = await raw_server(behave)

    assert await post(server.base_url, timeout=0.05) == Lost(Reason.TIMED_OUT, "no answer in time")


async def test_an_answer_without_end_is_given_up_at_the_cap(post, raw_server, read_request):
    streamed = 0

    async def behave(reader, writer):
        nonlocal streamed
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()
            streamed += 65536

    server = await raw_server(behave)
    exchange = await post(server.base_url)

    assert (type(exchange), exchange.reason) == (Lost, Reason.UNREADABLE_ANSWER)
    # The cap, and what the sockets of both ends hold.
    assert ANSWER_LIMIT < streamed < ANSWER_LIMIT + 16 * MIB


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_given_up_in_little_memory(post, answering, reply):
    bomb = gzip.compress(bytes(64 * MIB))
    server = await answering(reply(200, bomb, Content_Encoding="gzip"))

    tracemalloc.start()
    exchange = await post(server.base_url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (type(exchange), exchange.reason) == (Lost, Reason.UNREADABLE_ANSWER)
    assert len(bomb) < MIB
    assert peak < 32 * MIB


async def test_an_answer_up_to_the_cap_is_read_whole(post, answering, reply):
    server = await answering(reply(200, b" " * ANSWER_LIMIT))

    assert len((await post(server.base_url)).body) == ANSWER_LIMIT


# ---- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 503])
async def test_a_whole_answer_of_any_status_is_an_answer(post, answering, reply, status):
    server = await answering(reply(status, b"<html>not JSON</html>", Retry_After="7"))

    assert await post(server.base_url) == Answer(status, b"<html>not JSON</html>", "7")


async def test_a_gzipped_answer_is_unpacked(post, answering, reply):
    server = await answering(reply(200, gzip.compress(b"{}"), Content_Encoding="gzip"))

    assert await post(server.base_url) == Answer(200, b"{}")


async def test_a_go_on_before_the_answer_is_passed_over(post, answering, reply):
    server = await answering(b"HTTP/1.1 100 Continue\r\n\r\n" + reply(200, b"{}"))

    assert await post(server.base_url) == Answer(200, b"{}")


async def test_an_answer_that_comes_before_the_body_is_read_counts(post, raw_server, reply):
    async def behave(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply(401, b'{"message": "Access token"}'))
        await writer.drain()
        await reader.read()

    server = await raw_server(behave)

    assert await post(server.base_url, b"x" * (4 * MIB)) == Answer(401, b'{"message": "Access token"}')


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_anywhere(post, answering, reply, status):
    elsewhere = await answering(reply(200, b"{}"))
    server = await answering(reply(status, b"", Location=f"{elsewhere.base_url}/lead"))

    assert await post(server.base_url) == Answer(status, b"")
    assert (server.connections, elsewhere.connections) == (1, 0)


async def test_a_redirect_to_the_same_address_is_not_followed(post, answering, reply):
    server = await answering(reply(307, b"", Location="/lead"))

    assert (await post(server.base_url)).status == 307
    assert server.connections == 1


# ---- the environment ----------------------------------------------------------------------------


@pytest.mark.parametrize("trust_env", [False, True])
async def test_a_proxy_of_the_environment_is_used_only_when_asked(post, answering, reply, monkeypatch, trust_env):
    server, proxy = await answering(reply(200, b"server")), await answering(reply(200, b"proxy"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.base_url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    exchange = await post(server.base_url, trust_env=trust_env)

    assert exchange.body == (b"proxy" if trust_env else b"server")
    assert (server.connections, proxy.connections) == ((0, 1) if trust_env else (1, 0))


# ---- cancelled ----------------------------------------------------------------------------------


async def test_a_cancelled_exchange_hangs_up(connect, raw_server, read_request):
    asked, hung_up = asyncio.Event(), asyncio.Event()

    async def behave(reader, writer):
        await read_request(reader)
        asked.set()
        await reader.read()
        hung_up.set()

    server = await raw_server(behave)
    async with open_client(connect(server.base_url)) as client:
        exchange = asyncio.create_task(client.exchange(BODY, Turnstile()))
        await asked.wait()
        exchange.cancel()
        with pytest.raises(asyncio.CancelledError):
            await exchange
        await asyncio.wait_for(hung_up.wait(), timeout=5)


async def test_no_log_tells_the_token(post, answering, caplog, token):
    caplog.set_level("DEBUG")
    server = await answering(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}")

    await post(server.base_url)
    await post(f"http://127.0.0.1:{free_port()}")

    assert token not in caplog.text
