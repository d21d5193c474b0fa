"""The ``ct_`` columns: their names and dtypes, filled from the answers of a run and joined to the deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.exceptions import CtnbError
from ctnb.i18n.outcome_texts import OutcomeText, in_words
from ctnb.leads.offered import types_of
from ctnb.outcomes import NONE, Attribution, Kind, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from enum import StrEnum

    import numpy.typing as npt

    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Answers

OFFERED_SEPARATOR: Final = ">"
"""Between the types of ``offered``, which are in the order in which they were offered."""


def _closed(values: type[StrEnum]) -> pd.CategoricalDtype:
    """Return the dtype of a column whose values are a closed set: all of it, in the contract's order."""
    return pd.CategoricalDtype([member.value for member in values])


DTYPES: Final[dict[str, Any]] = {
    "status": _closed(Status),
    "matched": "boolean",
    "matched_by": _closed(Kind),
    "rule": "Int64",
    "attribution": _closed(Attribution),
    "offered": "category",
    **dict.fromkeys(("call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "error"), "string"),
    "error_code": _closed(Reason),
    "replayed": "boolean",
    "predicted": "boolean",
    "batch": "Int64",
    "attempts": "Int64",
    "answered_at": "datetime64[us]",
}
"""The columns of a result without the prefix, in their order, with their dtypes; `offered` has the values it holds.

`answered_at` is in UTC, without a zone: a workbook takes no other.
"""

NAMES: Final = tuple(DTYPES)

MINUTES: Final = "minutes"
"""The one column that a preview's frame has beside them: the time to the lead, which no answer tells."""

_CODES: Final = {status: code for code, status in enumerate(Status)}
_LOST_ROWS_NAMED: Final = 5
_NOT_BEGUN: Final = {
    Reason.INTERRUPTED: OutcomeText.INTERRUPTED,
    Reason.STOPPED: OutcomeText.STOPPED,
}


def answer_frame(
    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], index: pd.Index, prefix: str = PREFIX
) -> pd.DataFrame:
    """Build the answer columns from one value per row.

    Parameters
    ----------
    columns : mapping of str to sequence or array
        By name without the prefix, n values each that the column's dtype takes; None where there is none.
        A column that is left out is missing in every row.
    index : Index, length n
        The index of the deals.
    prefix : str
        What the names begin with.

    Returns
    -------
    DataFrame, shape (n, 18)
        The columns of the contract, in its order, with its dtypes.
    """
    return pd.DataFrame(
        {
            prefix + name: pd.array(columns[name], dtype=dtype, copy=False)
            if name in columns
            # Much sooner than n times None is read.
            else pd.array([None], dtype=dtype).repeat(len(index))
            for name, dtype in DTYPES.items()
        },
        index=index,
    )


def join(deals: pd.DataFrame, answers: pd.DataFrame, prefix: str = PREFIX) -> pd.DataFrame:
    """Put the answers beside the deals, by position.

    Parameters
    ----------
    deals : DataFrame, n rows
        The user's frame, with any index. It is not changed.
    answers : DataFrame, n rows
        From `answer_frame`, with the same prefix.
    prefix : str
        What the names of the answers begin with.

    Returns
    -------
    DataFrame, n rows
        A new frame: the same rows, order and index. Columns under the names of the answers are replaced, and
        others that happen to begin with the prefix are left alone. Whether those that are replaced are results
        is checked before a run, by `ctnb.results.restore.check_names`.
    """
    ours = {prefix + name for name in NAMES}
    if prefix + "predicted" in deals.columns:
        ours.add(prefix + MINUTES)
    kept = deals.loc[:, [not (isinstance(label, str) and label in ours) for label in deals.columns]]
    return kept.assign(**{name: answers[name].array for name in answers.columns})


def mark_not_begun(plan: Plan, answers: Answers, reason: Reason) -> None:
    """Make all leads unsent, in a run that ended before its first step; nothing when it has any outcome.

    Parameters
    ----------
    plan : Plan
    answers : Answers
        By row of the plan.
    reason : Reason
        ``INTERRUPTED`` when the user ended the run, ``STOPPED`` when an error did.
    """
    if not answers:
        answers.put_all(plan.sent, Outcome(Status.UNSENT, error=_NOT_BEGUN[reason], reason=reason))


def answer_columns(plan: Plan, answers: Answers, *, predicted: bool = False) -> dict[str, Any]:
    """Return the columns of `answer_frame` for the rows of a plan; rows that repeat another share its answer.

    Parameters
    ----------
    plan : Plan
        Of n rows.
    answers : Answers
        By row of the plan, with an outcome for each of ``plan.sent``.
    predicted : bool
        Whether the answers are a preview's.

    Returns
    -------
    dict of str to array, n values each
        With the dtypes of the contract.

    Raises
    ------
    CtnbError
        When a lead has no outcome: it was lost, and is not to be taken for unsent.
    """
    _check_none_is_lost(plan, answers)
    # An invalid row repeats none, and has no outcome.
    first, invalid = plan.first, ~plan.ready
    codes = {name: column[first] for name, column in answers.codes.items()}
    codes["status"][invalid] = _CODES[Status.INVALID]
    codes["error_code"] = codes.pop("reason")
    codes["error_code"][invalid] = plan.reason_codes[invalid]
    commented, unmatched = (codes["status"] == _CODES[each] for each in (Status.COMMENTED, Status.UNMATCHED))
    texts = {name: column[first] for name, column in answers.texts.items() if name != "offered"}
    if "error" in texts:
        shown = {text: in_words(text) for text in set(texts["error"].tolist())}
        texts["error"] = np.array([shown[text] for text in texts["error"].tolist()], dtype=object)
    if invalid.any():
        texts.setdefault("error", np.full(len(first), None, dtype=object))[invalid] = plan.problems.objects()[invalid]
    return {
        "matched": pd.arrays.BooleanArray(commented, ~(commented | unmatched)),
        "offered": _offered(plan, answers),
        "replayed": pd.arrays.BooleanArray(answers.replayed[first], np.zeros(len(first), dtype=bool)),
        "predicted": pd.arrays.BooleanArray(np.full(len(first), predicted), np.zeros(len(first), dtype=bool)),
        "answered_at": pd.DatetimeIndex(answers.answered_at[first].view("datetime64[us]")).array,
        **{name: pd.Categorical.from_codes(column, dtype=DTYPES[name]) for name, column in codes.items()},
        **{name: _whole_numbers(column[first]) for name, column in answers.numbers.items()},
        **{name: pd.array(column, dtype="string") for name, column in texts.items()},
    }


def uncertain_rows(plan: Plan, answers: Answers) -> npt.NDArray[np.intp]:
    """Return the uncertain rows, those that repeat another among them."""
    return np.flatnonzero(answers.codes["status"][plan.first] == _CODES[Status.UNCERTAIN])


def not_recorded_rows(plan: Plan, answers: Answers) -> npt.NDArray[np.intp]:
    """Return the rows whose answers the ledger could not keep, those that repeat another among them."""
    return np.flatnonzero(answers.codes["reason"][plan.first] == list(Reason).index(Reason.NOT_RECORDED))


def _check_none_is_lost(plan: Plan, answers: Answers) -> None:
    """Raise when a lead has no outcome."""
    lost = answers.without(plan.sent)
    if len(lost):
        shown = ", ".join(map(str, lost[:_LOST_ROWS_NAMED])) + (", …" if len(lost) > _LOST_ROWS_NAMED else "")
        raise CtnbError(
            "Expected an outcome for each of {comments} comments, got none for {count}: rows {rows} (counted from 0) "
            "are lost, by a fault of ctnb, and may have been sent. The ledger knows: run it again, and what was "
            "answered is not sent twice; `ctnb ledger list` names what is uncertain.",
            comments=len(plan.sent),
            count=len(lost),
            rows=shown,
        )


def _whole_numbers(numbers: npt.NDArray[np.int64]) -> pd.arrays.IntegerArray:
    missing = numbers == NONE
    return pd.arrays.IntegerArray(np.where(missing, 0, numbers), missing)


def _offered(plan: Plan, answers: Answers) -> pd.Categorical:
    """Return what was offered for each row's lead, in the same rule list as the rest of its answer.

    A replayed answer has it from the ledger, for the rules of today may be others.
    """
    # One text for each set of rules that occurs.
    sets, rows = np.unique(plan.offered_ranks(np.arange(len(plan))), return_inverse=True)
    texts = [types_of(plan.kinds, found) for found in sets.tolist()]
    kept = answers.texts.get("offered")
    if kept is not None:
        codes, words = pd.factorize(kept[plan.first])
        rows = np.where(answers.replayed[plan.first] & (codes >= 0), codes + len(texts), rows)
        texts += words.tolist()
    seen = pd.Index(sorted({text for text in texts if text}), dtype=str)
    return pd.Categorical(texts, categories=seen).take(rows)
