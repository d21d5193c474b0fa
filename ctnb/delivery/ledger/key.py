"""The key K of a ledger, and the identities of comments, which are hashes keyed with it.

K is 32 random bytes in a file of their own, beside the ledger: the ledger alone tells nothing about anybody. Another
key would make every comment look new; so a ledger whose key is missing or changed is not used.

While a ledger is being made its key is a draft, under another name: a draft means that nothing was
sent yet, and a key without its ledger that the ledger is lost.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ctnb.delivery.wire_encode import PATH
from ctnb.exceptions import LedgerError
from ctnb.leads.columns.arrow_text import joined, strings_of, text
from ctnb.leads.identity import canonical_text, canonical_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ctnb.connection import Connection
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.plan import Plan

BYTES: Final = 32


def secret_path(ledger: Path) -> Path:
    """Return where the key of a ledger file is kept."""
    return ledger.with_name(ledger.name + ".key")


def draft_path(ledger: Path) -> Path:
    """Return where the key is while the ledger is being made."""
    return ledger.with_name(ledger.name + ".key.new")


def fingerprint(secret: bytes) -> str:
    """Return the hash that a ledger stores of its key: enough to know it again, not to use it."""
    return hashlib.sha256(b"ctnb ledger key" + secret).hexdigest()


def draft_secret(ledger: Path) -> bytes:
    """Return the key of a ledger that is being made: the draft of a broken-off try, or a new one.

    It is readable by its owner alone, and on the disk before it is used.

    Raises
    ------
    LedgerError
        When it cannot be written.
    """
    path, secret = draft_path(ledger), secrets.token_bytes(BYTES)
    try:
        if path.exists() and len(drafted := path.read_bytes()) == BYTES:
            return drafted
        path.touch(mode=0o600)
        with path.open("wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LedgerError(f"The ledger's key {str(path)!r} cannot be written: {error.strerror}.") from None
    return secret


def keep_secret(ledger: Path) -> None:
    """Give the key of a ledger that is made its name.

    Raises
    ------
    OSError
        When the system refuses.
    """
    draft_path(ledger).replace(secret_path(ledger))


def read_secret(ledger: Path) -> bytes:
    """Return the key of a ledger.

    Raises
    ------
    LedgerError
        When it is missing or damaged.
    """
    path = secret_path(ledger)
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            f"The ledger's key {str(path)!r} is missing. Without it every comment would look new and be sent again, so "
            "nothing is sent. Put the key back, from the same backup as the ledger; where the file is no ledger, name "
            "another."
        ) from None
    except OSError as error:
        raise LedgerError(f"The ledger's key {str(path)!r} cannot be read: {error.strerror}.") from None
    if len(secret) != BYTES:
        raise LedgerError(f"The ledger's key {str(path)!r} is damaged. Put it back from a backup; nothing is sent.")
    return secret


def identities(plan: Plan, rows: Sequence[int], connection: Connection, secret: bytes) -> list[bytes]:
    """Return the identities of the comments in some rows of a plan: 32 bytes each.

    ``HMAC-SHA256(K, canonical(site, endpoint, job, lead, text))`` (reliability, Ledger); the canonical form is a
    compact ASCII JSON array. The rules are not part of it.
    """
    # Emulators come and go on other ports; a rehearsal has one endpoint all the same.
    endpoint = ("loopback" if connection.loopback else connection.base_url) + PATH
    account = [str(connection.site_id), endpoint, canonical_text(plan.job)]
    head = text(json.dumps(account, separators=(",", ":"))[:-1] + ",")
    at = pa.array(np.asarray(rows, dtype=np.int64))
    texts = canonical_texts(plan.texts.take(at))
    canonical = joined(head, _quoted(plan.leads_named.take(at)), text(","), _quoted(texts), text("]"))
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
