"""Predictions as the ``ct_`` columns that the answers of a run would fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ctnb.matching.index import CALL_SIDE, REQUEST_SIDE
from ctnb.matching.instants import MINUTE
from ctnb.matching.lead_ids import NONE
from ctnb.matching.named_leads import won_by_shared_id
from ctnb.matching.pools import FAR
from ctnb.matching.reasons import winner_deltas
from ctnb.outcomes import Answers, Attribution, Kind, Reason, Status
from ctnb.results.answer_columns import answer_columns
from ctnb.results.columns import PREFIX, answer_frame, join

if TYPE_CHECKING:
    import numpy.typing as npt

    from ctnb.matching.index import JournalIndex
    from ctnb.matching.pools import Integers, Leads
    from ctnb.matching.preview import Preview

_STATUSES = list(Status)
_KINDS = list(Kind)
_ATTRIBUTIONS = list(Attribution)
_REASONS = list(Reason)

_IDS = {
    CALL_SIDE: ("call_id", "call_reference_id", "sip_call_id"),
    REQUEST_SIDE: ("request_id", "request_number"),
}
"""What a lead's ids are called, in the order of the journal's columns."""


def predicted_frame(preview: Preview) -> pd.DataFrame:
    """Join to each deal what a run would answer; see `Preview.frame`."""
    plan, planned = preview.plan, preview.look_up.planned
    columns = answer_columns(plan, predicted_answers(preview))
    deltas = np.full(len(preview), FAR, dtype=np.int64)
    ready = planned.comment_of_row >= 0
    deltas[ready] = winner_deltas(preview.rules, preview.taken, preview.winners, preview.look_up)[
        planned.comment_of_row[ready]
    ]
    joined = join(preview.deals, answer_frame(columns, plan.index))
    return joined.assign(
        **{
            f"{PREFIX}predicted": pd.array(np.ones(len(preview), dtype=bool), dtype="boolean"),
            f"{PREFIX}minutes": minutes_array(deltas),
        }
    )


def predicted_answers(preview: Preview) -> Answers:
    """Return what would become of each lead of the plan."""
    planned, won = preview.look_up.planned, preview.winners
    answers = Answers(len(preview))
    rows = planned.first_rows
    matched = won.rules != NONE
    answers.codes["status"][rows] = np.where(
        matched, _STATUSES.index(Status.COMMENTED), _STATUSES.index(Status.UNMATCHED)
    )
    answers.codes["reason"][rows[~matched]] = _REASONS.index(Reason.LEAD_NOT_FOUND)
    kinds = np.array([_KINDS.index(rule.search.kind) for rule in preview.rules])
    ranks = np.array([rule.search.rank for rule in preview.rules])
    taken, rules = rows[matched], won.rules[matched]
    answers.codes["matched_by"][taken] = kinds[rules]
    answers.numbers["rule"][taken] = ranks[rules]
    answers.codes["attribution"][taken] = np.where(
        won_by_shared_id(preview)[matched],
        _ATTRIBUTIONS.index(Attribution.AMBIGUOUS),
        _ATTRIBUTIONS.index(Attribution.EXACT),
    )
    for side, names in _IDS.items():
        ids = preview.look_up.index.ids[side]
        leads = won.leads - ids.first_row
        mine = np.flatnonzero((won.leads != NONE) & (leads >= 0) & (leads < len(ids.same_as)))
        for name, column in zip(names, ids.columns, strict=True):
            answers.texts[name] = np.full(len(preview), None, dtype=object)
            answers.texts[name][rows[mine]] = column.take(pa.array(leads[mine])).to_numpy(zero_copy_only=False)
    return answers


def vendor_ids(index: JournalIndex, leads: Leads) -> Any:
    """Return the vendor's ids of leads as a column of strings; NA for `NONE`."""
    known = pa.concat_arrays([of_side.columns[0] for of_side in index.ids])
    texts = known.take(pa.array(leads, mask=leads == NONE))
    return pd.StringDtype().__from_arrow__(texts)  # type: ignore[attr-defined]


def minutes_array(deltas: Integers) -> pd.arrays.FloatingArray:
    """Return microseconds as minutes; NA for `FAR`."""
    missing: npt.NDArray[np.bool_] = deltas == FAR
    return pd.arrays.FloatingArray(np.where(missing, 0, deltas) / MINUTE, missing)
