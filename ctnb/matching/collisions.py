"""Collisions: leads that would take the comments of several deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctnb.matching.lead_ids import NONE
from ctnb.matching.predictions import vendor_ids

if TYPE_CHECKING:
    from ctnb.matching.preview import Preview


def collisions(preview: Preview) -> pd.DataFrame:
    """Count the leads that would take several comments.

    Returns
    -------
    DataFrame
        A row per such lead, the most comments first, then in the journals' order. Columns ``journal`` ("calls" or
        "requests"), ``lead`` (string, the vendor's id), ``comments`` (int64, 2 or more) and ``rows`` (int64: rows of
        the frame; several may be one comment).
    """
    planned, won, index = preview.look_up.planned, preview.winners, preview.look_up.index
    taken = np.flatnonzero(won.leads != NONE)
    leads, codes = np.unique(index.same_as[won.leads[taken]], return_inverse=True)
    rows_of_comment = np.bincount(
        planned.comment_of_row[planned.comment_of_row >= 0], minlength=len(planned.first_rows)
    )
    comments = np.bincount(codes, minlength=len(leads))
    rows = np.rint(np.bincount(codes, rows_of_comment[taken], minlength=len(leads))).astype(np.int64)
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
