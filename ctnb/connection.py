"""The account that comments go to, and how to reach it."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from ctnb.defaults import TIMEZONE, Default
from ctnb.delivery.ledger.protocol import RunLedger
from ctnb.exceptions import ConfigError
from ctnb.leads.moments.wall_clock import checked_timezone
from ctnb.secret_texts import Address, Token, quiet

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DEFAULT: Final = "default"
"""Stands for the ledger that is used when none is named."""

VENDOR_RATE: Final = 5.0
"""Requests a second that the vendor takes from one IP address (contract, Limits)."""

MOST_CONCURRENT: Final = 32

LONGEST_EGRESS: Final = 100

VARIABLES: Final = {
    "site_id": "CALLTOUCH_SITE_ID",
    "token": "CALLTOUCH_ACCESS_TOKEN",
    "base_url": "CALLTOUCH_BASE_URL",
    "ledger": "CTNB_LEDGER",
    "egress": "CTNB_EGRESS",
}
"""Parameters of a connection that the environment can give, and under which names."""


@dataclass(frozen=True, init=False)
class Connection:
    """A Calltouch account, where it is reached and how hard it may be asked.

    Parameters
    ----------
    site_id : int or str
        The account's id (``SiteId``), a positive whole number.
    token : str
        The API key (``Access-Token``). It is never shown in a repr, a log or an error.
    base_url : str
        Scheme and host. ``http://`` is taken for loopback addresses only.
    timezone : str
        IANA name of the account's time zone; naive dates are read in it.
    rate : float
        Requests a second at the most, from this machine. The vendor's limit is 5; more, or
        ``inf``, is taken for loopback addresses only.
    concurrency : int
        Requests in flight at once, 1 to 32.
    timeout : float
        Seconds from sending a request to the end of its answer.
    ledger : str, path or None
        Where the record of what was sent is kept: a file, a ``postgresql://`` URL for the record of a team, whose key
        is in ``CTNB_LEDGER_KEY`` or ``CTNB_LEDGER_KEY_FILE``, or ``None`` for the memory of this process. By default a
        file in the user's data folder.
    trust_env : bool
        Whether the proxy settings of the environment are used.
    ca_file : str or path, optional
        PEM file of authorities whose certificates are taken besides those that this machine knows, such as that of
        a company's network.
    egress : str, optional
        Name of the outside address, such as ``"office"``, where several machines share one: with a ``postgresql://``
        ledger those that give the same name share the vendor's limit. Otherwise each machine keeps to it by itself.

    Raises
    ------
    ConfigError
        When a value cannot be used; the message says what is allowed.

    Examples
    --------
    >>> Connection(4242, "secret")
    Connection(site_id=4242, token='***', base_url='https://api.calltouch.ru', timezone='Europe/Moscow', rate=5.0)
    """

    site_id: int
    token: str
    base_url: str
    timezone: str
    rate: float
    concurrency: int = field(repr=False)
    timeout: float = field(repr=False)
    ledger: str | os.PathLike[str] | RunLedger | None = field(repr=False)
    trust_env: bool = field(repr=False)
    ca_file: str | None = field(repr=False)
    egress: str | None = field(repr=False)

    def __init__(
        self,
        site_id: int | str,
        token: str,
        *,
        base_url: str = "https://api.calltouch.ru",
        timezone: str = TIMEZONE,
        rate: float = VENDOR_RATE,
        concurrency: int = 4,
        timeout: float = 60.0,
        ledger: str | os.PathLike[str] | RunLedger | None = DEFAULT,
        trust_env: bool = False,
        ca_file: str | os.PathLike[str] | None = None,
        egress: str | None = None,
    ) -> None:
        # Masked, and kept for the repr, before anything can fail: a traceback that shows locals shows this frame.
        token = Token(token) if isinstance(token, str) else Token()
        base_url, ledger = quiet(base_url), quiet(ledger)
        self._keep(site_id=site_id, token=token, base_url=base_url, timezone=timezone, rate=rate)
        address = checked_url(base_url)
        self._keep(
            site_id=checked_site(site_id),
            token=checked_token(token),
            base_url=address,
            timezone=timezone if isinstance(timezone, Default) else checked_timezone(timezone),
            rate=checked_rate(rate, loopback=is_loopback(address)),
            concurrency=checked_concurrency(concurrency),
            timeout=checked_timeout(timeout),
            ledger=ledger if ledger is None or isinstance(ledger, RunLedger) else checked_ledger(ledger),
            trust_env=bool(trust_env),
            ca_file=None if ca_file is None else checked_ca_file(ca_file),
        )
        self._keep(egress=None if egress is None else checked_egress(egress, self.ledger))

    def _keep(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_env(cls, **settings: Any) -> Connection:
        """Build a connection from arguments, the environment and the folder's ``.env``, in this order.

        Parameters
        ----------
        **settings
            Parameters of `Connection`; one that is given wins over the environment.

        Raises
        ------
        ConfigError
            When ``CALLTOUCH_SITE_ID`` or ``CALLTOUCH_ACCESS_TOKEN`` is nowhere to be found, a value cannot be used, or
            ``.env`` has an address or a ledger, and not the token.

        Notes
        -----
        Reads ``CALLTOUCH_SITE_ID``, ``CALLTOUCH_ACCESS_TOKEN``, ``CALLTOUCH_BASE_URL``, ``CTNB_LEDGER`` and
        ``CTNB_EGRESS``. The ``.env`` of the working directory is read, and ``os.environ`` is left
        as it is. An address or a ledger that stands in ``.env`` is refused while the token comes from elsewhere: a
        file that lies in a folder must not say where somebody's token goes.
        """
        # Masked before anything can fail: a traceback that shows locals shows this frame.
        if isinstance(settings.get("token"), str):
            settings["token"] = Token(settings["token"])
        settings = {name: quiet(value) for name, value in settings.items() if value is not None or name == "ledger"}
        environment, file = settings_of_environment(), settings_of_file()
        if "token" in settings or "token" in environment:
            refuse_part_of_file(file.keys() - environment.keys() - settings.keys())
        settings = {**file, **environment, **settings}
        for parameter in ("site_id", "token"):
            if settings.get(parameter) is None:
                raise ConfigError(
                    f"No {parameter} is given. Pass Connection({parameter}=...), or set {VARIABLES[parameter]} "
                    "in the environment or in a .env file in the working directory."
                )
        return cls(**settings)

    def _repr_html_(self) -> str:
        from ctnb.views.html.connection import connection_html

        return connection_html(
            site_id=self.site_id,
            has_token=bool(self.token),
            base_url=self.base_url,
            timezone=self.timezone,
            rate=self.rate,
            ledger=self.ledger,
            default_ledger=self.ledger == DEFAULT,
            loopback=self.loopback,
        )

    def check_token(self) -> None:
        """Check that there is a token to send.

        Raises
        ------
        ConfigError
            When the connection comes from a pickle, which holds none.
        """
        if not self.token:
            raise ConfigError(
                "This connection comes from a pickle or another process, and has no token: a pickle holds none. Make "
                "it where it is used: Connection.from_env(), or dataclasses.replace(connection, token=...)."
            )

    @property
    def loopback(self) -> bool:
        """Whether the address is this machine itself: an emulator, never the vendor."""
        return is_loopback(self.base_url)


def settings_around() -> dict[str, str]:
    """Return the parameters that the environment has, then the folder's ``.env``; a blank one counts as missing."""
    return settings_of_file() | settings_of_environment()


def settings_of_environment() -> dict[str, str]:
    """Return the parameters that the environment has."""
    return _settings(os.environ)


def settings_of_file() -> dict[str, str]:
    """Return the parameters that the ``.env`` of the working directory has."""
    return _settings(variables_of_file())


def variables_of_file() -> dict[str, str | None]:
    """Return the variables of the ``.env`` of the working directory."""
    from dotenv import dotenv_values

    try:
        return dotenv_values(Path.cwd() / ".env", encoding="utf-8-sig", interpolate=False)
    except UnicodeDecodeError:
        raise ConfigError("The .env file in the working directory is not UTF-8 text. Save it as UTF-8.") from None


def _settings(variables: Mapping[str, str | None]) -> dict[str, str]:
    found = {parameter: (variables.get(variable) or "").strip() for parameter, variable in VARIABLES.items()}
    return {name: Token(value) if name == "token" else quiet(value) for name, value in found.items() if value}


def refuse_part_of_file(parameters: Collection[str]) -> None:
    """Refuse an address or a ledger of ``.env`` beside a token from elsewhere, given what ``.env`` alone has."""
    if foreign := [VARIABLES[parameter] for parameter in ("base_url", "ledger") if parameter in parameters]:
        raise ConfigError(
            f"{' and '.join(foreign)}: found in the .env file of the working directory, while the token comes from "
            "elsewhere, and a file must not say where your token or its record goes. Keep the token in the same "
            ".env, set the variable in the environment, or give base_url= and ledger= yourself."
        )


def checked_site(site_id: object) -> int:
    """Return the account's id as an int."""
    text = str(site_id).strip()
    if isinstance(site_id, bool) or not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < 1:
        raise ConfigError(
            f"site_id: expected a positive whole number, got {site_id!r}. Copy it from the account's API settings."
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
        raise ConfigError(f"base_url: expected an address, got {text!r}. Example: https://api.calltouch.ru") from None
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or not port_is_valid
        or not text.isprintable()
        or any(sign in text for sign in " ?#\\")
    ):
        raise ConfigError(f"base_url: expected an http(s) address, got {text!r}. Example: https://api.calltouch.ru")
    if parts.scheme == "http" and not is_loopback(text):
        raise ConfigError(
            f"base_url {text!r} would send the token in clear. Use https://; http:// is for loopback only."
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
    expected = "ledger: expected the path of a file or a postgresql:// address, got"
    advice = "Leave it out for the file in the user's data folder."
    if not isinstance(ledger, str | os.PathLike) or not isinstance(path := os.fspath(ledger), str):
        raise ConfigError(f"{expected} {type(ledger).__name__}. {advice}")
    if not path.strip():
        raise ConfigError(f"{expected} a blank. {advice}")
    if isinstance(ledger, str) and re.match("postgres(ql)?://", path.strip()):
        if not re.fullmatch("[a-z]+://([^@/?]*@)?[^@]*", path.strip()):
            raise ConfigError(
                "ledger: expected an address such as postgresql://user@host:5432/database, got one that cannot be "
                "read. Signs such as @, /, ? and % in a password are written as %40, %2F, %3F and %25."
            )
        return Address(path.strip())
    if "://" in path or re.match("postgres(ql)?:/", path.strip(), re.IGNORECASE):
        raise ConfigError(f"{expected} another address. An address of PostgreSQL is a text that begins postgresql://.")
    if ledger == DEFAULT:
        return DEFAULT
    try:
        whole = Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"ledger: {path!r} cannot be made absolute: {error} Give the whole path.") from None
    return str(whole) if isinstance(ledger, str) else whole


def checked_ca_file(ca_file: object) -> str:
    """Return the whole path of a file of certificates that can be read."""
    import ssl

    if not isinstance(ca_file, str | os.PathLike) or not isinstance(path := os.fspath(ca_file), str):
        raise ConfigError(f"ca_file: expected the path of a PEM file, got {type(ca_file).__name__}.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise ConfigError(
            f"ca_file: expected a PEM file of certificates, got {path!r}. Such a file has lines that read "
            '"-----BEGIN CERTIFICATE-----"; save the certificate as Base64 or PEM.'
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"ca_file: {path!r} cannot be read: {getattr(error, 'strerror', None) or error}. Name a PEM file."
        ) from None
    return str(Path(path).absolute())


def checked_egress(egress: object, ledger: object) -> str:
    """Return the name of the outside address that machines share; their ledger is where they share its pace."""
    name = egress.strip() if isinstance(egress, str) else ""
    if not name or len(name) > LONGEST_EGRESS or not name.isprintable():
        raise ConfigError(
            f"egress: expected a name of at most {LONGEST_EGRESS} letters for the outside address, got {egress!r}. "
            'Example: "office".'
        )
    if not isinstance(ledger, Address):
        raise ConfigError(
            f"egress={name!r} needs the ledger of a team: machines share their pace through its database. Give "
            "ledger='postgresql://...', or leave egress out: each machine keeps to the limit by itself then."
        )
    return name


def checked_rate(rate: object, *, loopback: bool) -> float:
    """Return requests a second; only an emulator may be asked faster than the vendor allows."""
    most = math.inf if loopback else VENDOR_RATE
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= most:
        raise ConfigError(
            f"rate: expected more than 0 and at most {VENDOR_RATE:g} requests a second, got {rate!r}. The vendor takes "
            "no more."
        )
    return float(rate)


def checked_concurrency(concurrency: object) -> int:
    """Return the number of requests in flight."""
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or not 1 <= concurrency <= MOST_CONCURRENT:
        raise ConfigError(f"concurrency: expected a whole number from 1 to {MOST_CONCURRENT}, got {concurrency!r}.")
    return concurrency


def checked_timeout(timeout: object) -> float:
    """Return seconds."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ConfigError(f"timeout: expected a positive number of seconds, got {timeout!r}.")
    return float(timeout)
