"""Checks of what a connection is made of: each returns the value in its plain form, or raises ConfigError."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text
from ctnb.paths import check_characters
from ctnb.secret_texts import Address, Token

DEFAULT: Final = "default"
"""Stands for the ledger that is used when none is named."""

VENDOR_RATE: Final = 5.0
"""Requests a second that the vendor takes from one IP address (contract, Limits)."""

MOST_CONCURRENT: Final = 32

LONGEST_EGRESS: Final = 100

LONGEST_SITE: Final = 18
"""Digits of an account's id, at the most."""


def checked_site(site_id: object) -> int:
    """Return the account's id as an int."""
    text = str(site_id).strip()
    if (
        isinstance(site_id, bool)
        or not (text.isascii() and text.isdigit())
        or len(text) > LONGEST_SITE
        or int(text) < 1
    ):
        # A long one may be the token, put here by mistake.
        shown = site_id if len(text) <= LONGEST_SITE else f"{text[:3]}…"
        raise ConfigError(
            "site_id: expected a positive whole number, got {value!r}. Copy it from the account's API settings.",
            value=shown,
        )
    return int(text)


def checked_token(token: Token) -> Token:
    """Return the token, stripped; its value is never put in the message."""
    stripped = Token(token.strip(" \t"))
    if not stripped:
        raise ConfigError("The token is blank. Copy it from the account's API settings.")
    if not (stripped.isascii() and stripped.isprintable()):
        raise ConfigError("The token holds a line break or another character that no header has. Copy it again.")
    return stripped


def checked_url(base_url: object) -> str:
    """Return scheme and host without a trailing slash."""
    if "@" in unquote(str(base_url)):
        raise ConfigError("base_url carries a user name or a password. Leave them out: the token is what gives access.")
    text = str(base_url).strip().rstrip("/")
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise ConfigError(
            "base_url: expected an http(s) address, got {value!r}. Example: https://api.calltouch.ru", value=text
        ) from None
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or not port_is_valid
        or not text.isprintable()
        or any(sign in text for sign in " ?#\\")
    ):
        raise ConfigError(
            "base_url: expected an http(s) address, got {value!r}. Example: https://api.calltouch.ru", value=text
        )
    if parts.scheme == "http" and not is_loopback(text):
        raise ConfigError(
            "base_url {value!r} would send the token in clear. Use https://; http:// is for loopback only.", value=text
        )
    return text


def is_loopback(base_url: str) -> bool:
    """Return whether an address stays on this machine."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def checked_ledger(ledger: object) -> str | os.PathLike[str]:
    """Return the address of a team's ledger, or the path of a ledger's file.

    A path is made absolute, so that it stays the same file when the working directory changes. An address is not
    repeated: it may hold a password.
    """
    if not isinstance(ledger, str | os.PathLike) or not isinstance(path := os.fspath(ledger), str):
        raise ConfigError(
            "ledger: expected the path of a file or a postgresql:// address, got {kind}. Leave it out for the file in "
            "the user's data folder.",
            kind=type(ledger).__name__,
        )
    if not path.strip():
        raise ConfigError(
            "ledger: expected the path of a file or a postgresql:// address, got a blank. Leave it out for the file in "
            "the user's data folder."
        )
    if isinstance(ledger, str) and re.match("postgres(ql)?://", path.strip()):
        if not re.fullmatch("[a-z]+://([^@/?]*@)?[^@]*", path.strip()):
            raise ConfigError(
                "ledger: expected an address such as postgresql://user@host:5432/database, got one that cannot be "
                "read. Signs such as @, /, ? and % in a password are written as %40, %2F, %3F and %25."
            )
        return Address(path.strip())
    if "://" in path or re.match("postgres(ql)?:/", path.strip(), re.IGNORECASE):
        raise ConfigError(
            "ledger: expected the path of a file or a postgresql:// address, got another address. An address of "
            "PostgreSQL is a text that begins postgresql://."
        )
    if ledger == DEFAULT:
        return DEFAULT
    check_characters(path)
    try:
        whole = Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise ConfigError(
            "ledger: {path!r} cannot be made absolute: {error} Give the whole path.",
            path=path,
            error=system_text(error),
        ) from None
    return str(whole) if isinstance(ledger, str) else whole


def checked_ca_file(ca_file: object) -> str:
    """Return the whole path of a file of certificates that can be read."""
    import ssl

    if not isinstance(ca_file, str | os.PathLike) or not isinstance(path := os.fspath(ca_file), str):
        raise ConfigError("ca_file: expected the path of a PEM file, got {kind}.", kind=type(ca_file).__name__)
    check_characters(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ConfigError(
            "ca_file: expected a PEM file of certificates, got {path!r}. Such a file has lines that read "
            '"-----BEGIN CERTIFICATE-----"; save the certificate as Base64 or PEM.',
            path=path,
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            "ca_file: {path!r} cannot be read: {error}. Name a PEM file.",
            path=path,
            error=system_text(error),
        ) from None
    return str(Path(path).absolute())


def checked_egress(egress: object, ledger: object) -> str:
    """Return the name of the outside address that machines share; their ledger is where they share its pace."""
    name = egress.strip() if isinstance(egress, str) else ""
    if not name or len(name) > LONGEST_EGRESS or not name.isprintable():
        raise ConfigError(
            "egress: expected a name of at most {most} letters for the outside address, got {value!r}. Example: "
            '"office".',
            most=LONGEST_EGRESS,
            value=egress,
        )
    if not isinstance(ledger, Address):
        raise ConfigError(
            "egress={name!r} needs the ledger of a team: machines share their pace through its database. Give "
            "ledger='postgresql://...', or leave egress out: each machine keeps to the limit by itself then.",
            name=name,
        )
    return name


def checked_rate(rate: object, *, loopback: bool) -> float:
    """Return requests a second; only an emulator may be asked faster than the vendor allows."""
    most = math.inf if loopback else VENDOR_RATE
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= most:
        raise ConfigError(
            "rate: expected more than 0 and at most {most:g} requests a second, got {value!r}. The vendor takes no "
            "more.",
            most=VENDOR_RATE,
            value=rate,
        )
    return float(rate)


def checked_concurrency(concurrency: object) -> int:
    """Return the number of requests in flight."""
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or not 1 <= concurrency <= MOST_CONCURRENT:
        raise ConfigError(
            "concurrency: expected a whole number from 1 to {most}, got {value!r}.",
            most=MOST_CONCURRENT,
            value=concurrency,
        )
    return concurrency


def checked_timeout(timeout: object) -> float:
    """Return seconds."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ConfigError("timeout: expected a positive number of seconds, got {value!r}.", value=timeout)
    return float(timeout)
