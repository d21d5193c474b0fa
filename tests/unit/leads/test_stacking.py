from unittest import mock

import numpy as np
import pandas as pd

import ctnb
from ctnb import Call, CallContact, RequestContact, col

RULES = [
    Call("call", tags=col("tags")),
    CallContact("phone", "created", depth="2h"),
    RequestContact("created", depth="1d", phones="phone"),
]


def planned(window):
    deals = pd.DataFrame(
        {
            "call": [1, None, True, 4, 1],
            "tags": ["a", None, "b", 7, "a"],
            "phone": ["89157771122", "8 915 777-11-23", None, "8 915", "89157771122"],
            "created": ["01.01.2026"] * 5,
        }
    )
    with mock.patch("ctnb.leads.plan.WINDOW", window):
        return ctnb.plan(deals, RULES, "won")


def test_a_plan_is_the_same_in_windows_of_any_size():
    whole, pieces = planned(100), planned(2)
    pd.testing.assert_frame_equal(whole.frame, pieces.frame)
    assert whole.leads(5) == pieces.leads(5)
    assert whole.reasons.tolist() == pieces.reasons.tolist()
    assert whole.first.tolist() == pieces.first.tolist() == [0, 1, 2, 3, 0]


def test_rules_that_read_one_column_share_it():
    _, calls, requests = planned(2).offers
    assert calls.phones is requests.phones
    assert calls.dates is requests.dates


def test_a_literal_takes_no_memory_and_a_columns_values_keep_their_rows():
    first, calls, _ = planned(2).offers
    assert calls.depth.codes.strides == (0,)
    assert [first.tags.at(row) for row in (0, 1, 4)] == [("a",), (), ("a",)]
    assert np.asarray(first.present).tolist() == [True, False, False, False, True]
