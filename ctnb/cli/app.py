"""The command line: the job without Python. `ctnb.cli.exits` has the exit codes."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctnb import __version__
from ctnb.cli import ledger as cli_ledger
from ctnb.cli.exits import NOT_DELIVERED, fail
from ctnb.exceptions import ConfigError, CtnbError, RuleError
from ctnb.rulebooks import load_rulebook

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="Put CRM comments on the leads of a Calltouch account, and see how well they matched.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_ledger.app, name="ledger")

Deals = Annotated[Path, typer.Argument(help="CSV or XLSX export of deals.", exists=True, dir_okay=False)]
Rules = Annotated[Path, typer.Option(help="TOML file with the rules.", exists=True, dir_okay=False)]
Comment = Annotated[str | None, typer.Option(help='Template such as "{stage}: {manager}"; else the rules file has it.')]
Key = Annotated[str | None, typer.Option(help="Column that names the deal; else the rules file has it.")]
Job = Annotated[str | None, typer.Option(help="Sets apart comments that are meant twice.")]
Region = Annotated[str | None, typer.Option(help="Two letters: where phones without a country code belong.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of the export; found by itself otherwise.")]


class Resend(StrEnum):
    """Earlier outcomes that can be sent again."""

    UNMATCHED = "unmatched"
    UNCERTAIN = "uncertain"


class Language(StrEnum):
    """Languages of the page and of the report."""

    EN = "en"
    RU = "ru"


Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console in another code page must not fail on a Russian word.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)] = False,
) -> None:
    """Put CRM comments on the leads of a Calltouch account, and see how well they matched."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for tables, plots and the report.")] = Path("demo_output"),
    quiet: Quiet = False,
) -> None:
    """Run the whole journey on sample deals, against an emulator on this machine."""
    from ctnb.cli.demo import run_demo

    if out.exists() and not out.is_dir():
        fail(ConfigError(f"--out names a file, {str(out)!r}. Name a folder."))
    try:
        run_demo(out, typer.echo, progress=not quiet)
    except CtnbError as error:
        fail(error)


@app.command()
def preview(
    deals: Deals,
    rules: Rules,
    comment: Comment = None,
    key: Key = None,
    job: Job = None,
    region: Region = None,
    encoding: Encoding = None,
) -> None:
    """Show what `comment` would send: counts, problems, requests and the time they take. Nothing is sent."""
    from ctnb import run as verbs

    try:
        frame, settings = _read(deals, rules, comment, key, job, region, encoding)
        planned = verbs.plan(frame, **settings)
    except CtnbError as error:
        fail(error)
    counts = planned.counts
    typer.echo(f"rows      {len(planned):>9,}")
    typer.echo(f"ready     {counts['ready']:>9,}")
    typer.echo(f"invalid   {counts['invalid']:>9,}")
    typer.echo(f"requests  {planned.requests:>9,}")
    typer.echo(f"seconds   {planned.floor_seconds:>9,.1f}  at the least, at 5 requests a second")
    problems = planned.frame.loc[planned.frame["problem"].notna(), ["status", "problem"]]
    if len(problems):
        typer.echo("\nProblems, the commonest first (a ready row goes by its other rules)")
        told = problems.value_counts().head(20).reset_index(name="rows")
        for row in told.itertuples(index=False):
            typer.echo(f"{row.rows:>9,}  {row.status:<8} {row.problem}")


@app.command()
def comment(
    deals: Deals,
    rules: Rules,
    out: Annotated[Path, typer.Option(help="Where the joined table goes: CSV or XLSX.")],
    comment: Comment = None,
    key: Key = None,
    job: Job = None,
    region: Region = None,
    encoding: Encoding = None,
    resend: Annotated[Resend | None, typer.Option(help="Earlier outcomes to send again.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the account; else the rules file has it.")] = None,
    quiet: Quiet = False,
) -> None:
    """Comment the leads of an export, and write it with the answers.

    The account comes from CALLTOUCH_SITE_ID and CALLTOUCH_ACCESS_TOKEN, in the environment or in the
    folder's .env file.
    """
    from ctnb import run as verbs
    from ctnb.cli.demo import table_text
    from ctnb.connection import DEFAULT_TIMEZONE, Connection
    from ctnb.results.rates import counts, match_rates
    from ctnb.tables.files import check_writable

    broken: CtnbError | None = None
    try:
        if out.exists() and out.samefile(deals):
            raise ConfigError(f"--out names the export itself, {str(deals)!r}. Name another file for the answers.")
        check_writable(out)
        frame, settings = _read(deals, rules, comment, key, job, region, encoding)
        timezone = timezone or load_rulebook(rules).timezone or DEFAULT_TIMEZONE
        connection = Connection.from_env(timezone=timezone)
        planned = verbs.plan(frame, connection=connection, **settings)
        run = verbs.Run.prepared(frame, planned, connection, resend=resend, prefix="ct_")
    except CtnbError as error:
        fail(error)
    try:
        done = run.carried_out(progress=not quiet)
    except KeyboardInterrupt:
        done = run.joined()
    except CtnbError as error:
        # What was answered until then is still written.
        broken, done = error, run.joined()
    by_status = counts(done)
    typer.echo(table_text(by_status[by_status > 0].to_frame()))
    typer.echo(f"\n{table_text(match_rates(done))}\n\nThe table is in {_written(done, out)}")
    if broken is not None:
        fail(broken)
    if by_status[["rejected", "uncertain", "unsent", "busy"]].sum():
        raise typer.Exit(NOT_DELIVERED)


def _written(done: pd.DataFrame, out: Path) -> Path:
    """Write the answers where they are wanted, else beside it as CSV: they must not be lost now."""
    from ctnb.tables.files import write_table

    try:
        write_table(done, out)
    except CtnbError as error:
        spare = out.with_name(f"{out.stem}_answers.csv")
        typer.echo(f"Error: {error} The answers are written as CSV instead.", err=True)
        write_table(done, spare)
        return spare
    return out


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet with results.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Where the report goes: one HTML file.")] = Path("report.html"),
    rules: Annotated[
        Path | None, typer.Option(help="TOML file with the rules, to be shown in it.", exists=True, dir_okay=False)
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Column to tell the match rate by; can be given several times.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Column of dates; found by itself otherwise.")] = None,
    title: Annotated[str | None, typer.Option(help="Of the report.")] = None,
    prefix: Annotated[str, typer.Option(help="What the names of the results begin with.")] = "ct_",
    lang: Annotated[Language | None, typer.Option(help="Language of the report; the system's otherwise.")] = None,
    encoding: Encoding = None,
) -> None:
    """Write a report of a table with results, as one HTML file without contacts."""
    from ctnb.i18n.language import set_language
    from ctnb.views.report import report as write_report

    try:
        set_language(lang)
        known = None if rules is None else load_rulebook(rules).rules
        frame = _results(results, encoding)
        written = write_report(frame, out, rules=known, by=by or (), date=date, title=title, prefix=prefix)
    except CtnbError as error:
        fail(error)
    typer.echo(f"The report is in {written}")


def _results(path: Path, encoding: str | None) -> pd.DataFrame:
    """Read a table with results, of any kind that one is kept in."""
    from ctnb.tables.files import read_leads

    if path.suffix.lower() not in {".parquet", ".pq"}:
        return read_leads(path, encoding=encoding)
    import pandas as pd
    import pyarrow as pa

    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError):
        raise ConfigError(f"{path.name!r} is not a Parquet file that can be read. Write it anew, or as CSV.") from None


@app.command()
def emulator(
    calls: Annotated[Path | None, typer.Option(help="Journal of calls, CSV.", exists=True, dir_okay=False)] = None,
    requests: Annotated[
        Path | None, typer.Option(help="Journal of requests, CSV.", exists=True, dir_okay=False)
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    rate: Annotated[int, typer.Option(help="Requests a second that are let through.", min=1)] = 5,
    site_id: Annotated[int, typer.Option(help="Account id that is let in.", min=1)] = 4242,
) -> None:
    """Serve a stand-in for the vendor's endpoint on this machine until Ctrl-C."""
    from ctnb.emulator.server import Emulator

    try:
        with Emulator(calls=calls, requests=requests, port=port, rate=rate, site_id=site_id) as vendor:
            typer.echo("Ctrl-C stops it. In another terminal set:\n")
            typer.echo(f"CALLTOUCH_BASE_URL={vendor.connection.base_url}")
            typer.echo(f"CALLTOUCH_SITE_ID={vendor.connection.site_id}")
            # The emulator's own token, made for this run: it opens nothing else.
            typer.echo(f"CALLTOUCH_ACCESS_TOKEN={vendor.connection.token}")
            sys.stdout.flush()
            vendor.run()
            typer.echo(f"\n{len(vendor.comments):,} comments were applied.")
    except CtnbError as error:
        fail(error)


@app.command()
def studio(
    deals: Annotated[
        Path | None,
        typer.Argument(help="CSV or XLSX export of deals; else the page asks for one.", exists=True, dir_okay=False),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    lang: Annotated[Language | None, typer.Option(help="Language of the page; else the locale's.")] = None,
) -> None:
    """Open the whole journey as a page on this machine, until Ctrl-C."""
    from ctnb.views.studio.page.server import serve

    def told(address: str) -> None:
        # The page's own token, made for this run: it opens nothing else.
        typer.echo(f"Ctrl-C stops it. The studio is at:\n\n{address}\n")
        sys.stdout.flush()

    try:
        serve(deals, port=port, browser=not no_browser, language=lang and lang.value, told=told)
    except CtnbError as error:
        fail(error)


def _read(
    deals: Path,
    rules: Path,
    comment: str | None,
    key: str | None,
    job: str | None,
    region: str | None,
    encoding: str | None,
) -> tuple[Any, dict[str, Any]]:
    """Read the export and the rules file; an option wins over what the file says."""
    from ctnb.tables.files import read_leads

    book = load_rulebook(rules)
    text = book.comment if comment is None else comment
    if text is None:
        raise RuleError(f'There is no comment: write comment = "..." in {rules.name}, or pass --comment.')
    settings = {
        "rules": book.rules,
        "comment": text,
        "key": book.key if key is None else key,
        "job": (book.job or "") if job is None else job,
        "region": (book.region or "RU") if region is None else region,
    }
    return read_leads(deals, encoding=encoding), settings
