"""Texts that hold a secret: a token, and an address that may hold a password. Neither is shown by accident."""

from __future__ import annotations

import os
import re
from typing import Any, Self


class Token(str):
    """An API token whose repr is masked, so that no traceback or log prints it by accident, and no pickle holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __copy__(self) -> Token:
        return self

    def __deepcopy__(self, _: object) -> Token:
        return self

    def __reduce__(self) -> tuple[type[Token], tuple[()]]:
        return Token, ()


class Address(str):
    """An address that may hold a password, which no text of it shows, nor a traceback with locals, and no pickle holds.

    What opens it takes it as it is: ``os.fspath(address)``.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Keep a text as it is: another address is asked for its ``str`` otherwise, which is masked."""
        return super().__new__(cls, text[:])

    def __copy__(self) -> Address:
        return self

    def __deepcopy__(self, _: object) -> Address:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.without_password,)

    @property
    def without_password(self) -> str:
        """The address without its password, which the environment or a file of the user's has then."""
        address = re.sub(r"(://[^/?#@:]*):.*@", r"\1@", self, flags=re.DOTALL)
        return re.sub(r"(?i)([?&])password=[^&]*&?", r"\1", address)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return repr(str(self))

    def __str__(self) -> str:
        address = re.sub(r":/+.*(?:[@＠]|%(?:25)*40)", "://***@", self, flags=re.DOTALL)
        return re.sub(r"(?i)(password=)[^&\s]*", r"\1***", address)


class WebAddress(Address):
    """The address of a server, with a scheme or without: no text of it shows a user, a query or a fragment."""

    __slots__ = ()

    @property
    def without_password(self) -> str:
        """The address as it is shown."""
        return str(self)

    def __str__(self) -> str:
        address = super().__str__()
        if ":/" not in address:
            address = re.sub(r".*(?:[@＠]|%(?:25)*40)", "***@", address, flags=re.DOTALL)
        return re.sub(r"([?#？＃]).+", r"\1***", address, flags=re.DOTALL)


def quiet_setting(parameter: str, value: Any) -> Any:
    """Return a parameter of a connection as one whose repr shows no secret, and any other value as it is."""
    if isinstance(value, str) and parameter == "token":
        return Token(value)
    if isinstance(value, str) and parameter == "base_url":
        return WebAddress(value)
    return quiet(value)


def quiet(value: Any) -> Any:
    """Return an address that may hold a password as one whose repr shows none, and anything else as it is."""
    if not isinstance(value, str | os.PathLike) or isinstance(value, Token):
        return value
    text = os.fspath(value)
    return Address(text) if isinstance(text, str) and is_address(text) else value


def is_address(text: str) -> bool:
    """Tell whether a text is an address with a scheme, and no path: a drive has one letter."""
    return re.match(r"\s*[a-z][a-z0-9+.-]+:/", text, re.IGNORECASE) is not None
