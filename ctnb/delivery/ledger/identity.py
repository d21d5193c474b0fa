"""Identities of comments: keyed hashes, so that a ledger holds no contact and no text."""

from __future__ import annotations

import hmac
import json
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ctnb.delivery.wire_encode import PATH
from ctnb.leads.columns.arrow_text import joined, strings_of, text
from ctnb.leads.identity import canonical_text, canonical_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.connection import Connection
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.plan import Plan


def identities(plan: Plan, places: Sequence[int], connection: Connection, secret: bytes) -> list[bytes]:
    """Return the identities of the comments at some positions of a plan: 32 bytes each.

    ``HMAC-SHA256(secret, canonical(site, endpoint, job, lead, text))``; the canonical form is a compact
    ASCII JSON array. The rules' policy is no part of it.
    """
    # Emulators come and go on other ports; what was rehearsed there is one endpoint.
    endpoint = ("loopback" if connection.loopback else connection.base_url) + PATH
    account = [str(connection.site_id), endpoint, canonical_text(plan.job)]
    head = text(json.dumps(account, separators=(",", ":"))[:-1] + ",")
    rows = pa.array(np.asarray(places, dtype=np.int64))
    texts = canonical_texts(plan.texts.take(rows))
    canonical = joined(head, _quoted(plan.leads_named.take(rows)), text(","), _quoted(texts), text("]"))
    keyed = hmac.new(secret, digestmod="sha256")
    return [_digest(keyed, message) for message in canonical.cast(pa.large_binary()).to_pylist()]


def _quoted(texts: Strings) -> Strings:
    """Return texts as ASCII JSON."""
    return strings_of(list(map(encode_basestring_ascii, texts.to_pylist())))


def _digest(keyed: hmac.HMAC, message: bytes) -> bytes:
    """Return the keyed hash of a message; a copy saves the work that each message has with the key."""
    copy = keyed.copy()
    copy.update(message)
    return copy.digest()
