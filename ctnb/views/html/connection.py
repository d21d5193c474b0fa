"""A connection as a card, without its token."""

from __future__ import annotations

import os
from pathlib import Path

from ctnb.i18n.language import gettext, number
from ctnb.secret_texts import Address
from ctnb.views.html.card import Card, cut


def connection_html(
    *,
    site_id: int,
    has_token: bool,
    base_url: str,
    timezone: str,
    rate: float,
    ledger: object,
    default_ledger: bool,
    loopback: bool,
) -> str:
    """Return a connection as HTML: where comments go and how fast; parameters as `ctnb.Connection` has them."""
    facts = [
        (gettext("Site"), str(site_id)),
        (gettext("Token"), gettext("set, never shown") if has_token else gettext("lost: a pickle holds none")),
        (gettext("Address"), cut(base_url)),
        (gettext("Time zone"), cut(timezone)),
        (gettext("Requests a second at the most"), number(rate)),
        (gettext("Ledger"), gettext("the default file of this user") if default_ledger else _ledger(ledger)),
    ]
    advice = [gettext("This is an emulator on this machine: nothing goes to Calltouch.")] if loopback else []
    return Card(gettext("Calltouch account"), facts, advice=advice).html()


def _ledger(ledger: object) -> str:
    """Return where the ledger is, of a file its name alone: a folder may have a person's; no password of an address."""
    if ledger is None:
        return gettext("this process's memory: forgotten at a restart")
    if isinstance(ledger, Address):
        return gettext("database {name}", name=cut(str(ledger), 60))
    if isinstance(ledger, str | os.PathLike):
        return gettext("file {name}", name=cut(Path(ledger).name, 60))
    return type(ledger).__name__
