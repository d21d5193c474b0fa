"""Downloads from an emulator: what is asked for, what is kept, and what comes of it."""

import dataclasses
import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

from ctnb import Call, Connection, Emulator, Journal
from ctnb.exceptions import ConfigError, JournalError
from ctnb.journals import download, reader
from ctnb.journals.columns import CALL_FORM

SINCE, UNTIL = "2026-03-01", "2026-03-31"


def calls(count=60, days=31, **columns):
    at = pd.Timestamp("2026-03-01 00:00:30") + pd.to_timedelta(np.arange(count) * days * 86_400 // count, unit="s")
    return pd.DataFrame(
        {"callId": range(1, count + 1), "callerNumber": "79157771122", "date": at, "uniqueCall": True, **columns}
    )


def requests(count=20, days=31):
    at = pd.Timestamp("2026-03-01 23:59:59") + pd.to_timedelta(np.arange(count) * days // count, unit="D")
    return pd.DataFrame({"requestId": range(1, count + 1), "email": "a@b.ru", "date": at, "phoneNumber": "79157771122"})


@pytest.fixture
def vendor():
    with Emulator(calls(), requests(), rate=None) as emulator:
        yield emulator


@pytest.fixture
def read(vendor, tmp_path):
    def download_it(since=SINCE, until=UNTIL, **settings):
        settings = {"cache": tmp_path / "cache", "progress": False, **settings}
        return Journal.download(vendor.connection, since=since, until=until, **settings)

    return download_it


def asked(vendor):
    return vendor.reads["journal"].value_counts().to_dict()


def test_a_month_is_one_run_of_calls_and_a_request_for_each_day_of_requests(vendor, read):
    journal = read()
    assert asked(vendor) == {"requests": 31, "calls": 1}
    assert journal.calls["callId"].tolist() == [str(number) for number in range(1, 61)]
    assert journal.requests["requestId"].tolist() == [str(number) for number in range(1, 21)]
    assert (journal.since, journal.until) == (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert journal.requests["phoneNumber"].tolist() == [["79157771122"]] * 20


def test_what_is_kept_is_not_read_again_and_is_the_same(vendor, read):
    first = read()
    again = read()
    assert asked(vendor) == {"requests": 31, "calls": 1}
    for one, other in ((first.calls, again.calls), (first.requests, again.requests)):
        pd.testing.assert_frame_equal(one, other)
    assert again.timezone_check()["leads"].sum() == 80


def test_only_the_days_that_are_missing_are_read(vendor, read):
    read("2026-03-05", "2026-03-08")
    read("2026-03-01", "2026-03-10")
    # Days 1 to 4, and 9 and 10.
    assert asked(vendor) == {"requests": 10, "calls": 3}


def test_refresh_reads_all_anew_and_no_cache_keeps_nothing(vendor, read):
    read("2026-03-01", "2026-03-02")
    read("2026-03-01", "2026-03-02", refresh=True)
    read("2026-03-01", "2026-03-02", cache=None)
    assert asked(vendor) == {"requests": 6, "calls": 3}


def test_an_emulator_has_no_cache_unless_one_is_named(vendor, monkeypatch, tmp_path):
    monkeypatch.setattr("ctnb.journals.cache.default_folder", lambda: tmp_path / "default")
    Journal.download(vendor.connection, since=SINCE, until=SINCE, progress=False)
    assert not (tmp_path / "default").exists()


def test_days_that_are_not_final_are_read_each_time(vendor, tmp_path):
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=3))).date()
    since = today - dt.timedelta(days=12)
    for _ in range(2):
        Journal.download(vendor.connection, since=since, until=today, cache=tmp_path, progress=False)
    kept = sorted(file.stem for file in tmp_path.rglob("*.day"))
    assert kept == sorted([str(since), str(since + dt.timedelta(days=1))] * 2)
    assert asked(vendor) == {"requests": 13 + 11, "calls": 2}


def test_days_to_come_are_left_out(vendor, read):
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=3))).date()
    journal = read(today, today + dt.timedelta(days=9))
    assert journal.until == today
    with pytest.raises(ConfigError, match="nothing to read yet"):
        read(today + dt.timedelta(days=2), today + dt.timedelta(days=9))


def test_many_calls_are_read_in_runs_of_few_pages(monkeypatch, tmp_path):
    monkeypatch.setattr(reader, "LARGEST_PAGE", 10)
    monkeypatch.setattr(download, "LARGEST_PAGE", 10)
    monkeypatch.setattr(download, "MOST_PAGES", 5)
    with Emulator(calls(600), rate=None) as vendor:
        journal = Journal.download(vendor.connection, since=SINCE, until=UNTIL, cache=tmp_path, progress=False)
        reads = vendor.reads
    assert journal.calls["callId"].tolist() == [str(number) for number in range(1, 601)]
    of_calls = reads[reads["journal"] == "calls"]
    # 60 pages, one that was read in vain, and a page more for each run that ends within one.
    assert 61 <= len(of_calls) <= 61 + 16


def test_a_period_is_cut_where_the_vendor_limits_it(vendor, read):
    journal = read("2025-10-01", "2026-03-31", cache=None)
    assert asked(vendor)["calls"] == 3
    assert set(vendor.reads["status"]) == {200}
    assert len(journal.calls) == 60


def test_a_day_of_requests_that_is_too_large_is_halved(monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_ANSWER", 20_000)
    at = pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(300) * 288, unit="s")
    many = pd.DataFrame({"requestId": range(300), "date": [*at[:-1], pd.Timestamp("2026-03-01 23:59:59")]})
    with Emulator(requests=many, rate=None) as vendor:
        journal = Journal.download(vendor.connection, since=SINCE, until=SINCE, progress=False)
        assert asked(vendor)["requests"] > 3
    assert sorted(map(int, journal.requests["requestId"])) == list(range(300))


def test_a_page_of_calls_that_is_too_large_has_fewer_the_next_time(monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_ANSWER", 10_000)
    with Emulator(calls(100), rate=None) as vendor:
        journal = Journal.download(vendor.connection, since=SINCE, until=UNTIL, progress=False)
    assert len(journal.calls) == 100


def test_what_no_smaller_request_makes_small_enough_is_refused(monkeypatch, read):
    monkeypatch.setattr(reader, "LARGEST_ANSWER", 20)
    with pytest.raises(JournalError, match="the answer is too large, however little is asked for"):
        read()


REFUSALS = {
    "token": "refuses the access (HTTP 401): Access token не найден. Check the token",
    "access": "refuses the access (HTTP 403): Ошибка доступа. Check the token",
    "credentials": "refuses the access (HTTP 403): Invalid credentials. Check the token",
    "unavailable": "HTTP 400: Сервис временно недоступен. Settle it with the vendor",
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_said_with_its_days_and_nothing_is_asked_again(vendor, read, refusal):
    vendor.refuse_next(refusal, times=9)
    with pytest.raises(JournalError) as error:
        read("2026-03-01", "2026-03-02")
    assert str(error.value).startswith(("The journal of calls, 2026-03-01", "The journal of requests, 2026-03-0"))
    assert REFUSALS[refusal] in str(error.value)
    assert len(vendor.reads) <= 3


def test_an_error_of_the_vendors_is_asked_about_again(vendor, read, monkeypatch):
    monkeypatch.setattr(reader, "FIRST_BACKOFF", 0)
    vendor.refuse_next("journal_error", times=2)
    vendor.refuse_next("unavailable", status=503)
    assert len(read("2026-03-01", "2026-03-01").calls) == 2
    assert vendor.reads["status"].tolist().count(503) == 1
    vendor.refuse_next("journal_error", times=99)
    with pytest.raises(JournalError, match=r"Произошла ошибка.*in 5 tries\. Run it again later"):
        read("2026-03-02", "2026-03-02")


def test_a_429_pauses_and_the_download_goes_on(vendor, read):
    vendor.refuse_next({"message": "Too many requests"}, status=429)
    assert len(read("2026-03-01", "2026-03-01").calls) == 2


def test_comments_that_were_posted_are_read_back(vendor, read):
    deals = pd.DataFrame({"call": [2]})
    deals.calltouch.comment(Call("call"), "hello", connection=vendor.connection, progress=False)
    comments = read().calls.set_index("callId")["comments"]
    assert comments["2"] == [{"commentId": 1, "comment": "hello", "partyName": None}]
    assert comments.drop("2").isna().all()


def test_a_clock_of_another_zone_is_warned_of(vendor):
    access = vendor.connection
    wrong = Connection(
        access.site_id, access.token, base_url=access.base_url, timezone="Asia/Omsk", rate=float("inf"), ledger=None
    )
    with pytest.warns(UserWarning, match=r"clock shows \+03:00 where Asia/Omsk has \+06:00, on 80 of 80 leads"):
        journal = Journal.download(wrong, since="2026-02-27", until=UNTIL, progress=False)
    assert not journal.timezone_check()["agrees"].any()
    assert len(journal.calls) == 60


def test_no_warning_where_clock_and_zone_agree(read):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read("2026-03-01", "2026-03-02")


def test_a_journal_that_was_read_serves_another_emulator(vendor, read):
    journal = read()
    with Emulator(journal.calls, journal.requests, rate=None) as other:
        again = Journal.download(other.connection, since=SINCE, until=UNTIL, progress=False)
    pd.testing.assert_frame_equal(again.calls, journal.calls)
    pd.testing.assert_frame_equal(again.requests, journal.requests)


def test_forget_empties_the_cache_of_one_account_or_of_all(vendor, read, tmp_path):
    read("2026-03-01", "2026-03-02")
    assert Journal.forget(Connection(7, "token", ledger=None), cache=tmp_path / "cache") == 0
    assert Journal.forget(vendor.connection, cache=tmp_path / "cache") == 4
    assert Journal.forget(cache=tmp_path / "cache") == 0


def one_at_a_time(vendor):
    """Read a day, the calls first."""
    connection = dataclasses.replace(vendor.connection, concurrency=1)
    return Journal.download(connection, since=SINCE, until=SINCE, progress=False)


def test_leads_of_other_days_than_were_asked_for_are_refused(vendor):
    everything = {"records": [{"callId": 1, "timestamp": 1700000000}], "pageTotal": 1}
    vendor.refuse_next(everything, status=200)
    with pytest.raises(JournalError, match="calls, 2026-03-01: 1 leads are of other days, such as 2023-11-15"):
        one_at_a_time(vendor)


async def test_a_download_works_in_a_running_loop(read):
    assert len(read("2026-03-01", "2026-03-01").calls) == 2


def test_a_call_without_a_moment_is_kept_with_the_first_day(vendor):
    vendor.refuse_next({"records": [{"callId": 1}], "pageTotal": 1}, status=200)
    journal = one_at_a_time(vendor)
    assert journal.calls[CALL_FORM.columns.date].isna().tolist() == [True]
