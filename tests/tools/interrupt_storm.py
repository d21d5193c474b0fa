"""The interrupt harness: runs in child processes that get signals at any moment and gap, judged by the vendor's record.

Run as a script it prints what came of 200 trials; `make soak` runs it too.
"""

import argparse
import asyncio
import logging
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path

from kills import LEADS, PROCESSES, Job, deals_of, judge, run, seconds_of, states_of
from vendor_process import VendorProcess

LONGEST = 60.0
"""Seconds for a child to end."""

WATCHED = 0.2
"""Seconds that a child is watched after its call has raised."""

VERBS = ("comment", "acomment")


@dataclass
class Storms:
    """What came of trials; everything but trials, signals, interrupted and cut_short should be nought.

    ``interrupted`` calls raised, the others had ended before; ``cut_short`` of them left comments unsent.
    """

    trials: int = 0
    signals: int = 0
    interrupted: int = 0
    cut_short: int = 0
    posts_after: int = 0
    threads_after: int = 0
    half_recorded: int = 0
    uncertain: int = 0
    stuck: int = 0
    broken: int = 0

    def __add__(self, other):
        return Storms(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    @property
    def faults(self):
        good = {"trials", "signals", "interrupted", "cut_short"}
        return {name: count for name, count in asdict(self).items() if count and name not in good}


def storm(vendor, job, verb, numbers, *, after, gaps):
    """Send signals to a run, so many seconds after it began and with such gaps; then run to the end and judge."""
    since, posts = vendor.count(), len(vendor.posts())
    pipe, far = PROCESSES.Pipe()
    child = PROCESSES.Process(target=_child, args=(job, verb, far), daemon=True)
    child.start()
    far.close()
    pipe.recv()
    time.sleep(after)
    for number, gap in zip(numbers, gaps, strict=True):
        # The run may have ended before the last of them.
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)
        _spin(gap)
    found = Storms(trials=1, signals=len(numbers))
    try:
        ended, raised, threads = _last_word(pipe)
    except EOFError:  # SIGTERM ended it before the run began
        ended, raised, threads = time.monotonic(), True, []
    finally:
        child.kill()
        child.join()
        pipe.close()
    if ended is None:
        return replace(found, stuck=1)
    states = states_of(job.ledger) if job.ledger.exists() else {}
    later = [post for post in vendor.posts(posts) if post["received"] > ended]
    found = replace(
        found,
        interrupted=int(raised),
        cut_short=int(raised and sum(states.values()) < job.leads),
        posts_after=len(later),
        threads_after=len(threads),
        half_recorded=states.get("claimed", 0) + states.get("sending", 0),
        uncertain=states.get("uncertain", 0),
    )
    return replace(found, broken=len(judge(vendor, job, run(job), since=since).broken))


def _last_word(pipe):
    """Return what the child says at its end; it says that it begins again when it was interrupted at just that."""
    while pipe.poll(LONGEST):
        if (word := pipe.recv()) != "begins":
            return word
    return None, None, []


def _spin(seconds):
    """Wait so long, to the microsecond."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def _child(job, verb, pipe):
    """Carry a job out and say when the call ended, whether it raised, and which of its threads were left."""
    import pandas as pd
    from tqdm import tqdm

    import ctnb

    # A suite that was started in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tqdm.set_lock(threading.RLock())
    logging.getLogger("ctnb").addHandler(logging.NullHandler())
    connection = ctnb.Connection(**job.access, ledger=job.ledger)
    arguments = deals_of(job.leads), ctnb.Call("call"), f"deal {{call}} of {job.tag}"
    settings = {"connection": connection, "progress": False}
    moments, frames = [], []

    def call():
        if moments:  # interrupted once more, after the call
            return
        moments.append(None)
        try:
            if verb == "comment":
                frames.append(ctnb.comment(*arguments, **settings))
            else:
                frames.append(asyncio.run(ctnb.acomment(*arguments, **settings)))
        finally:
            moments[0] = time.monotonic()

    def deaf():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    _survived(lambda: pipe.send("begins"))
    _survived(call)
    _survived(deaf)
    ended = moments[0] or time.monotonic()
    time.sleep(WATCHED)
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("ctnb")]
    pipe.send((ended, not any(isinstance(frame, pd.DataFrame) for frame in frames), threads))


def _survived(step):
    """Carry out a step, and again when it was interrupted."""
    while True:
        try:
            return step()
        except (KeyboardInterrupt, asyncio.CancelledError):
            continue


def storms(vendor, folder, count, *, seed, signals=(signal.SIGINT,)):
    """Yield the findings of so many trials of one to five signals with gaps from 0 to 5 ms, at random moments."""
    chance = random.Random(seed)
    warm = Job(vendor.access(), folder / "warm" / "ledger.sqlite3", "warm")
    for number in range(2):  # the first run pays for the warming up
        usual = seconds_of(replace(warm, ledger=warm.ledger.with_name(f"{number}.sqlite3")))
    for number in range(count):
        access = vendor.access(concurrency=chance.choice((1, 1, 2)))
        job = Job(access, folder / f"storm {number}" / "ledger.sqlite3", f"storm {seed} {number}")
        numbers = [chance.choice(signals) for _ in range(chance.randint(1, 5))]
        gaps = [chance.uniform(0, 0.005) for _ in numbers]
        yield storm(vendor, job, VERBS[number % 2], numbers, after=chance.uniform(0.01, usual), gaps=gaps)


def table(rows):
    """Write findings as lines of a table, by name."""
    heads = "".join(f"  {name}" for name in asdict(Storms()))
    lines = [f"{'':24}{heads}"]
    for name, found in rows.items():
        figures = asdict(found)
        lines.append(f"{name:24}" + "".join(f"{number:>{len(head) + 2}}" for head, number in figures.items()))
    return "\n".join(lines)


def long_form(vendor, folder, count, *, seed):
    """Return the findings of the long form, by name."""
    kinds = {"SIGINT": (signal.SIGINT,), "SIGINT and SIGTERM": (signal.SIGINT, signal.SIGTERM)}
    return {
        name: reduce(add, storms(vendor, folder / name, count // len(kinds), seed=seed, signals=kind), Storms())
        for name, kind in kinds.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"Storms over runs of {LEADS} leads; the seed is {options.seed}.\n", flush=True)
    with tempfile.TemporaryDirectory() as place, VendorProcess(LEADS, delay=0.004) as vendor:
        found = long_form(vendor, Path(place), options.trials, seed=options.seed)
    print(table(found))
    sys.exit(1 if any(each.faults for each in found.values()) else 0)


if __name__ == "__main__":
    main()
