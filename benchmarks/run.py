"""Measure ctnb against the plain way, side by side in one run.

Run it from the checkout's root: ``python -m benchmarks.run``. Prints a page of Markdown and writes it, with every
single timing as JSON, to a folder. The page shows which goals are missed; only results that differ make it fail.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dashboard import time_dashboard
from benchmarks.delivery import measure_sending
from benchmarks.encoders import race_encoders
from benchmarks.growth import grow
from benchmarks.imports import race_imports
from benchmarks.machine import machine
from benchmarks.memory import measure_memory
from benchmarks.phones import race_phones
from benchmarks.planning import race_planning
from benchmarks.preview import measure_preview_memory, race_preview, race_sweep
from benchmarks.race import say
from benchmarks.replay import race_replay
from benchmarks.table import figures, page
from benchmarks.workbooks import race_workbooks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.race import Row

ROOT = Path(__file__).parents[1]
SIZES = {
    "rows": 1_000_000,
    "phone sample": 100_000,
    "analyst sample": 20_000,
    "encoded leads": 100_000,
    "sent leads": 50_000,
    "paced leads": 10_000,
    "shown rows": 200_000,
    "choices": 1_000,
    "imports": 25,
    "imports without bytecode": 10,
}
QUICK = {
    "rows": 2_000,
    "phone sample": 1_000,
    "analyst sample": 500,
    "encoded leads": 500,
    "sent leads": 300,
    "paced leads": 200,
    "shown rows": 500,
    "choices": 10,
    "imports": 1,
    "imports without bytecode": 1,
}
MOST_GROWTH_ROUNDS = 3
MOST_REPLAY_ROUNDS = 3
MOST_PREVIEW_ROUNDS = 3


def measure(sizes: dict[str, int], rounds: int) -> Iterator[Row]:
    """Yield the rows of the table, one race after the other."""
    rows = sizes["rows"]
    yield race_phones(rows, sizes["phone sample"], rounds)
    yield from race_planning(rows, sizes["analyst sample"], rounds)
    memory = measure_memory(rows)
    if memory is not None:
        yield memory
    yield race_preview(rows, min(rounds, MOST_PREVIEW_ROUNDS))
    yield race_sweep(rows, min(rounds, MOST_PREVIEW_ROUNDS))
    memory = measure_preview_memory(rows)
    if memory is not None:
        yield memory
    yield from measure_sending(rounds, sizes["sent leads"], sizes["paced leads"])
    yield race_replay(rows, min(rounds, MOST_REPLAY_ROUNDS))
    yield race_workbooks(sizes["shown rows"])
    yield time_dashboard(sizes["shown rows"], sizes["choices"])
    yield race_imports(sizes["imports"], compiled=True)
    yield race_imports(sizes["imports without bytecode"], compiled=False)
    yield from grow(rows, min(rounds, MOST_GROWTH_ROUNDS))
    yield from race_encoders(sizes["encoded leads"], rounds)


def options_of(given: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one round: shows that it runs, no more")
    parser.add_argument("--full", action="store_true", help="the other side works on all rows too; far slower")
    parser.add_argument("--rounds", type=int, help="counted rounds of each side (default 5; 1 when quick)")
    parser.add_argument("--rows", type=int, help=f"rows (default {SIZES['rows']}; {QUICK['rows']} when quick)")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder for bench.md and bench.json")
    parser.add_argument(
        "--publish",
        type=Path,
        nargs="?",
        const=ROOT / "docs" / "benchmarks.md",
        help="also write the page here (default docs/benchmarks.md)",
    )
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the races and write the page and the JSON."""
    options = options_of(given)
    sizes = dict(QUICK if options.quick else SIZES)
    rounds = options.rounds or (1 if options.quick else 5)
    sizes["rows"] = options.rows or sizes["rows"]
    for name in ("phone sample", "analyst sample", "encoded leads"):
        sizes[name] = sizes["rows"] if options.full and name != "encoded leads" else min(sizes[name], sizes["rows"])
    facts, asked = machine(), {**sizes, "rounds": rounds}
    rows = list(measure(sizes, rounds))
    text = page(rows, facts, asked)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.md").write_text(text, encoding="utf-8")
    found = json.dumps(figures(rows, facts, asked), indent=2, ensure_ascii=False)
    (options.out / "bench.json").write_text(f"{found}\n", encoding="utf-8")
    if options.publish:
        options.publish.write_text(text, encoding="utf-8")
    differing = [row.work for row in rows if row.differences]
    say(f"done; {'results differ in: ' + ', '.join(differing) if differing else 'all results agree'}")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
