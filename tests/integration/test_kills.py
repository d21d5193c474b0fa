"""Runs in processes of their own that are killed, at every step of a batch and at random.

The long form is `make soak`.
After each the cell is run again to the end, and the vendor's own record is the judge.
"""

from dataclasses import replace
from functools import reduce
from itertools import count
from operator import add

import pytest
from fault_proxy import FaultProxy, answers_with
from kills import Job, random_trials, trial
from points import BATCH, CLOSING, REFUSED
from vendor_process import VendorProcess

MIDDLE = 2
UNCERTAIN = {
    "intent committed",
    "first bytes written",
    "all written",
    "answer half read",
    "answer read",
    "before the record",
    "before the record's commit",
}
"""Between the commit of an intent and that of its answer a kill leaves the batch uncertain."""

BESIDE_ANOTHER = {
    "before the claim's commit",
    "claimed",
    "connected",
    "slot taken",
    "before the intent",
    "intent made",
    "before the intent's commit",
    "record made",
    "recorded",
}
"""Here one batch may be uncertain: claims are ahead of sending, and an answer may be recorded with the next intent."""


@pytest.fixture(scope="module")
def vendor():
    with VendorProcess(300, delay=0.004) as started:
        yield started


@pytest.fixture
def job(vendor, tmp_path, request):
    return Job(vendor.access(concurrency=1), tmp_path / "ledger" / "ledger.sqlite3", request.node.name)


@pytest.mark.parametrize("point", BATCH)
def test_a_kill_at_any_step_of_a_batch(vendor, job, point):
    found = trial(vendor, job, (point, MIDDLE))

    assert (found.kills, found.broken) == (1, {})
    assert found.uncertain in ({100} if point in UNCERTAIN else {0, 100} if point in BESIDE_ANOTHER else {0})


@pytest.mark.parametrize("point", REFUSED)
def test_a_kill_while_a_refused_batch_is_given_back(vendor, job, point):
    with FaultProxy(vendor.base_url) as proxy:
        proxy.faults[MIDDLE] = False, answers_with(404)
        found = trial(vendor, replace(job, access={**job.access, "base_url": proxy.base_url}), (point, 1))

    assert (found.kills, found.broken) == (1, {})
    assert found.uncertain == (100 if "withdrawal" in point else 0)


@pytest.mark.parametrize("point", CLOSING)
def test_a_kill_at_the_end_of_a_run(vendor, job, point):
    found = trial(vendor, job, (point, 1))

    assert (found.kills, found.broken, found.uncertain) == (1, {}, 0)


@pytest.mark.parametrize(
    ("point", "uncertain"),
    {"before the claim's commit": 100, "claimed": 100, "intent committed": 200, "closed": 100}.items(),
)
def test_a_kill_while_a_killed_run_is_recovered(vendor, job, point, uncertain):
    found = trial(vendor, job, ("all written", MIDDLE), (point, 1))

    assert (found.kills, found.broken, found.uncertain) == (2, {}, uncertain)


def test_kills_at_every_step_of_making_a_ledger_and_its_key(vendor, job, tmp_path):
    for step in count(1):
        ledger = tmp_path / f"ledger {step}" / "ledger.sqlite3"
        found = trial(vendor, replace(job, ledger=ledger, tag=f"step {step}", leads=5), ("opening", step))
        assert (found.broken, found.uncertain) == ({}, 0)
        if not found.kills:
            break

    assert step > 20


def test_kills_and_other_signals_at_random_over_runs_that_share_a_ledger(vendor, tmp_path):
    found = reduce(add, random_trials(vendor, tmp_path, 8, seed=3))

    assert found.broken == {}
    assert found.kills >= 8
    assert found.signals > 0
