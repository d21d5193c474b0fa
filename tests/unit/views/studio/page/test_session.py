"""The session of the page: a reload finds its kernel, and the kernel ends when every page was left."""

import asyncio

import pytest

from ctnb.views.studio.page import session as sessions
from ctnb.views.studio.page.session import Session


class Kernels(dict):
    """Kernels with the number of pages that show each."""

    def list_kernel_ids(self):
        return list(self)

    def kernel_model(self, kernel):
        return {"connections": self[kernel]}

    async def shutdown_kernel(self, kernel):
        # The kernel records its last answers.
        await asyncio.sleep(self.last_wait)
        del self[kernel]

    last_wait = 0.0


class Handler:
    """A request for the page: makes a kernel, and HTML that names it, when it is asked for."""

    xsrf_token = b"proof"

    def __init__(self, kernels):
        self.kernel_manager, self.written, self.headers = kernels, [], {}

    async def get_generator(self, path):
        kernel = f"kernel {len(self.kernel_manager)}"
        yield "<html>"
        await asyncio.sleep(0)
        self.kernel_manager[kernel] = 1
        yield kernel

    def set_header(self, name, value):
        self.headers[name] = value

    def write(self, part):
        self.written.append(part)

    def flush(self):
        pass


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(sessions, "GRACE", 0.02)


async def shown(session, kernels):
    handler = Handler(kernels)
    await session.serve(handler, "")
    return "".join(handler.written)


def test_a_reload_finds_the_same_kernel_even_while_the_page_is_being_made():
    async def journey():
        session, kernels = Session(), Kernels()
        first, second = await asyncio.gather(shown(session, kernels), shown(session, kernels))
        assert first == second == "<html>kernel 0"
        session.leave(kernels, "kernel 0")
        assert await shown(session, kernels) == first
        await asyncio.sleep(0.1)
        assert list(kernels) == ["kernel 0"]

    asyncio.run(journey())


def test_a_kernel_ends_when_no_page_shows_it_any_more_and_the_next_page_begins_anew():
    async def journey():
        session, kernels = Session(), Kernels()
        await shown(session, kernels)
        session.leave(kernels, "kernel 0")
        await asyncio.sleep(0.1)
        # Another page still shows it.
        assert list(kernels) == ["kernel 0"]
        kernels["kernel 0"] = 0
        session.leave(kernels, "kernel 0")
        await asyncio.sleep(0.1)
        assert list(kernels) == []
        await shown(session, kernels)
        assert list(kernels) == ["kernel 0"]

    asyncio.run(journey())


def test_a_page_that_comes_while_the_kernel_ends_gets_one_that_lives():
    async def journey():
        session, kernels = Session(), Kernels()
        kernels.last_wait = 0.2
        await shown(session, kernels)
        kernels["kernel 0"] = 0
        session.leave(kernels, "kernel 0")
        await asyncio.sleep(0.1)
        assert list(kernels) == ["kernel 0"]
        assert await shown(session, kernels) == "<html>kernel 1"
        await asyncio.sleep(0.2)
        assert list(kernels) == ["kernel 1"]

    asyncio.run(journey())
