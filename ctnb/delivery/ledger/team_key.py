"""The keys of a team's ledger, which every machine of the team is given: the first one writes, all are looked up."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from ctnb.connection import variables_of_file
from ctnb.delivery.ledger.key import BYTES
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.i18n.system_errors import system_text
from ctnb.secret_texts import Token

KEY: Final = "CTNB_LEDGER_KEY"

KEY_FILE: Final = "CTNB_LEDGER_KEY_FILE"

HEX: Final = re.compile(rf"[0-9a-fA-F]{{{2 * BYTES}}}")

MAKE_ONE: Final = "python -c 'import secrets; print(secrets.token_hex(32))'"


def team_secrets() -> list[bytes]:
    """Return the keys of the team's ledger, the writing one first.

    The environment counts, then the ``.env`` of the working directory.

    Raises
    ------
    ConfigError
        When both variables are set, or a value is not a key.
    LedgerError
        When there is no key, or its file cannot be read.
    """
    for variables in (os.environ, variables_of_file()):
        given = {name: (variables.get(name) or "").strip() for name in (KEY, KEY_FILE)}
        if all(given.values()):
            raise ConfigError(
                "Expected one of {key_name} and {file_name}, got both. Leave one out.",
                key_name=KEY,
                file_name=KEY_FILE,
            )
        if given[KEY]:
            return _secrets(Token(given[KEY]), KEY)
        if given[KEY_FILE]:
            return _of_file(Path(given[KEY_FILE]))
    raise LedgerError(
        "A ledger in PostgreSQL needs the key of its team, and neither {key_name} nor {file_name} is set: "
        "without it every comment would look new and be sent again, so nothing is sent. Ask the team for it; "
        "for a new ledger make one with: {command}",
        key_name=KEY,
        file_name=KEY_FILE,
        command=MAKE_ONE,
    )


def _of_file(path: Path) -> list[bytes]:
    """Return the keys of a file: hex digits, or the 32 bytes that a ledger's file has beside it."""
    try:
        content = path.expanduser().read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        raise LedgerError(
            "The key file {path!r}, which {file_name} names, cannot be read: {reason}. Nothing is sent without it.",
            path=str(path),
            file_name=KEY_FILE,
            reason=system_text(error),
        ) from None
    if len(content) == BYTES:
        return [content]
    return _secrets(Token(content.decode("ascii", "replace")), KEY_FILE)


def _secrets(given: Token, name: str) -> list[bytes]:
    """Return the keys that are written as hex digits, with commas or line breaks between them."""
    texts = [Token(text) for text in re.split(r"[\s,]+", given) if text]
    if not texts or not all(HEX.fullmatch(text) for text in texts):
        raise ConfigError(
            "{name}: expected a key of {digits} hex digits, or several with commas between them, got something "
            "else, which is not shown. Copy the team's key again.",
            name=name,
            digits=2 * BYTES,
        )
    return list(dict.fromkeys(bytes.fromhex(text) for text in texts))
