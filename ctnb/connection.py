"""The account that comments go to, and how to reach it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ctnb.connection_checks import (
    DEFAULT,
    VENDOR_RATE,
    checked_ca_file,
    checked_concurrency,
    checked_egress,
    checked_ledger,
    checked_rate,
    checked_site,
    checked_timeout,
    checked_token,
    checked_url,
    is_loopback,
)
from ctnb.defaults import TIMEZONE, Default
from ctnb.delivery.ledger.protocol import RunLedger
from ctnb.exceptions import ConfigError
from ctnb.i18n.system_errors import system_text
from ctnb.leads.moments.wall_clock import checked_timezone
from ctnb.secret_texts import Token, quiet, quiet_setting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
        base_url, ledger = quiet_setting("base_url", base_url), quiet(ledger)
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
        settings = {
            name: quiet_setting(name, value)
            for name, value in settings.items()
            if value is not None or name == "ledger"
        }
        environment, file = settings_of_environment(), settings_of_file()
        if "token" in settings or "token" in environment:
            refuse_part_of_file(file.keys() - environment.keys() - settings.keys())
        settings = {**file, **environment, **settings}
        for parameter in ("site_id", "token"):
            if settings.get(parameter) is None:
                raise ConfigError(
                    "No {name} is given. Pass Connection({name}=...), or set {variable} in the environment or in a "
                    ".env file in the working directory.",
                    name=parameter,
                    variable=VARIABLES[parameter],
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
    except OSError as error:
        raise ConfigError(
            "The .env file in the working directory cannot be read: {error}. Let it be read, or take it away.",
            error=system_text(error),
        ) from None


def _settings(variables: Mapping[str, str | None]) -> dict[str, str]:
    found = {parameter: (variables.get(variable) or "").strip() for parameter, variable in VARIABLES.items()}
    return {name: quiet_setting(name, value) for name, value in found.items() if value}


def refuse_part_of_file(parameters: Collection[str]) -> None:
    """Refuse an address or a ledger of ``.env`` beside a token from elsewhere, given what ``.env`` alone has."""
    if foreign := [VARIABLES[parameter] for parameter in ("base_url", "ledger") if parameter in parameters]:
        raise ConfigError(
            "{names}: found in the .env file of the working directory, while the token comes from elsewhere, and a "
            "file must not say where your token or its record goes. Keep the token in the same .env, set the variable "
            "in the environment, or give base_url= and ledger= yourself.",
            names=", ".join(foreign),
        )
