"""``ctnb ledger``: look at the record of what was sent, and settle uncertain comments by hand. Nothing is sent."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ctnb.cli.asking import confirm
from ctnb.cli.commands import Command, Group
from ctnb.cli.wrong_use import WrongUse
from ctnb.i18n.language import gettext, ngettext, number

app = typer.Typer(
    cls=Group,
    help="Look at the record of what was sent, and settle what is uncertain. Nothing is sent.",
    no_args_is_help=True,
)

File = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        help="The ledger's file or postgresql:// address; else CTNB_LEDGER names it, else it is the default file.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command(cls=Command)
def show(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON: where it is, and the counts.")] = False,
    path: File = None,
) -> None:
    """Show where the ledger is, and how many comments are in each state."""
    from ctnb.cli.text_table import show_table
    from ctnb.ledger import Ledger

    ledger = Ledger(path)
    counts = ledger.counts()
    if as_json:
        typer.echo(json.dumps({"ledger": str(ledger.path), "comments": counts.to_dict()}))
        return
    typer.echo(f"{ledger.path}\n")
    show_table(counts.to_frame())
    if counts["uncertain"]:
        typer.echo("\n" + gettext("Uncertain ones may be in the account: ctnb ledger list"))


@app.command("list", cls=Command)
def list_uncertain(*, path: File = None) -> None:
    """List the uncertain comments: sent, and not answered in a way that can be trusted."""
    from ctnb.cli.text_table import show_table
    from ctnb.ledger import Ledger

    uncertain = Ledger(path).uncertain()
    if uncertain.empty:
        typer.echo(gettext("Nothing is uncertain."))
        return
    show_table(uncertain.set_index("id"))
    then = gettext(
        "{n} uncertain. Look in the account, then: ctnb ledger mark ID... --delivered (or --not-delivered: the next "
        "run sends them again)",
        n=number(len(uncertain)),
    )
    typer.echo(f"\n{then}")
    typer.echo(gettext("Which deals they are: ctnb.Ledger().ids(deals, ...)"))


@app.command(cls=Command)
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
    """Mark uncertain comments as in the account, or not in it."""
    from ctnb.ledger import Ledger

    if delivered == not_delivered:
        raise typer.BadParameter(WrongUse.NO_FATE)
    if bool(ids) == everything:
        raise typer.BadParameter(WrongUse.NO_IDS)
    ledger = Ledger(path)
    chosen = ledger.uncertain()["id"].tolist() if everything else ids or []
    if everything and chosen and not yes:
        confirm(_question(len(chosen), delivered=delivered))
    marked = ledger.mark_delivered(chosen) if delivered else ledger.mark_not_delivered(chosen)
    typer.echo(_marked(marked, delivered=delivered) if chosen else gettext("Nothing is uncertain."))


def _question(comments: int, *, delivered: bool) -> str:
    if delivered:
        return ngettext(
            "Mark {n} uncertain comment as delivered: never sent again?",
            "Mark {n} uncertain comments as delivered: never sent again?",
            comments,
        )
    return ngettext(
        "Mark {n} uncertain comment as not delivered: the next run sends them again?",
        "Mark {n} uncertain comments as not delivered: the next run sends them again?",
        comments,
    )


def _marked(comments: int, *, delivered: bool) -> str:
    if delivered:
        return gettext("{n} marked as delivered: never sent again.", n=number(comments))
    return gettext("{n} marked as not delivered: the next run sends them again.", n=number(comments))


def runs(
    *,
    last: Annotated[int, typer.Option(help="So many runs at most.", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON: a list, the latest run first.")] = False,
    path: File = None,
) -> None:
    """Show the last runs: when they were, whose, of which job, and what came of them."""
    from ctnb.cli.text_table import show_table
    from ctnb.ledger import Ledger
    from ctnb.outcomes import Status

    found = Ledger(path).runs(last)
    if as_json:
        typer.echo(found.to_json(orient="records", date_format="iso", date_unit="s"))
        return
    if found.empty:
        typer.echo(gettext("No run has left a line in this ledger yet."))
        return
    # A status that no run had is left out.
    shown = found.drop(columns=[status.value for status in Status if not found[status.value].fillna(0).any()])
    shown["ended"] = shown["ended"].astype("string") + (" (" + shown.pop("reason") + ")").fillna("")
    show_table(shown.drop(columns=["run", "ended_at"]).set_index("began_at"))


@app.command("copy", cls=Command)
def copy_to(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The ledger's file.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The postgresql:// address of the team's ledger.")],
    *,
    yes: Yes = False,
) -> None:
    """Copy a file's record to the ledger of a team, and close the file for runs."""
    from ctnb.cli.text_table import show_table
    from ctnb.ledger import Ledger

    if not yes:
        typer.echo(source)
        typer.echo(gettext("No run can use this file afterwards; the team's ledger has its record then."))
        confirm(gettext("Copy it?"))
    show_table(Ledger(source).copy_to(target).to_frame())


@app.command(cls=Command)
def adopt(*, yes: Yes = False, path: File = None) -> None:
    """Take over a ledger that was copied, restored from a backup, or moved to another server."""
    from ctnb.ledger import Ledger

    ledger = Ledger(path)
    if not yes:
        typer.echo(str(ledger.path))
        typer.echo(gettext("What was sent since this copy was made is not in it, and is sent again."))
        confirm(gettext("Take it over?"))
    ledger.adopt()
    typer.echo(gettext("Taken over."))
