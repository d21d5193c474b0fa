"""Answers that were lost, end to end: rows are settled from the emulator's own comments, and nothing is sent twice."""

from collections import Counter

import pandas as pd
import pytest
from fault_proxy import closes

import ctnb
from ctnb import Call

LEADS = 250
SECOND, THIRD = range(100, 200), range(200, 250)


def journal_of(connection):
    """Read the emulator's journals by the vendor's methods."""
    return ctnb.Journal.download(connection, since="2020-10-01", until="2020-10-01", cache=None, progress=False)


@pytest.mark.parametrize("comment", ["deal {call}", "the same for all"])
def test_rows_whose_answers_were_lost_are_settled_and_never_sent_again(comment, vendor, connect, deals, tmp_path):
    connection = connect(vendor.base_url, concurrency=1, ledger=tmp_path / "ledger.sqlite3")
    asked = {"rules": Call("call"), "comment": comment, "key": "call", "connection": connection}
    frame, before = deals(LEADS), journal_of(vendor.emulator)
    # The second request is applied and its answer lost; the third is lost before it is applied.
    vendor.faults = {2: (True, closes), 3: (False, closes)}
    done = ctnb.comment(frame, **asked, progress=False)
    assert Counter(done["ct_status"]) == {"commented": 100, "uncertain": 150}

    found = done.calltouch.settle(**asked, journal=journal_of(vendor.emulator), before=before, mark=True)

    assert found["row"].tolist() == [*SECOND, *THIRD]
    assert found["grade"].tolist() == ["sure"] * 100 + ["not_found"] * 50
    assert found["lead"].tolist() == [*map(str, SECOND), *[pd.NA] * 50]
    assert found["marked"].tolist() == [True] * 100 + [False] * 50
    assert found.index.tolist() == frame.index[100:].tolist()

    posts = len(vendor.posts)
    again = ctnb.comment(frame, **asked, progress=False)
    assert len(vendor.posts) == posts
    assert Counter(again["ct_status"]) == {"commented": 200, "uncertain": 50}
    # The lead that was seen is kept, the rule that found it is not known.
    assert again["ct_call_id"].iloc[SECOND].tolist() == [str(call) for call in SECOND]
    assert again["ct_matched_by"].iloc[SECOND].isna().all()

    ctnb.comment(frame, **asked, progress=False, resend="uncertain")
    assert vendor.posts[posts:] == [list(THIRD)]
    assert vendor.applied == dict.fromkeys(range(LEADS), 1)
    assert len(frame.calltouch.settle(**asked, journal=journal_of(vendor.emulator), before=before)) == 0
