"""Binary search in many ranges at once."""

from bisect import bisect_left

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctnb.matching.halving import first_from


@given(st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=8), st.integers(-1, 10)), max_size=12))
def test_each_range_is_searched_as_if_it_were_alone(ranges):
    runs = [sorted(run) for run, _ in ranges]
    lengths = np.array([len(run) for run in runs], dtype=np.int64)
    end = np.cumsum(lengths)
    values = np.array([value for run in runs for value in run], dtype=np.int64)
    sought = np.array([wanted for _, wanted in ranges], dtype=np.int64)
    found = first_from(values, end - lengths, end, sought)
    alone = [bisect_left(run, wanted) for run, (_, wanted) in zip(runs, ranges, strict=True)]
    assert (found - (end - lengths)).tolist() == alone
