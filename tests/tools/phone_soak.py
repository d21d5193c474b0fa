"""The long form of the tests of phones; prints the figures; `make soak` runs it.

Cells of one written number must give no stranger's, whatever the seed; a column must have what its cells have. Exits
with 1 when either fails.
"""

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import count
from unittest import mock

import pandas as pd
from messy_phones import messy_cell
from noted_phones import count_cells

from ctnb.leads.phones import numbering_plan
from ctnb.leads.phones import texts as phone_texts
from ctnb.leads.phones.column import read_column
from ctnb.leads.phones.one_cell import read_cell

OTHERS = ["KZ", "BY", "UA", "UZ", "AM", "KG", "GE", "US", "DE", "GB", "IT", "FR", "BR", "MX", "AR", "CN", "JP", "AU"]
REGIONS = [region for other in OTHERS for region in ("RU", other)]  # Most columns are Russian.
BATCH = 20_000
LINE_EVERY = 25
"""Batches between two lines of progress."""

FEWEST_STRINGS = 5  # So that most cells are read by tables that were made for them.
MOST_SHOWN = 10
NOTED, NOTED_SEEDS = 12_000, 5


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
    remembered = cache(read_cell)  # What the column leaves to it is not read twice.
    read_each = phone_texts.read_each

    def read_left(cells, region):
        left.append(len(cells))
        return read_each(cells, region)

    with (
        mock.patch.object(phone_texts, "read_each", read_left),
        mock.patch.object(phone_texts, "read_cell", remembered),
        mock.patch.object(numbering_plan, "FEWEST_STRINGS", FEWEST_STRINGS),
    ):
        found = read_column(pd.Series(texts, dtype=object), region)
    singles = {text: remembered(text, region=region) for text in set(texts)}
    mismatches = [
        f"{region} {text!r}: the column has {phones} {problem!r}, the cell {singles[text]}"
        for text, phones, problem in zip(texts, found.values.to_pylist(), found.problems, strict=True)
        if (tuple(phones), problem) != tuple(singles[text])
    ]
    return Figures(region, cells, sum(left), mismatches)


def phones_of(text):
    """Return the phones of one Russian cell."""
    return read_cell(text, "RU").contacts


def count_strangers(seed):
    """Print what is read in cells of one written number, and return how many strangers there are."""
    strangers = 0
    print(f"\n{NOTED:,} cells of one written number a seed\nseed           right  other country  part  digit of a note")
    for number in range(NOTED_SEEDS):
        found = count_cells(phones_of, NOTED, seed + number)
        print(f"{seed + number:<12}{found.right:8,}{found.country:15}{found.part:6}{found.note:17}", flush=True)
        print(*found.examples, sep="\n", end="\n" * bool(found.examples))
        strangers += found.country + found.part + found.note
    return strangers


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
            if number % LINE_EVERY == 0:
                seconds = time.monotonic() - begin
                print(f"{number} of {len(jobs)} columns read, {seconds / 60:.1f} minutes", flush=True)
    print("\nregion       cells  mismatches  left to the library")
    for region, (cells, mismatches, left) in [
        *totals.items(),
        ("all", [sum(figures) for figures in zip(*totals.values(), strict=True)]),
    ]:
        print(f"{region:6}{cells:12,}{mismatches:12,}{left / max(cells, 1):21.2%}")
    strangers = count_strangers(options.seed)
    sys.exit(1 if strangers or any(mismatches for _, mismatches, _ in totals.values()) else 0)


if __name__ == "__main__":
    main()
