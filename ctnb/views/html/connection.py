"""A connection as a card, without its token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnb.i18n.language import gettext, number
from ctnb.views.html.card import Card, cut

if TYPE_CHECKING:
    from ctnb.connection import Connection


def connection_html(connection: Connection) -> str:
    """Return a connection as HTML: where comments go and how fast. The token is not there."""
    facts = [
        (gettext("Site"), str(connection.site_id)),
        (gettext("Token"), gettext("set, never shown")),
        (gettext("Address"), cut(connection.base_url)),
        (gettext("Time zone"), cut(connection.timezone)),
        (gettext("Requests a second at the most"), number(connection.rate)),
        (gettext("Ledger"), _ledger(connection.ledger)),
    ]
    advice = [gettext("This is an emulator on this machine: nothing goes to Calltouch.")] if connection.loopback else []
    return Card(gettext("Calltouch account"), facts, advice=advice).html()


def _ledger(ledger: Any) -> str:
    """Say of which kind the ledger is: an address may hold a password, and a folder a name."""
    if ledger is None:
        return gettext("this process's memory: forgotten at a restart")
    if ledger == "default":
        return gettext("the default file of this user")
    if isinstance(ledger, str) and "://" in ledger:
        return cut(ledger.partition("://")[0], 20)
    if isinstance(ledger, str | Path):
        return gettext("file {name}", name=cut(Path(ledger).name, 60))
    return type(ledger).__name__
