"""A frame of answers to be joined, saved and read back."""

from datetime import datetime

import pandas as pd
import pytest

from ctnb.outcomes import Attribution, Kind, Reason, Status
from ctnb.results.columns import answer_frame

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 123456)  # noqa: DTZ001  UTC without a zone


def three_answers(prefix="ct_"):
    return answer_frame(
        {
            "status": [Status.COMMENTED, Status.UNMATCHED, Status.INVALID],
            "matched": [True, False, None],
            "matched_by": [Kind.CALL, None, None],
            "rule": [1, None, None],
            "attribution": [Attribution.EXACT, None, None],
            "offered": ["call>callContact", "callContact", None],
            "call_id": ["0012", "34", None],
            "request_id": ["100500", None, None],
            "error": [None, 'Лид "не" найден, увы', "blank"],
            "error_code": [None, Reason.LEAD_NOT_FOUND, Reason.BLANK_COMMENT],
            "replayed": [False, True, False],
            "batch": [1, None, None],
            "attempts": [1, 2, None],
            "answered_at": [MOMENT, MOMENT, None],
        },
        pd.RangeIndex(3),
        prefix,
    )


@pytest.fixture
def answers():
    return three_answers
