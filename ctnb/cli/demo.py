"""The whole journey on the sample deals, against an emulator on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import typer

from ctnb.api import comment, preview
from ctnb.cli.text_table import show_table
from ctnb.emulator.server import Emulator
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.journals.journal import Journal
from ctnb.results.rates import counts, errors, match_rates
from ctnb.rulebooks import load_rulebook
from ctnb.tables.files import read_leads, write_table
from ctnb.tables.samples import sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes

    from ctnb.connection import Connection

LEDGER = "ledger.sqlite3"
EXPORTS = (("deals.csv", "rules.toml"), ("deals_bitrix24.csv", "rules_bitrix24.toml"))


def run_demo(folder: Path, *, progress: bool = True) -> None:
    """Preview and comment the sample deals, show what came of it, and do it again.

    What was sent is kept in the folder, so that a second demo in the same folder sends nothing.

    Parameters
    ----------
    folder : path
        Where the joined tables, the plots, the report and the ledger go; it is made.
    progress : bool
        Whether progress bars are shown.

    Raises
    ------
    AssertionError
        When the emulator applied another number of comments than the answers say, or answered otherwise than predicted.
    LedgerError
        When the folder's ledger cannot be relied on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ledger = folder / LEDGER
    if ledger.exists():
        typer.echo(
            gettext(
                "What an earlier demo sent is in {path}, and is not sent again. Delete the folder for a fresh start.",
                path=ledger,
            )
        )
    journal = Journal.read(sample("calls.csv"), sample("requests.csv"))
    with Emulator(calls=sample("calls.csv"), requests=sample("requests.csv")) as vendor:
        connection = replace(vendor.connection, ledger=ledger)
        tables, done = {}, {}
        for deals, rules in EXPORTS:
            tables[deals] = read_leads(sample(deals))
            foretold = preview(tables[deals], load_rulebook(sample(rules)), journal=journal)
            found = int(foretold.frame["ct_matched"].sum())
            text = gettext(
                "{table}: {found} of {rows} rows would match; now sent at 5 requests a second",
                table=deals,
                found=number(found),
                rows=number(len(foretold)),
            )
            typer.echo(f"\n{text}")
            done[deals] = _commented(tables[deals], rules, connection, progress=progress)
            compare(foretold.frame, done[deals])
            write_table(done[deals], folder / f"{deals.removesuffix('.csv')}_commented.csv")
        results = pd.concat([frame.filter(regex="^ct_") for frame in done.values()], ignore_index=True)
        requests = len(vendor.posts)
        _show_results(results, len(vendor.comments), requests)
        for deals, rules in EXPORTS:
            _commented(tables[deals], rules, connection, progress=False)
        again = ngettext(
            "The same again: {n} request, every answer is kept in {path}",
            "The same again: {n} requests, every answer is kept in {path}",
            len(vendor.posts) - requests,
            path=ledger,
        )
        typer.echo(f"\n{again}")
    _draw_plots(results, done["deals.csv"], folder)
    from ctnb.views.report import report as write_report

    deals, rules = EXPORTS[0]
    report = write_report(
        done[deals], folder / "report.html", rules=load_rulebook(sample(rules)).rules, by=[["manager"], ["pipeline"]]
    )
    text = gettext(
        "Tables and plots are in {folder}, and a report of {table} is in {path}",
        folder=folder,
        table=deals,
        path=report,
    )
    typer.echo(f"\n{text}")


def _commented(deals: pd.DataFrame, rules: str, connection: Connection, *, progress: bool) -> pd.DataFrame:
    """Comment one sample export by its rules file."""
    book = load_rulebook(sample(rules))
    return comment(
        deals,
        book.rules,
        book.comment or "",
        key=book.key,
        connection=connection,
        progress=progress,
    )


def compare(foretold: pd.DataFrame, done: pd.DataFrame) -> None:
    """Compare the predictions with the answers, row by row: status, rule and lead."""
    ids = ["ct_call_id", "ct_call_reference_id", "ct_sip_call_id", "ct_request_id", "ct_request_number"]
    columns = ["ct_status", "ct_rule", *ids]
    differing = int(
        (foretold[columns].astype("string").fillna("") != done[columns].astype("string").fillna("")).any(axis=1).sum()
    )
    if differing:
        raise AssertionError(f"{differing} rows were answered otherwise than predicted")
    rows = number(len(done))
    typer.echo(gettext("Prediction and answers agree on every row: {rows} of {rows}", rows=rows))


def _show_results(results: pd.DataFrame, applied: int, requests: int) -> None:
    """Print the counts, the rates and the errors, and check them against the emulator's own record."""
    by_status = counts(results)
    sent = results[~results["ct_replayed"]]
    commented = int((sent["ct_status"] == "commented").sum())
    if commented != applied:
        raise AssertionError(f"{commented} rows are commented now, but the emulator applied {applied} comments")
    typer.echo("\n" + gettext("Rows by status"))
    show_table(by_status[by_status > 0].to_frame())
    text = gettext(
        "in all {rows}; the emulator's own record has {applied} comments",
        rows=number(len(results)),
        applied=number(applied),
    )
    typer.echo(text)
    if len(sent) < len(results):
        kept = gettext(
            "{answers} answers are an earlier demo's; this one sent {requests} requests",
            answers=number(len(results) - len(sent)),
            requests=requests,
        )
        typer.echo(kept)
    typer.echo("\n" + gettext("Match rate by type"))
    show_table(match_rates(results))
    typer.echo("\n" + gettext("Errors"))
    show_table(errors(results)[["status", "rows", "share", "advice"]])


def _draw_plots(results: pd.DataFrame, deals: pd.DataFrame, folder: Path) -> None:
    """Write the plots as pictures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ctnb.views.charts import plots, timeline

    pictures: dict[str, Callable[[Axes], Axes]] = {
        "match_rates": lambda ax: plots.match_rates(results, ax=ax),
        "match_rates_by_manager": lambda ax: plots.match_rates(deals, by="manager", ax=ax),
        "errors": lambda ax: plots.errors(results, ax=ax),
        "waterfall": lambda ax: plots.waterfall(results, ax=ax),
        "timeline": lambda ax: timeline.timeline(deals, date="created_at", ax=ax),
    }
    for name, draw in pictures.items():
        figure = Figure(figsize=(8, 4.8), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=150)
