"""Clocks: how far leads are from their deals in time, and the shifts that stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.leads.columns.cells import column
from ctnb.matching.candidates import Assumptions
from ctnb.matching.index import CALL_SIDE, NEAREST, REQUEST_SIDE
from ctnb.matching.instants import MINUTE
from ctnb.matching.named_leads import known_leads
from ctnb.matching.pools import FAR, Nearest
from ctnb.matching.reasons import time_between

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.halving import Integers
    from ctnb.matching.matched_plan import MatchedPlan

STEP: Final = 30
"""Minutes: time zones differ by halves of an hour, but for a few by quarters."""

REACH: Final = 14 * 60
"""Minutes: no two time zones of one country differ by more."""

LEAST_ROWS: Final = 5
LEAST_SHARE: Final = 0.03
LEAST_SIGMAS: Final = 4.0


def clock(matched: MatchedPlan, by: Hashable | None = None) -> pd.DataFrame:
    """Count how far the leads are from the deals in time, as `Preview.clock` returns it."""
    deltas = matched.look_up.planned.spread(_deltas(matched), FAR)
    within = np.abs(deltas) <= (REACH + STEP // 2) * MINUTE - 1
    shifts = np.arange(-REACH, REACH + STEP, STEP)
    bins = np.floor_divide(deltas[within] + (REACH + STEP // 2) * MINUTE, STEP * MINUTE)
    if by is None:
        codes, names = np.zeros(len(bins), dtype=np.int64), None
    else:
        groups = column(matched.deals, by, wanted_by="clock(by=...)")  # type: ignore[arg-type]
        all_codes, names = pd.factorize(groups, sort=False, use_na_sentinel=False)
        codes = all_codes[within]
    width = 1 if names is None else len(names)
    counts = np.bincount(codes * len(shifts) + bins, minlength=width * len(shifts)).reshape(width, len(shifts))
    totals = counts.sum(axis=1, keepdims=True)
    index = pd.Index(shifts, name="shift")
    return pd.DataFrame(
        {
            "rows": counts.ravel(),
            "share": np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0).ravel(),
            "stands_out": _standing_out(counts, shifts).ravel(),
        },
        index=index if names is None else pd.MultiIndex.from_product([names, index], names=[by, "shift"]),
    )


def _deltas(matched: MatchedPlan) -> Integers:
    """Return the time from each comment to its lead, `FAR` where none is known."""
    look_up = matched.look_up
    nearest = Nearest.none(len(look_up.planned.first_rows))
    seen = set()
    for rule in matched.rules:
        search = rule.search
        # Rules that read the same columns find the same.
        columns = (rule.side, id(search.phones), id(search.emails), id(search.dates), hash(search.rows.tobytes()))
        if rule.moments is None or columns in seen:
            continue
        seen.add(columns)
        for found in look_up.nearest(search, rule.moments, Assumptions(), match=NEAREST):
            # Of several searches of a comment each may be the nearest.
            order = np.argsort(-np.abs(found.deltas), kind="stable")
            mine = Nearest.none(len(nearest.leads))
            mine.put(search.comments[order], Nearest(found.leads[order], found.deltas[order]))
            nearest = nearest.or_nearer(mine)
    dates = look_up.dates()
    named = np.full(len(dates), FAR, dtype=np.int64)
    for side in (REQUEST_SIDE, CALL_SIDE):
        deltas = time_between(dates, known_leads(matched, side), look_up.index)
        named = np.where(np.abs(deltas) <= np.abs(named), deltas, named)
    return np.where(named == FAR, nearest.deltas, named)


def _standing_out(counts: npt.NDArray[np.int64], shifts: npt.NDArray[np.int64]) -> Flags:
    """Tell which shifts have far more rows than those around them, for each line of counts."""
    edge = 3
    padded = np.pad(counts, ((0, 0), (edge, edge))).astype(float)

    def beside(steps: int) -> npt.NDArray[np.float64]:
        moved: npt.NDArray[np.float64] = padded[:, edge + steps : edge + steps + counts.shape[1]]
        return moved

    around = (beside(-3) + beside(-2) + beside(2) + beside(3)) / 4
    found: Flags = (
        (np.abs(shifts) >= 2 * STEP)
        & (counts >= LEAST_ROWS)
        & (counts >= LEAST_SHARE * counts.sum(axis=1, keepdims=True))
        & (counts > beside(-1))
        & (counts > beside(1))
        & (counts >= around + LEAST_SIGMAS * np.sqrt(around + 1))
    )
    return found
