"""Settle the uncertain rows of many random stories; prints the figures; `make soak` runs it.

Exits with 1 when a row is sure that the uncertain sending did not apply.
"""

import argparse
import sys
import time
from collections import Counter

from settling_stories import story_of


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=20_000, help="how many are told (default 20000)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first story; the default is new")
    options = parser.parse_args()

    verdicts, applied, sure, false = Counter(), 0, 0, []
    for seed in range(options.seed, options.seed + options.stories):
        story = story_of(seed)
        found = story.settle(before=story.before)
        found = found.assign(first=story.first[found["row"].to_numpy()]).drop_duplicates("first")
        for first, grade, basis in found[["first", "grade", "basis"]].itertuples(index=False):
            verdicts[f"{grade}: {basis}"] += 1
            applied += first in story.applied
            sure += grade == "sure"
            if grade == "sure" and first not in story.applied:
                false.append((seed, first))
    print(f"{options.stories:,} stories from seed {options.seed}: {sure:,} sure, {len(false)} of them false; ", end="")
    print(f"{applied:,} of {sum(verdicts.values()):,} uncertain comments were applied.")
    print(", ".join(f"{verdict} {count:,}" for verdict, count in verdicts.most_common()))
    for seed, row in false[:10]:
        print(f"  seed {seed}, row {row} is sure, and was not applied")
    sys.exit(1 if false else 0)


if __name__ == "__main__":
    main()
