"""What a job would do, before anything is sent: its plan, and the preview of its plan in the account's journals."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from ctnb.connection_checks import VENDOR_RATE
from ctnb.defaults import JOB, REGION, TIMEZONE, Default
from ctnb.delivery.ledger.look import look
from ctnb.delivery.wire_encode import lead_dicts
from ctnb.exceptions import ConfigError, RuleError
from ctnb.i18n.language import N_
from ctnb.i18n.message import lazy_gettext
from ctnb.leads.plan import build_plan
from ctnb.leads.rulebook import Rulebook
from ctnb.matching.index import index_journals
from ctnb.matching.lacking import lacking_columns
from ctnb.matching.preview import build_preview
from ctnb.results.restore import check_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.journals.journal import Journal
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Rule
    from ctnb.matching.preview import Preview

NO_TEXT = "-"
"""Stands for a comment that is not written yet."""


def plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    key: str | None = None,
    job: str = JOB,
    region: str = REGION,
    connection: Connection | None = None,
    recorded: bool = True,
) -> Plan:
    """Plan the comments of a frame, see `ctnb.plan`; a run asks the ledger itself, and needs no record."""
    book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
    text = book.comment if comment is None else comment
    if text is None:
        raise RuleError("comment is missing: expected a template over the columns, or a rulebook that has one.")
    planned = build_plan(
        deals,
        book.rules,
        text,
        payload=lead_dicts,
        key=book.key if key is None else key,
        job=given(job, book.job, JOB),
        region=given(region, book.region, REGION),
        timezone=agreed_timezone(rulebook=book.timezone, connection=connection.timezone if connection else None),
        rate=connection.rate if connection else VENDOR_RATE,
        now=datetime.now(UTC),
    )
    return replace(planned, record=look(planned, connection)) if connection and recorded else planned


def preview(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment = "",
    *,
    journal: Journal,
    key: str | None = None,
    region: str = REGION,
    timezone: str | None = None,
    look_back_only: bool = False,
) -> Preview:
    """Look up in a journal what would match, see `ctnb.preview`."""
    check_names(deals)
    journal = checked_journal(journal)
    book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
    text = book.comment if isinstance(comment, str) and not comment else comment
    zone = agreed_timezone(rulebook=book.timezone, journal=journal.timezone, argument=timezone)
    planned = build_plan(
        deals,
        book.rules,
        NO_TEXT if text is None else text,
        payload=lead_dicts,
        key=book.key if key is None else key,
        job=given(JOB, book.job, JOB),
        region=given(region, book.region, REGION),
        timezone=zone,
        rate=VENDOR_RATE,
        now=datetime.now(UTC),
    )
    if text is None:
        # Which rows would be one comment is not known without the texts.
        planned = replace(planned, first=np.arange(len(planned)), united=None)
    tables = journal.tables(zone)
    if lacking := lacking_columns(planned, tables):
        warnings.warn(lacking, UserWarning, stacklevel=4)
    return build_preview(planned, deals, index_journals(tables), look_back_only=look_back_only)


ZONE_SOURCES: Final = {
    "connection": N_("connection"),
    "rulebook": N_("rulebook"),
    "journal": N_("journal"),
    "argument": N_("argument"),
}
"""Who may have given a time zone."""


def checked_journal(journal: object) -> Journal:
    """Return a journal; ConfigError when it is none."""
    if not callable(getattr(journal, "tables", None)):
        raise ConfigError(
            "journal: expected a ctnb.Journal, got {kind}. Make one: ctnb.Journal(calls=...).",
            kind=type(journal).__name__,
        )
    return cast("Journal", journal)


def given(argument: str, of_book: str | None, default: str) -> str:
    """Return what the caller gave, else what the rulebook has, else the default."""
    if not isinstance(argument, Default):
        return argument
    return default if of_book is None else of_book


def agreed_timezone(**zones: str | None) -> str:
    """Return the time zone that naive dates are read in: one that somebody gave, else the default.

    Parameters
    ----------
    **zones : str or None
        IANA names by who may have given them: ``connection``, ``rulebook``, ``journal``, ``argument``.

    Raises
    ------
    ConfigError
        When two were given that differ.
    """
    chosen = {source: zone for source, zone in zones.items() if zone is not None and not isinstance(zone, Default)}
    first, *others = chosen.items() or [("default", TIMEZONE)]
    for source, zone in others:
        if zone != first[1]:
            raise ConfigError(
                "The {first_source}'s time zone is {first!r}, and the {second_source}'s is {second!r}. Give the "
                "account's own in one of them, and leave it out of the other.",
                first=first[1],
                first_source=lazy_gettext(ZONE_SOURCES[first[0]]),
                second=zone,
                second_source=lazy_gettext(ZONE_SOURCES[source]),
            )
    return first[1]
