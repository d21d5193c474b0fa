"""Processes of two machines behind one outside address keep one pace, as the server's own stamps show.

The two machines are two folders for what a machine keeps: its own pace and its user's state.
"""

import os
import subprocess
import sys

import numpy as np
import pytest
from seconds import most_in_a_second

from ctnb import Emulator

pytestmark = pytest.mark.alone

MACHINES, PROCESSES, REQUESTS = 2, 2, 12

RUN = """
import sys
import pandas as pd
import ctnb

base_url, name, requests, egress = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] or None
connection = ctnb.Connection.from_env(base_url=base_url, rate=5, egress=egress)
deals = pd.DataFrame({"call": range(requests * 100)})
done = ctnb.comment(deals, ctnb.Call("call"), f"by {name}", connection=connection, progress=False)
print(int((done["ct_status"] == "unmatched").sum()), int(done["ct_attempts"].max()))
"""


def started(vendor, ledger, machine, name, egress):
    access = vendor.connection
    environment = os.environ | {
        "CALLTOUCH_SITE_ID": "4242",
        "CALLTOUCH_ACCESS_TOKEN": str(access.token),
        "CTNB_LEDGER": ledger,
        "TMPDIR": str(machine),
        "XDG_CACHE_HOME": str(machine),
        "XDG_STATE_HOME": str(machine),
    }
    arguments = [sys.executable, "-c", RUN, access.base_url, name, str(REQUESTS), egress]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)


def received(ledger, folder, egress):
    """Run all processes to their end; return what they say, and the server's stamps."""
    with Emulator(rate=None) as vendor:
        runs = []
        for machine in range(MACHINES):
            (folder / str(machine)).mkdir()
            runs += [
                started(vendor, ledger, folder / str(machine), f"{machine}.{number}", egress)
                for number in range(PROCESSES)
            ]
        counted = [run.communicate(timeout=120)[0].split() for run in runs]
        stamps = np.sort(vendor.posts["received"].to_numpy())
    return counted, stamps, most_in_a_second(stamps)


def test_two_machines_on_one_egress_send_five_requests_a_second_at_the_most(team_ledger, tmp_path, capsys):
    counted, stamps, fullest = received(team_ledger, tmp_path, "office")

    used = (len(stamps) - 1) / (5 * np.ptp(stamps))
    with capsys.disabled():
        print(f"\n{MACHINES} machines, {len(stamps)} requests: at most {fullest} in a second, utilisation {used:.3f}")
    assert counted == [[str(REQUESTS * 100), "1"]] * MACHINES * PROCESSES
    assert len(stamps) == MACHINES * PROCESSES * REQUESTS
    assert fullest <= 5


def test_without_an_egress_each_machine_keeps_a_pace_of_its_own(team_ledger, tmp_path):
    _, _, fullest = received(team_ledger, tmp_path, "")

    assert 5 < fullest <= 5 * MACHINES
