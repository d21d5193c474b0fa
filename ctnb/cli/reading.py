"""Options of reading a table: the same for every command that reads one, in pandas' words."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

OPTIONS: dict[str, Any] = {
    "header": Annotated[
        int | None, typer.Option(help="Row of the headings, from 0; else it is found below a title.", min=0)
    ],
    "skiprows": Annotated[int | None, typer.Option(help="First rows that are passed over.", min=0)],
    "nrows": Annotated[int | None, typer.Option(help="Rows that are read.", min=0)],
    "usecols": Annotated[
        list[str] | None, typer.Option(help="Column that is read; can be given several times. Else all are.")
    ],
    "sheet_name": Annotated[str | None, typer.Option(help="Sheet of a workbook, by name or number from 0.")],
    "encoding": Annotated[str | None, typer.Option(help="Encoding of the export; else it is found out.")],
    "delimiter": Annotated[str | None, typer.Option(help="Delimiter of a text table; else it is found out.")],
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user gave of the options, by the names that `ctnb.read_leads` has for them."""

    given: dict[str, Any]

    def read(self, path: Path) -> pd.DataFrame:
        """Read a table so."""
        from ctnb.tables.files import read_leads

        return read_leads(path, **self.given)


def reads_table(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of reading; it takes them together, as ``reading``."""

    @wraps(command)
    def with_options(**arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in OPTIONS}
        command(
            **arguments,
            reading=Reading({name: value for name, value in given.items() if value is not None and value != []}),
        )

    own = inspect.signature(command, eval_str=True).parameters
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in OPTIONS.items()
    ]
    kept = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.values() if each.name != "reading"]
    with_options.__signature__ = inspect.Signature([*kept, *options])  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in (*kept, *options)}
    return with_options
