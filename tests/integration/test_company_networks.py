"""A company's network between us and the vendor: an authority of its own, a proxy that asks who comes."""

import asyncio
import socket
import ssl

import pytest
from raw_server import AUTHORITY

import ctnb
from ctnb.delivery import sender
from ctnb.delivery.client import Answer, NotSent, open_client

BODY = b'{"comments": []}'


class Open:
    """A gate that lets everything through."""

    async def take_slot(self):
        pass

    async def open(self, alive):
        return await alive()

    def written(self):
        pass


@pytest.fixture
def post(connect):
    async def send(base_url, **settings):
        async with open_client(connect(base_url, **settings)) as client:
            return await client.exchange(BODY, Open())

    return send


@pytest.fixture
async def vendor(raw_server, read_request, reply):
    """A vendor whose certificate is signed by an authority that this machine does not know."""

    async def behave(reader, writer):
        await read_request(reader)
        writer.write(reply(200, b"{}"))

    return await raw_server(behave, tls=True)


@pytest.fixture
def proxies(monkeypatch):
    """Name a proxy in the environment, or none."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return lambda address: monkeypatch.setenv("HTTPS_PROXY", address)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def test_an_authority_that_is_named_is_known(post, vendor):
    assert await post(vendor.base_url, ca_file=AUTHORITY) == Answer(200, b"{}")


async def test_an_unknown_authority_names_itself_and_what_to_set(post, vendor):
    exchange = await post(vendor.base_url)

    assert isinstance(exchange, NotSent)
    assert "signed by an authority that this machine does not know" in exchange.detail
    assert "Connection(ca_file=...)" in exchange.detail


async def test_what_to_set_is_said_beside_each_row_and_nothing_is_uncertain(
    connect, deals, vendor, proxy, proxies, monkeypatch
):
    monkeypatch.setattr(sender, "FIRST_BACKOFF", 0.001)
    for settings, advice in (
        ({}, "Connection(ca_file=...)"),
        ({"ca_file": AUTHORITY, "trust_env": True}, "as NAME:PASSWORD and an @"),
    ):
        proxies((await proxy(LOGIN)).base_url)
        connection = connect(vendor.base_url, **settings)
        done = await ctnb.acomment(deals(150), ctnb.Call("call"), "text", connection=connection, progress=False)
        assert set(done["ct_status"]) == {"unsent"}
        assert done["ct_error"].str.endswith(advice).all()


async def test_authorities_of_this_machine_are_known_besides(connect):
    async with open_client(connect("https://127.0.0.1:9", ca_file=AUTHORITY)) as client:
        context = client._session.connector._ssl  # what it trusts cannot be seen from outside without a network

    known = {store["subject"] for store in context.get_ca_certs()}
    assert {store["subject"] for store in ssl.create_default_context().get_ca_certs()} < known


async def test_a_certificate_for_another_name_says_so(post, vendor, monkeypatch):
    async def resolved(*_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", vendor.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    exchange = await post(f"https://another.invalid:{vendor.port}", ca_file=AUTHORITY, rate=5.0)

    assert exchange == NotSent("the server's certificate is for another name: check base_url")


@pytest.fixture
def proxy(raw_server):
    """A proxy that answers each CONNECT so, or hands it on when it is given no answer."""

    async def start(answer=None):
        async def behave(reader, writer):
            head = await reader.readuntil(b"\r\n\r\n")
            server.heads.append(head)
            if answer is not None:
                writer.write(answer)
                return
            host, port = head.split()[1].decode().split(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(handed_on(reader, far_writer), handed_on(far_reader, writer))

        server = await raw_server(behave)
        return server

    return start


async def handed_on(reader, writer):
    while piece := await reader.read(65536):
        writer.write(piece)
    writer.close()


LOGIN = b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\n\r\n'


async def test_a_proxy_that_asks_for_a_password_names_itself_and_what_to_set(post, vendor, proxy, proxies):
    proxies((await proxy(LOGIN)).base_url)

    exchange = await post(vendor.base_url, trust_env=True, ca_file=AUTHORITY)

    assert isinstance(exchange, NotSent)
    assert "the proxy asks for a user name and a password (407): put them into HTTPS_PROXY" in exchange.detail


async def test_a_proxy_gets_the_password_of_the_environment_and_never_the_token(post, vendor, proxy, proxies, token):
    server = await proxy()
    proxies(server.base_url.replace("://", "://ivan:secret@"))

    assert await post(vendor.base_url, trust_env=True, ca_file=AUTHORITY) == Answer(200, b"{}")
    assert b"Proxy-Authorization: Basic aXZhbjpzZWNyZXQ=" in server.heads[0]
    assert token.encode() not in server.heads[0]


async def test_a_proxy_that_refuses_says_so(post, vendor, proxy, proxies):
    proxies((await proxy(b"HTTP/1.1 403 Forbidden\r\n\r\n")).base_url)

    exchange = await post(vendor.base_url, trust_env=True, ca_file=AUTHORITY)

    assert isinstance(exchange, NotSent)
    assert exchange.detail.startswith("the proxy refuses the connection (HTTP 403)")


async def test_a_proxy_that_is_not_there_is_named_without_its_password(post, vendor, proxies):
    proxies(f"http://ivan:secret@127.0.0.1:{free_port()}")

    exchange = await post(vendor.base_url, trust_env=True, ca_file=AUTHORITY)

    assert isinstance(exchange, NotSent)
    assert exchange.detail.startswith("the proxy that the environment names is not reached: ")
    assert "HTTPS_PROXY" in exchange.detail
    assert "secret" not in exchange.detail


async def test_a_proxy_that_is_named_and_not_used_is_spoken_of_where_no_connection_comes_about(
    post, proxies, monkeypatch
):
    async def fails(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)
    assert "trust_env" not in (await post("https://nowhere.invalid", rate=5.0)).detail
    proxies("http://proxy.office:8080")

    assert (await post("https://nowhere.invalid", rate=5.0)).detail.endswith("only with Connection(trust_env=True)")
