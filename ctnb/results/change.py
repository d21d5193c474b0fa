"""What became of a row from one result to another, and why a row stands alone: the values of columns."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """What became of a row from one result to the other."""

    SAME = "same"
    """The status is the same."""
    GAINED = "gained"
    """Answered and not matched before, matched after."""
    LOST = "lost"
    """Matched before, answered and not matched after."""
    CHANGED = "changed"
    """Any other change of the status, such as ``unsent`` before and ``commented`` after."""
    ONLY_BEFORE = "only_before"
    """Without a partner after."""
    ONLY_AFTER = "only_after"
    """Without a partner before."""


class Unpaired(StrEnum):
    """Why a row has no partner on the other side."""

    NO_PARTNER = "no_partner"
    """The other side has no row of its key."""
    BLANK_KEY = "blank_key"
    """It has no key."""
    SEVERAL_OUTCOMES = "several_outcomes"
    """Rows of its key have different outcomes on one side, so that which belongs to which is not known."""
