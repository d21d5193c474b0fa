"""Where the emulator listens, how it answers, and the settings that say so."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text

if TYPE_CHECKING:
    from aiohttp import web

HOST: Final = "127.0.0.1"


def reply(status: int, answer: Any) -> web.Response:
    """Return an answer as it is sent."""
    from aiohttp import web

    headers = {"Retry-After": "1"} if status == 429 else None
    return web.json_response(answer, status=status, headers=headers)


def listen(port: int) -> socket.socket:
    """Open the port on this machine alone."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise ConfigError(
            "The emulator cannot listen on {host}:{port}: {reason}. Take another port, or 0 for a free one.",
            host=HOST,
            port=port,
            reason=system_text(error),
        ) from None


def checked_rate(rate: object) -> int | None:
    """Return requests a second, None for no limit."""
    if rate is None:
        return None
    if isinstance(rate, bool) or not isinstance(rate, int) or rate < 1:
        raise ConfigError(
            "rate: expected a whole number of requests a second from 1, or None, got {rate!r}. None sets no limit.",
            rate=rate,
        )
    return rate


def checked_port(port: object) -> int:
    """Return the port, 0 for a free one."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise ConfigError(
            "port: expected a whole number from 0 to 65535, got {port!r}. 0 takes a free port.",
            port=port,
        )
    return port


def checked_numbers(numbers: object) -> frozenset[int]:
    """Return the numbers of the requests that get no answer."""
    given = [numbers] if isinstance(numbers, int) else numbers
    if not isinstance(given, list | tuple | set | frozenset | range) or not all(
        isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in given
    ):
        raise ConfigError(
            "lose_answer: expected the numbers of requests from 1, such as 3 or [2, 5], got {numbers!r}.",
            numbers=numbers,
        )
    return frozenset(given)
