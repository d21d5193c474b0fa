"""The demo compares what was predicted with what was answered."""

import pandas as pd
import pytest

from ctnb import Call, Emulator, Journal
from ctnb.cli.demo import compare

DEALS = pd.DataFrame({"call": [7, 8]})
CALLS = pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"]})


def test_a_prediction_that_does_not_come_true_fails_the_demo():
    foretold = DEALS.calltouch.preview(Call("call"), journal=Journal(CALLS)).frame
    with Emulator(CALLS, rate=None) as vendor:
        done = DEALS.calltouch.comment(Call("call"), "sold", connection=vendor.connection, progress=False)
    compare(foretold, done)
    with pytest.raises(AssertionError, match="1 rows"):
        compare(foretold, done.assign(ct_call_id=["9", None]))
