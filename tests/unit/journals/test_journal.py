import dataclasses
import datetime as dt

import pandas as pd
import pytest

import ctnb
from ctnb import Journal
from ctnb.exceptions import ConfigError
from ctnb.matching.index import index_journals

CALLS = pd.DataFrame(
    {"callId": [7, 8], "callerNumber": ["79157771122", None], "date": ["01.03.2026 12:00:00", "05.03.2026 00:30:00"]},
    index=["x", "x"],
)
REQUESTS = pd.DataFrame({"requestId": [5], "date": ["02.03.2026 12:00:00"], "email": ["a.person@mail.ru"]})


def test_a_journal_that_is_not_given_covers_no_day_and_shows_its_columns():
    journal = Journal(CALLS)
    assert journal.calls.index.tolist() == [0, 1]
    assert journal.requests.empty
    assert "phoneNumber" in journal.requests
    assert (journal.tables().requests, journal.tables().timezone) == (None, "Europe/Moscow")
    assert len(index_journals(journal.tables())) == 2


def test_days_are_read_and_given_on():
    journal = Journal(CALLS, REQUESTS, timezone="Asia/Omsk", since="2026-02-01", until="31.03.2026")
    assert (journal.since, journal.until) == (dt.date(2026, 2, 1), dt.date(2026, 3, 31))
    tables = journal.tables()
    assert (tables.since, tables.until, tables.timezone) == (journal.since, journal.until, "Asia/Omsk")
    with pytest.raises(ConfigError, match="Swap them"):
        Journal(CALLS, since="2026-03-02", until="2026-03-01")


def test_nothing_and_an_unknown_zone_are_refused():
    with pytest.raises(ConfigError, match="got neither"):
        Journal()
    with pytest.raises(ConfigError, match="timezone 'Moon' is not known"):
        Journal(CALLS, timezone="Moon")


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Journal(CALLS).calls = None


def test_it_shows_how_much_it_holds_and_no_contact():
    journal = Journal(CALLS, REQUESTS)
    assert repr(journal) == "<Journal: 2 calls, 1 request, 2026-03-01 to 2026-03-05, Europe/Moscow>"
    card = journal._repr_html_()
    assert "2026-03-01 to 2026-03-05" in card
    for text in (repr(journal), card):
        assert "7915" not in text
        assert "person" not in text
    ctnb.set_language("ru")
    assert repr(Journal(CALLS)) == "<Journal: 2 звонка, с 2026-03-01 по 2026-03-05, Europe/Moscow>"
    assert "не загружены" in Journal(CALLS)._repr_html_()


def test_saved_journals_are_read_again_in_any_order(tmp_path):
    journal = Journal(CALLS, REQUESTS)
    files = journal.save(tmp_path / "march.csv")
    assert [file.name for file in files] == ["march_calls.csv", "march_requests.csv"]
    again = Journal.read(*reversed(files))
    pd.testing.assert_frame_equal(again.calls, journal.calls)
    pd.testing.assert_frame_equal(again.requests, journal.requests)
    with pytest.raises(ConfigError, match="Expected one file for the journal of calls"):
        Journal.read(files[0], files[0])
    assert Journal(CALLS).save(tmp_path / "calls.parquet") == [tmp_path / "calls_calls.parquet"]


def test_flat_journals_have_nothing_to_check_the_zone_by():
    assert Journal(CALLS).timezone_check().empty
