"""Identities of comments: keyed hashes, so that a ledger holds no contact and no text."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

from ctnb.delivery.wire import PATH
from ctnb.leads.identity import canonical_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.connection import Connection
    from ctnb.leads.plan import Plan

__all__ = ["identities"]


def identities(plan: Plan, places: Sequence[int], connection: Connection, secret: bytes) -> list[bytes]:
    """Return the identities of the comments at some positions of a plan: 32 bytes each.

    ``HMAC-SHA256(secret, canonical(site, endpoint, job, lead, text))``; the canonical form is a compact
    ASCII JSON array. The rules' policy is no part of it.
    """
    # Emulators come and go on other ports; what was rehearsed there is one endpoint.
    endpoint = ("loopback" if connection.loopback else connection.base_url) + PATH
    account = [str(connection.site_id), endpoint, canonical_text(plan.job)]
    return [
        hmac.digest(
            secret, _canonical([*account, plan.leads_named[place], canonical_text(plan.texts[place])]), "sha256"
        )
        for place in places
    ]


def _canonical(parts: list[str]) -> bytes:
    """Write the parts so that no two lists of parts look the same."""
    return json.dumps(parts, separators=(",", ":")).encode()
