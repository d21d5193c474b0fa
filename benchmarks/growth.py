"""How time grows with the rows: the exponent of the power that fits best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.columns import deals
from benchmarks.planning import drain, planned
from benchmarks.preview import RULES, Account
from benchmarks.race import Goal, Row, say, timed
from ctnb.leads.phones.api import parse_phones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb import Plan

GOAL = Goal(1.05, at_least=False)
SIZES = 5
SMALLEST_SHARE = 100


def grow(rows: int, rounds: int) -> list[Row]:
    """Time phones, plan, encode and preview from a hundredth of the rows to all, evenly apart on a log scale."""
    sizes = [round(size) for size in np.geomspace(rows / SMALLEST_SHARE, rows, SIZES)]
    drain(planned(deals(sizes[0], seed=0)))
    found: dict[str, list[list[float]]] = {
        name: [[] for _ in sizes] for name in ("phones", "plan", "encode", "preview")
    }
    for round_ in range(1, rounds + 1):
        for number, size in enumerate(sizes):
            frame = deals(size, seed=round_)
            found["phones"][number].append(timed(parse_phones, frame["phone"], "RU"))
            # Another frame, so that the plan meets no phone that it has seen.
            frame = deals(size, seed=rounds + round_)
            made: list[Plan] = []
            found["plan"][number].append(timed(lambda: made.append(planned(frame))))  # noqa: B023 - called at once
            found["encode"][number].append(timed(drain, made[0]))
            account = Account.of(size, seed=round_)
            found["preview"][number].append(timed(account.previewed, account.planned(RULES)))
        say(f"growth, round {round_} of {rounds}")
    return [growth(name, sizes, times) for name, times in found.items()]


def growth(name: str, sizes: Sequence[int], times: Sequence[Sequence[float]]) -> Row:
    """Return the row of one piece of work, timed at each size."""
    # A busy machine only ever adds.
    least = [min(rounds) for rounds in times]
    return Row(
        key=f"growth_{name}",
        work=f"growth of {name}",
        size=f"{sizes[0]:,} to {sizes[-1]:,} rows",
        ours=" / ".join(f"{seconds:.3g} s" for seconds in least),
        against="a straight line has exponent 1",
        theirs=f"at {' / '.join(f'{size:,}' for size in sizes)} rows",
        measured=exponent(sizes, least),
        goal=GOAL,
        samples={f"{size} rows": list(rounds) for size, rounds in zip(sizes, times, strict=True)},
    )


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the slope of the least squares line through the logarithms.

    >>> round(exponent([10, 100, 1000], [1, 10, 100]), 6)
    1.0
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
