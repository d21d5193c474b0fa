"""Binary search in many short ranges of one array at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def first_from(values: Integers, begin: Integers, end: Integers, sought: Integers) -> Integers:
    """Return for each of k ranges the first position whose value is not below what is sought.

    Parameters
    ----------
    values : ndarray of int64, shape (n,)
        Ascending within each range.
    begin, end, sought : ndarray of int64, shape (k,)
        Positions from and before which to look; an empty range gives its begin.

    Returns
    -------
    ndarray of int64, shape (k,)
        `end` where all values are below.
    """
    # One search over the whole array would go through all its levels; most contacts have a lead or two.
    found = begin.copy()
    left = np.flatnonzero(begin < end)
    low, high, wanted = begin[left], end[left], sought[left]
    while len(left):
        middle = (low + high) >> 1
        below = values[middle] < wanted
        low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        found[left] = low
        more = low < high
        left, low, high, wanted = left[more], low[more], high[more], wanted[more]
    return found
