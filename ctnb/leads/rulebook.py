"""A rulebook: the rules of a job and what else is given with them, as one value that a file can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ctnb.exceptions import ConfigError, RuleError
from ctnb.leads.columns.cells import described
from ctnb.leads.moments.wall_clock import checked_timezone
from ctnb.leads.phones.api import checked_region
from ctnb.leads.rules import Col, checked_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctnb.leads.comment_template import Comment
    from ctnb.leads.rules import Rule


@dataclass(frozen=True, slots=True, init=False)
class Rulebook:
    """A whole job as a value: the rules, and what else is given with them.

    `load_rulebook` reads it from a TOML file, and `dump_rulebook` writes it to one; nothing is lost on the way.

    Parameters
    ----------
    rules : Rule or list of Rule
        In the order of their priority, 1 to 20.
    comment : str, col, Series or callable, optional
        Template over the columns, such as ``"{stage}: {manager}"``. No file can hold a Series or a callable.
    key : str, optional
        Column that names the deal.
    job : str, optional
        Sets apart comments that are meant twice.
    region : str, optional
        Two letters: where phones without a country code belong.
    timezone : str, optional
        IANA name of the account's time zone.

    Raises
    ------
    RuleError
        When the rule list or the comment cannot be used.
    ConfigError
        When the key, the job, the region or the time zone cannot be used.

    Notes
    -----
    None means "not given": the default of the function that takes the rulebook holds.

    Examples
    --------
    >>> from ctnb import Call
    >>> book = Rulebook([Call("call_id")], "{stage}", key="deal_id")
    >>> book.rules, book.key, book.region
    ((Call(id='call_id'),), 'deal_id', None)
    """

    rules: tuple[Rule, ...]
    comment: Comment | None
    key: str | None
    job: str | None
    region: str | None
    timezone: str | None

    def __init__(
        self,
        rules: Rule | Iterable[Rule],
        comment: Comment | None = None,
        *,
        key: str | None = None,
        job: str | None = None,
        region: str | None = None,
        timezone: str | None = None,
    ) -> None:
        checked = {
            "rules": checked_rules(rules),
            "comment": None if comment is None else checked_comment(comment),
            "key": None if key is None else checked_key(key),
            "job": None if job is None else checked_job(job),
            "region": None if region is None else checked_region(region),
            "timezone": None if timezone is None else checked_timezone(timezone),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)


def checked_comment(comment: object) -> object:
    """Return a comment of a type that a job may have; its text is checked with the columns of a frame.

    Raises
    ------
    RuleError
        When it is neither a text nor ``col(...)``, nor a Series or a callable, which no file can hold.
    """
    if not isinstance(comment, str | Col | pd.Series) and not callable(comment):
        raise RuleError(
            'The comment is {kind}; a text with {{column}} fields is wanted, or col("name").',
            kind=type(comment).__name__,
        )
    return comment


def checked_key(key: object) -> str:
    """Return the name of the column that names the deal; ConfigError when it is no name."""
    if not isinstance(key, str) or not key.strip():
        raise ConfigError("key is {value}; the name of a column is wanted.", value=described(key))
    return key


def checked_job(job: object) -> str:
    """Return the name of a job; ConfigError when it is no text."""
    if not isinstance(job, str):
        raise ConfigError("job is {value}; a text is wanted.", value=described(job))
    return job
