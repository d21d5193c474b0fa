"""``ctnb ledger``: what was sent, what is in doubt, and settling it by hand. Nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ctnb.cli.exits import fail
from ctnb.exceptions import CtnbError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="Look at the record of what was sent, and settle what is uncertain. Nothing is sent.", no_args_is_help=True
)

File = Annotated[
    Path | None,
    typer.Option("--ledger", help="The ledger's file; else CTNB_LEDGER names it, else it is the default one."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def show(*, path: File = None) -> None:
    """Show where the ledger is, and how many comments are in each state."""
    from ctnb.ledger import Ledger

    try:
        ledger = Ledger(path)
        counts = ledger.counts()
    except CtnbError as error:
        fail(error)
    typer.echo(f"{ledger.path}\n")
    for state, count in counts.items():
        typer.echo(f"{state:<10} {count:>9}")
    if counts["uncertain"]:
        typer.echo("\nUncertain ones may be in the account: ctnb ledger list")


@app.command("list")
def list_uncertain(*, path: File = None) -> None:
    """List the uncertain comments: sent, and not answered in a way that can be trusted."""
    from ctnb.ledger import Ledger

    try:
        uncertain = Ledger(path).uncertain()
    except CtnbError as error:
        fail(error)
    if uncertain.empty:
        typer.echo("Nothing is uncertain.")
        return
    typer.echo(_table(uncertain))
    typer.echo(
        f"\n{len(uncertain)} uncertain. Look in the account, then: ctnb ledger mark ID... --delivered (or "
        "--not-delivered: the next run sends them again)\nWhich deals they are: ctnb.Ledger().ids(deals, ...)"
    )


@app.command()
def mark(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids, as the list has them.", metavar="ID...")] = None,
    *,
    delivered: Annotated[bool, typer.Option("--delivered", help="They are in the account.")] = False,
    not_delivered: Annotated[
        bool, typer.Option("--not-delivered", help="They are not: the next run sends them again.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="All that are uncertain now; asks first.")] = False,
    yes: Yes = False,
    path: File = None,
) -> None:
    """Say of uncertain comments whether they are in the account."""
    from ctnb.ledger import Ledger

    if delivered == not_delivered:
        raise typer.BadParameter("exactly one of --delivered and --not-delivered is wanted")
    if bool(ids) == everything:
        raise typer.BadParameter("either ids or --all is wanted")
    fate = "delivered: never sent again" if delivered else "not delivered: the next run sends them again"
    try:
        ledger = Ledger(path)
        chosen = ledger.uncertain()["id"].tolist() if everything else ids or []
        if everything and chosen and not yes:
            typer.confirm(f"Mark {len(chosen)} uncertain comments as {fate}?", abort=True)
        marked = ledger.mark_delivered(chosen) if delivered else ledger.mark_not_delivered(chosen)
    except CtnbError as error:
        fail(error)
    typer.echo(f"{marked} marked as {fate}." if chosen else "Nothing is uncertain.")


@app.command()
def adopt(*, yes: Yes = False, path: File = None) -> None:
    """Take over a ledger that was copied, or restored from a backup."""
    from ctnb.ledger import Ledger

    try:
        ledger = Ledger(path)
        if not yes:
            typer.echo(f"{ledger.path}\nWhat was sent since this copy was made is not in it, and is sent again.")
            typer.confirm("Take it over?", abort=True)
        ledger.adopt()
    except CtnbError as error:
        fail(error)
    typer.echo("Taken over.")


def _table(uncertain: pd.DataFrame) -> str:
    """Return the comments as plain text, a line each."""
    shown = uncertain.assign(changed_at=uncertain["changed_at"].dt.strftime("%Y-%m-%d %H:%M:%S UTC"))
    return shown.astype(object).where(shown.notna(), "").to_string(index=False)
