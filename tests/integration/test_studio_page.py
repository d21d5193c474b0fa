"""The page of the studio: served on this machine alone, behind its token, until Ctrl-C."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from http.cookies import SimpleCookie

import psutil
import pytest
from page_server import CTNB, TIMEOUT, environment, served
from typer.testing import CliRunner

from ctnb.cli.app import app
from ctnb.tables.samples import sample

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")


def asked(address, target, method="GET", **headers):
    """Ask the server; return the status, the headers and the body."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=TIMEOUT)
    try:
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def page(folder):
    with served(folder, sample("deals.csv"), "--lang", "ru") as (process, address):
        yield process, address


def test_it_listens_on_loopback_alone(page):
    process, address = page
    assert address.hostname == "127.0.0.1"
    listening = [each.laddr for each in psutil.Process(process.pid).net_connections("inet") if each.status == "LISTEN"]
    assert {(each.ip, each.port) for each in listening} == {("127.0.0.1", address.port)}


def test_with_its_token_the_page_is_there_and_asks_nobody_else(page):
    process, address = page
    status, headers, body = asked(address, f"/?{address.query}")
    assert status == 200
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    loaded = re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//([^/"']+)""", body)
    assert loaded == []
    assert re.search(r"cdn|cloudflare", body) is None
    cookies = SimpleCookie()
    for cookie in headers.get_all("Set-Cookie"):
        cookies.load(cookie)
    assert "_xsrf" in cookies
    # A page that is closed ends its kernel, if it proves that it is the page.
    kernel = re.search(r'"kernelId":\s*"([^"]+)"', body)[1]
    target, cookie = (
        f"/voila/api/shutdown/{kernel}",
        "; ".join(f"{name}={each.value}" for name, each in cookies.items()),
    )
    assert asked(address, target, "POST", Cookie=cookie)[0] == 403
    assert len(psutil.Process(process.pid).children()) == 1
    proven = {"Cookie": cookie, "X-XSRFToken": cookies["_xsrf"].value}
    assert asked(address, target, "POST", **proven)[0] == 204
    wait_for(lambda: not psutil.Process(process.pid).children())


def wait_for(reached):
    deadline = time.monotonic() + TIMEOUT
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("target", ["/", "/?token=wrong", "/voila/files/ctnb.ipynb", "/api/kernels/0-0-0-0-0/channels"])
def test_without_the_token_nothing_is_shown(page, target):
    status, _, body = asked(page[1], target)
    assert status in {302, 403, 404}
    assert "kernelId" not in body
    assert not psutil.Process(page[0].pid).children()


@pytest.mark.parametrize("target", ["/voila/api/shutdown/0-0-0-0-0", "/login"])
def test_a_post_without_proof_is_refused(page, target):
    assert asked(page[1], target, "POST")[0] == 403


def test_another_name_for_this_machine_is_refused(page):
    address = page[1]
    assert asked(address, f"/?{address.query}", Host="elsewhere.example")[0] == 403


def test_a_websocket_of_another_site_is_refused(page):
    address = page[1]
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "https://elsewhere.example",
    }
    kernel = "11111111-1111-1111-1111-111111111111"
    assert asked(address, f"/api/kernels/{kernel}/channels", **upgrade)[0] in {403, 404}


def test_settings_in_the_folder_open_nothing(tmp_path):
    wider = {"Voila": {"ip": "0.0.0.0", "token": "", "auto_token": False}}
    (tmp_path / "voila.json").write_text(json.dumps(wider), encoding="utf-8")
    with served(tmp_path, sample("deals.csv")) as (process, address):
        listening = psutil.Process(process.pid).net_connections("inet")
        assert {each.laddr.ip for each in listening if each.status == "LISTEN"} == {"127.0.0.1"}
        assert asked(address, "/")[0] in {302, 403}


def test_ctrl_c_ends_it_its_kernel_and_its_files(tmp_path):
    with served(tmp_path) as (process, address):
        assert asked(address, f"/?{address.query}")[0] == 200
        kernels = psutil.Process(process.pid).children()
        assert len(kernels) == 1
        assert any(tmp_path.glob("ctnb-studio-*"))
        arguments = " ".join(psutil.Process(process.pid).cmdline() + kernels[0].cmdline())
        assert address.query.removeprefix("token=") not in arguments
    assert process.returncode == 0
    assert not kernels[0].is_running()
    assert not any(tmp_path.glob("ctnb-studio-*"))


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*CTNB, "--port", str(port), "--no-browser"],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_voila_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setattr("ctnb.views.studio.page.server.find_spec", lambda _: None)
    done = CliRunner().invoke(app, ["studio", "--no-browser"])
    assert done.exit_code == 1
    assert 'pip install "ctnb[notebook]"' in done.output
