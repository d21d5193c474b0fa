"""The preview of small journals: which lead, by which rule, in which columns."""

import numpy as np
import pandas as pd
import pytest
from preview_agreement import disagreements, predicted, previewed
from preview_frames import (
    BY_CALL_ID,
    BY_REQUEST_ID,
    NOON,
    OTHER,
    PHONE,
    at,
    by_call,
    by_request,
    calls_of,
    deals_of,
    requests_of,
)

from ctnb import Call, CallContact, Journal, col
from ctnb.exceptions import ColumnNotFoundError, ConfigError

COLUMNS = ["status", "matched", "matched_by", "rule", "attribution", "offered", "call_id", "call_reference_id"]
COLUMNS += ["sip_call_id", "request_id", "request_number", "error", "error_code", "replayed", "predicted", "batch"]
COLUMNS = [f"ct_{name}" for name in (*COLUMNS, "attempts", "answered_at", "minutes")]


def found_ids(deals, rules, calls=None, requests=None, **options):
    frame = previewed(deals, rules, calls, requests, **options).frame
    ids = frame["ct_call_id"].fillna(frame["ct_request_id"]).astype(object)
    return [None if pd.isna(lead) else lead for lead in ids]


def found_id(rules, calls=None, requests=None, deal=None, **options):
    return found_ids(deals_of(deal or {}), rules, calls, requests, **options)[0]


def test_the_frame_has_the_columns_of_a_run_with_predicted_and_minutes():
    deals = deals_of({"created": at("12:20")}, {"phone": OTHER}, {"phone": None})
    preview = previewed(deals, [by_call()], calls_of({"callReferenceId": "ref", "date": at("12:00")}), None)
    frame = preview.frame
    assert list(frame.columns) == [*deals.columns, *COLUMNS]
    assert frame["ct_status"].tolist() == ["commented", "unmatched", "invalid"]
    assert frame["ct_matched"].tolist() == [True, False, pd.NA]
    assert frame["ct_matched_by"].tolist() == ["callContact", np.nan, np.nan]
    assert frame["ct_attribution"].tolist() == ["exact", np.nan, np.nan]
    assert frame["ct_offered"].tolist() == ["callContact", "callContact", np.nan]
    assert frame.loc[0, ["ct_rule", "ct_call_id", "ct_call_reference_id"]].tolist() == [1, "11", "ref"]
    assert frame["ct_error_code"].tolist() == [np.nan, "lead_not_found", "no_identifier"]
    assert frame["ct_replayed"].tolist() == [False] * 3
    assert frame[["ct_batch", "ct_attempts", "ct_answered_at"]].isna().all(axis=None)
    assert frame["ct_predicted"].tolist() == [True] * 3
    assert frame["ct_minutes"].tolist() == [-20.0, pd.NA, pd.NA]
    assert {str(frame[f"ct_{name}"].dtype) for name in ("predicted", "minutes")} == {"boolean", "Float64"}


def test_the_deals_stay_as_they_are_and_earlier_predictions_are_replaced():
    deals = deals_of({}, {"phone": OTHER}).set_index(pd.Index(["same", "same"], name="deal"))
    before = deals.copy(deep=True)
    once = previewed(deals, [by_call()], calls_of({}), None).frame
    twice = previewed(once, [by_call()], calls_of({}), None).frame
    pd.testing.assert_frame_equal(deals, before)
    pd.testing.assert_frame_equal(twice, once)
    assert once.index.equals(deals.index)


def test_the_repr_shows_no_contact():
    preview = previewed(deals_of({}, {"phone": OTHER}), [by_call()], calls_of({}), None)
    assert repr(preview).startswith(
        "<Preview: 1 of 2 rows that can be sent would match: 50.0\u00a0% (9.5–90.5\u00a0%);"
    )
    shown = repr((preview.matched, preview.matched.look_up, preview.matched.look_up.index, preview.matched.rules))
    assert PHONE not in shown


def test_of_two_leads_as_near_the_earlier_is_taken():
    calls = calls_of({"date": at("12:10")}, {"date": at("11:50")})
    assert found_id([by_call()], calls) == "12"


def test_of_leads_of_one_moment_the_first_contact_has_its_first_in_the_journal():
    calls = calls_of({"callerNumber": OTHER}, {"callerNumber": PHONE}, {"callerNumber": PHONE})
    rule = CallContact(["phone", "phone_2"], "created", depth=60)
    assert found_id([rule], calls, deal={"phone_2": OTHER}) == "12"


def test_the_depth_includes_its_last_second():
    calls = calls_of({"date": at("13:00")}, {"date": "14-05-2026 10:59:59"})
    assert found_id([by_call(depth=60)], calls) == "11"
    assert found_id([by_call(depth=59)], calls) is None


def test_looking_back_only_takes_no_later_lead_but_one_of_the_very_moment():
    calls = calls_of({"date": at("12:01")}, {"date": at("11:00")})
    assert found_id([by_call()], calls) == "11"
    assert found_id([by_call()], calls, look_back_only=True) == "12"
    assert found_id([by_call()], calls_of({}), look_back_only=True) == "11"


def test_phones_are_tried_before_emails_and_their_tags_decide():
    requests = requests_of(
        {"date": at("12:50"), "tags": "x"}, {"phoneNumber": "", "email": "Ann@mail.ru", "tags": "VIP"}
    )
    deal = {"email": "ann@mail.ru"}
    assert found_id([by_request(emails="email")], None, requests, deal) == "51"
    assert found_id([by_request(emails="email", depth=30)], None, requests, deal) == "52"
    assert found_id([by_request(emails="email", tags=["VIP"])], None, requests, deal) is None
    assert found_id([by_request(emails="email", tags=["VIP"], depth=30)], None, requests, deal) == "52"


def test_a_lead_has_several_phones_and_emails():
    requests = requests_of({"phoneNumber": f"{OTHER}, 8 (916) 555-11-01", "email": "a@mail.ru; b@mail.ru"})
    assert found_id([by_request()], None, requests) == "51"
    rule = by_request(phones=None, emails="email")
    assert found_id([rule], None, requests, {"email": "b@mail.ru"}) == "51"


@pytest.mark.parametrize("cell", [f"{PHONE}.0", f"{OTHER}.0; {PHONE}.0", [OTHER, f"{PHONE}.0"], float(PHONE)])
def test_a_phone_that_was_written_as_a_float_is_the_phone(cell):
    calls = calls_of({"callerNumber": "8 (495) 123-45-67"}, {"callerNumber": cell})
    preview = previewed(deals_of({}), [by_call()], calls, None)
    assert predicted(preview)[0][:3] == ("commented", 1, "12")
    assert not disagreements(preview, calls, None)


def test_nearest_uniq_takes_what_is_flagged_in_its_own_journal():
    calls = calls_of({"uniqueCall": False}, {"uniqueCall": True, "date": at("12:30")})
    assert found_id([by_call(match="nearestUniq")], calls) == "12"


def test_nearest_uniq_lead_takes_what_is_flagged_and_has_no_earlier_lead_in_either_journal():
    calls = calls_of({"date": at("12:10")})
    assert found_id([by_call(match="nearestUniqLead")], calls, requests_of({"date": at("12:05")})) is None
    assert found_id([by_call(match="nearestUniqLead")], calls, requests_of({"date": at("12:10")})) == "11"
    assert found_id([by_call(match="nearestUniqLead")], calls.assign(uniqueCall=False), None) is None


def test_a_match_value_of_nobody_is_the_nearest():
    calls = calls_of({"uniqueCall": False})
    assert found_id([by_call(match="farthest", undocumented=True)], calls) == "11"


def test_each_row_may_have_its_own_policy():
    deals = deals_of(
        {"depth": 10, "match": "nearest", "tags": "", "logic": "and"},
        {"depth": 30, "match": "nearestUniq", "tags": "", "logic": "and"},
        {"depth": 30, "match": "nearest", "tags": "VIP, x", "logic": "or"},
        {"depth": 30, "match": "nearest", "tags": "VIP, x", "logic": "and"},
    )
    calls = calls_of({"date": at("12:20"), "uniqueCall": False, "callTags": "x"}, {"date": at("12:25")})
    rule = by_call(depth=col("depth"), match=col("match"), tags=col("tags"), tags_logic=col("logic"))
    assert found_ids(deals, [rule], calls) == [None, "12", "11", None]


def test_a_number_is_the_vendors_id_and_a_text_any():
    calls = calls_of({"callReferenceId": "12"}, {"sipCallId": "sip"})
    deals = deals_of({"id": 12}, {"id": "12"}, {"id": "sip"}, {"id": 99}).astype({"id": object})
    assert found_ids(deals, [BY_CALL_ID], calls) == ["12", "12", "12", None]


def test_a_text_id_of_several_leads_takes_the_first_and_says_so():
    requests = requests_of({"requestNumber": "form"}, {"requestNumber": "form"})
    frame = previewed(deals_of({"id": "form"}, {"id": "51"}), [BY_REQUEST_ID], None, requests).frame
    assert frame["ct_request_id"].tolist() == ["51", "51"]
    assert frame["ct_attribution"].tolist() == ["ambiguous", "exact"]


def test_a_lead_without_a_date_is_found_by_its_id_only():
    calls = calls_of({"date": None})
    frame = previewed(deals_of({"id": 11}, {}), [BY_CALL_ID, by_call()], calls, None).frame
    assert frame["ct_status"].tolist() == ["commented", "unmatched"]
    assert frame["ct_minutes"].isna().all()


def test_minutes_to_a_lead_found_by_its_id_are_from_the_rows_first_date():
    deals = deals_of({"id": 11, "closed": at("14:00")})
    rules = [BY_CALL_ID, CallContact("phone", "closed", depth=1), by_call()]
    assert previewed(deals, rules, calls_of({}), None).frame["ct_minutes"].tolist() == [-120.0]


def test_the_first_rule_that_matches_wins_and_the_others_are_shadowed():
    preview = previewed(deals_of({}), [BY_CALL_ID, by_request(), by_call()], calls_of({}), requests_of({}))
    assert preview.frame[["ct_rule", "ct_request_id"]].values.tolist() == [[2, "51"]]
    assert preview.reasons["outcome"].tolist() == ["not_offered", "would_match", "shadowed"]


def test_reasons_have_a_line_for_each_deal_and_rule_under_the_deals_index():
    deals = deals_of({}, {"phone": None}).set_index(pd.Index(["b", "a"], name="deal"))
    reasons = previewed(deals, [by_call(), by_request()], calls_of({"date": at("12:30")}), None).reasons
    assert reasons.index.tolist() == ["b", "b", "a", "a"]
    assert reasons.index.name == "deal"
    assert reasons["rule"].tolist() == [1, 2, 1, 2]
    assert reasons["lead"].tolist() == ["11", pd.NA, pd.NA, pd.NA]
    assert reasons["minutes"].tolist() == [30.0, pd.NA, pd.NA, pd.NA]
    assert [str(dtype) for dtype in reasons.dtypes] == ["int64", "category", "string", "Float64"]


def test_rows_of_one_comment_share_its_answer():
    deals = deals_of({"created": at("12:10")}, {"phone": OTHER}).assign(key="one", note="same text")
    preview = previewed(deals, [by_call()], calls_of({}), None, key="key")
    assert preview.frame["ct_call_id"].tolist() == ["11", "11"]
    assert preview.frame["ct_minutes"].tolist() == [-10.0, -10.0]
    assert preview.reasons["outcome"].tolist() == ["would_match", "would_match"]


def test_rates_are_counted_as_after_a_run():
    preview = previewed(deals_of({}, {"phone": OTHER}), [by_call()], calls_of({}), None)
    rates = preview.match_rates()
    assert rates.loc["callContact", ["offered", "reached", "matched"]].tolist() == [2, 2, 1]
    assert previewed(deals_of({}), [by_call()], calls_of({}), None).match_rates("phone").loc[PHONE, "matched"] == 1


def test_other_depths_need_no_other_look_up():
    calls = calls_of({"date": at("14:00")})
    preview = previewed(deals_of({}), [BY_CALL_ID, by_call()], calls, None)
    assert preview.frame["ct_status"].tolist() == ["unmatched"]
    deeper = preview.at_depths({2: "2h"})
    assert deeper.frame["ct_call_id"].tolist() == ["11"]
    assert deeper.at_depths({2: 119}).frame["ct_status"].tolist() == ["unmatched"]


@pytest.mark.parametrize(
    ("depths", "said"), [({1: 60}, "got 1"), ({3: 60}, "got 3"), ({2: "soon"}, "Rule 2: depth"), ([60], "got list")]
)
def test_a_depth_is_for_a_contact_rule_of_the_list(depths, said):
    preview = previewed(deals_of({}), [BY_CALL_ID, by_call()], calls_of({}), None)
    with pytest.raises(ConfigError, match=said):
        preview.at_depths(depths)


@pytest.mark.parametrize("journal", [None, pd.DataFrame(), calls_of().iloc[:0]])
@pytest.mark.parametrize("deals", [deals_of({"id": "x", "email": "a@mail.ru"}), deals_of({}).iloc[:0]])
def test_empty_journals_and_frames_are_previewed_too(journal, deals):
    rules = [BY_CALL_ID, BY_REQUEST_ID, by_call(tags=["VIP"], match="nearestUniqLead"), by_request(emails="email")]
    preview = previewed(deals, rules, journal, None)
    assert preview.frame["ct_status"].tolist() == ["unmatched"] * len(deals)
    assert len(preview.reasons) == 4 * len(deals)
    assert preview.sweep([60])["alone"].tolist() == [0] * 6
    assert preview.clock()["rows"].sum() == 0
    assert len(preview.collisions()) == 0
    assert set(preview.undecided()["reason"]) <= {"outside_journal"}


def test_a_journal_of_any_index_and_dtype_is_read():
    calls = calls_of({}, {"callerNumber": OTHER}).set_index(pd.Index([0, 0]))
    calls = calls.astype({"callerNumber": "int64", "callId": "float64", "uniqueCall": "object"})
    assert found_ids(deals_of({}, {"phone": OTHER}), [by_call()], calls) == ["11", "12"]


@pytest.mark.parametrize("name", ["callId", "date"])
def test_a_journal_without_its_id_or_its_date_is_refused(name):
    with pytest.raises(ColumnNotFoundError, match=rf"{name}.*journal of calls"):
        previewed(deals_of({}), [by_call()], calls_of({}).drop(columns=name), None)


def test_a_journal_with_a_column_twice_is_refused():
    calls = calls_of({})
    with pytest.raises(ConfigError, match="2 columns named 'callTags'"):
        previewed(deals_of({}), [by_call()], pd.concat([calls, calls[["callTags"]]], axis=1), None)


def test_the_account_has_its_own_clock():
    calls = calls_of({"date": pd.Timestamp("2026-05-14 09:00", tz="UTC")})
    assert found_id([by_call(depth=1)], calls, deal={"created": NOON}) == "11"
    assert found_id([by_call(depth=1)], calls, deal={"created": at("14:00")}, timezone="Asia/Yekaterinburg") == "11"


def test_ids_of_leads_with_two_rows_each_stay_with_their_leads():
    deals = pd.DataFrame({"deal": [1, 2, 1, 2], "call": [7, 0, 2, 8]})
    calls = pd.DataFrame({"callId": [7, 8], "date": "01-10-2020 12:00:00"})
    found = deals.calltouch.preview(Call("call"), "x", key="deal", journal=Journal(calls)).frame
    assert found["ct_call_id"].tolist() == ["7", "8", "7", "8"]
