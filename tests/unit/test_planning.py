"""Previews as a verb: the settings that they take from rulebook and journal, and rows that are one comment."""

import numpy as np
import pandas as pd
import pytest
from preview_frames import NOON, PHONE, at, by_call, calls_of, deals_of

import ctnb
from ctnb import CallContact, Journal, Rulebook
from ctnb.exceptions import ConfigError

CALLS = calls_of({"date": at("12:10")})


def previewed(deals, rules=None, *comment, journal=None, **options):
    rules = [by_call()] if rules is None else rules
    return deals.calltouch.preview(rules, *comment, journal=journal or Journal(CALLS), **options)


def test_without_a_text_each_row_stands_for_itself():
    deals = deals_of({}, {"created": at("13:00"), "phone": PHONE}, key=7)
    alone = previewed(deals, key="key").frame
    together = previewed(deals, None, "paid", key="key").frame
    assert alone["ct_minutes"].tolist() == [10.0, -50.0]
    # One comment for both: the earlier date is tried first.
    assert together["ct_minutes"].tolist() == [10.0, 10.0]


def test_a_rulebook_gives_comment_key_and_region():
    deals = deals_of({"phone": "9165551101"}, {"phone": "9165551101", "created": at("13:00")}, key=7)
    book = Rulebook([by_call()], comment="paid", key="key", region="RU")
    assert previewed(deals, book).frame["ct_minutes"].tolist() == [10.0, 10.0]
    assert previewed(deals, book, "{note}").frame["ct_minutes"].tolist() == [10.0, -50.0]


@pytest.mark.parametrize(
    ("journal", "book", "argument", "minutes"),
    [
        (None, None, None, 10),
        ("Asia/Yekaterinburg", None, None, 10),
        (None, "Asia/Yekaterinburg", None, 10),
        (None, None, "Asia/Yekaterinburg", 10),
    ],
)
def test_the_time_zone_is_the_one_that_somebody_gave(journal, book, argument, minutes):
    zone = {} if journal is None else {"timezone": journal}
    # 12:00 by the account's clock; the journal's moments have a zone of their own.
    aware = CALLS.assign(date=pd.Timestamp("2026-05-14 12:10", tz=journal or book or argument or "Europe/Moscow"))
    rules = Rulebook([by_call()], timezone=book)
    found = previewed(deals_of({}), rules, journal=Journal(aware, **zone), timezone=argument)
    assert found.frame["ct_minutes"].tolist() == [minutes]


@pytest.mark.parametrize("given", ["rulebook", "argument", "journal"])
@pytest.mark.parametrize("dates", [at("12:10"), pd.Timestamp("2026-05-14 12:10"), "2026-05-14T12:10:00"])
def test_dates_of_the_journal_without_a_zone_are_read_in_the_accounts(given, dates):
    calls = calls_of({"date": dates}, {"date": "2026-05-14T10:10:00+06:00", "callerNumber": "79160000000"})
    journal = Journal(calls, timezone="Asia/Omsk") if given == "journal" else Journal(calls)
    rules = Rulebook([by_call()], timezone="Asia/Omsk" if given == "rulebook" else None)
    # The first deal's date names its zone: noon in Omsk.
    deals = deals_of({"created": "2026-05-14T09:00:00+03:00"}, {"created": at("10:00"), "phone": "79160000000"})
    found = previewed(deals, rules, journal=journal, timezone="Asia/Omsk" if given == "argument" else None)
    assert found.frame["ct_minutes"].tolist() == [10.0, 10.0]


@pytest.mark.parametrize(
    ("book", "argument"), [("Asia/Omsk", None), (None, "Asia/Omsk"), ("Europe/Moscow", "Asia/Omsk")]
)
def test_two_time_zones_that_differ_are_refused(book, argument):
    journal = Journal(CALLS, timezone="Asia/Yekaterinburg")
    with pytest.raises(ConfigError, match=r"'Asia/Yekaterinburg'|'Asia/Omsk'"):
        previewed(deals_of({}), Rulebook([by_call()], timezone=book), journal=journal, timezone=argument)


def test_looking_back_alone_finds_no_later_lead():
    assert previewed(deals_of({}), look_back_only=True).frame["ct_status"].tolist() == ["unmatched"]


def test_columns_of_the_users_own_are_not_replaced():
    with pytest.raises(ConfigError, match="ct_status"):
        previewed(deals_of({}).assign(ct_status="mine"))


def test_a_run_on_a_previews_frame_replaces_the_predictions():
    deals = deals_of({}, {"phone": "79160000000"})
    with ctnb.Emulator(CALLS, rate=None) as vendor:
        foretold = previewed(deals, None, "{note}").frame
        done = foretold.calltouch.comment([by_call()], "{note}", connection=vendor.connection, progress=False)
    assert foretold["ct_predicted"].all()
    assert not done["ct_predicted"].any()
    assert "ct_minutes" not in done
    compared = ["ct_status", "ct_matched", "ct_rule", "ct_call_id", "ct_attribution", "ct_offered"]
    pd.testing.assert_frame_equal(foretold[compared], done[compared])


def test_the_index_of_the_deals_stays_whatever_it_is():
    deals = deals_of({}, {}, {"phone": None})
    deals.index = pd.MultiIndex.from_arrays([["a", "a", "b"], [1, 1, 2]])
    found = previewed(deals)
    assert found.frame.index.equals(deals.index)
    assert found.reasons.index.equals(deals.index)
    empty = previewed(deals.iloc[:0])
    assert len(empty.frame) == len(empty.reasons) == len(empty.undecided()) == len(empty.collisions()) == 0
    assert np.isnan(empty.sweep().query("depth == 60")["precision"]).all()


def test_a_journal_without_rows_finds_nothing_and_knows_nothing():
    journal = Journal(CALLS.iloc[:0], CALLS.iloc[:0].rename(columns={"callId": "requestId"}))
    found = previewed(deals_of({}), [by_call(), CallContact("phone", "created", depth=5)], journal=journal)
    assert found.frame["ct_status"].tolist() == ["unmatched"]
    assert set(found.reasons["outcome"]) == {"outside_journal"}


def test_without_a_date_a_lead_is_found_by_id_alone():
    journal = Journal(CALLS.assign(date=[None]))
    deals = deals_of({"id": 11})
    found = previewed(deals, [by_call(), ctnb.Call("id")], journal=journal)
    assert found.frame["ct_rule"].tolist() == [2]
    assert found.frame["ct_minutes"].isna().all()
    assert NOON in deals["created"].tolist()


@pytest.mark.parametrize("journal", [CALLS, "calls.csv", None])
def test_a_journal_that_is_none_is_refused(journal):
    with pytest.raises(ConfigError, match=r"ctnb\.Journal"):
        deals_of({}).calltouch.preview([by_call()], journal=journal)
