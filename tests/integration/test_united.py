"""Several rows of one deal, sent as one lead: what comes back, and what a run again does."""

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Emulator

PHONES = [f"7915000{number:04}" for number in range(10)]
CALLS = pd.DataFrame({"callId": range(1, 11), "date": "01-10-2020 12:00:00", "callerNumber": PHONES})
RULES = [CallContact("phone", "at", depth="2h"), Call("id")]


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as started:
        yield started


def deals(*phones, ids=None):
    return pd.DataFrame(
        {
            "deal": "d1",
            "phone": phones,
            "id": pd.array(ids or [pd.NA] * len(phones), "Int64"),
            "at": [f"0{day}.10.2020 12:10" for day in range(len(phones), 0, -1)],
        }
    )


def sent(vendor, frame, **options):
    return ctnb.comment(frame, RULES, "text", connection=vendor.connection, key="deal", progress=False, **options)


def test_any_row_finds_the_lead_and_all_rows_share_it(vendor):
    frame = deals("79990000000", "79990000001", PHONES[3])
    done = sent(vendor, frame)
    assert done["ct_status"].tolist() == ["commented"] * 3
    assert done["ct_call_id"].tolist() == ["4"] * 3
    assert done["ct_rule"].tolist() == [1] * 3
    assert done["ct_offered"].tolist() == ["callContact"] * 3
    assert len(vendor.comments) == 1
    again = sent(vendor, frame.iloc[::-1])
    assert again["ct_replayed"].all()
    assert len(vendor.comments) == 1


def test_ids_of_several_rows_are_no_contradiction(vendor):
    done = sent(vendor, deals(None, None, ids=[77, 5]))
    assert done["ct_status"].tolist() == ["commented"] * 2
    assert (done["ct_rule"].tolist(), done["ct_attribution"].tolist()) == ([2, 2], ["exact"] * 2)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_mended_row_of_several_is_asked_again_and_another_order_is_not(vendor, row):
    frame = deals("79990000000", "79990000001", "79990000002", ids=[1001, 1002, 1003])
    assert sent(vendor, frame)["ct_status"].tolist() == ["unmatched"] * 3
    asked = len(vendor.posts)
    plan = ctnb.plan(frame.iloc[::-1], RULES, "text", key="deal", connection=vendor.connection)
    assert plan.frame["record"].tolist() == ["answered"] * 3
    assert sent(vendor, frame.iloc[::-1])["ct_replayed"].all()
    assert len(vendor.posts) == asked
    frame.loc[row, "id"] = 8
    assert sent(vendor, frame)["ct_call_id"].tolist() == ["8"] * 3


def test_a_lead_of_too_many_contacts_is_not_sent(vendor):
    frame = deals(*PHONES[:9]).assign(at="01.10.2020 12:10")
    many = pd.concat(
        [frame.assign(phone=frame["phone"].str.replace("7915", code)) for code in ("7915", "7916", "7917")]
    )
    done = sent(vendor, many)
    assert set(done["ct_status"]) == {"invalid"}
    assert set(done["ct_error_code"]) == {"repeated_key"}
    assert len(vendor.posts) == 0
