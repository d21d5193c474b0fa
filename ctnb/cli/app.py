"""The command line: the whole job without Python. `ctnb.cli.exits` has the exit codes."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ctnb.cli import comment as cli_comment
from ctnb.cli import comparing as cli_comparing
from ctnb.cli import journal as cli_journal
from ctnb.cli import ledger as cli_ledger
from ctnb.cli import planning as cli_planning
from ctnb.cli.commands import Command, Commands
from ctnb.cli.ending import EndingCommand
from ctnb.cli.job import Quiet  # noqa: TC001  typer reads it
from ctnb.cli.reading import Reading, reads_table
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import current_language, gettext, ngettext
from ctnb.i18n.system_errors import system_text
from ctnb.paths import shown
from ctnb.rulebooks import load_rulebook
from ctnb.version import __version__

app = typer.Typer(
    cls=Commands,
    help="Put CRM comments on the leads of a Calltouch account, and see how well they matched.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("plan", cls=Command)(cli_planning.plan)
app.command("preview", cls=Command)(cli_planning.preview)
app.command("compare", cls=Command)(cli_comparing.compare)
app.command("comment", cls=EndingCommand)(cli_comment.comment)
app.add_typer(cli_journal.app, name="journal")
app.add_typer(cli_ledger.app, name="ledger")
app.command("runs", cls=Command)(cli_ledger.runs)


class Language(StrEnum):
    """Languages of all that is shown."""

    EN = "en"
    RU = "ru"


def main() -> None:
    """Run the command line."""
    # Where one is closed, as by `>&-`, what is written is lost, and nothing else.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as long as the process
    for stream in (sys.stdout, sys.stderr):
        # A Windows console in another code page must not fail on a Russian word.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)] = False,
    # Chosen by `Commands.main`, for the help comes before it is read.
    lang: Annotated[  # noqa: ARG001
        Language | None, typer.Option(help="Language of all that is shown; else the system's.")
    ] = None,
) -> None:
    """Put CRM comments on the leads of a Calltouch account, and see how well they matched."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command(cls=Command)
def demo(
    out: Annotated[Path, typer.Option(help="Folder for tables, plots and the report.")] = Path("demo_output"),
    quiet: Quiet = False,
) -> None:
    """Run the whole journey on sample deals, against an emulator on this machine."""
    from ctnb.cli.demo import run_demo

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            "--out: expected a folder, got {path!r}, which cannot be one: {error}. Name another.",
            path=shown(out),
            error=system_text(error),
        ) from None
    run_demo(out, progress=not quiet)


@app.command(cls=Command)
@reads_table
def report(
    results: Annotated[
        Path, typer.Argument(help="Table with results: CSV, Excel, ODS or Parquet.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="Where the report goes: one HTML file.")] = Path("report.html"),
    rules: Annotated[
        Path | None, typer.Option(help="TOML file with the rules, to be shown in it.", exists=True, dir_okay=False)
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Column by which the match rate is shown; can be given several times.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Column of dates; else it is found out.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    prefix: Annotated[str, typer.Option(help="Beginning of the names of the results.")] = "ct_",
    lang: Annotated[  # noqa: ARG001  chosen by `Commands.main`
        Language | None, typer.Option(help="Language of the report; else the system's.")
    ] = None,
    *,
    reading: Reading,
) -> None:
    """Write a report of a table with results, as one HTML file without contacts."""
    from ctnb.views.report import report as write_report

    frame = reading.read(results)
    shown = None if rules is None else load_rulebook(rules).rules
    page = write_report(
        frame, out, rules=shown, by=[[name] for name in by or ()] or None, date=date, title=title, prefix=prefix
    )
    typer.echo(gettext("The report is in {path}", path=page))


@app.command(cls=Command)
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

    with Emulator(calls=calls, requests=requests, port=port, rate=rate, site_id=site_id) as vendor:
        typer.echo(gettext("Ctrl-C stops it. In another terminal set:") + "\n")
        typer.echo(f"CALLTOUCH_BASE_URL={vendor.connection.base_url}")
        typer.echo(f"CALLTOUCH_SITE_ID={vendor.connection.site_id}")
        # The emulator's own token, made for this run: it opens nothing else.
        typer.echo(f"CALLTOUCH_ACCESS_TOKEN={vendor.connection.token}")
        sys.stdout.flush()
        vendor.run()
        applied = len(vendor.comments)
        typer.echo("\n" + ngettext("{n} comment was applied.", "{n} comments were applied.", applied))


@app.command(cls=Command)
@reads_table
def studio(
    deals: Annotated[
        Path | None,
        typer.Argument(
            help="Export of deals, as for `comment`; else the page asks for one.", exists=True, dir_okay=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    lang: Annotated[Language | None, typer.Option(help="Language of the page; else the locale's.")] = None,
    *,
    reading: Reading,
) -> None:
    """Open the whole journey as a page on this machine, until Ctrl-C."""
    from ctnb.views.studio.page.server import serve

    def announce(address: str) -> None:
        # The page's own token, made for this run: it opens nothing else.
        typer.echo(gettext("Ctrl-C stops it. The studio is at:") + f"\n\n{address}\n")
        sys.stdout.flush()

    serve(
        deals,
        reading.given,
        port=port,
        browser=not no_browser,
        language=current_language() if lang is None else lang.value,
        announce=announce,
    )
