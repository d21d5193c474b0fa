"""Runs on a team's ledger are killed, and so is its server; the long form is `make soak`."""

from functools import reduce
from operator import add

import pytest
from kills import LEADS, Findings
from postgres_soak import runs_killed, servers_killed
from vendor_process import VendorProcess


@pytest.fixture(scope="module")
def vendor():
    with VendorProcess(LEADS, delay=0.004) as started:
        yield started


@pytest.mark.parametrize(("killed", "count"), [(runs_killed, 8), (servers_killed, 3)], ids=["runs", "servers"])
def test_no_kill_breaks_a_promise(vendor, postgres_server, team_ledger, killed, count):
    found = reduce(add, killed(vendor, postgres_server, count, seed=7), Findings())

    assert found.broken == {}
    assert found.kills >= count
