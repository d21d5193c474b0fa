"""Settings that hold where nobody gives others."""

from __future__ import annotations

from typing import Final


class Default(str):
    """A default, distinct from the same text given by hand: a rule file's setting wins over it."""

    __slots__ = ()


JOB: Final = Default("")
REGION: Final = Default("RU")
TIMEZONE: Final = Default("Europe/Moscow")
"""The time zone of an account, unless its connection or the rule file says otherwise (contract, ours)."""

PREFIX: Final = "ct_"
"""What the names of the result columns begin with."""
