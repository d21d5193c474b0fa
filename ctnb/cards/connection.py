"""A connection as a card, without its token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnb.cards.card import Card, cut
from ctnb.language import number, said

if TYPE_CHECKING:
    from ctnb.connection import Connection

__all__ = ["connection_html"]


def connection_html(connection: Connection) -> str:
    """Return a connection as HTML: where comments go and how fast. The token is not there."""
    facts = [
        (said("Site"), str(connection.site_id)),
        (said("Token"), said("set, never shown")),
        (said("Address"), cut(connection.base_url)),
        (said("Time zone"), cut(connection.timezone)),
        (said("Requests a second at the most"), number(connection.rate)),
        (said("Ledger"), _ledger(connection.ledger)),
    ]
    advice = [said("This is an emulator on this machine: nothing goes to Calltouch.")] if connection.loopback else []
    return Card(said("Calltouch account"), facts, advice=advice).html()


def _ledger(ledger: Any) -> str:
    """Say of which kind the ledger is: an address may hold a password, and a folder a name."""
    if ledger is None:
        return said("this process's memory: forgotten at a restart")
    if ledger == "default":
        return said("the default file of this user")
    if isinstance(ledger, str) and "://" in ledger:
        return cut(ledger.partition("://")[0], 20)
    if isinstance(ledger, str | Path):
        return said("file {name}", name=cut(Path(ledger).name, 60))
    return type(ledger).__name__
