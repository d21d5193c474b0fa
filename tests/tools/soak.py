"""The long form of the kill and interrupt tests, and the price of the ledger: prints figures; `make soak` runs it.

Exits with 1 when a promise of the delivery protocol was broken.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, replace
from functools import reduce
from itertools import count
from operator import add
from pathlib import Path

import damage
import idle_closing
import interrupt_storm
from fault_proxy import FaultProxy, answers_with
from full_disk import Findings as FullDiskFindings
from full_disk import random_trials as full_disk_trials
from kills import LEADS, Findings, Job, deals_of, random_trials, restored, trial
from points import BATCH, CLOSING, REFUSED
from vendor_process import VendorProcess

import ctnb
from ctnb.delivery.ledger.memory import MemoryLedger

BATCHES = {"first": 1, "middle": 2, "last": 3}


def swept(vendor, folder):
    """Yield the findings of a kill at every step of the first, a middle and the last batch."""
    for name, batch in BATCHES.items():
        for point in BATCH:
            yield trial(vendor, job_of(vendor, folder, f"{point}, {name}"), (point, batch))
        for point in REFUSED:
            job = job_of(vendor, folder, f"{point}, {name}")
            with FaultProxy(vendor.base_url) as proxy:
                proxy.faults[batch] = False, answers_with(404)
                yield trial(vendor, replace(job, access={**job.access, "base_url": proxy.base_url}), (point, 1))
    for point in CLOSING:
        yield trial(vendor, job_of(vendor, folder, point), (point, 1))


def recovered(vendor, folder):
    """Yield the findings of a second kill while a killed run is recovered, at every step."""
    for point in BATCH:
        yield trial(vendor, job_of(vendor, folder, f"{point} again"), ("all written", 2), (point, 1))


def opened(vendor, folder):
    """Yield the findings of a kill at every step of making a ledger and its key."""
    for step in count(1):
        found = trial(vendor, replace(job_of(vendor, folder, f"step {step}"), leads=5), ("opening", step))
        if not found.kills:
            return
        yield found


def put_back(vendor, folder):
    """Yield the findings of a run after a backup of the ledger was put back: it is refused."""
    yield restored(vendor, job_of(vendor, folder, "restored"))


def job_of(vendor, folder, tag):
    return Job(vendor.access(concurrency=1), folder / tag.replace("'", "") / "ledger.sqlite3", tag)


def rates(vendor, folder, leads, rounds):
    """Return leads a second with the ledger in a file and in memory, by turns, after a round that is not counted."""
    found = {"file": [], "memory": []}
    for number in range(rounds + 1):
        for kind, timed in found.items():
            ledger = MemoryLedger() if kind == "memory" else folder / f"rate {number}" / "ledger.sqlite3"
            connection = ctnb.Connection(**vendor.access(), ledger=ledger)
            begin = time.perf_counter()
            ctnb.comment(deals_of(leads), ctnb.Call("call"), f"{kind} {number}", connection=connection, progress=False)
            timed.append(leads / (time.perf_counter() - begin))
    return {kind: statistics.median(speeds[1:]) for kind, speeds in found.items()}


def summed(name, found):
    """Say what came of many trials in a line of the table."""
    figures = asdict(found)
    per_kill = figures["uncertain"] / max(1, figures["kills"])
    return (
        f"{name:24}" + "".join(f"{number:>{len(head) + 2}}" for head, number in figures.items()) + f"{per_kill:>11.1f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500, help="kills at random (default 500)")
    parser.add_argument("--disks", type=int, default=60, help="disks that fill up (default 60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the random kills; the default is new")
    parser.add_argument("--damages", type=int, default=250, help="damages of each kind to a file (default 250)")
    parser.add_argument("--storms", type=int, default=200, help="storms of interrupts (default 200)")
    parser.add_argument("--leads", type=int, default=20_000, help="leads of a timed run (default 20000)")
    parser.add_argument("--rounds", type=int, default=3, help="timed runs of each kind (default 3)")
    options = parser.parse_args()

    heads = "".join(f"  {name}" for name in asdict(Findings()))
    print(
        f"Trials of {LEADS} leads; the seed of the random ones is {options.seed}.\n\n{'':24}{heads}  per kill",
        flush=True,
    )
    total = Findings()
    with tempfile.TemporaryDirectory() as path, VendorProcess(LEADS, delay=0.004) as vendor:
        folder = Path(path)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        for name, trials in {
            "every step of a batch": swept(vendor, folder),
            "while recovering": recovered(vendor, folder),
            "making the ledger": opened(vendor, folder),
            "a backup put back": put_back(vendor, folder),
            "at random": random_trials(vendor, folder, options.kills, seed=options.seed),
        }.items():
            found = reduce(add, trials, Findings())
            total += found
            print(summed(name, found), flush=True)
        print(summed("all", total), flush=True)
    with tempfile.TemporaryDirectory() as place, VendorProcess(LEADS, delay=0.004) as vendor:
        storms = interrupt_storm.long_form(vendor, Path(place), options.storms, seed=options.seed)
    print(f"\n{interrupt_storm.table(storms)}\n\nConnections that the server closes after two idle seconds", flush=True)
    in_doubt = 0
    for line, found in idle_closing.lines():
        print(line, flush=True)
        in_doubt += found.get("uncertain", 0)
    with tempfile.TemporaryDirectory() as place, VendorProcess(options.leads) as vendor:
        speed = rates(vendor, Path(place), options.leads, options.rounds)
    with tempfile.TemporaryDirectory() as place:
        trials = full_disk_trials(Path(place), options.disks, seed=options.seed)
        full = reduce(add, trials, FullDiskFindings())
    print("\nDisks full at a random moment: " + ", ".join(f"{name} {n}" for name, n in asdict(full).items()) + ".")
    share = speed["file"] / speed["memory"]
    print(
        f"\nLeads a second to an emulator in its own process, median of {options.rounds}: ledger in a file "
        f"{speed['file']:,.0f}, in memory {speed['memory']:,.0f}, the one over the other {share:.2f}."
    )
    print()
    harmful = damage.sweep(options.damages, options.seed)
    stormy = any(found.faults for found in storms.values())
    sys.exit(1 if total.broken or full.broken or harmful or in_doubt or stormy else 0)


if __name__ == "__main__":
    main()
