"""The page's server: Voilà on this machine alone, with a token of its own."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import tempfile
import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.i18n.choice import set_language
from ctnb.i18n.language import current_language, gettext
from ctnb.i18n.message import lazy_gettext
from ctnb.i18n.system_errors import system_text
from ctnb.views.studio.page.page import DEALS, FOLDER, LANGUAGE, READING
from ctnb.views.studio.page.session import Session, handlers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOST: Final = "127.0.0.1"
LARGEST_MESSAGE: Final = 256 * 1024 * 1024
"""Bytes of an export that can be uploaded."""
LAST_WAIT: Final = 20.0
"""Seconds that a kernel has to record the requests in flight when the page is closed or the server stopped."""
PING: Final = 30_000
"""Milliseconds between two checks that a page is open."""
CELL: Final = "from ctnb.views.studio.page.page import show\nshow()"
NOTHING_ELSE: Final = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: data:; "
    "frame-ancestors 'self'; form-action 'self'"
)
"""The policy of a page: it loads from this server alone."""


def serve(
    deals: Path | None,
    reading: Mapping[str, Any],
    *,
    port: int,
    browser: bool,
    language: str | None,
    announce: Callable[[str], None],
) -> None:
    """Serve the studio until Ctrl-C, then stop its kernels too.

    Parameters
    ----------
    deals : path or None
        Export to open; None: the page asks for one.
    reading : mapping of str to object
        Options of `ctnb.read_leads` for it, such as JSON can hold.
    port : int
        Port on 127.0.0.1; 0: a free one.
    browser : bool
        Whether the page is opened in the browser.
    language : {"en", "ru"} or None
        None: the locale's.
    announce : callable
        Called with the page's address, its token in it, once it is served.

    Raises
    ------
    MissingExtraError
        When Voilà is not installed.
    ConfigError
        When the port is taken.
    """
    if find_spec("voila") is None:
        raise MissingExtraError.of("voila", extra="notebook", purpose=lazy_gettext("The studio as a page"))
    if language:
        set_language(language)
    os.environ[FOLDER] = str(Path.cwd())
    os.environ[DEALS] = str(deals.resolve()) if deals else ""
    os.environ[READING] = json.dumps(dict(reading))
    os.environ[LANGUAGE] = language or ""
    with tempfile.TemporaryDirectory(prefix="ctnb-studio-") as folder:
        notebook = Path(folder, "ctnb.ipynb")
        write_notebook(notebook)
        token = secrets.token_urlsafe(24)
        app = page_app(token, Path(folder))
        app.initialize([str(notebook)])
        app.template_paths.insert(0, str(Path(__file__).with_name("template")))
        app.served(port, browser=browser, announce=announce)
        app.start()


def write_notebook(path: Path) -> None:
    """Write the notebook that Voilà shows: one cell."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "show",
        "source": CELL,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel, "title": gettext("Comments on Calltouch leads")},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")


def page_app(token: str, folder: Path) -> Any:
    """Return the server, not started yet; settings of the user or of the folder cannot open it wider."""
    import jupyter_client.kernelspec
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.netutil import bind_sockets
    from traitlets import default
    from traitlets.config import Config
    from voila.app import Voila
    from voila.voila_identity_provider import VoilaIdentityProvider

    class OwnPython(jupyter_client.kernelspec.KernelSpecManager):
        """Knows one kernel: the Python that runs this."""

        @default("kernel_dirs")
        def _kernel_dirs_default(self) -> list[str]:
            return []

    class LoopbackVoila(Voila):  # type: ignore[misc]  # Voilà has no types
        """Voilà, which listens on the loopback address and nowhere else."""

        def served(self, port: int, *, browser: bool, announce: Callable[[str], None]) -> None:
            """Open the port; the page's address is announced, and the page opened, when all is ready."""
            try:
                self._sockets = bind_sockets(port, HOST)
            except OSError as error:
                raise ConfigError(
                    "The studio cannot listen on {host}:{port}: {error}. Take another port, or 0 for a free one.",
                    host=HOST,
                    port=port,
                    error=system_text(error),
                ) from None
            self.port, self._browser, self._announce = self._sockets[0].getsockname()[1], browser, announce

        def init_handlers(self) -> list[Any]:
            """Return what answers which address; called by `start`."""
            return handlers_of(Session(), super().init_handlers())

        def listen(self) -> None:
            """Serve until Ctrl-C; called by `start`."""
            HTTPServer(self.app).add_sockets(self._sockets)
            address = f"http://{HOST}:{self.port}/?token={token}"
            self._announce(address)
            if self._browser:
                open_browser(address, folder)
            self.ioloop = IOLoop.current()
            loop = self.ioloop.asyncio_loop  # type: ignore[attr-defined]  # that of asyncio has one
            # An interrupt that is raised may come where nobody hears of it, as in a finalizer.
            before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(loop.stop))
            try:
                self.ioloop.start()
            finally:
                signal.signal(signal.SIGINT, before)
                self.stop()

    settings = {
        "ip": HOST,
        "token": token,
        "config_file_paths": [],
        "connection_dir_root": str(folder),
        "identity_provider_class": VoilaIdentityProvider,
        "log_level": logging.ERROR,
        "open_browser": False,
        "tornado_settings": {
            "allow_remote_access": False,
            "headers": {"Content-Security-Policy": NOTHING_ELSE},
            "websocket_max_message_size": LARGEST_MESSAGE,
            "ws_ping_interval": PING,
            "ws_ping_timeout": PING,
            "xsrf_cookies": True,
        },
    }
    return LoopbackVoila(
        config=Config(
            {
                "Voila": settings,
                "VoilaConfiguration": {
                    "allow_template_override": "NO",
                    "allow_theme_override": "NO",
                    "file_allowlist": [],
                    "prelaunch_hook": with_cookie,
                    "resources": {"loading": gettext("The studio is being opened…")},
                    "kernel_spec_manager_class": OwnPython,
                },
                # The page's ``lang``.
                "HTMLExporter": {"language_code": current_language()},
                "KernelManager": {"shutdown_wait_time": LAST_WAIT, "transport_encryption": "auto"},
            }
        )
    )


def with_cookie(request: Any, **_: Any) -> None:
    """Give the page the cookie with which it proves itself when it is closed, and its kernel must end."""
    _ = request.xsrf_token


def open_browser(address: str, folder: Path) -> None:
    """Open the page by way of a file, so that the list of processes does not show the token."""
    page = folder / "open.html"
    page.touch(mode=0o600)
    page.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8")
    threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
