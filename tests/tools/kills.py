"""The kill harness: runs in child processes that are killed, run again to the end, and judged by the vendor's record.

A trial has a frame and, unless a test asks for another, a ledger of its own; all trials share a `VendorProcess`.
"""

import logging
import multiprocessing
import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from ctnb.delivery.ledger.protocol import state_of
from ctnb.exceptions import LedgerError

LEADS = 300

WARM = [
    "__main__",
    "ctnb.run",
    "ctnb.delivery.client",
    "ctnb.delivery.ledger.sqlite",
    "psutil",
    "tqdm.auto",
]
"""Imported once for all children where the system can fork."""

MAY_FORK = "forkserver" in multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("forkserver" if MAY_FORK else "spawn")
if MAY_FORK:
    PROCESSES.set_forkserver_preload(WARM)


@dataclass(frozen=True)
class Job:
    """One run of the cell in a child, and where that child kills itself."""

    access: dict
    ledger: Path
    tag: str
    leads: int = LEADS
    mutant: str | None = None
    point: str | None = None
    nth: int = 1
    runs: int = 1


@dataclass
class Findings:
    """What came of a trial, or of many; everything but kills, trials and uncertain should be 0."""

    trials: int = 0
    kills: int = 0
    duplicated: int = 0
    lost: int = 0
    falsely_commented: int = 0
    falsely_denied: int = 0
    stuck: int = 0
    unbalanced: int = 0
    uncertain: int = 0

    def __add__(self, other):
        return Findings(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    @property
    def broken(self):
        """The promises that were broken, and how often."""
        good = {"trials", "kills", "uncertain"}
        return {name: count for name, count in asdict(self).items() if count and name not in good}


def deals_of(leads):
    return pd.DataFrame({"call": range(leads)}, index=[f"deal {row // 2}" for row in range(leads)])


def text_of(job, call):
    return f"deal {call} of {job.tag}"


def carry_out(job, pipe):
    """Do a job, in a child: run the cell and hand the frames back, if nothing kills it before."""
    from tqdm import tqdm

    import ctnb

    # Its lock is a semaphore of the system otherwise, which a kill would leave behind.
    tqdm.set_lock(threading.RLock())
    logging.getLogger("ctnb").addHandler(logging.NullHandler())
    if job.mutant:
        from mutants import MUTANTS

        MUTANTS[job.mutant](setattr)
    if job.point:
        from points import arm

        arm(job.point, job.nth)
    connection = ctnb.Connection(**job.access, ledger=job.ledger)
    deals, template = deals_of(job.leads), f"deal {{call}} of {job.tag}"
    pipe.send("begins")
    for _ in range(job.runs):
        try:
            done = ctnb.comment(deals, ctnb.Call("call"), template, connection=connection, progress=False)
        except ctnb.CtnbError as error:
            done = error
        pipe.send(done)


class Child:
    """A job on its way in a process of its own."""

    def __init__(self, job):
        self._pipe, far = PROCESSES.Pipe()
        self._job = job
        self._process = PROCESSES.Process(target=carry_out, args=(job, far), daemon=True)
        self._process.start()
        far.close()

    def begun(self):
        """Wait until the run begins."""
        return self._pipe.recv()

    def kill(self, *, after):
        """Kill the child so many seconds from now, unless it ends before."""
        self._process.join(after)
        self._process.kill()

    def frames(self):
        """Wait for the child to end; return the frames of its runs that ended, or the error that ended them."""
        found = []
        with suppress(EOFError, ConnectionError):
            while len(found) < self._job.runs:
                found.append(self._pipe.recv())
        self._process.join()
        self._pipe.close()
        return found


def run(job):
    """Carry a job out in a fresh process; None when it killed itself."""
    child = Child(job)
    child.begun()
    return next(iter(child.frames()), None)


def run_and_kill(job, *, after):
    """Carry a job out and kill it after some seconds; return whether it was running until then."""
    child = Child(job)
    child.begun()
    child.kill(after=after)
    return not child.frames()


def judge(vendor, job, done, *, since):
    """Compare the statuses of the last run with what the vendor did."""
    applied = vendor.applied(since)
    if isinstance(done, Exception):
        raise done
    found = Findings(trials=1)
    for call, status in zip(done["call"], done["ct_status"].astype(object), strict=True):
        times = applied.pop(text_of(job, call), 0)
        found.duplicated += max(0, times - 1)
        found.lost += not times and status not in {"unmatched", "invalid", "uncertain"}
        found.falsely_commented += not times and status == "commented"
        found.falsely_denied += times > 0 and status not in {"commented", "uncertain"}
        found.stuck += status in {"busy", "unsent", "rejected"}
        found.uncertain += status == "uncertain"
    states = states_of(job.ledger)
    found.stuck += states["claimed"] + states["sending"]
    counts = Counter(done["ct_status"].astype(object))
    same_rows = done[["call"]].equals(deals_of(job.leads))
    kept = all(states[status] == count for status, count in counts.items() if status not in {"busy", "unsent"})
    found.unbalanced += not (same_rows and kept and counts.total() == job.leads == states.total())
    return found


def states_of(ledger):
    """Count the comments of a ledger by their state."""
    with closing(sqlite3.connect(ledger)) as database:
        return Counter(state_of(*held) for held in database.execute("SELECT owner, attempt, status FROM comments"))


def trial(vendor, job, *killings):
    """Kill one run after another, then run to the end and judge; the findings, kills counted.

    ``killings`` are pairs of a point and its pass, or seconds after the run began.
    """
    since, kills = vendor.count(), 0
    for killing in killings:
        if isinstance(killing, tuple):
            point, nth = killing
            kills += run(replace(job, point=point, nth=nth)) is None
        else:
            kills += run_and_kill(job, after=killing)
    return replace(judge(vendor, job, run(job), since=since), kills=kills)


def restored(vendor, job):
    """Put a backup of the ledger back after a run, run again, and judge; a run that is refused has sent nothing."""
    since = vendor.count()
    run(replace(job, leads=100, mutant=None))
    backup = job.ledger.read_bytes()
    done = run(replace(job, mutant=None))
    newest = job.ledger.read_bytes()
    job.ledger.write_bytes(backup)  # the file keeps its inode, as with `cp`
    again = run(job)
    if isinstance(again, LedgerError):
        job.ledger.write_bytes(newest)
        again = done
    return judge(vendor, job, again, since=since)


def seconds_of(job):
    """Return how long a run takes that nothing kills, from where it begins."""
    child = Child(job)
    child.begun()
    begin = time.perf_counter()
    child.frames()
    return time.perf_counter() - begin


def random_trials(vendor, folder, count, *, seed):
    """Yield the findings of trials with one to three kills in a row at random moments, so many kills in all."""
    chance = random.Random(seed)
    job = Job(vendor.access(), folder / "warm" / "ledger.sqlite3", "warm")
    for _ in range(2):  # the first run pays for the warming up
        usual = seconds_of(replace(job, ledger=job.ledger.with_name(f"{time.monotonic_ns()}.sqlite3")))
    left, number = count, 0
    while left > 0:
        number += 1
        job = Job(
            vendor.access(concurrency=chance.choice((1, 2, 4))),
            folder / f"random {number}" / "ledger.sqlite3",
            f"random {number}",
        )
        delays = [chance.uniform(0, 1.1 * usual) for _ in range(min(left, chance.choice((1, 1, 2, 3))))]
        found = trial(vendor, job, *delays)
        left -= found.kills
        yield found
