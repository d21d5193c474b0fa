"""The verbs as functions; their docstrings are those of ``df.calltouch``, too.

Importing this module costs next to nothing: each verb loads what it needs when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.defaults import JOB, PREFIX, REGION

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Hashable, Iterable
    from pathlib import Path

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.leads.plan import Plan
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Col, Rule
    from ctnb.views.dashboard.dashboard import Dashboard
    from ctnb.views.studio.studio import Studio


def plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: str | Col | None = None,
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
        zone wins over the default.

    Returns
    -------
    Plan
        Of n rows. A bad row is not an error: it is invalid, with its problem.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule, the template or a setting cannot be used for any row.
    """
    from ctnb import run

    return run.plan(deals, rules, comment, key=key, job=job, region=region, connection=connection)


def comment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: str | Col | None = None,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = JOB,
    resend: str | Collection[str] | None = None,
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
    comment : str or col, optional
        Template over the columns, such as ``"{stage}: {manager}"``; needed unless a rulebook has one.
    connection : Connection, optional
        The account; by default `Connection.from_env`.
    key : str, optional
        Column that names the deal. Give one where there is one: without it a deal is known by the
        ids and contacts that the rules read, so that a mended id or contact makes another deal of it,
        and a second comment is possible.
    job : str
        Sets apart comments that are meant twice.
    resend : {"unmatched", "uncertain"} or several, optional
        Earlier outcomes to send again. ``"uncertain"`` accepts that a lead may get a second comment.
    prefix : str
        What the names of the new columns begin with.
    progress : bool
        Whether a progress bar is shown.
    region : str
        Two letters: where phones without a country code belong.

    Returns
    -------
    DataFrame
        A new frame: the same n rows, order and index, with 17 more columns.

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
        deals, rules, comment, connection=connection, key=key, job=job, region=region, resend=resend, prefix=prefix
    )
    return run.carry_out(progress=progress)


async def acomment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: str | Col | None = None,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = JOB,
    resend: str | Collection[str] | None = None,
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
    rules, comment, connection, key, job, resend, prefix, progress, region
        As for `ctnb.comment`.

    Returns
    -------
    DataFrame
        As from `ctnb.comment`: the same n rows, order and index, with 17 more columns.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        Before anything is sent.
    LedgerError
        When the record of what was sent cannot be relied on.
    """
    from ctnb.run import Run

    run = Run.prepare(
        deals, rules, comment, connection=connection, key=key, job=job, region=region, resend=resend, prefix=prefix
    )
    return await run.acarry_out(progress=progress)


def match_rates(frame: pd.DataFrame, by: Hashable | list[Any] = "type", *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count what was offered, reached and matched, with the rates and their 95 % Wilson bounds.

    Only answered rows count, whether answered now or replayed from the ledger.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    by : "type", "rule", a column, or a list of columns
        "type": a row per matching type that was offered to any row, in the contract's order.
        "rule": a row per rule, by its rank in the rule list, from 1.
        A column of the frame: a row per value, missing values in a row of their own.
        A list of columns: a row per combination of their values. A tuple is the name of one column.
        The two words win over columns of the same name: for a column called "type" pass ``by=["type"]``.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    DataFrame
        Index named "type", "rule" (Int64) or as the columns. `offered`, `reached`, `matched` (Int64), and as
        fractions `rate_offered`, `rate_reached`, each with `_low` and `_high` (float, NaN where nothing was
        offered or reached). By rule, a column `type` comes first.

        By type, `reached` counts the rows known to have come to the type's first rule. A matched row whose
        winner is not known counts only up to the first type that may have won, and in no `matched`.

        By rule, the matched rows whose rule is not known (`rule` is NA: they were answered under another rule
        list, say) are not counted as offered or reached, for what they were offered may not be of this list.
        They stand in a last row, with NA for a rule, so that `matched` adds up to the matched rows.
        `offered` and `reached` are also NA where the results do not show to which rule an offer belongs:
        two rules of a type of which a row was offered one, or results of different rule lists in one frame. The
        rule list is taken to be the shortest that explains the frame, so a rule that was offered to no row is
        not seen, unless a later one has matched.

        By column, `offered` and `reached` are both the answered rows of the group.

    Raises
    ------
    ColumnNotFoundError
        A column of `by` is not in the frame.
    ConfigError
        The frame has no results under `prefix`, or cannot be grouped by `by`.
    """
    from ctnb.results import rates

    return rates.match_rates(frame, by, prefix=prefix)


def errors(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count the rows that carry an error code, by status and code, the most frequent first.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    DataFrame
        Index "error_code" (a code comes twice when it stands with two statuses); `status`, `rows` (int64),
        `share` of all rows of the frame as a fraction with 95 % Wilson bounds `share_low` and `share_high`,
        `example` (the most frequent text, NA where there is none) and `advice` in the language in force. Commented
        rows are left out, unless the ledger could not keep that they are.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    from ctnb.results import rates

    return rates.errors(frame, prefix=prefix)


def counts(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.Series[int]:
    """Count the rows by status.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Series of int64, length 7
        Named "rows", index "status" in the order of `Status`, zeros included; it adds up to the rows of the frame.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    from ctnb.results import rates

    return rates.counts(frame, prefix=prefix)


def report(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    rules: Rule | Iterable[Rule] | Rulebook | None = None,
    by: Hashable | list[Any] | None = None,
    date: Hashable | None = None,
    title: str | None = None,
    prefix: str = PREFIX,
) -> Path:
    """Write a report of how the leads matched, as one HTML file without a contact in it.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    path : str or path
        Ends with ``.html`` or ``.htm``. A file that is there is replaced at once, whole or not at all.
    rules : rules or Rulebook, optional
        Shown as the TOML of a rules file.
    by : column, list of columns, or list of such lists, optional
        A part for the match rate by a column, such as ``"manager"``, or by a combination of columns, such as
        ``["manager", "stage"]``; ``[["manager"], ["stage"]]`` asks for a part by each. The rates by "type" and by
        "rule" are always there. As in `ctnb.match_rates` a tuple is one column's name. Values that may be contacts are
        masked, and those that then look alike are one group.
    date : column, optional
        For the match rate over time. By default the frame's first column of dates, one of creation before
        others; there is no such part where there is none.
    title : str, optional
        Of the page.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ColumnNotFoundError
        A column that is named is not in the frame.
    ConfigError
        The frame has no results under `prefix` or cannot be grouped by a column, or the path is a folder, has another
        ending or cannot be written.
    RuleError
        The rules cannot be used.
    """
    from ctnb.views.report import report

    return report(frame, path, rules=rules, by=by, date=date, title=title, prefix=prefix)


def dashboard(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Dashboard:
    """Show the results in widgets: rates, errors with advice, time, and the rows themselves.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again. It is not changed.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Dashboard
        A widget. A notebook that is saved without it shows the summary of the whole frame, contacts masked.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    MissingExtraError
        The extra ``notebook`` is not installed.
    """
    from ctnb.views.dashboard.dashboard import dashboard

    return dashboard(frame, prefix=prefix)


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

    return Studio(deals, rules, comment or "", key=key, connection=connection)
