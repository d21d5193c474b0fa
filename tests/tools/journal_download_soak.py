"""Download 100,000 calls and 50,000 requests over 90 days at the vendor's pace, and kill downloads at random.

Prints figures; `make soak` runs it. Exits with 1 when a lead was lost or a day that was kept was read again. A request
may be refused for the pace: the emulator is busy with pages, and stamps those that come meanwhile late.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from seconds import most_in_a_second

import ctnb
from ctnb import Emulator

DAYS, SINCE = 90, "2026-01-01"
UNTIL = "2026-03-31"
FASTEST = 5

DOWNLOAD = """
import json, sys, time
import ctnb
base_url, token, cache, until, rate = sys.argv[1:]
connection = ctnb.Connection(4242, token, base_url=base_url, rate=float(rate), ledger=None)
begin = time.perf_counter()
journal = ctnb.Journal.download(connection, since="2026-01-01", until=until, cache=cache, progress=False)
print(json.dumps([len(journal.calls), journal.calls["callId"].nunique(), len(journal.requests),
                  journal.requests["requestId"].nunique(), time.perf_counter() - begin]))
"""


def journals(calls, requests, seed):
    """Return journals of so many leads at random moments of the days, with tags and comments here and there."""
    chance = np.random.default_rng(seed)

    def moments(count):
        return pd.Timestamp(SINCE) + pd.to_timedelta(np.sort(chance.integers(0, DAYS * 86_400, count)), unit="s")

    def phones(count):
        return np.char.add("79", chance.integers(10**8, 10**9, count).astype(str))

    comment = [{"commentId": 1, "comment": "by hand", "partyName": "Анна"}]
    return (
        pd.DataFrame(
            {
                "callId": 1_900_000_000 + np.arange(calls),
                "callerNumber": phones(calls),
                "date": moments(calls),
                "uniqueCall": chance.random(calls) < 0.7,
                "callTags": np.where(chance.random(calls) < 0.3, "VIP, Целевой", None),
                "comments": [comment if each else None for each in chance.random(calls) < 0.1],
            }
        ),
        pd.DataFrame(
            {
                "requestId": 58_000_000 + np.arange(requests),
                "requestNumber": [f"form-{number}" for number in range(requests)],
                "phoneNumber": phones(requests),
                "email": [f"client{number}@mail.example" for number in range(requests)],
                "date": moments(requests),
            }
        ),
    )


def started(vendor, cache, *, until=UNTIL, rate=FASTEST):
    """Start a download in a process of its own."""
    access = vendor.connection
    arguments = [access.base_url, str(access.token), str(cache), until, str(rate)]
    return subprocess.Popen(
        [sys.executable, "-c", DOWNLOAD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def came_of(process):
    """Return the calls, the requests and the seconds of a download; SystemExit when it failed or lost a lead."""
    out, error = process.communicate()
    if process.returncode:
        sys.exit(error)
    calls, different_calls, requests, different_requests, seconds = json.loads(out)
    if (calls, requests) != (different_calls, different_requests):
        sys.exit("A lead came twice.")
    return calls, requests, seconds


def whole(frames, folder):
    """Download everything at the vendor's pace; return whether all came, and nothing twice."""
    with Emulator(*frames, rate=FASTEST) as vendor:
        calls, requests, seconds = came_of(started(vendor, folder / "whole"))
        reads = vendor.reads
        _, _, again = came_of(started(vendor, folder / "whole"))
        more = len(vendor.reads) - len(reads)
    let_in = reads[reads["status"] == 200]
    fullest = most_in_a_second(let_in["received"].to_numpy())
    floor = len(reads) / FASTEST
    of_calls = int((reads["journal"] == "calls").sum())
    print(f"{calls:,} calls and {requests:,} requests of {DAYS} days: {of_calls} + {len(reads) - of_calls} requests")
    print(f"{seconds:.1f} s, {seconds / floor:.3f} of the floor of {floor:.1f} s; at most {fullest} in a second")
    print(f"refused for the pace: {len(reads) - len(let_in)}")
    print(f"again, from the cache: {more} requests, {again:.1f} s")
    return (calls, requests) == tuple(map(len, frames)) and not more


def killed(frames, folder, kills, seed):
    """Kill downloads at random, and let each go on to its end; return whether nothing was lost or read twice."""
    chance = random.Random(seed)
    calls, requests = frames
    last = pd.Timestamp(SINCE) + pd.Timedelta(days=30)
    expected = int((calls["date"] < last).sum()), int((requests["date"] < last).sum())
    until = str((last - pd.Timedelta(days=1)).date())
    good = kept_in_all = half_written = 0
    with Emulator(calls, requests, rate=None) as vendor:
        for number in range(kills):
            cache = folder / f"killed {number}"
            process = started(vendor, cache, until=until, rate=60)
            while not list(cache.rglob("*.day")) and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.5))
            process.kill()
            process.communicate()
            kept = len(list(cache.glob("*/requests/*.day")))
            kept_in_all += kept
            time.sleep(0.3)  # what it had sent is received
            before = len(vendor.reads)
            found = came_of(started(vendor, cache, until=until, rate=60))[:2]
            again = vendor.reads.iloc[before:]
            asked = int((again["journal"] == "requests").sum())
            fine = found == expected and asked == 30 - kept
            good += fine
            if not fine:
                print(f"kill {number}: {found} of {expected}, {asked} days of requests read, {30 - kept} were missing")
            half_written += len(list(cache.rglob("*.tmp")))
    print(
        f"{kills} downloads killed, {good} went on right; {kept_in_all / max(kills, 1):.1f} of 30 days were kept each"
    )
    print(f"files that a kill left half written, to be removed in an hour: {half_written}")
    return good == kills


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=30, help="downloads that are killed (default 30)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the default is new")
    options = parser.parse_args()
    print(f"Journals of ctnb {ctnb.__version__}; the seed is {options.seed}.", flush=True)
    with tempfile.TemporaryDirectory() as path:
        frames = journals(options.calls, options.requests, options.seed)
        fine = whole(frames, Path(path))
        few = journals(options.calls // 10, options.requests // 10, options.seed)
        fine = killed(few, Path(path), options.kills, options.seed) and fine
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
