"""The key K of a ledger, and the hashes keyed with it by which it knows comments, leads, texts and offers.

K is 32 random bytes in a file of their own, beside the ledger: the ledger alone tells nothing about anybody. Another
key would make every comment look new; so a ledger whose key is missing or changed is not used.

While a ledger is being made its key is a draft, under another name: a draft means that nothing was
sent yet, and a key without its ledger that the ledger is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from ipaddress import ip_address
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

from ctnb.connection_checks import is_loopback
from ctnb.delivery.ledger.protocol import COMMENTED, gravity
from ctnb.delivery.wire_encode import PATH
from ctnb.exceptions import LedgerError
from ctnb.i18n.system_errors import system_text
from ctnb.leads.columns.arrow_text import TEXT, joined, strings_of, text
from ctnb.leads.identity import canonical_text, canonical_texts, offer_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import Entry
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.plan import Plan

BYTES: Final = 32

BLOCK: Final = 64
"""Bytes that SHA-256 takes at once."""

IDENTITY: Final = 32
"""Bytes of an identity."""

SHORT: Final = 16
"""Bytes of a hash that only tells whether two are the same: of a lead, a text, an offer or an account."""

PORTS: Final = {"https": 443, "http": 80}
"""The ports that need not be written."""


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
        raise LedgerError(
            "The ledger's key {path!r} cannot be written: {reason}.",
            path=str(path),
            reason=system_text(error),
        ) from None
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
            "The ledger's key {path!r} is missing. Without it every comment would look new and be sent again, "
            "so nothing is sent. Put the key back, from the same backup as the ledger; where the file is no "
            "ledger, name another.",
            path=str(path),
        ) from None
    except OSError as error:
        raise LedgerError(
            "The ledger's key {path!r} cannot be read: {reason}.",
            path=str(path),
            reason=system_text(error),
        ) from None
    if len(secret) != BYTES:
        raise LedgerError(
            "The ledger's key {path!r} is damaged. Put it back from a backup; nothing is sent.",
            path=str(path),
        )
    return secret


class PlanComments:
    """The comments in some rows of a plan, by position among these rows, as a ledger knows them: by keyed hashes.

    Every hash is that of a compact ASCII JSON array, each kind of another length: an identity is an HMAC-SHA256, the
    short ones are keyed BLAKE2b. A run again over answered rows needs the identities alone, so all else is made when it
    is asked for.

    Parameters
    ----------
    plan : Plan
    rows : sequence of int
    connection : Connection
    secret : bytes
        The ledger's key.
    older_secrets : sequence of bytes
        Keys that it had before; see `identify`.
    own : collection of bytes
        See `Comments.own`.

    Attributes
    ----------
    account : bytes
        16 bytes for site, endpoint and job.
    identities : list of bytes
        32 bytes each, of site, endpoint, job, lead and text. The rules are no part of it.
    older : list of PlanComments
        The same comments under each of the older keys.
    """

    def __init__(
        self,
        plan: Plan,
        rows: Sequence[int],
        connection: Connection,
        secret: bytes,
        older_secrets: Sequence[bytes] = (),
        *,
        own: Collection[bytes] = (),
    ) -> None:
        self.own = own
        self.older = [PlanComments(plan, rows, connection, older) for older in older_secrets]
        self._keyed_by: dict[int, PlanComments] = {}
        self._plan, self._rows = plan, np.asarray(rows, dtype=np.int64)
        self._secret, self._inner, self._outer = secret, _half(secret, 0x36), _half(secret, 0x5C)
        at = pa.array(self._rows)
        self._leads = plan.leads_named.take(at)
        self._texts = _quoted(canonical_texts(plan.texts.take(at)))
        parts = [str(connection.site_id), endpoint(connection.base_url), canonical_text(plan.job)]
        account = json.dumps(parts, separators=(",", ":"))
        self._head = text(account[:-1] + ",")
        (self.account,) = self._short(pa.array([account], TEXT))
        self._canonical_leads = joined(self._head, _quoted(self._leads))
        messages = joined(self._canonical_leads, text(","), self._texts, text("]"))
        self.identities = [self._identity(message) for message in _bytes_of(messages)]

    def identify(self, entries: Callable[[Sequence[bytes]], Sequence[Entry | None]]) -> None:
        """Key each comment that a ledger has under an older key with that one; see `Comments.identify`.

        A record that was moved there may have a comment, too, that the team has under a key of its own: then the entry
        counts that forbids more, and the earlier key's where they are alike.
        """
        found = [0 if entry is None else gravity(entry) for entry in entries(self.identities)]
        for older in self.older:
            left = [position for position, grave in enumerate(found) if grave < COMMENTED]
            for position, entry in zip(left, entries([older.identities[each] for each in left]), strict=True):
                if entry is not None and (grave := gravity(entry)) > found[position]:
                    found[position] = grave
                    self.identities[position], self._keyed_by[position] = older.identities[position], older

    def leads(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for the lead of each comment, without its text."""
        hashes = self._short(joined(self._canonical_leads.take(pa.array(positions, pa.int64())), text("]")))
        return self._as_keyed(positions, hashes, PlanComments.leads)

    def texts(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for each text alone."""
        hashes = _of_quoted(self._texts.take(pa.array(positions, pa.int64())), self._secret)
        return self._as_keyed(positions, hashes, PlanComments.texts)

    def offers(self, positions: Sequence[int]) -> list[bytes]:
        """Return 16 bytes for what the row of each comment offers."""
        if not len(positions):
            return []
        offered = offer_texts(self._plan.offered(self._rows[np.asarray(positions)]))
        hashes = self._short(joined(text('["offer",'), offered, text("]")))
        return self._as_keyed(positions, hashes, PlanComments.offers)

    def _as_keyed(
        self,
        positions: Sequence[int],
        hashes: list[bytes],
        kind: Callable[[PlanComments, Sequence[int]], list[bytes]],
    ) -> list[bytes]:
        """Return hashes, those of comments that have an older key as keyed with that."""
        if self._keyed_by:
            for older in self.older:
                places = [place for place, each in enumerate(positions) if self._keyed_by.get(int(each)) is older]
                for place, value in zip(places, kind(older, [positions[place] for place in places]), strict=True):
                    hashes[place] = value
        return hashes

    @property
    def naming(self) -> str:
        """How the plan names its leads: by key, ids or contacts."""
        return self._plan.naming

    def _short(self, messages: Strings) -> list[bytes]:
        return _short(messages, self._secret)

    def _identity(self, message: bytes) -> bytes:
        """Return HMAC-SHA256 (RFC 2104) by its two halves: the objects of `hmac` take twice as long."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def text_hashes(texts: Strings, secret: bytes) -> list[bytes]:
    """Return the hash by which a ledger knows each text alone, 16 bytes."""
    return _of_quoted(_quoted(canonical_texts(texts)), secret)


def endpoint(base_url: str) -> str:
    """Return the address that comments go to, the same for every way of writing it.

    Emulators come and go on other ports; a rehearsal has one endpoint all the same.

    >>> endpoint("HTTPS://API.Calltouch.RU.:443/")
    'https://api.calltouch.ru/lead-service/v1/api/comment/lead/add'
    """
    if is_loopback(base_url):
        return "loopback" + PATH
    parts = urlsplit(base_url)
    host, scheme = (parts.hostname or "").rstrip("."), parts.scheme.lower()
    with suppress(UnicodeError):  # what cannot be a name of the Internet stays as it is written
        host = host.encode("idna").decode()
    with suppress(ValueError):
        host = f"[{ip_address(host).compressed}]" if ":" in host else ip_address(host).compressed
    port = "" if parts.port in {None, PORTS.get(scheme)} else f":{parts.port}"
    return f"{scheme}://{host}{port}{parts.path.rstrip('/')}{PATH}"


def _half(secret: bytes, pad: int) -> hashlib._Hash:
    """Return one of the two hashes of an HMAC, which has taken the key."""
    return hashlib.sha256(bytes(byte ^ pad for byte in secret.ljust(BLOCK, b"\0")))


def _of_quoted(quoted: Strings, secret: bytes) -> list[bytes]:
    """Return the hashes of texts that are written as JSON."""
    return _short(joined(text("["), quoted, text("]")), secret)


def _short(messages: Strings, secret: bytes) -> list[bytes]:
    """Return a short keyed hash of each message."""
    return [blake2b(message, key=secret, digest_size=SHORT).digest() for message in _bytes_of(messages)]


def _bytes_of(messages: Strings) -> list[bytes]:
    found: list[bytes] = messages.cast(pa.large_binary()).to_pylist()
    return found


def _quoted(texts: Strings) -> Strings:
    """Return texts as ASCII JSON."""
    return strings_of(list(map(encode_basestring_ascii, texts.to_pylist())))
