import datetime as dt
import logging
import os
import stat
import sys

import pandas as pd
import pytest

from ctnb import Connection
from ctnb.exceptions import ConfigError
from ctnb.journals import cache
from ctnb.journals.cache import DayCache, account_folder, empty, packed, remove_unused, unpacked
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.flat import empty_journal
from ctnb.journals.records import CallRecord, RequestRecord, flat_records

DAY = dt.date(2026, 3, 1)
TOKEN = "canary-token-7d1f"
ZONE = "Europe/Moscow"


def connection(site=4242, address="https://api.calltouch.ru"):
    return Connection(site, TOKEN, base_url=address, ledger=None)


def calls(*ids):
    comments = [{"commentId": 3, "comment": "hi", "partyName": None}]
    full = [
        CallRecord(
            call_id=number,
            date="01/03/2026 9:05:00",
            timestamp=1772345100,
            caller_number="79157771122",
            unique_call=True,
            call_tags=[{"names": ["VIP, x"]}],
            comments=comments,
        )
        for number in ids
    ]
    return flat_records([*full, CallRecord(call_id=99)], CALL_FORM, ZONE)


def same(one, other):
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_series_equal(pd.Series(one.offsets), pd.Series(other.offsets))


@pytest.fixture
def days(tmp_path):
    return DayCache(tmp_path / "journals", connection())


def test_a_day_that_is_kept_is_found_as_it_was(days):
    days.keep(CALL_FORM, DAY, calls(1, 2))
    same(days.find(CALL_FORM, DAY), calls(1, 2))
    assert days.find(REQUEST_FORM, DAY) is None
    assert days.find(CALL_FORM, dt.date(2026, 3, 2)) is None


def test_a_day_without_leads_is_a_day_too(days):
    client = {"phones": [{"phoneNumber": "79157771122"}], "contacts": [{"contactValue": "a@b.ru"}]}
    for flat in (
        empty_journal(REQUEST_FORM),
        flat_records([], REQUEST_FORM, ZONE),
        flat_records([RequestRecord(request_id=5)], REQUEST_FORM, ZONE),
        flat_records([RequestRecord(request_id=5, client=client)], REQUEST_FORM, ZONE),
    ):
        days.keep(REQUEST_FORM, DAY, flat)
        same(days.find(REQUEST_FORM, DAY), flat)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_nobody_else_can_read_it(days, tmp_path):
    days.keep(CALL_FORM, DAY, calls(1))
    for path in (tmp_path / "journals").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert stat.S_IMODE((tmp_path / "journals").stat().st_mode) == 0o700


def test_each_account_and_address_has_a_folder_and_no_name_holds_the_token(tmp_path):
    folders = {
        account_folder(tmp_path, connection(*each)).name
        for each in ((4242,), (4243,), (4242, "https://other.example"), (4242,))
    }
    assert len(folders) == 3
    assert not [name for name in folders if "canary" in name or "4242" in name]


def test_a_damaged_file_and_one_of_another_version_are_as_good_as_none():
    whole = packed(calls(1))
    assert unpacked(whole, CALL_FORM) is not None
    for at in (0, len(cache.VERSION) + 1, len(cache.VERSION) + cache.DIGEST_BYTES + 5, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        assert unpacked(bytes(damaged), CALL_FORM) is None
    for short in (b"", whole[:10], whole[:-1]):
        assert unpacked(short, CALL_FORM) is None
    assert unpacked(whole, REQUEST_FORM) is None


def test_what_was_not_used_for_long_goes_and_use_counts(days, tmp_path):
    days.keep(CALL_FORM, DAY, calls(1))
    days.keep(CALL_FORM, dt.date(2026, 3, 2), calls(2))
    days.keep(REQUEST_FORM, DAY, empty_journal(REQUEST_FORM))
    root = tmp_path / "journals"
    stranger = root / "notes.txt"
    stranger.touch()
    for file in root.rglob("*"):
        if file.is_file():
            os.utime(file, (0, 0))
    assert days.find(CALL_FORM, DAY) is not None
    assert remove_unused(root) == 2
    assert days.find(CALL_FORM, DAY) is not None
    assert days.find(CALL_FORM, dt.date(2026, 3, 2)) is None
    assert stranger.exists()
    assert remove_unused(tmp_path / "not there") == 0


def test_one_account_or_all_can_be_forgotten(tmp_path):
    accounts = [connection(1), connection(2)]
    for account in accounts:
        DayCache(tmp_path, account).keep(CALL_FORM, DAY, calls(1))
    (account_folder(tmp_path, accounts[0]) / "calls" / ".ctnb-0000.tmp").touch()
    (tmp_path / "notes.txt").touch()
    assert empty(tmp_path, accounts[0]) == 1
    assert not account_folder(tmp_path, accounts[0]).exists()
    assert DayCache(tmp_path, accounts[1]).find(CALL_FORM, DAY) is not None
    assert empty(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_used_is_said_once_and_stops_nothing(tmp_path, caplog):
    (tmp_path / "file").touch()
    days = DayCache(tmp_path / "file", connection())
    with caplog.at_level(logging.WARNING):
        days.keep(CALL_FORM, DAY, calls(1))
        days.keep(CALL_FORM, DAY, calls(1))
        assert days.find(CALL_FORM, DAY) is None
    assert len(caplog.records) == 1
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize("folder", [5, ""])
def test_a_folder_that_is_no_path_is_refused(folder):
    with pytest.raises(ConfigError, match="cache: expected the path of a folder or None"):
        cache.day_cache(folder, connection())


def test_a_write_that_fails_leaves_the_day_that_was_there(days, monkeypatch, tmp_path):
    days.keep(CALL_FORM, DAY, calls(1))

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    days.keep(CALL_FORM, DAY, calls(2))
    same(days.find(CALL_FORM, DAY), calls(1))
    assert not list(tmp_path.rglob("*.tmp"))
