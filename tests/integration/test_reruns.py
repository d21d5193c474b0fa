"""Run All, again and again: one cell in process after process, and one cell in several processes at once."""

import pandas as pd
import pytest
from kills import Child, Job, judge, run
from vendor_process import VendorProcess

PROCESSES = 4


@pytest.fixture(scope="module")
def vendor():
    with VendorProcess(1000, delay=0.004) as started:
        yield started


@pytest.fixture
def job(vendor, tmp_path, request):
    def make(**settings):
        return Job(vendor.access(), tmp_path / "ledger" / "ledger.sqlite3", request.node.name, **settings)

    return make


def sent(frame):
    """Count the comments that this run itself sent."""
    return (frame["ct_answered_at"].notna() & ~frame["ct_replayed"]).sum()


def frames_of(job):
    """Run the cell in a process of its own, as often as the job says."""
    child = Child(job)
    child.begun()
    return child.frames()


def test_a_cell_run_ten_times_posts_the_first_time_only(vendor, job):
    since, posts = vendor.count(), len(vendor.posts())

    first, *others = (frame for runs in (1, 3, 3, 3) for frame in frames_of(job(runs=runs)))

    assert len(others) == 9
    assert [post["leads"] for post in vendor.posts(posts)] == [100, 100, 100]
    assert not first["ct_replayed"].any()
    for again in others:
        assert again["ct_replayed"].all()
        pd.testing.assert_frame_equal(again.drop(columns="ct_replayed"), first.drop(columns="ct_replayed"))
    assert judge(vendor, job(), others[-1], since=since).broken == {}


def test_four_processes_on_one_frame_and_one_ledger_apply_each_comment_once(vendor, job):
    since, cell = vendor.count(), job(leads=1000)

    children = [Child(cell) for _ in range(PROCESSES)]
    for child in children:
        child.begun()
    frames = [frame for child in children for frame in child.frames()]

    assert len(frames) == PROCESSES
    for frame in frames:
        assert set(frame["ct_status"]) <= {"commented", "unmatched", "busy"}
    assert sum(sent(frame) for frame in frames) == 1000
    settled = run(cell)
    assert set(settled["ct_status"]) == {"commented", "unmatched"}
    assert settled["ct_replayed"].all()
    assert judge(vendor, cell, settled, since=since).broken == {}
