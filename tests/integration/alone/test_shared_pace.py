"""Several processes of one machine keep one pace, as the server's own stamps show."""

import math
import platform
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from download_process import calls_of, requests_of
from download_process import started as download_started
from seconds import most_in_a_second

from ctnb import Emulator

pytestmark = pytest.mark.alone

PROCESSES, REQUESTS = 4, 12

RUN = """
import sys
import pandas as pd
import ctnb
from ctnb.delivery.ledger.memory import MemoryLedger

base_url, token, name, requests = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
connection = ctnb.Connection(4242, token, base_url=base_url, rate=5, ledger=MemoryLedger())
deals = pd.DataFrame({"call": range(requests * 100)})
done = ctnb.comment(deals, ctnb.Call("call"), f"by {name}", connection=connection, progress=False)
print(int((done["ct_status"] == "unmatched").sum()), int(done["ct_attempts"].max()))
"""


def started(vendor, name, requests, **settings):
    access = vendor.connection
    arguments = [sys.executable, "-c", RUN, access.base_url, str(access.token), name, str(requests)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, **settings)


def test_four_processes_send_five_requests_a_second_at_the_most(capsys):
    with Emulator(rate=None) as vendor:
        runs = [started(vendor, str(number), REQUESTS) for number in range(PROCESSES)]
        counted = [run.communicate(timeout=120)[0].split() for run in runs]
        posts = vendor.posts
    stamps = posts["received"].to_numpy()
    fullest = most_in_a_second(stamps)
    used = (len(stamps) - 1) / (5 * np.ptp(stamps))
    with capsys.disabled():
        print(f"\n{PROCESSES} processes, {len(stamps)} requests: at most {fullest} in a second, utilisation {used:.3f}")
    assert counted == [[str(REQUESTS * 100), "1"]] * PROCESSES
    assert len(stamps) == PROCESSES * REQUESTS
    assert fullest <= 5


def test_two_downloads_share_the_pace():
    with Emulator(calls_of(20, 60), requests_of(20), rate=None) as vendor:
        running = [download_started(vendor, until="2026-03-08", rate=5.0) for _ in range(2)]
        counted = [each.communicate(timeout=60)[0] for each in running]
        reads = vendor.reads
    assert counted == ["24 8\n"] * 2
    assert len(reads) == 18
    assert most_in_a_second(reads["received"].to_numpy()) <= 5
    assert set(reads["status"]) == {200}


def test_a_pause_that_one_process_is_asked_for_holds_for_the_others():
    with Emulator(rate=2) as vendor:
        runs = [started(vendor, str(number), 4) for number in range(2)]
        counted = [run.communicate(timeout=120)[0].split() for run in runs]
        posts = vendor.posts
    refused = posts.loc[posts["status"] == 429, "received"].to_numpy()
    others = posts["received"].to_numpy()
    assert [count for count, _ in counted] == ["400", "400"]
    assert len(refused)
    # Asked for a second: whatever was on its way when the answer came may still arrive.
    on_the_way, pause = 0.2, 1.0
    late = [math.fsum((others > stamp + on_the_way) & (others < stamp + pause)) for stamp in refused]
    assert late == [0] * len(refused)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_suspended_process_that_has_the_turn_is_named_and_its_end_lets_the_others_carry_on(capsys):
    with Emulator(rate=None) as vendor, started(vendor, "suspended", 100) as suspended:
        while len(vendor.posts) < 2:
            time.sleep(0.01)
        # In most of the 0.18 seconds between two requests it waits with the turn in its hands.
        time.sleep(0.08)
        suspended.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        posts = len(vendor.posts)
        with started(vendor, "waiting", 2, stderr=subprocess.PIPE) as waiting:
            began = time.monotonic()
            try:
                warning = waiting.stderr.readline()
                seconds, held_posts = time.monotonic() - began, len(vendor.posts)
            finally:
                suspended.kill()
            killed = time.monotonic()
            counted, errors = waiting.communicate(timeout=60)
        carried_on = vendor.posts["received"].to_numpy()[posts] - killed
    with capsys.disabled():
        print(f"\nnamed {seconds:.1f} s after a process began that waits, carried on {carried_on:.2f} s after its end")
    assert held_posts == posts
    assert f"by process {suspended.pid} on {platform.node()}, which may be suspended" in warning
    assert (counted.split(), errors) == (["200", "1"], "")
    assert 5.0 < seconds < 15.0
    assert carried_on < 2.0
