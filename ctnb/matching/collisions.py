"""Collisions: leads that would take the comments of several deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctnb.matching.lead_ids import NONE
from ctnb.matching.predictions import vendor_ids

if TYPE_CHECKING:
    from ctnb.matching.matched_plan import MatchedPlan


def collisions(matched: MatchedPlan) -> pd.DataFrame:
    """Count the leads that would take several comments, as `Preview.collisions` returns them."""
    planned, won, index = matched.look_up.planned, matched.winners, matched.look_up.index
    taken = np.flatnonzero(won.leads != NONE)
    leads, codes = np.unique(index.same_as[won.leads[taken]], return_inverse=True)
    comments = np.bincount(codes, minlength=len(leads))
    rows = np.rint(np.bincount(codes, planned.rows_of_comments()[taken], minlength=len(leads))).astype(np.int64)
    several = np.flatnonzero(comments > 1)
    several = several[np.argsort(-comments[several], kind="stable")]
    return pd.DataFrame(
        {
            "journal": np.where(leads[several] < index.calls, "calls", "requests").astype(object),
            "lead": vendor_ids(index, leads[several]),
            "comments": comments[several],
            "rows": rows[several],
        }
    )
