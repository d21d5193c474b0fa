"""The account that comments go to: given, typed, or from the environment; the token is never kept in a widget."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import ipywidgets
from traitlets import Unicode

from ctnb.connection import Connection, settings_around
from ctnb.defaults import TIMEZONE
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext
from ctnb.secret_texts import Token
from ctnb.views.studio.code import settings_of
from ctnb.views.studio.widgets import field, note, row

if TYPE_CHECKING:
    from collections.abc import Callable


class TokenField(ipywidgets.Password):  # type: ignore[misc]  # ipywidgets has no types
    """A password field whose value the kernel does not send back to the browser."""

    value = Unicode("").tag(sync=True, echo_update=False)


class Account:
    """The fields of a connection.

    What is typed as a token is taken out of the field at once: a widget's value is part of its state,
    which JupyterLab may save into the notebook.

    Parameters
    ----------
    given : Connection or None
        A connection that was handed in; no field is shown then.
    timezone : str or None
        The time zone of a rulebook that was handed in.
    changed : callable
        Called after each change.

    Raises
    ------
    ConfigError
        The connection and the rulebook have different time zones.
    """

    def __init__(self, given: Connection | None, timezone: str | None, changed: Callable[[], None]) -> None:
        self._given = given and in_timezone(given, timezone)
        self._changed = changed
        self._token = Token()
        self.site_id = field(ipywidgets.Text, gettext("Account id (site id)"), continuous_update=False)
        self.token = field(TokenField, gettext("API token"), continuous_update=False)
        self.timezone = field(
            ipywidgets.Text,
            gettext("Time zone of the account"),
            value=timezone or TIMEZONE,
            continuous_update=False,
        )
        self._state = ipywidgets.HTML()
        fields = [] if given else [row([self.site_id, self.token, self.timezone])]
        self.widget: Any = ipywidgets.VBox([*fields, self._state])
        self.site_id.observe(self._on_change, "value")
        self.token.observe(self._on_token, "value")
        self.timezone.observe(self._on_change, "value")
        self._show()

    def __repr__(self) -> str:
        return f"<Account {self._given or self.site_id.value!r}>"

    def connection(self) -> Connection:
        """Return the connection: given, else typed, and from the environment what was not typed.

        Raises
        ------
        ConfigError
            When something is missing, or cannot be used.
        """
        if self._given is not None:
            return self._given
        typed: dict[str, Any] = {"site_id": self.site_id.value.strip() or None, "token": self._token or None}
        return Connection.from_env(**typed, timezone=self.zone)

    @property
    def is_given(self) -> bool:
        """Whether the connection was handed in, and is known before anything is typed."""
        return self._given is not None

    def planning_connection(self) -> Connection:
        """Return a connection to plan with, which gives the time zone and the pace: there may be no token yet.

        Raises
        ------
        ConfigError
            When the time zone is not known.
        """
        return self._given or Connection(1, "-", timezone=self.zone)

    @property
    def zone(self) -> str:
        """The time zone that dates are read in."""
        return self._given.timezone if self._given else str(self.timezone.value).strip()

    def settings(self) -> dict[str, object]:
        """Return the settings that a copied cell names; never the token."""
        if self._given is not None:
            return settings_of(self._given)
        typed = self.site_id.value.strip()
        site = {"site_id": int(typed)} if typed.isascii() and typed.isdigit() else {}
        return site | ({"timezone": self.zone} if self.zone != TIMEZONE else {})

    def _on_token(self, change: dict[str, Any]) -> None:
        """Take the token out of the field."""
        if not change["new"]:
            return
        self._token = Token(change["new"])
        self.token.value = ""
        self.token.placeholder = gettext("taken; type again to change it")
        self._on_change(None)

    def _on_change(self, _: object) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show where comments would go, or what must be typed first."""
        try:
            self._state.value = note(account_label(self.connection()))
        except ConfigError as error:
            self._state.value = note(self._missing() or str(error))

    def _missing(self) -> str:
        """Return what must be typed yet, as a sentence; blank when nothing is missing."""
        around = settings_around()
        site, token = self.site_id.value.strip() or around.get("site_id"), self._token or around.get("token")
        if not site:
            return gettext("Type the account id and the token: they are in the account's API settings.")
        return "" if token else gettext("Type the token: it is in the account's API settings. It is kept nowhere.")


def in_timezone(connection: Connection, timezone: str | None) -> Connection:
    """Return a connection with the time zone of a rulebook; ConfigError when it has another one of its own."""
    if timezone is None or timezone == connection.timezone:
        return connection
    if connection.timezone != TIMEZONE:
        raise ConfigError(
            "The connection has the time zone {connection!r}, and the rulebook {rulebook!r}: dates would be read in "
            "two ways. Give one of them, or the same to both.",
            connection=connection.timezone,
            rulebook=timezone,
        )
    return replace(connection, timezone=timezone)


def account_label(connection: Connection) -> str:
    """Return a text that names the account which a connection reaches."""
    host = urlsplit(connection.base_url).netloc
    return gettext("Account {site} at {host}", site=connection.site_id, host=host)
