"""Leads that a comment's ids name: the truth that a rule by contact is measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ctnb.matching.lead_ids import NONE

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.candidates import RuleCandidates
    from ctnb.matching.halving import Integers
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.matching.pools import Leads


def known_leads(matched: MatchedPlan, side: int) -> Leads:
    """Return the lead of a journal that each comment's id names, shape (comments,).

    `NONE` where no rule of the list has an id of it, or its id is not found, or names several leads. Of several
    ids the first rule's counts.
    """
    known = np.full(len(matched.look_up.planned.first_rows), NONE, dtype=np.int32)
    for rule in reversed(matched.rules):
        if rule.moments is not None or rule.side != side:
            continue
        (stage,) = rule.stages
        found = np.flatnonzero(stage.nearest.leads != NONE)
        found = found[~names_several(matched, rule, found)]
        known[rule.search.comments[found][::-1]] = stage.nearest.leads[found][::-1]
    return known


def names_several(matched: MatchedPlan, rule: RuleCandidates, some: Integers) -> Flags:
    """Tell which of some searches of a rule are for an id that names more than one lead."""
    if rule.search.ids is None or rule.search.numeric is None:
        return np.zeros(len(some), dtype=bool)
    ids = matched.look_up.index.ids[rule.side]
    return ids.name_several(rule.search.ids.take(pa.array(some)), rule.search.numeric[some])


def won_by_shared_id(matched: MatchedPlan) -> Flags:
    """Tell which comments go to a lead by an id that names others too, shape (comments,)."""
    several = np.zeros(len(matched.look_up.planned.first_rows), dtype=bool)
    for position, (rule, found) in enumerate(zip(matched.rules, matched.taken, strict=True)):
        comments = rule.search.comments
        mine = np.flatnonzero(found.matched & (matched.winners.rules[comments] == position))
        several[comments[mine]] = names_several(matched, rule, mine)
    return several
