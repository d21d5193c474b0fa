"""Answers that the emulator loses on purpose: what they were to is applied."""

import pandas as pd
import pytest

import ctnb
from ctnb import Call, Emulator
from ctnb.exceptions import ConfigError

CALLS = pd.DataFrame({"callId": range(500), "date": "01-10-2020 12:00:00"})
DEALS = pd.DataFrame({"call": range(500)})


@pytest.mark.parametrize(("lost", "uncertain"), [(2, 100), ([1, 3], 200), (range(9, 12), 0), ((), 0)])
def test_rows_whose_answer_is_lost_are_uncertain_and_applied(lost, uncertain):
    with Emulator(CALLS, rate=None, lose_answer=lost) as vendor:
        done = ctnb.comment(DEALS, Call("call"), "text", connection=vendor.connection, progress=False)

    assert done["ct_status"].value_counts()[["commented", "uncertain"]].tolist() == [500 - uncertain, uncertain]
    assert len(vendor.comments) == 500
    assert vendor.posts["status"].tolist() == [200] * 5


def test_a_run_again_carries_on_behind_the_lost_answer():
    with Emulator(CALLS, rate=None, lose_answer=1) as vendor:
        for _ in range(2):
            done = ctnb.comment(DEALS, Call("call"), "text", connection=vendor.connection, progress=False)

    assert (done["ct_status"] == "uncertain").sum() == 100
    assert len(vendor.posts) == 5


@pytest.mark.parametrize("lost", [0, -1, True, "3", 2.0, [1, "2"], [0], None])
def test_what_is_no_number_of_a_request_is_refused(lost):
    with pytest.raises(ConfigError, match="lose_answer: expected the numbers of requests from 1"):
        Emulator(CALLS, lose_answer=lost)
