"""Other depths: what each rule would find, and how often it is the right lead."""

import numpy as np
import pandas as pd
import pytest
from preview_agreement import previewed
from preview_frames import BY_CALL_ID, at, by_call, by_request, calls_of, deals_of, requests_of

from ctnb import Call, col
from ctnb.exceptions import ConfigError

COLUMNS = ["rule", "depth", "alone", "takes", "adds", "truths", "precision", "precision_low", "precision_high"]


def curve(preview, rule, depths, *columns):
    swept = preview.sweep(depths)
    found = swept[(swept["rule"] == rule) & swept["depth"].notna()]
    return found[list(columns)].values.tolist()


def test_a_lead_is_found_from_the_first_whole_minute_that_reaches_it():
    calls = calls_of({"date": at("12:30")})
    preview = previewed(deals_of({"created": "14-05-2026 12:00:00"}), [by_call()], calls, None)
    assert curve(preview, 1, [29, 30, 31], "alone") == [[0], [1], [1]]
    odd = previewed(deals_of({"created": "14-05-2026 11:59:59"}), [by_call()], calls, None)
    assert curve(odd, 1, [30, 31], "alone") == [[0], [1]]
    same = previewed(deals_of({"created": at("12:30")}), [by_call()], calls, None)
    assert curve(same, 1, [1], "alone") == [[1]]


def test_an_email_finds_until_a_phone_reaches_farther():
    requests = requests_of(
        {"date": at("13:00"), "tags": "x"},
        {"phoneNumber": "", "email": "a@mail.ru", "date": at("12:10"), "tags": "VIP"},
    )
    rule = by_request(emails="email", tags="VIP")
    preview = previewed(deals_of({"email": "a@mail.ru"}), [rule], None, requests)
    assert curve(preview, 1, [9, 10, 59, 60], "alone") == [[0], [1], [1], [0]]


def test_alone_in_its_place_and_what_only_it_finds():
    calls = calls_of({"date": at("12:20")}, {"callerNumber": "79165551102", "date": at("12:40")})
    deals = deals_of({}, {"phone": "79165551102"})
    preview = previewed(deals, [by_request(depth=60), by_call(depth=30)], calls, requests_of({"date": at("12:10")}))
    assert curve(preview, 2, [10, 30, 50], "alone", "takes", "adds") == [[0, 0, 0], [1, 0, 0], [2, 1, 1]]
    assert curve(preview, 1, [5, 10], "alone", "takes", "adds") == [[0, 0, 0], [1, 1, 0]]


def test_a_rule_as_it_is_set_stands_before_its_curve():
    preview = previewed(deals_of({"id": 11}, {}), [BY_CALL_ID, by_call(depth=60)], calls_of({}), None)
    swept = preview.sweep([60])
    assert swept[["rule", "alone", "takes"]].values.tolist() == [[1, 1, 1], [2, 2, 1], [2, 2, 1]]
    assert swept["depth"].tolist() == [pd.NA, pd.NA, 60]
    assert list(swept.columns) == COLUMNS


def test_one_depth_stands_for_all_rows_of_a_column_whose_figures_stand_apart():
    deals = deals_of({"depth": 10}, {"depth": 60})
    preview = previewed(deals, [by_call(depth=col("depth"))], calls_of({"date": at("12:30")}), None)
    assert preview.sweep([30])["alone"].tolist() == [1, 2]


def test_a_column_of_depths_that_is_blank_has_no_depth_of_its_own():
    deals = deals_of({"id": 11}).assign(depth=pd.Series([None], dtype=object))
    preview = previewed(deals, [BY_CALL_ID, by_call(depth=col("depth"))], calls_of({}), None)
    assert preview.sweep()["alone"].max() == 1


def test_a_comment_counts_for_all_its_rows():
    deals = deals_of({}, {}).assign(key="one", note="same text")
    assert previewed(deals, [by_call()], calls_of({}), None, key="key").sweep([60])["alone"].tolist() == [2, 2]


def test_precision_is_how_often_the_lead_is_the_one_that_the_id_names():
    calls = calls_of({"date": at("12:05")}, {"date": at("12:30")}, {"callerNumber": "79165551102"})
    deals = deals_of({"id": 11}, {"id": 12}, {"id": 13}, {"id": None}, {"id": 99}).astype({"id": object})
    preview = previewed(deals, [BY_CALL_ID, by_call(depth=60)], calls, None)
    ((truths, precision, low, high),) = curve(
        preview, 2, [60], "truths", "precision", "precision_low", "precision_high"
    )
    assert (truths, precision) == (3, pytest.approx(1 / 3))
    assert 0 < low < precision < high < 1


def test_an_id_is_no_measure_of_itself_nor_is_one_of_several_leads():
    calls = calls_of({"sipCallId": "sip"}, {"sipCallId": "sip", "callerNumber": "79165551102"})
    preview = previewed(deals_of({"id": "sip"}), [BY_CALL_ID, by_call()], calls, None)
    swept = preview.sweep([60])
    assert swept["truths"].tolist() == [0, 0, 0]
    assert swept["precision"].isna().all()


def test_a_requests_id_says_nothing_of_calls():
    preview = previewed(deals_of({"id": 51}), [Call("id"), by_request()], calls_of({}), requests_of({}))
    assert preview.sweep([60])["truths"].tolist() == [0, 0, 0]


def test_the_default_grid_reaches_a_year_and_holds_the_rules_own_depths():
    preview = previewed(deals_of({}), [by_call(depth=61), by_call(depth="10d")], calls_of({}), None)
    swept = preview.sweep()
    depths = swept.loc[(swept["rule"] == 1) & swept["depth"].notna(), "depth"].tolist()
    assert depths == sorted(set(depths))
    assert {1, 61, 14_400, 525_600} <= set(depths)
    assert swept.loc[swept["rule"] == 2, "depth"].dropna().tolist() == depths


@pytest.mark.parametrize("depths", [90, "90m", pd.Timedelta(hours=1.5), [90], np.array([90])])
def test_depths_are_written_as_in_a_rule(depths):
    preview = previewed(deals_of({}), [by_call()], calls_of({}), None)
    assert preview.sweep(depths)["depth"].dropna().tolist() == [90]


@pytest.mark.parametrize("depths", [0, [60, 525_601], "soon"])
def test_a_depth_that_no_rule_could_have_is_refused(depths):
    with pytest.raises(ConfigError, match="sweep: depth is"):
        previewed(deals_of({}), [by_call()], calls_of({}), None).sweep(depths)
