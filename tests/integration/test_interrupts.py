"""Interrupt storms over runs in processes of their own; the long form is `make soak`."""

import signal
import sys
from functools import reduce
from operator import add

import pytest
from interrupt_storm import VERBS, Storms, storm, storms
from kills import Job
from vendor_process import VendorProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a console, not to a process")


@pytest.fixture(scope="module")
def vendor():
    with VendorProcess(300, delay=0.004) as started:
        yield started


@pytest.fixture(scope="module")
def slow_vendor():
    with VendorProcess(300, delay=0.6) as started:
        yield started


@pytest.mark.parametrize(
    "signals", [(signal.SIGINT,), (signal.SIGINT, signal.SIGTERM)], ids=["SIGINT", "SIGINT and SIGTERM"]
)
def test_a_storm_leaves_nothing_that_sends_and_nothing_half_recorded(vendor, tmp_path, signals):
    found = reduce(add, storms(vendor, tmp_path, 4, seed=7, signals=signals), Storms())

    assert (found.trials, found.faults) == (4, {})
    assert found.interrupted > 0


@pytest.mark.parametrize("verb", VERBS)
def test_a_storm_while_a_request_is_in_flight_waits_for_its_answer(slow_vendor, tmp_path, verb):
    job = Job(slow_vendor.access(concurrency=2), tmp_path / "ledger" / "ledger.sqlite3", verb)

    found = storm(slow_vendor, job, verb, [signal.SIGINT] * 5, after=0.5, gaps=[0.0, 0.001, 0.002, 0.003, 0.03])

    assert (found.interrupted, found.cut_short, found.faults) == (1, 1, {})
