"""``ctnb journal``: read the account's journals from the vendor, look at files of them, and empty their cache."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctnb.cli.commands import Command, Group
from ctnb.cli.exits import INTERRUPTED, say
from ctnb.cli.facts import json_line
from ctnb.i18n.language import gettext, ngettext

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.journals.journal import Journal

app = typer.Typer(
    cls=Group,
    help="Read the account's journals of calls and requests, which a preview looks deals up in.",
    no_args_is_help=True,
)

Files = Annotated[
    list[Path], typer.Argument(help="Files of calls, of requests or of both.", exists=True, dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: one JSON object.")]


@app.command(cls=Command)
def download(
    *,
    since: Annotated[str, typer.Option(help="First day, such as 2026-03-01.")],
    until: Annotated[str, typer.Option(help="Last day.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Where they go, such as journal.parquet: calls and requests to a file each beside it."),
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Read days that are kept on this machine, too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the journals of an account from the vendor; days that are final are kept on this machine.

    The account comes from CALLTOUCH_SITE_ID and CALLTOUCH_ACCESS_TOKEN, in the environment or in the
    folder's .env file.
    """
    from ctnb.connection import Connection
    from ctnb.journals.journal import Journal
    from ctnb.tables.files import check_writable

    if out is not None:
        check_writable(out)
    try:
        journal = Journal.download(
            Connection.from_env(), since=since, until=until, refresh=refresh, progress=not quiet and not as_json
        )
    except KeyboardInterrupt:
        say(gettext("Interrupted. Days that are final and were read are kept: run it again to go on."))
        raise typer.Exit(INTERRUPTED) from None
    _show(journal, [] if out is None else journal.save(out), as_json=as_json)


@app.command(cls=Command)
def info(
    files: Files,
    *,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the account; else Europe/Moscow.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what files of journals hold: how many leads, over which days; no contact."""
    from ctnb.defaults import TIMEZONE
    from ctnb.journals.journal import Journal

    _show(Journal.read(*files, timezone=timezone or TIMEZONE), [], as_json=as_json)


@app.command(cls=Command)
def forget() -> None:
    """Remove all days that downloads have kept on this machine."""
    from ctnb.journals.journal import Journal

    typer.echo(ngettext("{n} day removed.", "{n} days removed.", Journal.forget()))


def _show(journal: Journal, files: list[Path], *, as_json: bool) -> None:
    from ctnb.cli.text_table import show_table

    figures = _figures(journal)
    checked = journal.timezone_check()
    if as_json:
        shown: dict[str, Any] = {
            "journals": figures.astype(object).where(figures.notna(), None).to_dict("index"),
            "timezone": str(journal.timezone),
            "timezone_agrees": bool(checked["agrees"].all()) if len(checked) else None,
            "files": [str(file) for file in files],
        }
        typer.echo(json_line(shown))
        return
    show_table(figures)
    for file in files:
        typer.echo(f"\n{file}" if file == files[0] else str(file))
    if len(checked) and not checked["agrees"].all():
        typer.echo("\n" + gettext("The account's clock is not that of {timezone}:", timezone=journal.timezone))
        show_table(checked.set_index("journal"))


def _figures(journal: Journal) -> pd.DataFrame:
    """Return what each journal holds; one that was not read has no row."""
    import pandas as pd

    tables = journal.tables()
    rows = {}
    for name, frame in (("calls", tables.calls), ("requests", tables.requests)):
        if frame is None:
            continue
        days = frame["date"].dt.tz_convert(str(journal.timezone)).dt.date.dropna()
        tags = "callTags" if name == "calls" else "tags"
        rows[name] = {
            "leads": len(frame),
            "since": str(journal.since or (days.min() if len(days) else "")),
            "until": str(journal.until or (days.max() if len(days) else "")),
            "without_date": len(frame) - len(days),
            "with_tags": _filled(frame, tags),
            "with_comments": _filled(frame, "comments"),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("journal")


def _filled(frame: pd.DataFrame, column: str) -> int:
    return int(frame[column].notna().sum()) if column in frame else 0
