"""The key of a ledger: 32 random bytes in a file of their own, beside the ledger.

Identities are hashes keyed with it, so that the ledger alone tells nothing about anybody. Another
key would make every comment look new; so a ledger whose key is missing or changed is not used.

While a ledger is being made its key is a draft, under another name: a draft tells that nothing was
sent yet, and a key without its ledger that the ledger is lost.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING, Final

from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

BYTES: Final = 32


def secret_path(ledger: Path) -> Path:
    """Return where the key of a ledger file is kept."""
    return ledger.with_name(ledger.name + ".key")


def draft_path(ledger: Path) -> Path:
    """Return where the key is while the ledger is being made."""
    return ledger.with_name(ledger.name + ".key.new")


def fingerprint(secret: bytes) -> str:
    """Return what a ledger keeps of its key: enough to know it again, not to use it."""
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
