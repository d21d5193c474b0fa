"""The long form of the tests that a column of phones equals its cells; prints the figures; `make soak` runs it.

Exits with 1 when a column differs from `read_cell` in any cell.
"""

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import count

import pandas as pd
from messy_phones import messy_cell

from ctnb.leads.phones import column as phone_columns
from ctnb.leads.phones.one_cell import read_cell

OTHERS = ["KZ", "BY", "UA", "UZ", "AM", "KG", "GE", "US", "DE", "GB", "IT", "FR", "BR", "MX", "AR", "CN", "JP", "AU"]
REGIONS = [region for other in OTHERS for region in ("RU", other)]  # Most columns are Russian.
BATCH = 20_000
REPORTED = 25
"""Batches between two lines about the progress."""

FEWEST_CELLS = 5  # So that most cells are read by tables that were made for them.
MOST_SHOWN = 10


@dataclass(frozen=True)
class Figures:
    """What came of the cells of one batch."""

    region: str
    cells: int
    left: int
    mismatches: list


def soak(region, cells, seed):
    """Read a column of messy cells whole and one by one."""
    rng = random.Random(f"{seed} {region}")
    texts = [messy_cell(rng, region) for _ in range(cells)]
    left = []
    read_distinct = phone_columns.read_distinct
    fewest = phone_columns.FEWEST_CELLS
    remembered = cache(read_cell)  # What the column leaves to it is not read twice.
    phone_columns.read_distinct = lambda column, region: (left.append(len(column)), read_distinct(column, region))[1]
    phone_columns.read_cell = remembered
    phone_columns.FEWEST_CELLS = FEWEST_CELLS
    try:
        found = phone_columns.read_column(pd.Series(texts, dtype=object), region)
    finally:
        phone_columns.read_distinct, phone_columns.FEWEST_CELLS = read_distinct, fewest
        phone_columns.read_cell = read_cell
    singles = {text: remembered(text, region=region) for text in set(texts)}
    mismatches = [
        f"{region} {text!r}: the column has {phones} {problem!r}, the cell {singles[text]}"
        for text, phones, problem in zip(texts, found.values.to_pylist(), found.problems, strict=True)
        if (tuple(phones), problem) != tuple(singles[text])
    ]
    return Figures(region, cells, sum(left), mismatches)


def batches(regions, cells):
    """Yield the region and the size of each batch."""
    for number in count():
        if cells <= 0:
            return
        yield regions[number % len(regions)], min(cells, BATCH)
        cells -= BATCH


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=10_000_000, help="cells in all (default 10 million)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the default is new")
    parser.add_argument("--regions", nargs="+", default=REGIONS, help="taken in turn, a batch each")
    parser.add_argument("--processes", type=int, default=2, help="batches at once (default 2)")
    options = parser.parse_args()

    print(f"Columns of phones against their cells, seed {options.seed}.", flush=True)
    totals = {region: [0, 0, 0] for region in sorted(set(options.regions))}
    shown, begin = 0, time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        jobs = [
            pool.submit(soak, region, cells, options.seed + number)
            for number, (region, cells) in enumerate(batches(options.regions, options.cells))
        ]
        for number, job in enumerate(jobs, 1):
            found = job.result()
            for column, figure in enumerate((found.cells, len(found.mismatches), found.left)):
                totals[found.region][column] += figure
            for line in found.mismatches[: MOST_SHOWN - shown]:
                print(line, flush=True)
                shown += 1
            if number % REPORTED == 0:
                seconds = time.monotonic() - begin
                print(f"{number} of {len(jobs)} columns read, {seconds / 60:.1f} minutes", flush=True)
    print("\nregion       cells  mismatches  left to the library")
    for region, (cells, mismatches, left) in [
        *totals.items(),
        ("all", [sum(figures) for figures in zip(*totals.values(), strict=True)]),
    ]:
        print(f"{region:6}{cells:12,}{mismatches:12,}{left / max(cells, 1):21.2%}")
    sys.exit(1 if any(mismatches for _, mismatches, _ in totals.values()) else 0)


if __name__ == "__main__":
    main()
