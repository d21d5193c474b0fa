"""Kills of runs and of the server on a team's ledger in PostgreSQL: prints figures; `make soak` runs it.

Exits with 1 when a promise of the delivery protocol was broken.
"""

import argparse
import logging
import math
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from functools import reduce
from operator import add

from kills import LEADS, Blow, Findings, Job, crowd, seconds_of
from postgres_server import PostgresServer
from vendor_process import VendorProcess


def emptied(server):
    server.execute("DROP SCHEMA IF EXISTS ctnb CASCADE")
    return server.url


def job_of(vendor, server, tag, chance):
    rate = chance.choice((math.inf, math.inf, 100.0))
    return Job(vendor.access(concurrency=chance.choice((1, 2, 4)), rate=rate), emptied(server), tag)


def runs_killed(vendor, server, count, *, seed):
    """Yield the findings of trials with one to eight runs beside each other, so many kills in all."""
    chance = random.Random(seed)
    job = Job(vendor.access(), emptied(server), "warm")
    seconds_of(job)
    emptied(server)
    usual, left, number = seconds_of(job), count, 0
    while left > 0:
        number += 1
        job = job_of(vendor, server, f"random {number}", chance)
        rounds = []
        for _ in range(chance.choice((1, 1, 2))):
            processes = chance.randint(1, 8)
            within = usual * (1 + processes / 4)
            hit = [child for child in range(processes) if chance.random() < 2 / 3]
            rounds.append((processes, [Blow.by(chance, child=child, within=within) for child in hit]))
        found = crowd(vendor, job, rounds)
        left -= found.kills
        yield found


def servers_killed(vendor, server, count, *, seed):
    """Yield the findings of trials in which the server is killed and started again under one to four runs."""
    chance = random.Random(seed)
    usual = seconds_of(Job(vendor.access(), emptied(server), "warm server"))
    for number in range(count):
        job = job_of(vendor, server, f"server {number}", chance)
        killing = threading.Thread(target=_kill_after, args=(server, chance.uniform(0, 1.5 * usual)))
        killing.start()
        try:
            found = crowd(vendor, job, [(chance.randint(1, 4), []), (1, [])], joined=killing)
        finally:
            killing.join()
        yield found + Findings(kills=1)


def _kill_after(server, seconds):
    time.sleep(seconds)
    server.kill()
    server.start()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300, help="kills of runs at random (default 300)")
    parser.add_argument("--servers", type=int, default=50, help="kills of the server (default 50)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the default is new")
    options = parser.parse_args()
    logging.getLogger("ctnb").addHandler(logging.NullHandler())
    heads = "".join(f"  {name}" for name in asdict(Findings()))
    print(f"Trials of {LEADS} leads on PostgreSQL; the seed is {options.seed}.\n\n{'':20}{heads}", flush=True)
    os.environ["CTNB_LEDGER_KEY"] = "7e" * 32
    total, server = Findings(), PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder, VendorProcess(LEADS, delay=0.004) as vendor:
            os.environ["XDG_STATE_HOME"] = folder
            for name, trials in {
                "runs killed": runs_killed(vendor, server, options.kills, seed=options.seed),
                "servers killed": servers_killed(vendor, server, options.servers, seed=options.seed),
            }.items():
                found = reduce(add, trials, Findings())
                total += found
                figures = "".join(f"{number:>{len(head) + 2}}" for head, number in asdict(found).items())
                print(f"{name:20}{figures}", flush=True)
    finally:
        server.stop()
    sys.exit(1 if total.broken else 0)


if __name__ == "__main__":
    main()
