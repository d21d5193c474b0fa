"""Several processes of one machine keep one pace, as the server's own stamps show."""

import math
import subprocess
import sys

import numpy as np
import pytest

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


def started(vendor, name, requests):
    access = vendor.connection
    arguments = [sys.executable, "-c", RUN, access.base_url, str(access.token), name, str(requests)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def most_in_a_second(stamps):
    """Requests in the fullest sliding second."""
    return max(int(((stamps >= first) & (stamps < first + 1)).sum()) for first in stamps)


def test_four_processes_send_five_requests_a_second_at_the_most(capsys):
    with Emulator(rate=None) as vendor:
        runs = [started(vendor, str(number), REQUESTS) for number in range(PROCESSES)]
        printed = [run.communicate(timeout=120)[0].split() for run in runs]
        posts = vendor.posts
    stamps = posts["received"].to_numpy()
    fullest = most_in_a_second(stamps)
    used = (len(stamps) - 1) / (5 * np.ptp(stamps))
    with capsys.disabled():
        print(f"\n{PROCESSES} processes, {len(stamps)} requests: at most {fullest} in a second, utilisation {used:.3f}")
    assert printed == [[str(REQUESTS * 100), "1"]] * PROCESSES
    assert len(stamps) == PROCESSES * REQUESTS
    assert fullest <= 5


def test_a_pause_that_one_process_is_asked_for_holds_for_the_others():
    with Emulator(rate=2) as vendor:
        runs = [started(vendor, str(number), 4) for number in range(2)]
        printed = [run.communicate(timeout=120)[0].split() for run in runs]
        posts = vendor.posts
    refused = posts.loc[posts["status"] == 429, "received"].to_numpy()
    others = posts["received"].to_numpy()
    assert [count for count, _ in printed] == ["400", "400"]
    assert len(refused)
    # Asked for a second: whatever was on its way when the answer came may still arrive.
    on_the_way, pause = 0.2, 1.0
    late = [math.fsum((others > stamp + on_the_way) & (others < stamp + pause)) for stamp in refused]
    assert late == [0] * len(refused)
