"""A real Chromium in front of a real JupyterLab; both stay on this machine."""

import os
from urllib.parse import urlsplit

import nbformat
import pytest
from lab_page import LabPage
from lab_server import LabServer, find_chromium
from playwright.sync_api import expect, sync_playwright

LOOPBACK = {"127.0.0.1", "localhost", ""}
WINDOW = {"width": 1280, "height": 900}
ARGUMENTS = (
    "--no-sandbox",  # Chromium does not start as root with it
    "--no-proxy-server",
    "--disable-dev-shm-usage",  # small in containers
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# As long as playwright waits for everything else; other tests run beside.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def chromium_path():
    """Find Chromium; without one the lane is skipped, but not where nobody would notice."""
    path = find_chromium()
    if path is None:
        missing = "no Chromium on this machine"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    return path


@pytest.fixture(scope="session")
def lab(chromium_path, tmp_path_factory):
    """Start JupyterLab once for all; asks for the browser first, for without it there is no need of it."""
    with LabServer(tmp_path_factory.mktemp("lab") / "home") as server:
        yield server


@pytest.fixture(scope="module")
def chromium(chromium_path):
    """Start Chromium; ended with the module, for playwright leaves a running loop in this thread, which other tests
    cannot have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium):
    """Make a fresh profile; a test fails when its page asked any other machine for anything."""
    asked = []

    def let_through(route):
        asked.append(route.request.url)
        route.abort()

    with chromium.new_context(
        viewport=WINDOW,
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        permissions=["clipboard-read", "clipboard-write"],
    ) as context:
        context.route(lambda url: urlsplit(url).hostname not in LOOPBACK | {None}, let_through)
        yield context
    assert asked == []


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def notebook(lab, page):
    """Open a notebook in JupyterLab; it is not run yet."""

    def opened(source, name="notebook.ipynb"):
        return LabPage(page).open(lab.put(source, name))

    yield opened
    lab.end_kernels()


@pytest.fixture(scope="session")
def cells():
    """Make a small notebook of code cells."""

    def make(*sources):
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])

    return make
