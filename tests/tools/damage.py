"""Random damage to a ledger file: a run asks for all comments again then, and what it is answered is judged.

Run as a script it prints how often damage was noticed, and what became of the rest.
"""

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import platformdirs
from msgspec.structs import replace
from stub_comments import PlainLedger

from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Reason, Status

COMMENTS, WINDOW = 1000, 250
ENDS = {
    0: Outcome(Status.UNCERTAIN, error="no answer in time", reason=Reason.TIMED_OUT, batch=2, attempts=1),
    1: Outcome(Status.UNMATCHED, error="no lead found", reason=Reason.LEAD_NOT_FOUND, batch=2, attempts=1),
}
"""What became of every fifth comment; the others are commented."""

NAMES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(COMMENTS)]
ANSWERS = {
    name: ENDS.get(number % 5, Outcome(Status.COMMENTED, call_id=str(number), batch=number // 100 + 1, attempts=1))
    for number, name in enumerate(NAMES)
}
EXPECTED = [replace(answer, replayed=True) for answer in ANSWERS.values()]

REFUSED_OPENING, REFUSED_READING, RIGHT, WRONG, SENT_AGAIN = (
    "refused when it is opened",
    "refused when the comment is read",
    "not noticed, every answer right",
    "not noticed, an answer wrong",
    "a comment sent again",
)


def make(path):
    """Make a ledger in which every comment has an outcome."""
    terms = Terms("first run", "rules")
    with closing(PlainLedger(path)) as ledger:
        ledger.claim(NAMES, terms)
        ledger.intend(NAMES, terms, "attempt")
        ledger.record(ANSWERS, terms, "attempt")


def judged(path):
    """Ask for all comments as the next run does, a window at a time; return what came of it."""
    try:
        ledger = PlainLedger(path)
    except LedgerError:
        return REFUSED_OPENING
    with closing(ledger):
        try:
            answers = [
                answer
                for begin in range(0, COMMENTS, WINDOW)
                for answer in ledger.claim(NAMES[begin : begin + WINDOW], Terms("next run", "rules"))
            ]
        except LedgerError:
            return REFUSED_READING
    if None in answers:
        return SENT_AGAIN
    return RIGHT if answers == EXPECTED else WRONG


def flip(whole, chance):
    """Flip one bit."""
    bit = chance.randrange(8 * len(whole))
    whole[bit // 8] ^= 1 << bit % 8


def blank(whole, chance):
    """Lose a sector: 512 bytes become zero."""
    begin = chance.randrange(len(whole) // SECTOR) * SECTOR
    whole[begin : begin + SECTOR] = bytes(SECTOR)


def swap(whole, chance):
    """Write a page in another one's place."""
    here, there = (chance.randrange(len(whole) // PAGE) * PAGE for _ in range(2))
    whole[here : here + PAGE] = whole[there : there + PAGE]


SECTOR, PAGE = 512, 4096
KINDS = {"one bit flipped": flip, "a sector of zeros": blank, "a page in another's place": swap}


def damaged(folder, damage, count, *, seed):
    """Count what comes of damage, each time to the file as it was, anywhere in it."""
    path = folder / "ledger.sqlite3"
    make(path)
    whole = path.read_bytes()
    chance, found = random.Random(seed), Counter()
    while found.total() < count:
        broken = bytearray(whole)
        damage(broken, chance)
        if broken == whole:
            continue
        path.write_bytes(broken)
        found[judged(path)] += 1
        # What a run has left would have its say about the next one.
        for left in ("-journal", ".generation"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        for left in (path.with_name(f"{path.name}.owners"), platformdirs.user_state_path("ctnb", appauthor=False)):
            shutil.rmtree(left, ignore_errors=True)
    return found


def sweep(count, seed):
    """Print what comes of each kind of damage; return whether any did harm."""
    print(f"Damage to a ledger of {COMMENTS} comments, {count} times each kind, seed {seed}.\n")
    print(f"{'':36}" + "".join(f"{kind:>28}" for kind in KINDS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        found = [
            damaged(Path(folder) / str(number), damage, count, seed=seed)
            for number, damage in enumerate(KINDS.values())
        ]
    for fate in (REFUSED_OPENING, REFUSED_READING, RIGHT, WRONG, SENT_AGAIN):
        print(f"{fate:36}" + "".join(f"{counted[fate]:>28}" for counted in found))
    return any(counted[SENT_AGAIN] or counted[WRONG] for counted in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=250, help="times of each kind (default 250)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the default is new")
    options = parser.parse_args()
    sys.exit(sweep(options.count, options.seed))


if __name__ == "__main__":
    main()
