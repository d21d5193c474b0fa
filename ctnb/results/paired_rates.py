"""Match rates of the same deals in two results, with the paired interval of their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.outcomes import Kind
from ctnb.results.columns import OFFERED_SEPARATOR
from ctnb.results.grouping import combinations
from ctnb.results.rates import wilson

if TYPE_CHECKING:
    from ctnb.results.grouping import Grouping

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_KINDS: Final = [kind.value for kind in Kind]


def newcombe(
    both: npt.ArrayLike, after_only: npt.ArrayLike, before_only: npt.ArrayLike, neither: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return the bounds of the 95 % interval of the difference of two paired proportions, after less before.

    Parameters
    ----------
    both, after_only, before_only, neither : array_like of float, one shape
        Counts of pairs by where they are a success, each 0 or more.

    Returns
    -------
    low, high : ndarray of float, the same shape
        Between -1 and 1, the difference between them; NaN where there are no pairs.

    Notes
    -----
    Method 10 of R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on
    paired data", Statistics in Medicine 17 (1998), 2635-2650. With the Wilson bounds l, u of the two proportions p, q
    and D = p - q:

    low = D - √((p-l₁)² - 2φ(p-l₁)(u₂-q) + (u₂-q)²), high = D + √((u₁-p)² - 2φ(u₁-p)(q-l₂) + (q-l₂)²)

    φ is the correlation of the pairs, its numerator ad - bc less n/2, though not below 0, where it is above 0; φ is 0
    where a proportion is 0 or 1.

    >>> low, high = newcombe([59], [6], [16], [80])
    >>> print(f"{low[0]:.4f} {high[0]:.4f}")
    -0.1186 -0.0046
    """
    a, b, c, d = np.broadcast_arrays(
        *(np.asarray(cell, dtype=float) for cell in (both, after_only, before_only, neither))
    )
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q, difference = (a + b) / n, (a + c) / n, (b - c) / n
    (l1, u1), (l2, u2) = wilson(a + b, n), wilson(a + c, n)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    excess = a * d - b * c
    corrected = np.where(excess > 0, np.maximum(excess - n / 2, 0), excess)
    phi = np.divide(corrected, np.sqrt(margins), out=np.zeros(n.shape), where=margins > 0)
    low = difference - _combined(p - l1, u2 - q, phi)
    high = difference + _combined(u1 - p, q - l2, phi)
    # Rounding must not put the difference itself outside its interval.
    return np.clip(low, -1, difference), np.clip(high, difference, 1)


def _combined(one: Floats, other: Floats, phi: Floats) -> Floats:
    """Return the distance of a bound from the difference, of the distances of the two proportions' bounds."""
    distance: Floats = np.sqrt(np.maximum(one**2 - 2 * phi * one * other + other**2, 0))
    return distance


def paired_rates(before: pd.DataFrame, after: pd.DataFrame, asked: Grouping | None) -> pd.DataFrame:
    """Count how m pairs of rows, answered on both sides, matched.

    Parameters
    ----------
    before, after : DataFrame, m rows, the pairs in one order
        Results without prefix: ``matched`` without a missing value; by type also ``matched_by`` and ``offered``.
    asked : Grouping or None
        With values of m rows, in the same order; its word may be "type". None counts all as one group.

    Returns
    -------
    DataFrame
        See `ctnb.results.compare.Comparison.rates`.
    """
    was, now = (side["matched"].to_numpy(dtype=bool) for side in (before, after))
    if asked is None:
        return _table(pd.Index(["all"], name="group", dtype=str), np.zeros(len(was), dtype=np.int64), was, now)
    if asked.columns:
        index, codes = combinations(asked)
    else:
        index, codes = pd.RangeIndex(1), np.zeros(len(was), dtype=np.int64)
    if asked.word is None:
        return _table(index, codes, was, now)
    kinds = len(_KINDS)
    offered = _offered(before["offered"]) | _offered(after["offered"])
    won_before, won_after = (
        flags[:, None] & (side["matched_by"].cat.codes.to_numpy()[:, None] == np.arange(kinds))
        for flags, side in ((was, before), (now, after))
    )
    cells = codes[:, None] * kinds + np.arange(kinds)
    groups, places = np.unique(cells[offered], return_inverse=True)
    keys = [key if isinstance(key, tuple) else (key,) for key in index.take(groups // kinds)] if asked.columns else []
    names = [*asked.columns]
    levels: list[Any] = [list(level) for level in zip(*keys, strict=True)] or [[] for _ in names]
    names.insert(asked.at, "type")
    levels.insert(asked.at, [_KINDS[group % kinds] for group in groups])
    found: pd.Index = (
        pd.MultiIndex.from_arrays([pd.Index(level) for level in levels], names=names)
        if asked.columns
        else pd.Index(levels[0], name="type", dtype=str)
    )
    return _table(found, places, won_before[offered], won_after[offered])


def _offered(offered: pd.Series[Any]) -> Flags:
    """Return which types each row was offered, shape (m, types); none where that is not known."""
    of_each = [str(text).split(OFFERED_SEPARATOR) for text in offered.cat.categories]
    flags = np.array([[kind in types for kind in _KINDS] for types in [*of_each, []]], dtype=bool)
    found: Flags = flags[offered.cat.codes.to_numpy()]
    return found


def _table(index: pd.Index, groups: npt.NDArray[np.int64], before: Flags, after: Flags) -> pd.DataFrame:
    """Count the pairs of each group, by whether either side is matched."""
    pairs, gained, lost, both = (
        np.bincount(groups[some], minlength=len(index))
        for some in (np.ones(len(groups), dtype=bool), after & ~before, before & ~after, before & after)
    )
    low, high = newcombe(both, gained, lost, pairs - both - gained - lost)
    table = pd.DataFrame(
        {
            "pairs": pairs,
            "matched_before": both + lost,
            "matched_after": both + gained,
            "gained": gained,
            "lost": lost,
        },
        index=index,
    ).astype("Int64")
    for name, part in (("rate_before", both + lost), ("rate_after", both + gained), ("difference", gained - lost)):
        table[name] = np.divide(part, pairs, out=np.full(len(index), np.nan), where=pairs > 0)
    return table.assign(low=low, high=high)
