"""Options that make up a job: the deals, the rules file, and what is given beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctnb.exceptions import RuleError
from ctnb.rulebooks import load_rulebook

if TYPE_CHECKING:
    from ctnb.leads.rulebook import Rulebook

Deals = Annotated[
    Path, typer.Argument(help="Export of deals: CSV, Excel, ODS, HTML or Parquet.", exists=True, dir_okay=False)
]
Rules = Annotated[Path, typer.Option(help="TOML file with the rules.", exists=True, dir_okay=False)]
Comment = Annotated[str | None, typer.Option(help='Template such as "{stage}: {manager}"; else the rules file has it.')]
Key = Annotated[str | None, typer.Option(help="Column that names the deal; else the rules file has it.")]
Job = Annotated[str | None, typer.Option(help="Name that sets apart comments which are sent twice on purpose.")]
Region = Annotated[str | None, typer.Option(help="Country of phones without a country code, two letters such as RU.")]
Timezone = Annotated[str | None, typer.Option(help="Time zone of the account; else the rules file has it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: one line of JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]


def job_of(rules: Path, *, needs_comment: bool = True, **options: str | None) -> Rulebook:
    """Read the rules file; an option that is given wins over what the file says."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    book = replace(load_rulebook(rules), **given)
    if needs_comment and book.comment is None:
        raise RuleError(
            'There is no comment: write comment = "..." in {file}, or pass --comment.',
            file=rules.name,
        )
    return book
