"""Preview and emulator on many random rows; prints the figures; `make soak` runs it.

Exits with 1 when a row's status, rule or lead differs.
"""

import argparse
import sys
import time
from collections import Counter

from preview_agreement import disagreements, previewed
from preview_worlds import World


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000, help="rows that are compared (default 200000)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first world; the default is new")
    options = parser.parse_args()

    statuses, outcomes, rows, seed, failed = Counter(), Counter(), 0, options.seed, []
    while rows < options.rows:
        # From few leads of many contacts to many leads of few.
        world = World(seed, leads=(20, 60, 200)[seed % 3], rows=500, leads_per_contact=(2, 12, 40)[seed // 3 % 3])
        preview = previewed(**world.asked())
        failed += [(seed, *found) for found in disagreements(preview, world.calls, world.requests)]
        statuses.update(preview.frame["ct_status"].astype(str))
        outcomes.update(preview.reasons["outcome"].astype(str))
        rows, seed = rows + len(world.deals), seed + 1
    print(f"{rows:,} rows in {seed - options.seed:,} worlds from seed {options.seed}: {len(failed)} differ.")
    print("Statuses: " + ", ".join(f"{status} {count:,}" for status, count in statuses.most_common()))
    print("Outcomes of rules: " + ", ".join(f"{outcome} {count:,}" for outcome, count in outcomes.most_common()))
    for world, row, said, answered in failed[:10]:
        print(f"  seed {world}, row {row}: the preview says {said}, the emulator {answered}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
