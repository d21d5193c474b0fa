"""The leads that took comments: how many different ones there are behind the matched rows of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.outcomes import Kind
from ctnb.results.restore import restore

if TYPE_CHECKING:
    from collections.abc import Sequence

CALL_IDS: Final = ("call_id", "call_reference_id", "sip_call_id")
REQUEST_IDS: Final = ("request_id", "request_number")
"""The ids of a lead by its side, the vendor's own first."""

UNKNOWN: Final = -1


def reached_leads(frame: pd.DataFrame, prefix: str) -> npt.NDArray[np.int64]:
    """Return a number for each row that is equal where the comment is on the same lead, shape (n,).

    `UNKNOWN` where the row was not matched, or its answer names no lead.
    """
    there = [name for name in (*CALL_IDS, *REQUEST_IDS) if prefix + name in frame.columns]
    results = restore(frame, prefix, only=["status", "matched", "matched_by", *there])
    call, request = (
        _first(results, [name for name in names if name in there], side)
        for side, names in (("call ", CALL_IDS), ("request ", REQUEST_IDS))
    )
    # An answer may name a call and its request: the comment is on what matched.
    of_request = results["matched_by"].isin([Kind.REQUEST.value, Kind.REQUEST_CONTACT.value]).to_numpy()
    named = call.fillna(request).mask(of_request, request.fillna(call))
    codes = pd.factorize(named.where(results["matched"].fillna(value=False).to_numpy()))[0]
    return codes.astype(np.int64)


def _first(results: pd.DataFrame, names: Sequence[str], side: str) -> pd.Series[str]:
    """Return the first id of a side that each row has."""
    found = pd.Series(pd.NA, index=results.index, dtype="string")
    for name in names:
        found = found.fillna(results[name])
    return side + found


def count_leads(
    leads: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], matched: npt.NDArray[np.bool_], count: int
) -> list[int | None]:
    """Count the different leads of each group; None where a matched row of it does not name its lead.

    Parameters
    ----------
    leads : ndarray of int64, shape (n,)
        From `reached_leads`.
    groups : ndarray of int64, shape (n,)
        0-based; rows of -1 are in none.
    matched : ndarray of bool, shape (n,)
    count : int
        Groups.
    """
    here = matched & (groups >= 0)
    unknown = np.bincount(groups[here & (leads == UNKNOWN)], minlength=count)
    known = here & (leads != UNKNOWN)
    pairs = np.unique(groups[known] * (int(leads.max(initial=0)) + 1) + leads[known])
    counts = np.bincount(pairs // (int(leads.max(initial=0)) + 1), minlength=count)
    return [None if some else found for found, some in zip(counts.tolist(), unknown.tolist(), strict=True)]
