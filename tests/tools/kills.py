"""The kill harness: runs in child processes that are killed, run again to the end, and judged by the vendor's record.

A trial has a frame and, unless a test asks for another, a ledger of its own; all trials share a `VendorProcess`.
"""

import logging
import math
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path

import pandas as pd

from ctnb.delivery.ledger.protocol import state_of
from ctnb.exceptions import LedgerError

LEADS = 300

LONGEST = 60.0
"""Seconds for a run to end that nothing kills."""

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
    ledger: Path | str
    tag: str
    leads: int = LEADS
    mutant: str | None = None
    point: str | None = None
    nth: int = 1
    runs: int = 1


@dataclass
class Findings:
    """What came of a trial, or of many; everything but trials, kills, signals and uncertain should be 0."""

    trials: int = 0
    kills: int = 0
    signals: int = 0
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
        good = {"trials", "kills", "signals", "uncertain"}
        return {name: count for name, count in asdict(self).items() if count and name not in good}


def deals_of(leads):
    return pd.DataFrame({"call": range(leads)}, index=[f"deal {row // 2}" for row in range(leads)])


def text_of(job, call):
    return f"deal {call} of {job.tag}"


def carry_out(job, pipe, environment):
    """Do a job, in a child: run the cell and hand the frames back, if nothing kills it before."""
    from tqdm import tqdm

    import ctnb

    # A server of forks keeps the environment that it was started in.
    os.environ.clear()
    os.environ.update(environment)
    # A suite that was started in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
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
    with suppress(KeyboardInterrupt):
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
        self._process = PROCESSES.Process(target=carry_out, args=(job, far, dict(os.environ)), daemon=True)
        self._process.start()
        far.close()

    def begun(self):
        """Wait until the run begins."""
        return self._pipe.recv()

    def send(self, number):
        """Send the child a signal, unless it has ended; return whether it had not."""
        if not self._process.is_alive():
            return False
        os.kill(self._process.pid, number)
        return True

    def ends_within(self, seconds):
        """Wait for the child to end; kill it when it takes longer."""
        ready = wait([self._process.sentinel, self._pipe], seconds)
        if not ready:
            self._process.kill()
        return bool(ready)

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
    """Count the comments of a ledger by their state; an address is a team's ledger."""
    if isinstance(ledger, str):
        import psycopg

        opened, table = psycopg.connect(ledger), "ctnb.comments"
    else:
        opened, table = sqlite3.connect(ledger), "comments"
    with closing(opened) as database:
        return Counter(state_of(*held) for held in database.execute(f"SELECT owner, attempt, status FROM {table}"))


def trial(vendor, job, *killings):
    """Kill one run after another, then run to the end and judge; the findings, kills counted.

    ``killings`` are pairs of a point and its pass.
    """
    since, kills = vendor.count(), 0
    for point, nth in killings:
        kills += run(replace(job, point=point, nth=nth)) is None
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


@dataclass(frozen=True)
class Blow:
    """A signal for a run, so many seconds after the runs beside it began; one that stops it ends after a while."""

    number: int
    child: int
    after: float
    lasts: float = 0.0

    @classmethod
    def by(cls, chance, *, child, within):
        number = chance.choice([signal.SIGKILL] * 3 + [signal.SIGINT, signal.SIGTERM, signal.SIGSTOP])
        return cls(number, child, chance.uniform(0, within), chance.uniform(0, 0.4))

    @property
    def signals(self):
        """Pairs of a moment and a number."""
        stopped = [(self.after + self.lasts, signal.SIGCONT)] if self.number == signal.SIGSTOP else []
        return [(self.after, self.number), *stopped]


def crowd(vendor, job, rounds, *, joined=None):
    """Carry out runs beside each other and send them signals, one round after another; then run to the end and judge.

    ``rounds`` are pairs of the number of runs and the blows that they get; ``joined`` is a thread that hits something
    else meanwhile, and is waited for before the last run.
    """
    since, found = vendor.count(), Findings()
    for processes, blows in rounds:
        children = [Child(job) for _ in range(processes)]
        for child in children:
            child.begun()
        began, killed = time.monotonic(), []
        moments = sorted((moment, blow.child, number) for blow in blows for moment, number in blow.signals)
        for moment, target, number in moments:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            if children[target].send(number):
                killed += [target] if number == signal.SIGKILL else []
                found.signals += number not in {signal.SIGKILL, signal.SIGCONT}
        for target, child in enumerate(children):
            found.stuck += not child.ends_within(LONGEST)
            found.kills += not child.frames() and target in killed
    if joined is not None:
        joined.join()
    return found + judge(vendor, job, run(job), since=since)


def random_trials(vendor, folder, count, *, seed):
    """Yield the findings of trials with one to eight runs beside each other on one ledger, so many kills in all.

    Two in three get a signal at a random moment: half of them SIGKILL, the others SIGINT, SIGTERM or SIGSTOP.
    """
    chance = random.Random(seed)
    job = Job(vendor.access(), folder / "warm" / "ledger.sqlite3", "warm")
    for _ in range(2):  # the first run pays for the warming up
        usual = seconds_of(replace(job, ledger=job.ledger.with_name(f"{time.monotonic_ns()}.sqlite3")))
    left, number = count, 0
    while left > 0:
        number += 1
        # Some share a pace, so that one of them holds the turn when it is stopped or killed.
        rate = chance.choice((math.inf, math.inf, 100.0))
        job = Job(
            vendor.access(concurrency=chance.choice((1, 2, 4)), rate=rate),
            folder / f"random {number}" / "ledger.sqlite3",
            f"random {number}",
        )
        rounds = []
        for _ in range(chance.choice((1, 1, 2))):
            processes = chance.randint(1, 8)
            within = usual * (1 + processes / 4)
            hit = [child for child in range(processes) if chance.random() < 2 / 3]
            rounds.append((processes, [Blow.by(chance, child=child, within=within) for child in hit]))
        found = crowd(vendor, job, rounds)
        left -= found.kills
        yield found
