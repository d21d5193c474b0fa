"""All that was measured, as a page of Markdown and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.machine import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.race import Row

HEADING = ("work", "size", "ctnb", "against", "that took", "measured", "goal", "met")

METHOD = """\
The sides take turns, so that a busy machine slows both; every round has data of its own, so that no side remembers a
cell, and the first round is not counted. Times are medians (least to most); "measured" is the median of the rounds'
ratios. Where the other side would take too long it works on a part, and its time is scaled; the table says so.

The deals are made by [columns.py](../benchmarks/columns.py) from a seed: phones in the shapes of the sample data, with
extensions, two numbers in a cell, floats and exponents as text, junk and wrong digits; e-mails of which one in twenty
is broken; ISO and day-first dates; ids as text with the `.0` that a gap in the column leaves.

The analyst's side is [analyst.py](../benchmarks/analyst.py): it is written for exactly these shapes, and
its leads are compared with ours. Mind that `pd.to_datetime` for each cell is most of the plain analyst's time; so one
who reads dates by `strptime` is shown beside."""

GROWTH = """\
The exponent is the slope of the least squares line through the logarithms of rows and of the least seconds of the
rounds, each on a frame of its own. What a call costs whatever the rows makes small frames dear, and so the exponent
smaller."""

ENCODING = """\
Four ways to write the bodies of one plan, from the plan's columns to bytes, with the same results: the Arrow way of
ctnb, and three that make Python objects for each lead and each rule. msgspec is quick on Structs, and half as quick on
dicts, but most of the time goes into making the objects, which no writer saves. So ctnb keeps the Arrow way
(`ctnb/delivery/wire_encode.py`): the fixed text of a rule is joined with its columns, thousands of leads at a time, and
texts that hold a quote, a backslash or a control character are escaped one by one, by msgspec. msgspec also decodes
the answers, where objects are wanted anyhow."""


def figures(rows: Sequence[Row], facts: dict[str, str], options: dict[str, Any]) -> dict[str, Any]:
    """Return everything that was measured, every single timing included, as JSON takes it."""
    return {
        "machine": facts,
        "options": options,
        "rows": [
            {
                "key": row.key,
                "work": row.work,
                "size": row.size,
                "ctnb": row.ours,
                "against": row.against,
                "that took": row.theirs,
                "measured": row.measured,
                "goal": None if row.goal is None else str(row.goal),
                "met": row.met,
                "differences": row.differences,
                "samples": row.samples,
                "notes": list(row.notes),
            }
            for row in rows
        ],
    }


def page(rows: Sequence[Row], facts: dict[str, str], options: dict[str, Any]) -> str:
    """Return the page."""
    encoders = [row for row in rows if row.key.startswith("encoders_")]
    growing = [row for row in rows if row.key.startswith("growth_")]
    others = [row for row in rows if row not in encoders and row not in growing]
    notes = dict.fromkeys(note for row in rows for note in row.notes)
    chosen = ", ".join(f"{name} {value:,}" for name, value in options.items())
    return "\n".join(
        [
            "# Speed",
            "",
            "Written by `make bench BENCH_ARGS=--publish`; not by hand.",
            "",
            f"Measured on: {one_line(facts)}.",
            f"Asked for: {chosen}.",
            "",
            METHOD,
            "",
            *table(others),
            "",
            *[f"- {note}" for note in notes],
            "",
            "## Growth",
            "",
            GROWTH,
            "",
            *table(growing),
            "",
            "## How the bodies are written",
            "",
            ENCODING,
            "",
            *table(encoders),
            "",
        ]
    )


def table(rows: Sequence[Row]) -> list[str]:
    """Return rows as the lines of a table."""
    cells = [
        (
            row.work,
            row.size,
            row.ours,
            row.against,
            row.theirs,
            f"{row.measured:.3g}{row.unit}",
            "" if row.goal is None else f"{row.goal}{row.unit}",
            met(row),
        )
        for row in rows
    ]
    return [line(HEADING), line(["---"] * len(HEADING)), *map(line, cells)]


def line(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


def met(row: Row) -> str:
    """Return whether the goal is met, in a word."""
    if row.differences:
        return f"no: {row.differences:,} differ"
    return {None: "", True: "yes", False: "no"}[row.met]
