"""A frame of results of any size: the sample's deals, commented in the emulator, and repeated."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ctnb import Emulator, comment, load_rulebook, read_leads
from ctnb.tables.samples import sample

if TYPE_CHECKING:
    from collections.abc import Sequence


def results(rows: int, labels: Sequence[str] = ()) -> pd.DataFrame:
    """Return so many deals with their ``ct_`` columns; with labels, a column `label` too that takes them in turn."""
    once = _sample()
    frame = once.iloc[np.arange(rows) % len(once)].reset_index(drop=True)
    numbers = pd.Series(np.arange(rows), dtype="string")
    frame["deal_id"] = "D" + numbers
    if labels:
        frame["label"] = pd.Categorical.from_codes(np.arange(rows) * 7 % len(labels), categories=list(labels))
    return frame


@cache
def _sample() -> pd.DataFrame:
    deals: Any = read_leads(sample("deals.csv"))
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as vendor:
        return comment(deals, load_rulebook(sample("rules.toml")), connection=vendor.connection, progress=False)
