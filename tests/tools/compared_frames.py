"""Frames of results to compare."""

import pandas as pd

from ctnb.outcomes import Status
from ctnb.results.columns import answer_frame

MATCHED = {Status.COMMENTED: True, Status.UNMATCHED: False}


def results(rows, *, prefix="ct_", index=None, **columns):
    """Deals by key with their outcome: a status, or a type, which means that it matched."""
    statuses = [outcome if outcome in set(Status) else "commented" for _, outcome in rows]
    found = answer_frame(
        {
            "status": statuses,
            "matched": [MATCHED.get(status) for status in statuses],
            "matched_by": [None if outcome in set(Status) else outcome for _, outcome in rows],
            "offered": ["call>callContact"] * len(rows),
            "predicted": [False] * len(rows),
        },
        pd.RangeIndex(len(rows)),
        prefix,
    )
    found.insert(0, "deal", pd.Series([key for key, _ in rows], dtype=object))
    return (found if index is None else found.set_axis(index)).assign(**columns)


def many(pairs=300, *, predicted=True):
    """Two frames of `pairs` deals each, 20 of which the other has not; the first may be a preview's."""
    before = [(at, "call" if at % 3 else "unmatched") for at in range(pairs)]
    after = [(-at - 1 if at < 20 else at, "callContact" if at % 5 else "unmatched") for at in range(pairs)]
    managers = ["Анна", "Иван", "Пётр Очень-Длинная-Фамилия из отдела продаж № 7"]
    return (
        results(before, ct_predicted=predicted),
        results(after, manager=[managers[at % len(managers)] for at in range(pairs)]),
    )
