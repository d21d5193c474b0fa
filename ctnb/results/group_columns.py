"""The columns that are worth grouping rows by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from ctnb.leads.columns.cells import distinct
from ctnb.leads.guess_columns import find_roles, holds_dates
from ctnb.results.columns import NAMES

if TYPE_CHECKING:
    from collections.abc import Hashable

_MOST_VALUES: Final = 1_000
_MOSTLY_DISTINCT: Final = 0.5
_NUMBERS_OF_THINGS: Final = 0.1


def group_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns by which rates can be compared, those of fewest values first.

    These have 2 to 1000 values; dates, measures in floats and identifiers are none of them. A column that the user
    names is grouped by all the same.
    """
    ours = {prefix + name for name in NAMES}
    labels = pd.Index(frame.columns)
    own = [label for label in labels[~labels.duplicated(keep=False)] if label not in ours]
    roles = find_roles(frame.loc[:, own])
    naming = {*roles.phones, *roles.emails, roles.call_id, roles.request_id, roles.key}
    counts: dict[Hashable, int] = {}
    for label in own:
        column = frame[label]
        if str(label) in naming or is_float_dtype(column.dtype) or column.dtype.kind == "M" or is_identifier(column):
            continue
        # Not by pandas: before 3.0 it takes two texts for one that differ behind a NUL.
        values = np.unique(distinct(column)[0]).size
        # Last, for to read dates takes longest.
        if 2 <= values <= _MOST_VALUES and not holds_dates(column):
            counts[label] = values
    return sorted(counts, key=lambda label: counts[label])


def is_identifier(column: pd.Series[Any]) -> bool:
    """Tell whether the cells of a column name things: more than half of them differ, or are long numbers that do.

    True too where cells cannot be grouped, such as lists.
    """
    filled = column.dropna()
    try:
        different = filled.nunique()
    except TypeError:
        return True
    if different <= 2:
        return False
    if different > _MOSTLY_DISTINCT * len(filled):
        return True
    long = filled.astype(str).str.fullmatch(r"[+()\s-]*(?:\d[+()\s-]*){7,}|[0-9a-f]{8}-[0-9a-f-]{27}")
    return bool(long.mean() > _MOSTLY_DISTINCT and different > _NUMBERS_OF_THINGS * len(filled))
