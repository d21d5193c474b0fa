import numpy as np
import pytest

from ctnb.leads.moments.wall_clock import without_times


@pytest.mark.parametrize(
    ("moments", "without"),
    [
        (["2020-10-01", "NaT", "2020-10-02T00:00:00"], True),
        (["2020-10-01", "2020-10-02T00:00:01"], False),
        (["NaT"], False),
        ([], False),
    ],
)
def test_a_column_says_whether_none_of_its_dates_has_a_time(moments, without):
    assert without_times(np.array(moments, dtype="datetime64[s]")) is without
