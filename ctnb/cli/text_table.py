"""Tables on the command line: rich lays them out, plain text where the output is not a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from ctnb.i18n.journal_names import journal_name
from ctnb.i18n.labels import (
    STATUSES,
    change_label,
    kind_label,
    reason_label,
    run_end_label,
    search_outcome_label,
    state_label,
    status_label,
    undecided_label,
    unpaired_label,
    value_text,
)
from ctnb.i18n.language import N_, current_language, gettext, percent

if TYPE_CHECKING:
    from collections.abc import Callable

WIDE: Final = 10_000
"""Columns of an output that is not a terminal: no line of a table is broken there."""


HEADINGS: Final = frozenset(
    {
        # Whatever is counted.
        *(N_("rows"), N_("leads"), N_("requests"), N_("cases"), N_("comments"), N_("pairs"), N_("share")),
        *(N_("status"), N_("state"), N_("type"), N_("outcome"), N_("reason"), N_("change"), N_("group")),
        *(N_("error"), N_("error_code"), N_("problem"), N_("advice"), N_("journal"), N_("id")),
        # Rates and their intervals.
        *(N_("offered"), N_("reached"), N_("matched"), N_("match_rate"), N_("difference"), N_("low"), N_("high")),
        *(N_("rate_offered"), N_("rate_offered_low"), N_("rate_offered_high")),
        *(N_("rate_reached"), N_("rate_reached_low"), N_("rate_reached_high")),
        *(N_("matched_before"), N_("matched_after"), N_("gained"), N_("lost"), N_("rate_before"), N_("rate_after")),
        # Runs.
        *(N_("began_at"), N_("changed_at"), N_("who"), N_("site"), N_("job"), N_("ended"), N_("replayed")),
        *(N_("batch"), N_("attempts"), *STATUSES.values()),
        # Journals.
        *(N_("since"), N_("until"), N_("without_date"), N_("with_tags"), N_("with_comments")),
        *(N_("offset"), N_("expected"), N_("agrees")),
    }
)
"""Names of columns that have words of their own; in English these are the words."""


def _run_end(text: str) -> str:
    """Put into words how a run ended, with the code in brackets of why, or the class of an error."""
    end, _, code = text.removesuffix(")").partition(" (")
    return f"{run_end_label(end)} ({reason_label(code)})" if code else run_end_label(end)


WORDS: Final[dict[str, Callable[[str], str]]] = {
    # A plan's own is beside them.
    "status": lambda code: gettext("ready") if code == "ready" else status_label(code),
    "state": state_label,
    "ended": _run_end,
    "journal": lambda code: str(journal_name(code)),
    "group": lambda name: gettext("all") if name == "all" else name,
    "type": kind_label,
    "error_code": reason_label,
    "outcome": search_outcome_label,
    "change": change_label,
    "reason": lambda code: unpaired_label(undecided_label(code)),
}
"""What puts the codes of a column into words, by its name."""


def show_table(table: pd.DataFrame, *, headings: bool = True) -> None:
    """Print a table, its index first; fractions are in per cent, missing cells are blank."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=headings)
    texts = {_heading(str(name)): _cells(str(name), cells) for name, cells in table.reset_index().items()}
    for name, cells in texts.items():
        figures = all(not cell or cell.lstrip("-")[:1].isdigit() for cell in cells)
        # Ids are copied from here, so single words stay whole; sentences are broken where a terminal is narrow.
        sentences = any(" " in cell for cell in cells)
        grid.add_column(name, justify="right" if figures else "left", no_wrap=not sentences, overflow="fold")
    for row in zip(*texts.values(), strict=True):
        grid.add_row(*row)
    is_terminal = sys.stdout.isatty()
    console = Console(force_terminal=is_terminal, markup=False, emoji=False, highlight=False)
    screen, console.width = console.width, WIDE
    if is_terminal:
        console.width = max(screen, console.measure(grid).minimum)
    with console.capture() as capture:
        console.print(grid)
    typer.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _heading(name: str) -> str:
    """Return what stands over a column: a name of ours in the language in force, and the user's own as it is."""
    return gettext(name) if name in HEADINGS else name


def _cells(name: str, values: pd.Series[Any]) -> list[str]:
    """Return the cells of a column as people read them; in English a code is its own word."""
    word = str if current_language() == "en" else WORDS.get(name, str)
    return [word(text) if (text := cell_text(value)) else "" for value in values]


def cell_text(value: object) -> str:
    """Return a cell as people read it."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float):
        return f"{value:.1%}" if current_language() == "en" else percent(value)
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    return value_text(value)
