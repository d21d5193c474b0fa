"""The answers of a run as the columns of its rows, whole columns at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.outcomes import NO_MOMENT, NONE, TEXTS, Outcome, Reason, Status
from ctnb.results.columns import CATEGORIES, OFFERED_SEPARATOR

if TYPE_CHECKING:
    import numpy.typing as npt

    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Answers

NEVER_BEGUN: Final = Outcome(Status.UNSENT, error="the run was interrupted", reason=Reason.INTERRUPTED)
"""Of a run that was cancelled before its first step."""

_CODES: Final = {status: code for code, status in enumerate(Status)}
_REASONS: Final = {reason: code for code, reason in enumerate(Reason)}
_NAMES: Final = {"status": "status", "matched_by": "matched_by", "attribution": "attribution", "reason": "error_code"}


def answer_columns(plan: Plan, answers: Answers) -> dict[str, Any]:
    """Return the columns of `answer_frame` for the rows of a plan; rows that repeat another share its answer.

    Parameters
    ----------
    plan : Plan
        Of n rows.
    answers : Answers
        By position in the plan; it holds each of ``plan.sent``, unless the run never began.

    Returns
    -------
    dict of str to array, n values each
        With the dtypes of the contract.
    """
    answers.put_all(answers.without(plan.sent), NEVER_BEGUN)
    rows, invalid = plan.first, ~plan.ready
    codes = {name: np.where(invalid, NONE, column[rows]) for name, column in answers.codes.items()}
    codes["status"][invalid] = _CODES[Status.INVALID]
    codes["reason"][invalid] = [_REASONS[reason] for reason in plan.reasons[invalid].tolist()]
    commented, unmatched = (codes["status"] == _CODES[each] for each in (Status.COMMENTED, Status.UNMATCHED))
    moments = np.where(invalid, NO_MOMENT, answers.answered_at[rows]).view("datetime64[us]")
    texts = {name: column[rows] for name, column in answers.texts.items()}
    texts["error"] = texts.get("error", np.full(len(rows), None, dtype=object))
    if invalid.any():
        texts["error"][invalid] = plan.problems.objects()[invalid]
    return {
        "matched": pd.arrays.BooleanArray(commented, ~(commented | unmatched)),
        "offered": _offered(plan),
        "replayed": pd.arrays.BooleanArray(answers.replayed[rows] & ~invalid, np.zeros(len(rows), dtype=bool)),
        "answered_at": pd.DatetimeIndex(moments).tz_localize("UTC").array,
        **{
            _NAMES[name]: pd.Categorical.from_codes(column, dtype=CATEGORIES[_NAMES[name]])
            for name, column in codes.items()
        },
        **{name: _whole(np.where(invalid, NONE, column[rows])) for name, column in answers.numbers.items()},
        **{name: pd.array(texts[name], dtype="string") for name in TEXTS if name in texts},
    }


def uncertain_rows(plan: Plan, answers: Answers) -> npt.NDArray[np.intp]:
    """Return the positions of the uncertain rows, those that repeat another among them."""
    return np.flatnonzero(plan.ready & (answers.codes["status"][plan.first] == _CODES[Status.UNCERTAIN]))


def _whole(numbers: npt.NDArray[np.int64]) -> pd.arrays.IntegerArray:
    missing = numbers == NONE
    return pd.arrays.IntegerArray(np.where(missing, 0, numbers), missing)


def _offered(plan: Plan) -> pd.Categorical:
    """Return the types offered for each row, in order, joined: one text for each set of rules that occurs."""
    present = np.zeros(len(plan), dtype=np.int64)
    for bit, offer in enumerate(plan.offers):
        present |= offer.present.astype(np.int64) << bit
    sets, rows = np.unique(present, return_inverse=True)
    texts = [
        OFFERED_SEPARATOR.join(offer.kind for bit, offer in enumerate(plan.offers) if found >> bit & 1) or None
        for found in sets.tolist()
    ]
    return pd.Categorical(texts).take(rows)
