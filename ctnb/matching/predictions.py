"""Predictions as the ``ct_`` columns that the answers of a run would fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ctnb.defaults import PREFIX
from ctnb.matching.index import CALL_SIDE, REQUEST_SIDE
from ctnb.matching.instants import MINUTE
from ctnb.matching.lead_ids import NONE
from ctnb.matching.named_leads import won_by_shared_id
from ctnb.matching.pools import FAR
from ctnb.matching.reasons import winner_deltas
from ctnb.outcomes import Answers, Attribution, Kind, Reason, Status
from ctnb.results.columns import MINUTES, answer_columns, answer_frame, join

if TYPE_CHECKING:
    import numpy.typing as npt

    from ctnb.matching.halving import Integers
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.matching.pools import Leads

_STATUSES = list(Status)
_KINDS = list(Kind)
_ATTRIBUTIONS = list(Attribution)
_REASONS = list(Reason)

_IDS = {
    CALL_SIDE: ("call_id", "call_reference_id", "sip_call_id"),
    REQUEST_SIDE: ("request_id", "request_number"),
}
"""What a lead's ids are called, in the order of the journal's columns."""


def predicted_frame(matched: MatchedPlan) -> pd.DataFrame:
    """Join to each deal what a run would answer; see `Preview.frame`."""
    plan, planned = matched.plan, matched.look_up.planned
    columns = answer_columns(plan, predicted_answers(matched), predicted=True)
    deltas = winner_deltas(matched.rules, matched.taken, matched.winners, matched.look_up)
    minutes = minutes_array(planned.spread(deltas, FAR))
    return join(matched.deals, answer_frame(columns, plan.index).assign(**{PREFIX + MINUTES: minutes}))


def predicted_answers(matched: MatchedPlan) -> Answers:
    """Return what would become of each lead of the plan."""
    won, rows = matched.winners, matched.look_up.planned.first_rows
    answers = Answers(len(matched))
    found = won.rules != NONE
    answers.codes["status"][rows] = np.where(
        found, _STATUSES.index(Status.COMMENTED), _STATUSES.index(Status.UNMATCHED)
    )
    answers.codes["reason"][rows[~found]] = _REASONS.index(Reason.LEAD_NOT_FOUND)
    kinds = np.array([_KINDS.index(rule.search.kind) for rule in matched.rules])
    ranks = np.array([rule.search.rank for rule in matched.rules])
    taken, rules = rows[found], won.rules[found]
    answers.codes["matched_by"][taken] = kinds[rules]
    answers.numbers["rule"][taken] = ranks[rules]
    answers.codes["attribution"][taken] = np.where(
        won_by_shared_id(matched)[found],
        _ATTRIBUTIONS.index(Attribution.AMBIGUOUS),
        _ATTRIBUTIONS.index(Attribution.EXACT),
    )
    for side, names in _IDS.items():
        ids = matched.look_up.index.ids[side]
        leads = won.leads - ids.first_row
        mine = np.flatnonzero((won.leads != NONE) & (leads >= 0) & (leads < len(ids)))
        for name, column in zip(names, ids.columns, strict=True):
            answers.texts[name] = np.full(len(matched), None, dtype=object)
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
