"""The verbs as functions; their docstrings are those of ``df.calltouch``, too.

Importing this module costs next to nothing: each verb loads what it needs when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.api_journals import preview as preview  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_journals import settle as settle  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import compare as compare  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import counts as counts  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import dashboard as dashboard  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import errors as errors  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import match_rates as match_rates  # noqa: PLC0414  a verb, to be had here too
from ctnb.api_results import report as report  # noqa: PLC0414  a verb, to be had here too
from ctnb.defaults import JOB, PREFIX, REGION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.plan import Plan
    from ctnb.leads.policies import DepthValue
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Rule
    from ctnb.views.studio.studio import Studio


def plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    key: str | None = None,
    job: str = JOB,
    region: str = REGION,
    connection: Connection | None = None,
) -> Plan:
    """Show what `comment` would send; nothing is sent.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule, list of Rule, or Rulebook
        In the order of their priority, 20 at most. What a `Rulebook` holds counts where the arguments
        below are not given.
    comment : str or col, optional
        Template over the columns, such as ``"{stage}: {manager}"``; needed unless a rulebook has one.
    key : str, optional
        Column that names the deal. Give one where there is one: without it a deal is known by the
        ids and contacts that the rules read, so that a mended id or contact makes another deal of it,
        and a second comment is possible.
    job : str
        Sets apart comments that are meant twice.
    region : str
        Two letters: where phones without a country code belong.
    connection : Connection, optional
        Gives the time zone and the rate; Moscow and 5 requests a second by default. A rulebook's time
        zone wins over the default. Its ledger says what was sent before: the plan's ``record``. Nothing is
        changed in it, and none is made.

    Returns
    -------
    Plan
        Of n rows. A bad row is not an error: it is invalid, with its problem. ``checks`` says what the data says,
        the gravest first.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule, the template or a setting cannot be used for any row.
    LedgerError
        When there is a record of what was sent, and it cannot be relied on.
    """
    from ctnb import planning

    return planning.plan(deals, rules, comment, key=key, job=job, region=region, connection=connection)


def comment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = JOB,
    resend: str | Collection[str] | None = None,
    resend_after: DepthValue | None = None,
    resend_times: int | None = None,
    only_new: bool = False,
    limit: int | None = None,
    prefix: str = PREFIX,
    progress: bool = True,
    region: str = REGION,
) -> pd.DataFrame:
    """Comment the leads of a frame, and join the answers to it.

    Running it again sends nothing that was answered before.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule, list of Rule, or Rulebook
        In the order of their priority, 20 at most. What a `Rulebook` holds counts where the arguments
        below are not given.
    comment : str, col, Series or callable, optional
        Template such as ``"{stage}: {manager|nobody}"``, or a text for each row; needed unless a rulebook has one.
    connection : Connection, optional
        The account; by default `Connection.from_env`.
    key : str, optional
        Column or index level that names the deal. Give one where there is one: without it a deal is known by the
        ids and contacts that the rules read, so that a mended id or contact makes another deal of it,
        and a second comment is possible.
    job : str
        Sets apart comments that are meant twice.
    resend : {"unmatched", "uncertain"} or several, optional
        Earlier outcomes to send again. ``"uncertain"`` accepts that a lead may get a second comment.
    resend_after : int, str or timedelta, optional
        Send such an outcome again only once it is so old: minutes (1 to 525600), ``"90m"``, ``"2h"``, ``"7d"``. The
        ledger's clock counts. An outcome that it dates in the future, because the clock was set back, waits until the
        clock has passed it by so much; without `resend_after` it is sent now.
    resend_times : int, optional
        Send a comment again so many times at the most, 1 or more; requests that the vendor answered count.
    only_new : bool
        Send only what the plan's ``record`` calls new. What else would be sent, ``again`` or ``changed``, is
        ``unsent`` with the code ``not_new``. It contradicts `resend`.
    limit : int, optional
        So many leads are sent at the most, the first rows first; earlier answers and repeats do not count. The
        rest is ``unsent`` with the code ``limited``, and the next run sends it.
    prefix : str
        What the names of the new columns begin with.
    progress : bool
        Whether a progress bar is shown.
    region : str
        Two letters: where phones without a country code belong.

    Returns
    -------
    DataFrame
        A new frame: the same n rows, order and index, with 18 more columns.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        Before anything is sent.
    LedgerError
        When the record of what was sent cannot be relied on.
    KeyboardInterrupt
        When the user interrupts, by Ctrl-C or SIGTERM, once or many times: requests in flight are waited for and
        recorded first. The next run carries on.
    """
    from ctnb.run import Run

    run = Run.prepare(
        deals,
        rules,
        comment,
        connection=connection,
        key=key,
        job=job,
        region=region,
        resend=resend,
        resend_after=resend_after,
        resend_times=resend_times,
        only_new=only_new,
        limit=limit,
        prefix=prefix,
    )
    return run.carry_out(progress=progress)


async def acomment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = JOB,
    resend: str | Collection[str] | None = None,
    resend_after: DepthValue | None = None,
    resend_times: int | None = None,
    only_new: bool = False,
    limit: int | None = None,
    prefix: str = PREFIX,
    progress: bool = True,
    region: str = REGION,
) -> pd.DataFrame:
    """Comment the leads of a frame in the caller's running loop, and join the answers to it.

    Cancelling it, however often, stops new requests, waits for those in flight, records them, and raises
    ``CancelledError`` then. In the main thread Ctrl-C and SIGTERM do the same, unless the caller has handlers of his
    own for them; under ``asyncio.run`` it ends in a ``KeyboardInterrupt``.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules, comment, connection, key, job, resend, resend_after, resend_times, only_new, limit, prefix, progress, region
        As for `ctnb.comment`.

    Returns
    -------
    DataFrame
        As from `ctnb.comment`: the same n rows, order and index, with 18 more columns.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        Before anything is sent.
    LedgerError
        When the record of what was sent cannot be relied on.
    """
    from ctnb.run import Run

    run = Run.prepare(
        deals,
        rules,
        comment,
        connection=connection,
        key=key,
        job=job,
        region=region,
        resend=resend,
        resend_after=resend_after,
        resend_times=resend_times,
        only_new=only_new,
        limit=limit,
        prefix=prefix,
    )
    return await run.acarry_out(progress=progress)


def studio(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook | None = None,
    comment: str | None = None,
    *,
    key: str | None = None,
    connection: Connection | None = None,
) -> Studio:
    """Open the studio: the whole journey by hand, in widgets.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index. The studio never changes it.
    rules : Rule, list of Rule, or Rulebook, optional
        To begin with; by default rules are made of the columns that are found.
    comment : str, optional
        Template to begin with.
    key : str, optional
        Column that names the deal; by default it is looked for.
    connection : Connection, optional
        The account; by default it is typed in, or comes from the environment.

    Returns
    -------
    Studio
        A widget; `result` holds the joined frame once something was sent.
    """
    from ctnb.views.studio.studio import Studio

    return Studio(deals, rules, "" if comment is None else comment, key=key, connection=connection)
