"""A disk that fills up in the middle of a run: the answers come back, and nothing is sent twice once there is room.

The long form is `make soak`.
"""

import logging
import shutil
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
from full_disk import WAYS, Disk, random_trials, trial

import ctnb
from ctnb import Call
from ctnb.delivery.ledger.file import LedgerFile
from ctnb.delivery.ledger.file_errors import raising_ledger_errors
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.exceptions import LedgerError

LEADS = 250


@pytest.fixture
def comment(connect, deals, vendor, tmp_path):
    def run():
        connection = connect(vendor.base_url, concurrency=1, ledger=tmp_path / "kept" / "ledger.sqlite3")
        return ctnb.comment(deals(LEADS), Call("call"), "deal {call}", connection=connection, progress=False)

    return run


def fill_at(patch, step, nth):
    """Let every change of the ledger fail from a step on, the so-manieth time that it is asked for."""
    whole, times = getattr(SqliteLedger, step), count(1)
    disk = Disk("writes", 0)

    @contextmanager
    def full(_):
        with raising_ledger_errors(Path("ledger.sqlite3")):
            disk.before("BEGIN")
        yield

    def asked(self, *arguments):
        if next(times) == nth:
            patch.setattr(LedgerFile, "change", full)
        return whole(self, *arguments)

    patch.setattr(SqliteLedger, step, asked)


def test_after_sending_the_frame_comes_back_and_says_what_was_not_recorded(comment, vendor, caplog):
    with pytest.MonkeyPatch.context() as patch:
        fill_at(patch, "record", 2)
        done = comment()

    assert summed(done) == {
        ("commented", None): 100,
        ("commented", "not_recorded"): 100,
        ("unsent", "ledger_failed"): 50,
    }
    assert done["ct_call_id"].notna().sum() == 200
    assert done.calltouch.errors()["advice"].notna().all()
    logged = "\n".join(record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING)
    assert "disk is full" in logged
    assert "100 rows were answered, and the ledger could not keep it (counted from 0: 100, 101, 102, 103, 104" in logged
    assert "finds them uncertain and does not send them by itself" in logged

    again = comment()
    assert summed(again) == {("commented", None): 150, ("uncertain", "connection_lost"): 100}
    assert set(vendor.applied.values()) == {1}
    assert sum(vendor.applied.values()) == LEADS


@pytest.mark.parametrize("way", ["deleted", "moved", "replaced"])
def test_a_file_that_is_taken_away_in_the_middle_of_a_run_is_noticed(comment, vendor, tmp_path, monkeypatch, way):
    file, moved = tmp_path / "kept" / "ledger.sqlite3", tmp_path / "moved"
    whole, times = SqliteLedger.record, count(1)

    def record(self, *arguments):
        if next(times) == 2:
            if way == "replaced":
                shutil.copy(file, moved)
                moved.replace(file)
            else:
                file.unlink() if way == "deleted" else file.rename(moved)
        return whole(self, *arguments)

    monkeypatch.setattr(SqliteLedger, "record", record)
    done = comment()
    assert summed(done) == {
        ("commented", None): 100,
        ("commented", "not_recorded"): 100,
        ("unsent", "ledger_failed"): 50,
    }
    with pytest.raises(LedgerError):
        comment()
    if way == "moved":
        moved.rename(file)
        assert summed(comment()) == {("commented", None): 150, ("uncertain", "connection_lost"): 100}
    assert set(vendor.applied.values()) == {1}


def test_before_anything_is_sent_it_is_an_error(comment, vendor):
    with pytest.MonkeyPatch.context() as patch:
        fill_at(patch, "intend", 1)
        with pytest.raises(LedgerError, match="disk is full"):
            comment()
    assert len(vendor.posts) == 0
    assert summed(comment()) == {("commented", None): LEADS}


def test_an_intent_that_cannot_be_kept_later_leaves_the_rest_unsent(comment, vendor, monkeypatch):
    whole, times = SqliteLedger.intend, count(1)

    def intend(self, *arguments):
        if next(times) > 1:
            raise LedgerError("database or disk is full")
        whole(self, *arguments)

    monkeypatch.setattr(SqliteLedger, "intend", intend)
    done = comment()
    assert summed(done) == {("commented", None): 100, ("unsent", "ledger_failed"): 150}
    assert "disk is full" in done["ct_error"].iloc[-1]
    monkeypatch.setattr(SqliteLedger, "intend", whole)
    assert summed(comment()) == {("commented", None): LEADS}
    assert set(vendor.applied.values()) == {1}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.6, 0.9])
def test_nothing_is_sent_twice_after_room_is_made(tmp_path, way, share):
    found = trial(tmp_path / "kept" / "ledger.sqlite3", way, share, leads=600)
    assert (found.broken, found.filled) == ({}, 1)


def test_nor_at_random_moments(tmp_path):
    found = list(random_trials(tmp_path, 6, seed=5))
    assert [each.broken for each in found] == [{}] * 6
    # A run that joins more of its changes takes fewer statements, and may end before the disk is full.
    assert sum(each.filled for each in found) >= 4


def summed(done):
    codes = done["ct_error_code"].astype(object).where(done["ct_error_code"].notna(), None)
    return pd.Series(list(zip(done["ct_status"].astype(object), codes, strict=True))).value_counts().to_dict()
