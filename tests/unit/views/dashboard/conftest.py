"""Frames of results for the tests of the dashboard."""

import numpy as np
import pandas as pd
import pytest

from ctnb.results.columns import answer_frame, join

PHONE, EMAIL = "+7 (915) 777-11-22", "ivan.canary@mail.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def results(n=600):
    """n rows: commented, unmatched and invalid in turn, with a manager, contacts and a date of text."""
    at = np.arange(n)
    words = np.array(["commented", "unmatched", "invalid"], dtype=object)[at % 3]
    won = words == "commented"
    answers = answer_frame(
        {
            "status": words,
            "matched": np.where(won, True, np.where(words == "unmatched", False, None)),
            "matched_by": np.where(won, np.where(at % 2, "call", "callContact"), None),
            "rule": np.where(won, np.where(at % 2, 1, 2), None),
            "offered": ["call>callContact"] * n,
            "error": np.where(won, None, f"{HOSTILE} {PHONE} {EMAIL}"),
            "error_code": np.where(won, None, np.where(words == "unmatched", "lead_not_found", "bad_identifier")),
            "answered_at": pd.date_range("2026-01-05", periods=n, freq="min"),
        },
        pd.RangeIndex(n),
    )
    deals = pd.DataFrame(
        {
            "deal_id": at.astype(str),
            "phone": [f"8915{row:07}" for row in at],
            "email": [EMAIL] * n,
            "manager": pd.Series(np.array(["Анна", "Борис", HOSTILE, None, "$x$"], dtype=object)[at % 5]),
            "created_at": [f"{1 + row % 28:02}.03.2026 10:00" for row in at],
            "amount": (at * 7919 % 1000).astype(float),
        }
    )
    return join(deals, answers)


@pytest.fixture(scope="session")
def frame():
    """A frame of results; no test changes it."""
    return results()


@pytest.fixture(scope="session")
def frame_of():
    """A function that makes a frame of so many rows."""
    return results
