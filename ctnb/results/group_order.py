"""Which groups of a table are shown, and in which order. Nothing here draws."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ctnb.exceptions import ConfigError

MOST_GROUPS: Final = 20
SORTS: Final = ("natural", "rate", "offered")

_FEW_NUMBERS: Final = 31
"""Numbers that may be in one order: the days of a month are, the ids of managers are not."""
_PERIODS: Final = frozenset({"date", "datetime", "datetime64", "period"})
_BINS: Final = frozenset({"interval", "timedelta", "timedelta64"})


def shown_groups(table: pd.DataFrame, *, sort: str | None = None, top: int = MOST_GROUPS) -> pd.DataFrame:
    """Return the groups that a plot shows, from the top down.

    Parameters
    ----------
    table : DataFrame
        From `ctnb.results.rates.match_rates` by values, one row for each group, sorted by its index.
    sort : {"natural", "rate", "offered"}, optional
        By the index, by the rate, the highest first, or by rows, most first. By default "natural" where the groups
        have an order of their own, as `has_natural_order` says, else "offered".
    top : int
        How many groups there are at most: the largest; of periods the last.

    Raises
    ------
    ConfigError
        `sort` or `top` is something else.
    """
    check_sort(sort)
    check_top(top)
    natural = sort == "natural" or (sort is None and has_natural_order(table.index))
    if natural and _kinds(table.index) <= _PERIODS:
        levels = (table.index.get_level_values(level) for level in range(table.index.nlevels))
        known = np.logical_and.reduce([level.notna() for level in levels])
        return table[known].tail(top) if len(table) > top else table
    kept = largest_first(table, "offered").head(top)
    if natural:
        return table[table.index.isin(kept.index)] if len(kept) < len(table) else table
    return largest_first(kept, "rate_reached") if sort == "rate" else kept


def largest_first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Sort groups by a number, missing ones last; the index may have the name of the column, which pandas refuses."""
    return table.iloc[np.argsort(-table[column].to_numpy(dtype="float64", na_value=np.nan), kind="stable")]


def are_periods(index: pd.Index) -> bool:
    """Tell whether groups are times that follow each other."""
    return len(index) > 0 and _kinds(index) <= _PERIODS


def are_the_last(shown: pd.Index, sort: str | None) -> bool:
    """Tell whether groups that `shown_groups` has left are the last periods, and not the largest groups."""
    return sort in (None, "natural") and are_periods(shown)


def has_natural_order(index: pd.Index) -> bool:
    """Tell whether groups have an order of their own: periods, bins, ordered categories, a few numbers.

    Combinations have one where each of their parts has one.
    """
    parts = [index.get_level_values(level) for level in range(index.nlevels)]
    return len(index) > 0 and all(_is_ordered(part) for part in parts)


def check_sort(sort: str | None) -> None:
    """Raise ConfigError where `sort` is no order."""
    if sort is not None and sort not in SORTS:
        raise ConfigError(
            "sort= expected one of {known}, got {sort!r}. Leave it out.", known=", ".join(map(repr, SORTS)), sort=sort
        )


def check_top(top: Any) -> None:
    """Raise ConfigError where `top` is not a number of groups."""
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise ConfigError("top= expected how many groups to draw, 1 or more, got {top!r}.", top=top)


def _is_ordered(part: pd.Index) -> bool:
    if isinstance(part, pd.CategoricalIndex):
        return bool(part.ordered) or _is_ordered(part.categories)
    if is_bool_dtype(part.dtype):
        return False
    if is_numeric_dtype(part.dtype):
        return part.nunique() <= _FEW_NUMBERS
    return _kind(part) in _PERIODS | _BINS


def _kinds(index: pd.Index) -> frozenset[str]:
    parts = (index.get_level_values(level) for level in range(index.nlevels))
    return frozenset(_kind(part) for part in parts)


def _kind(part: pd.Index) -> str:
    if isinstance(part, pd.CategoricalIndex):
        return _kind(part.categories)
    if isinstance(part, pd.IntervalIndex):
        return "interval"
    return str(pd.api.types.infer_dtype(part, skipna=True))
