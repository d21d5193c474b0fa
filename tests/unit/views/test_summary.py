"""Small tables of results in words."""

import pandas as pd

from ctnb.results.columns import answer_frame
from ctnb.views.summary import rates_table


def test_rows_answered_under_another_rule_list_stand_in_a_line_of_their_own():
    frame = answer_frame(
        {
            "status": ["commented", "commented", "unmatched"],
            "matched": [True, True, False],
            "matched_by": ["call", "request", None],
            "rule": [1, None, None],
            "offered": ["call>callContact", "request>call", "callContact"],
        },
        pd.RangeIndex(3),
    )
    assert [row[:4] for row in rates_table(frame, "rule").rows] == [
        ("1. call", "1", "1", "1"),
        ("2. callContact", "2", "1", "0"),
        ("rule not known", "–", "–", "1"),
    ]
