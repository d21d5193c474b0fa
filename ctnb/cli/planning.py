"""Commands that send nothing: what a job would send, and what would match."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from ctnb.cli.facts import json_line
from ctnb.cli.job import AsJson, Comment, Deals, Job, Key, Quiet, Region, Rules, Timezone, job_of
from ctnb.cli.planning_facts import plan_facts, preview_facts
from ctnb.cli.reading import Reading, reads_table
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import current_language, gettext, ngettext, number
from ctnb.paths import is_same

if TYPE_CHECKING:
    from ctnb.journals.journal import Journal

MOST_JOURNALS = 2
"""One of calls and one of requests."""


@reads_table
def plan(
    deals: Deals,
    rules: Rules,
    comment: Comment = None,
    key: Key = None,
    job: Job = None,
    region: Region = None,
    timezone: Timezone = None,
    as_json: AsJson = False,
    *,
    reading: Reading,
) -> None:
    """Show what `comment` would send: counts, problems, requests and the time they take. Nothing is sent.

    Where the account is known, as for `comment`, what was sent before is counted apart.
    """
    import pandas as pd

    from ctnb import api
    from ctnb.cli.text_table import show_table
    from ctnb.connection import Connection, settings_around

    book = job_of(rules, comment=comment, key=key, job=job, region=region, timezone=timezone)
    connection = Connection.from_env() if {"site_id", "token"} <= settings_around().keys() else None
    planned = api.plan(reading.read(deals), book, connection=connection)
    if as_json:
        typer.echo(json_line(plan_facts(planned)))
        return
    record = [] if planned.record is None else planned.record.leads(planned.sent)
    figures = [
        (gettext("rows"), number(len(planned)), ""),
        (gettext("ready"), number(planned.counts["ready"]), ""),
        (gettext("invalid"), number(planned.counts["invalid"]), ""),
        *(_recorded(code, leads) for code, leads in record),
        (gettext("requests"), number(planned.requests), ""),
        (
            gettext("seconds"),
            number(planned.floor_seconds, decimals=1),
            gettext("at the least, at 5 requests a second"),
        ),
    ]
    show_table(pd.DataFrame(figures).set_index(0), headings=False)
    checks = planned.checks
    if len(checks):
        typer.echo("\n" + gettext("Checks, the gravest first"))
        for severity, rows, column, message, advice in checks.drop(columns="code").itertuples(index=False):
            about = "" if pd.isna(column) else f" {column}:"
            counted = ngettext("{n} row", "{n} rows", rows)
            typer.echo(f"- {gettext(severity)}, {counted}:{about} {message} {advice}")
    # As plain text, for of categories every combination is counted, those of no row too.
    rows = planned.frame
    problems = rows.loc[rows["problem"].notna(), ["status", "problem"]].astype(str).value_counts().head(20)
    if len(problems):
        typer.echo("\n" + gettext("Problems, the commonest first (a ready row goes by its other rules)"))
        show_table(problems.reset_index(name="rows").set_index("rows"))


@reads_table
def preview(
    deals: Deals,
    rules: Rules,
    journal: Annotated[
        list[Path] | None,
        typer.Option(
            help="File of the account's calls or requests; given twice for both. Else they are downloaded.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day of the journal, such as 2026-03-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day of the journal.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the predictions go: CSV, XLSX or Parquet.")] = None,
    comment: Comment = None,
    key: Key = None,
    region: Region = None,
    timezone: Timezone = None,
    look_back_only: Annotated[
        bool, typer.Option("--look-back-only", help="Take no lead that is later than the deal's date.")
    ] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    *,
    reading: Reading,
) -> None:
    """Show what would match in the account's journal, by which rule, and why the rest would not. Nothing is sent."""
    import pandas as pd

    from ctnb import api
    from ctnb.cli.text_table import show_table
    from ctnb.results.rates import counts
    from ctnb.tables.files import check_writable, write_table

    if out is not None:
        for given in (deals, *(journal or ())):
            if is_same(out, given):
                raise ConfigError(
                    "--out names what is read, {path!r}. Name another file for the predictions.",
                    path=str(given),
                )
        check_writable(out)
    book = job_of(rules, comment=comment, key=key, region=region, timezone=timezone, needs_comment=False)
    table = reading.read(deals)
    account = _journal(journal or [], since, until, book.timezone, progress=not quiet)
    found = api.preview(table, book, journal=account, look_back_only=look_back_only)
    if out is not None:
        write_table(found.frame, out)
    if as_json:
        typer.echo(json_line(preview_facts(found)))
        return
    by_status = counts(found.frame)
    typer.echo(gettext("Predicted; nothing was sent"))
    show_table(by_status[by_status > 0].to_frame())
    typer.echo("\n" + gettext("Predicted match rate by type"))
    show_table(found.match_rates())
    typer.echo("\n" + gettext("What becomes of each rule"))
    reasons = found.reasons.reset_index(drop=True)
    show_table(pd.crosstab(reasons["outcome"], reasons["rule"].map(lambda rank: gettext("rule {rank}", rank=rank))))
    undecided = found.undecided()
    if len(undecided):
        typer.echo("\n" + gettext("What hangs on what the vendor does not say"))
        show_table(undecided.reset_index(drop=True).groupby("reason", observed=True).size().to_frame("cases"))
    collisions = found.collisions()
    if len(collisions):
        lines = ngettext(
            "{n} lead would take the comments of several deals.",
            "{n} leads would take the comments of several deals.",
            len(collisions),
        )
        typer.echo(f"\n{lines}")
    if out is not None:
        typer.echo("\n" + gettext("The predictions are in {path}", path=out))


def _recorded(code: str, leads: int) -> tuple[str, str, str]:
    """Return the line of what a run would do with some leads; in English the code names it."""
    from ctnb.i18n.labels import record_label

    label = record_label(code)
    return (code, number(leads), label) if current_language() == "en" else (label, number(leads), "")


def _journal(
    files: list[Path], since: str | None, until: str | None, timezone: str | None, *, progress: bool
) -> Journal:
    """Read the journal from files, whose dates are of the job's time zone, or download it."""
    from ctnb.connection import Connection
    from ctnb.defaults import TIMEZONE
    from ctnb.journals.journal import Journal

    if len(files) > MOST_JOURNALS:
        raise ConfigError(
            "--journal: expected a file of calls, one of requests, or both, got {files} files.",
            files=len(files),
        )
    if files:
        return Journal.read(*files, timezone=timezone or TIMEZONE, since=since, until=until)
    if since is None or until is None:
        raise ConfigError("Expected --journal with a file, or --since and --until to download the journal.")
    return Journal.download(Connection.from_env(), since=since, until=until, progress=progress)
