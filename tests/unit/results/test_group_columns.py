"""Columns that are worth grouping by: identifiers are none of them."""

import numpy as np
import pandas as pd

from ctnb.results.group_columns import group_columns, is_identifier

MANY = 400


def deals():
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "deal_id": range(31480205, 31480205 + MANY),
            "Телефон": [f"+7 915 {at % 90 + 100} 11 22" for at in range(MANY)],
            "manager": rng.choice(["Аня", "Боря", "Вера"], MANY),
            "branch_code": rng.integers(10**8, 10**8 + 90, MANY),
            "created": pd.date_range("2026-01-01", periods=MANY, freq="h"),
            "amount": rng.random(MANY),
            "hour": rng.integers(0, 24, MANY),
            "note": [f"позвонить {at}" for at in range(MANY)],
            "tags": [["a"]] * MANY,
            "flag": [True, False] * (MANY // 2),
            "same": "x",
            "ct_status": "commented",
        }
    )


def test_names_of_few_things_are_offered_those_of_fewest_first():
    assert group_columns(deals(), "ct_") == ["flag", "manager", "hour"]


def test_identifiers_are_seen_by_their_cells():
    frame = deals()
    named = [name for name in frame if is_identifier(frame[name])]
    assert named == ["deal_id", "Телефон", "branch_code", "created", "amount", "note", "tags"]
    assert not is_identifier(pd.Series([], dtype=object))
