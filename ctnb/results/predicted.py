"""Whether results are a preview's: what would come of a run that was not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.defaults import PREFIX
from ctnb.results.restore import read_column

if TYPE_CHECKING:
    import pandas as pd


def is_predicted(frame: pd.DataFrame, prefix: str = PREFIX) -> bool:
    """Tell whether any row of a frame of results was predicted; a frame saved before has no such column."""
    label = prefix + "predicted"
    return label in frame.columns and bool(read_column("predicted", frame, label).any())
