"""What a run is asked to send: which earlier outcomes again, only what is new, how many leads at most."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeGuard

import numpy as np

from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import ConfigError
from ctnb.leads.columns.cells import described
from ctnb.leads.limits import DEPTH_LIMIT
from ctnb.leads.policies import parse_depth
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from ctnb.leads.policies import DepthValue

RESENDABLE: Final = (Status.UNMATCHED, Status.UNCERTAIN)


def checked_terms(
    rules: str,
    *,
    resend: str | Collection[str] | None,
    resend_after: DepthValue | None,
    resend_times: int | None,
    only_new: bool,
) -> Terms:
    """Return the terms on which a new run asks the ledger; see `ctnb.comment` for its parameters.

    Parameters
    ----------
    rules : str
        Fingerprint of the rule list.

    Raises
    ------
    ConfigError
        When a parameter cannot be used, or two contradict each other.
    """
    if not isinstance(only_new, bool | np.bool_):
        raise ConfigError("only_new: expected True or False, got {value!r}.", value=only_new)
    asked = checked_resend(resend)
    if only_new and asked:
        raise ConfigError(
            "only_new and resend contradict each other: a comment that is sent again is not new. Leave one of them out."
        )
    for name, value in (("resend_after", resend_after), ("resend_times", resend_times)):
        if value is not None and not asked:
            raise ConfigError(
                '{name} says when to send again, and resend does not say what. Give resend="unmatched".', name=name
            )
    return Terms(
        owner=secrets.token_hex(16),
        rules=rules,
        resend=asked,
        resend_after=None if resend_after is None else checked_age(resend_after),
        resend_times=None if resend_times is None else checked_times(resend_times),
        only_new=bool(only_new),
    )


def checked_resend(resend: str | Collection[str] | None) -> frozenset[Status]:
    """Return the outcomes to send again.

    Raises
    ------
    ConfigError
        For another outcome than unmatched and uncertain.
    """
    asked = [] if resend is None else [resend] if isinstance(resend, str) else list(resend)
    for status in asked:
        if status not in RESENDABLE:
            raise ConfigError('resend is {status!r}; "unmatched", "uncertain" or both are allowed.', status=status)
    return frozenset(Status(status) for status in asked)


def checked_age(resend_after: object) -> timedelta:
    """Return how old an outcome must be to be sent again, written as a depth is.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    try:
        return timedelta(minutes=parse_depth(resend_after))
    except ValueError:
        raise ConfigError(
            'resend_after: expected whole minutes from 1 to {most}, "90m", "2h", "7d" or a timedelta, got {value}.',
            most=DEPTH_LIMIT,
            value=described(resend_after),
        ) from None


def checked_times(resend_times: object) -> int:
    """Return how often a comment is sent again; ConfigError for anything but a whole number from 1 on."""
    if not _is_whole(resend_times) or resend_times < 1:
        raise ConfigError(
            "resend_times: expected a whole number, 1 or more, got {value!r}. None sets no bound.", value=resend_times
        )
    return int(resend_times)


def checked_limit(limit: object) -> int | None:
    """Return how many leads are sent at the most; None for all.

    Raises
    ------
    ConfigError
        For anything but a whole number from 0 on.
    """
    if limit is None:
        return None
    if not _is_whole(limit) or limit < 0:
        raise ConfigError(
            "limit: expected a whole number of leads, 0 or more, got {value!r}. None sends all.", value=limit
        )
    return int(limit)


def _is_whole(value: object) -> TypeGuard[int]:
    return not isinstance(value, bool) and isinstance(value, int | np.integer)
