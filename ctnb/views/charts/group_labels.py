"""The names of groups on an axis: dates in the form of the language, everything else as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from ctnb.views.charts.date_ticks import period_text
from ctnb.views.charts.texts import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


def group_labels(index: pd.Index) -> list[tuple[str, ...]]:
    """Return the texts of each group, one for each level of the index."""
    levels = [_texts(list(index.get_level_values(level))) for level in range(index.nlevels)]
    return list(zip(*levels, strict=True))


def _texts(values: Sequence[Any]) -> list[str]:
    known = [value for value in values if not (pd.api.types.is_scalar(value) and pd.isna(value))]
    if known and all(isinstance(value, pd.Period) for value in known):
        moments: dict[Any, datetime] = {value: value.start_time for value in known}
    elif known and all(isinstance(value, date) for value in known):
        moments = {value: pd.Timestamp(value).tz_localize(None) for value in known}
    elif known and all(isinstance(value, float) and value.is_integer() for value in known):
        # Whole numbers that a missing one has made floats.
        return [clean(int(value)) if value in set(known) else clean(value) for value in values]
    else:
        return [clean(value) for value in values]
    whole = list(moments.values())
    return [period_text(moments[value], whole) if value in moments else clean(value) for value in values]
