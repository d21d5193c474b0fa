"""The race of the phones: a messy column, against `phonenumbers` for each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.analyst import phone_of
from benchmarks.columns import phone_column
from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from ctnb.leads.phones.api import parse_phones, phones_in

if TYPE_CHECKING:
    import pandas as pd

GOAL = Goal(100, at_least=True)


def race_phones(rows: int, sample: int, rounds: int) -> Row:
    """Race the phone kernel over a column against a loop over the first cells of the same column.

    Every round has a column of its own, so that no side remembers a cell. One round is not counted.
    """
    ours, plain, differences = [], [], 0
    sample = min(sample, rows)
    for number in range(rounds + 1):
        cells = phone_column(rows, seed=number)
        texts = cells.head(sample).dropna().tolist()
        ours.append(timed(parse_phones, cells, "RU"))
        plain.append(timed(loop, texts) * rows / sample)
        say(f"phones, round {number} of {rounds}: {ours[-1]:.2f} s against {plain[-1]:.2f} s")
    head = phone_column(rows, seed=rounds).head(sample)
    differences = differing(head)
    say(f"phones: {differences} of {sample:,} cells differ from the reference")
    lacking, more = beside_library(head)
    scaled = "the whole column" if sample == rows else f"its first {sample:,} cells, scaled"
    return Row(
        key="phones",
        work="phones of a messy column",
        size=f"{rows:,} cells, {cells.nunique() / rows:.0%} distinct, {cells.isna().mean():.0%} missing",
        ours=seconds(ours[1:]),
        against=f"`phonenumbers` parse + is_valid + format per cell ({scaled})",
        theirs=seconds(plain[1:]),
        measured=ratio(plain[1:], ours[1:]),
        goal=GOAL,
        unit="x",
        samples={"ctnb": ours[1:], "phonenumbers": plain[1:]},
        differences=differences,
        notes=(
            (
                f"Phones: {sample:,} cells were also read one by one (`ctnb.leads.phones.api.phones_in`); "
                f"numbers or reasons differ in {differences:,}."
            ),
            (
                "The loop reads a cell as one number, without the spreadsheet's artefacts; so its answers are not the "
                f"reference. In {lacking:,} cells it finds a number that ctnb has not, in {more:,} ctnb finds numbers "
                "where it finds none."
            ),
        ),
    )


def loop(texts: list[str]) -> list[str | None]:
    """Read each text as one number, as an analyst's loop does."""
    return [phone_of(text) for text in texts]


def differing(cells: pd.Series[Any]) -> int:
    """Count the cells that the column kernel and the reference for one cell read otherwise."""
    found = parse_phones(cells, "RU")
    ours = zip(found.values.to_pylist(), found.problems.tolist(), strict=True)
    reference = (phones_in(cell, "RU") for cell in cells.tolist())
    return sum(
        (tuple(numbers), problem) != (one.contacts, one.problem)
        for (numbers, problem), one in zip(ours, reference, strict=True)
    )


def beside_library(cells: pd.Series[Any]) -> tuple[int, int]:
    """Count the cells where only the library's number is lacking in ours, and where only we have one."""
    present = cells.dropna()
    ours = parse_phones(present, "RU").values.to_pylist()
    theirs = [phone_of(cell) for cell in present.tolist()]
    pairs = list(zip(theirs, ours, strict=True))
    lacking = sum(number is not None and number not in numbers for number, numbers in pairs)
    return lacking, sum(number is None and bool(numbers) for number, numbers in pairs)
