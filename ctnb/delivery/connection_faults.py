"""Connection faults: what stands in the way of a request, in words that say what to set.

An exception's own arguments are never repeated: they hold the request and its token, or a proxy's password.
"""

from __future__ import annotations

import errno
import ssl
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies

import aiohttp

from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.i18n.system_errors import OF_NUMBER

if TYPE_CHECKING:
    from ctnb.connection import Connection

UNKNOWN_AUTHORITY: Final = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's codes of a chain that ends in nothing this machine trusts (X509_V_ERR)."""

OTHER_DATE: Final = frozenset({9, 10})
OTHER_NAME: Final = frozenset({62, 64})

PROXY_LOGIN: Final = 407


def fault_of(problem: Exception) -> str:
    """Return what broke a connection."""
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return _certificate_fault(problem.certificate_error)
    if isinstance(problem, ssl.SSLError | aiohttp.ClientSSLError):
        return OutcomeText.NO_PROTOCOL
    if isinstance(problem, aiohttp.ClientHttpProxyError):
        return _proxy_fault(problem.status)
    if isinstance(problem, aiohttp.ClientProxyConnectionError):
        return OutcomeText.NO_PROXY.format(cause=_cause(problem.os_error))
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return OutcomeText.NO_NAME
    return OutcomeText.FAILED.format(cause=_cause(problem))


def with_proxy_advice(fault: str, connection: Connection) -> str:
    """Return why nothing could be sent; a proxy that the environment names and that is not used may be why."""
    if connection.trust_env or connection.loopback or "https" not in getproxies():
        return fault
    return OutcomeText.PROXY_UNUSED.format(fault=fault)


def tls_of(connection: Connection) -> ssl.SSLContext | bool:
    """Return how a server is known: by the authorities of this machine, and by those of the connection's file."""
    if connection.ca_file is None:
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=connection.ca_file)
    # Python 3.13 refuses authorities that lack an extension, as many a firm's own does; those before it take them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context


def _certificate_fault(problem: Exception) -> str:
    """Return why a certificate is not taken."""
    code = getattr(problem, "verify_code", None)
    if code in UNKNOWN_AUTHORITY:
        return OutcomeText.UNKNOWN_AUTHORITY
    if code in OTHER_DATE:
        return OutcomeText.OTHER_DATE
    if code in OTHER_NAME:
        return OutcomeText.OTHER_NAME
    return OutcomeText.NO_CERTIFICATE


def _proxy_fault(status: int) -> str:
    """Return why a proxy does not connect us."""
    if status == PROXY_LOGIN:
        return OutcomeText.PROXY_LOGIN
    return OutcomeText.PROXY_REFUSES.format(status=status)


def _cause(problem: BaseException) -> str:
    """Return the system's word for a failure, else its class."""
    cause = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return OutcomeText.DISCONNECTED
    if isinstance(cause, aiohttp.ClientPayloadError):
        return OutcomeText.ANSWER_BROKEN_OFF
    if isinstance(cause, ConnectionResetError):
        return OF_NUMBER[errno.ECONNRESET]
    known = isinstance(cause, OSError) and (OF_NUMBER.get(cause.errno or 0) or cause.strerror)
    return known or type(cause).__name__
