"""The page's session: one kernel for as long as the page is open, so that a reload finds everything as it was."""

from __future__ import annotations

import asyncio
from typing import Any, Final

GRACE: Final = 10.0
"""Seconds between the moment when the last page was left and the end of its kernel: a reload is back by then."""


class Session:
    """The kernel of the page, and the page's HTML as it was served first.

    A page that is loaded again gets the same HTML, and by it the same kernel: its widgets are as they were, and so is a
    run that goes on. The kernel ends when every page has been left for a while; that stops a run in good order.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._kernel = ""
        self._html = ""
        self._ending: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def serve(self, handler: Any, path: str | None) -> None:
        """Answer a request for the page: with the open session's, or with a new one's as it is made."""
        self._come()
        async with self._lock:
            self._come()
            if not path and self._kernel and self._kernel in handler.kernel_manager:
                # The page proves by this cookie, later, that it is the page.
                _ = handler.xsrf_token
                handler.set_header("Content-Type", "text/html")
                handler.set_header("Cache-Control", "no-cache, no-store, must-revalidate")
                handler.write(self._html)
                return
            before = set(handler.kernel_manager.list_kernel_ids())
            parts = []
            async for part in handler.get_generator(path=path):
                parts.append(part)
                handler.write(part)
                handler.flush()
            started = set(handler.kernel_manager.list_kernel_ids()) - before
            if started:
                self._kernel, self._html = started.pop(), "".join(parts)

    def leave(self, kernels: Any, kernel: str) -> None:
        """End a kernel after a while, unless a page shows it again; called when a page was left."""
        ending = asyncio.get_running_loop().call_later(GRACE, self._end, kernels, kernel)
        # A page of a kernel that has ended may be closed later than the next one is opened.
        if kernel == self._kernel:
            self._come()
            self._ending = ending

    def _come(self) -> None:
        """Keep the kernel: somebody asks for the page."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self, kernels: Any, kernel: str) -> None:
        # Another page of the same browser, or of another, may still show it.
        if kernel in kernels and not kernels.kernel_model(kernel)["connections"]:
            if kernel == self._kernel:
                # It takes a while to record what is in flight: a page that comes meanwhile gets a kernel that lives.
                self._kernel = ""
            self._task = asyncio.get_running_loop().create_task(kernels.shutdown_kernel(kernel))


def handlers_of(session: Session, handlers: list[Any]) -> list[Any]:
    """Return the handlers of Voilà's server with those of the page and of its end in the session's hands."""
    from tornado.web import authenticated
    from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
    from voila.tornado.handler import TornadoVoilaHandler

    class PageHandler(TornadoVoilaHandler):  # type: ignore[misc]  # Voilà has no types
        """The page."""

        @authenticated
        async def get(self, path: str | None = None) -> None:
            """Answer with the page."""
            await session.serve(self, path)

    class LeavingHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]  # as above
        """The end of a page, that the page itself reports."""

        @authenticated
        async def post(self, kernel_id: str) -> None:
            """Let the session end the kernel."""
            session.leave(self.kernel_manager, kernel_id)
            self.set_status(204)
            self.finish()

    ours = {TornadoVoilaHandler: PageHandler, VoilaShutdownKernelHandler: LeavingHandler}
    return [(pattern, ours.get(handler, handler), *rest) for pattern, handler, *rest in handlers]
