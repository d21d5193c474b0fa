"""Policies of a rule, read from a literal or from a cell: depth, match, tags and their logic."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

import numpy as np

from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.cells import described, is_number, is_unicode
from ctnb.leads.limits import DEPTH_LIMIT, MATCHES, TAGS_LOGICS

DepthValue: TypeAlias = int | str | dt.timedelta

DEPTH: Final = re.compile(r"\s*0*(\d{1,6})(?:\.0+)?\s*([mhd]?)\s*", re.ASCII | re.IGNORECASE)
UNITS: Final = {"d": 1440, "h": 60, "m": 1}
"""Units of a depth and their minutes, the largest first."""


def parse_depth(value: object) -> int:
    """Return a search depth in whole minutes, 1 to 525600.

    Raises
    ------
    ValueError
        When the value is of another form or out of the contract's range.

    Examples
    --------
    >>> parse_depth("2h"), parse_depth("7d"), parse_depth(90)
    (120, 10080, 90)
    """
    try:
        minutes = _minutes(value)
    except (TypeError, ValueError, OverflowError):
        minutes = None
    if minutes is None or not 1 <= minutes <= DEPTH_LIMIT or minutes % 1:
        raise ValueError(
            lazy_gettext(
                'depth is {value}; whole minutes from 1 to {most}, "90m", "2h", "7d" or a timedelta is allowed',
                value=described(value),
                most=DEPTH_LIMIT,
            )
        )
    return int(minutes)


def _minutes(value: object) -> float | None:
    """Return minutes, whole or not; None, or whatever the conversion raises, for what is no depth."""
    if isinstance(value, str):
        found = DEPTH.fullmatch(value)
        return int(found[1]) * UNITS[found[2].lower() or "m"] if found else None
    # NumPy's durations are whole numbers by birth.
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "m"))
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(minutes=1)
    return float(value) if is_number(value) else None  # type: ignore[arg-type]  # a number


def depth_unit(minutes: int) -> tuple[int, str]:
    """Return minutes in their largest whole unit: how many, and ``d``, ``h`` or ``m``."""
    return next((minutes // size, unit) for unit, size in UNITS.items() if minutes % size == 0)


def depth_text(minutes: int) -> str:
    """Write minutes as a rule takes them: ``7d``, ``2h``, ``90m``."""
    count, unit = depth_unit(minutes)
    return f"{count}{unit}"


def parse_match(value: object, *, undocumented: bool = False) -> str:
    """Return the choice among several leads that fit; ValueError for a value that the vendor's examples do not show."""
    if isinstance(value, str) and (value in MATCHES or (undocumented and value.strip() and is_unicode(value))):
        return value
    raise ValueError(
        lazy_gettext(
            "match is {value}; {allowed} are allowed "
            "(for a value that the vendor does not document, build the rule with undocumented=True)",
            value=described(value),
            allowed=", ".join(MATCHES),
        )
    )


def parse_tags(value: object) -> tuple[str, ...]:
    """Return tags without repeats, in order; text is split at commas and semicolons; ValueError for a blank tag."""
    if value is None:
        return ()
    items = re.split(r"[,;]", value) if isinstance(value, str) else value
    # An array of no dimension calls itself iterable.
    if not isinstance(items, Iterable) or isinstance(items, Mapping) or getattr(items, "ndim", 1) != 1:
        raise ValueError(lazy_gettext("tags are {value}; a list of words is allowed", value=described(value)))
    tags = [tag.strip() if isinstance(tag, str) else tag for tag in items]
    if not all(isinstance(tag, str) and tag and is_unicode(tag) for tag in tags):
        raise ValueError(
            lazy_gettext("tags are {value}; each must be a word that is not blank, in Unicode", value=described(value))
        )
    # A set has no order of its own, and equal rules must stay equal from run to run.
    return tuple(dict.fromkeys(sorted(tags) if isinstance(value, AbstractSet) else tags))


def parse_tags_logic(value: object) -> str:
    """Return ``and`` or ``or``; ValueError for anything else."""
    if isinstance(value, str) and value in TAGS_LOGICS:
        return value
    raise ValueError(
        lazy_gettext('tags_logic is {value}; "and" (all tags) or "or" (any of them) is allowed', value=described(value))
    )
