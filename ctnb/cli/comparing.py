"""``ctnb compare``: two tables of results side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctnb.cli.facts import SCHEMA, json_line
from ctnb.cli.reading import Reading, reads_table
from ctnb.exceptions import ConfigError
from ctnb.i18n.labels import value_text
from ctnb.i18n.language import gettext, ngettext, number
from ctnb.paths import is_same
from ctnb.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ctnb.results.compare import Comparison

Results = Annotated[
    Path, typer.Argument(help="Table with results: CSV, Excel, ODS or Parquet.", exists=True, dir_okay=False)
]


@reads_table
def compare(
    after: Results,
    before: Results,
    key: Annotated[str | None, typer.Option(help="Column that names the deal, in both tables.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help='Column, or "type", by which rates are compared; can be given several times.'),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the pairs and the rows without a partner go: CSV, XLSX or Parquet.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Beginning of the names of the results.")] = "ct_",
    as_json: Annotated[bool, typer.Option("--json", help="For machines: one line of JSON.")] = False,
    *,
    reading: Reading,
) -> None:
    """Compare two tables of results of the same deals: what changed, and the match rates with their difference.

    Either may be a preview's. Without --key the tables must be of the same deals in the same order.
    """
    from ctnb import api
    from ctnb.tables.files import check_writable, write_table

    groups = by or []
    if key is not None and key in groups:
        raise ConfigError(
            "--by names the key, {key!r}: each deal would be a group of its own. Name another column.",
            key=key,
        )
    if out is not None:
        for given in (after, before):
            if is_same(out, given):
                raise ConfigError(
                    "--out names what is read, {path!r}. Name another file for the pairs.",
                    path=str(given),
                )
        check_writable(out)
    compared = api.compare(reading.read(after), reading.read(before), key, prefix=prefix)
    rates = {name: compared.rates(name) for name in groups}
    # Before anything is shown: facts mean that all is done.
    if out is not None:
        write_table(compared.rows.rename_axis(index=key or "row"), out)
    if as_json:
        typer.echo(json_line(_facts(compared, rates)))
    else:
        _show(compared, rates)
        if out is not None:
            typer.echo("\n" + gettext("The pairs and the rows without a partner are in {path}", path=out))


def _side(side: str, *, predicted: bool) -> str:
    names = {
        ("before", False): gettext("before"),
        ("before", True): gettext("before (predicted)"),
        ("after", False): gettext("after"),
        ("after", True): gettext("after (predicted)"),
    }
    return names[side, predicted]


def _show(compared: Comparison, rates: dict[str, pd.DataFrame]) -> None:
    """Print the comparison; no key, and no contact in the name of a group."""
    from ctnb.cli.text_table import show_table

    before = _side("before", predicted=compared.predicted_before)
    after = _side("after", predicted=compared.predicted_after)
    counted = compared.changes
    counted = counted.loc[counted.any(axis=1), counted.any()]
    facts = {"was": before, "now": after, "before": number(len(compared.before)), "after": number(len(compared.after))}
    of_rows = ngettext(
        "{n} pair of {before} rows {was} and {after} {now}",
        "{n} pairs of {before} rows {was} and {after} {now}",
        len(compared),
        **facts,
    )
    typer.echo(of_rows)
    if len(counted):
        typer.echo("\n" + gettext("Status {was}, and {now} to the right", was=before, now=after))
        show_table(counted.rename_axis(index="status", columns=None))
    typer.echo("\n" + gettext("What changed"))
    show_table(compared.counts.to_frame())
    alone = compared.summary.unpaired
    if alone.to_numpy().any():
        typer.echo("\n" + gettext("Rows without a partner"))
        show_table(alone[alone.any(axis=1)].set_axis([before, after], axis=1))
    text = gettext("Match rate {was} and {now}, with the 95 % interval of the difference", was=before, now=after)
    typer.echo(f"\n{text}")
    show_table(compared.rates().set_axis([gettext("all pairs")], axis=0).rename_axis("group"))
    for name, table in rates.items():
        grouped = gettext("by type") if name == "type" else gettext("by {column}", column=name)
        typer.echo("\n" + gettext("Match rate {was} and {now}, {grouped}", was=before, now=after, grouped=grouped))
        named = _group_names(table, value_text)
        groups = [gettext("(missing)") if group is None else group for group in named]
        show_table(table.set_axis(groups, axis=0).rename_axis(name))


def _group_names(table: pd.DataFrame, text: Callable[[object], str] = str) -> list[str | None]:
    import pandas as pd

    from ctnb.masking import Strength, masked

    return [None if pd.isna(each) else masked(text(each), Strength.SHARED) for each in table.index]


def _facts(compared: Comparison, rates: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the comparison as plain values, without a key or a contact."""
    reasons = compared.summary.unpaired
    changes = compared.changes
    return {
        "schema": SCHEMA,
        "version": __version__,
        "command": "compare",
        "rows_before": len(compared.before),
        "rows_after": len(compared.after),
        "predicted_before": compared.predicted_before,
        "predicted_after": compared.predicted_after,
        "pairs": len(compared),
        "counts": compared.counts.to_dict(),
        "changes": {
            was: {now: int(pairs) for now, pairs in row.items() if pairs}
            for was, row in changes.to_dict("index").items()
            if any(row.values())
        },
        "unpaired": {
            side: {str(reason): int(rows) for reason, rows in reasons[side].items()} for side in ("before", "after")
        },
        "rates": _records(compared.rates())[0],
        "by": {
            name: [
                {"group": group, **record} for group, record in zip(_group_names(table), _records(table), strict=True)
            ]
            for name, table in rates.items()
        },
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values, None where one is missing."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
