"""The key of a ledger: 32 random bytes in a file of their own, beside the ledger.

Identities are hashes keyed with it, so that the ledger alone tells nothing about anybody. Another
key would make every comment look new; so a ledger whose key is missing or changed is not used.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING, Final

from ctnb.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_secret", "fingerprint", "read_secret", "secret_path"]

BYTES: Final = 32


def secret_path(ledger: Path) -> Path:
    """Return where the key of a ledger file is kept."""
    return ledger.with_name(ledger.name + ".key")


def fingerprint(secret: bytes) -> str:
    """Return what a ledger keeps of its key: enough to know it again, not to use it."""
    return hashlib.sha256(b"ctnb ledger key" + secret).hexdigest()


def create_secret(ledger: Path) -> bytes:
    """Make the key of a new ledger, readable by its owner alone, and have it on the disk before it is used.

    Raises
    ------
    LedgerError
        When it cannot be written, or is there already.
    """
    path, secret = secret_path(ledger), secrets.token_bytes(BYTES)
    try:
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LedgerError(f"The ledger's key {str(path)!r} cannot be written: {error.strerror}.") from None
    return secret


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
            "nothing is sent. Put the key back, from the same backup as the ledger."
        ) from None
    except OSError as error:
        raise LedgerError(f"The ledger's key {str(path)!r} cannot be read: {error.strerror}.") from None
    if len(secret) != BYTES:
        raise LedgerError(f"The ledger's key {str(path)!r} is damaged. Put it back from a backup; nothing is sent.")
    return secret
