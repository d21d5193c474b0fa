"""Clocks that differ: how far the leads are from their deals."""

import numpy as np
import pandas as pd
import pytest
from preview_agreement import previewed
from preview_frames import BY_CALL_ID, OTHER, at, by_call, by_request, calls_of, deals_of, requests_of

from ctnb.exceptions import ColumnNotFoundError

NOON = pd.Timestamp("2026-05-14 12:00")


def world(shifts, *, lag=10):
    """Calls of different people at different times, and a deal for each some minutes later by a clock that is off."""
    random = np.random.default_rng(0)
    times = [NOON + pd.Timedelta(int(minutes), "min") for minutes in random.integers(0, 30 * 1440, len(shifts))]
    phones = [f"7916{number:07}" for number in range(len(shifts))]
    calls = calls_of(*({"callerNumber": phone, "date": time} for phone, time in zip(phones, times, strict=True)))
    deals = deals_of(
        *(
            {"phone": phone, "created": time + pd.Timedelta(shift + int(random.integers(0, lag)), "min")}
            for phone, time, shift in zip(phones, times, shifts, strict=True)
        )
    )
    return deals, calls


def standing_out(table):
    return table.index[table["stands_out"]].tolist()


def test_a_deal_is_counted_by_the_half_hour_nearest_to_its_lead():
    for created, shift in {"12:00": 0, "12:14": 0, "12:16": -30, "11:30": 30, "09:00": 180, "15:10": -180}.items():
        clock = previewed(deals_of({"created": at(created)}), [by_call(depth=1)], calls_of({}), None).clock()
        assert clock.index[clock["rows"] > 0].tolist() == [shift], created


def test_leads_of_more_than_14_hours_away_are_left_out():
    clock = previewed(deals_of({"created": "15-05-2026 03:00:00"}), [by_call()], calls_of({}), None).clock()
    assert clock["rows"].sum() == 0
    assert clock["share"].isna().all()
    assert (clock.index[0], clock.index[-1], len(clock)) == (-840, 840, 57)


def test_a_source_whose_clock_is_three_hours_off_stands_out():
    deals, calls = world([0] * 60 + [180] * 60)
    deals["source"] = ["site"] * 60 + ["widget"] * 60
    preview = previewed(deals, [by_call(depth=1)], calls, None)
    assert standing_out(preview.clock()) == [-180]
    by_source = preview.clock("source")
    assert by_source.index.names == ["source", "shift"]
    assert standing_out(by_source) == [("widget", -180)]
    assert by_source.groupby(level="source")["rows"].sum().to_dict() == {"site": 60, "widget": 60}


def test_deals_that_follow_their_leads_by_up_to_hours_are_no_shift():
    deals, calls = world([0] * 300, lag=360)
    assert standing_out(previewed(deals, [by_call(depth=1)], calls, None).clock()) == []


def test_the_lead_that_an_id_names_is_believed_before_the_nearest():
    calls = calls_of({"date": at("12:00")}, {"date": at("15:00")})
    clock = previewed(deals_of({"id": 12}), [BY_CALL_ID, by_call()], calls, None).clock()
    assert clock.index[clock["rows"] > 0].tolist() == [180]


def test_the_nearest_lead_of_all_contact_rules_counts():
    calls, requests = calls_of({"date": at("14:00")}), requests_of({"date": at("13:00")})
    preview = previewed(deals_of({}), [by_call(), by_request()], calls, requests, look_back_only=True)
    assert preview.clock().query("rows > 0").index.tolist() == [60]


def test_rows_without_a_source_are_a_group():
    deals = deals_of({"source": None}, {"source": "site"}, {"phone": OTHER, "source": "site"})
    clock = previewed(deals, [by_call()], calls_of({}), None).clock("source")
    assert clock.query("rows > 0")["rows"].tolist() == [1, 1]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ColumnNotFoundError, match=r"sorce.*clock\(by=\.\.\.\)"):
        previewed(deals_of({}), [by_call()], calls_of({}), None).clock("sorce")
