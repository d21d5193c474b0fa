import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ctnb.leads.moments.parse import parse_moments
from ctnb.leads.moments.serials import only_serials

WANTED = ["2024-03-01T10:15:00", "NaT", "2020-10-01T00:00:00"]


def read(cells, dtype=object):
    """Return the moments of a whole column, and whether each has a problem."""
    found = parse_moments(pd.Series(cells, dtype=dtype), "Europe/Moscow")
    return found.local.astype(str).tolist(), [problem is not None for problem in found.problems]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([45352.4270833333, np.nan, 44105], "float64"),
        ([45352.4270833333, None, 44105], "Float64"),
        ([45352.4270833333, None, 44105], object),
        ([Decimal("45352.4270833333"), Decimal("NaN"), 44105], object),
        (["45352.4270833333", None, "44105"], "string"),
        (["45352,42708", "-", " 44105 "], object),
        (["45352,42708", "", "'44105.0"], "category"),
    ],
)
def test_a_column_of_serials_is_read_to_the_nearest_second(cells, dtype):
    assert read(cells, dtype) == (WANTED, [False] * 3)


@pytest.mark.parametrize("other", ["01.10.2020", dt.date(2020, 10, 1), 1, 20201001, "x", True, 36525.9, 73051])
def test_a_serial_among_others_is_a_problem(other):
    local, problems = read([45352.5, other, "44105"])
    assert (local[0], local[2]) == ("NaT", "NaT")
    assert (problems[0], problems[2]) == (True, True)


@pytest.mark.parametrize(
    ("cells", "dtype", "serials"),
    [
        ([], object, False),
        ([None, "-"], object, False),
        ([np.nan], "float64", False),
        ([44105, 44106], "int64", True),
        ([1, 44106], "int64", False),
        ([True], "bool", False),
        (["2020-10-01"], "datetime64[ns]", False),
        (["44105", "44106x"], "string", False),
        (["44105"] * 200 + ["44106x"], "string", False),
        ([None] * 200 + ["44105"], "string", True),
        (["44105"] * 200 + [dt.date(2020, 10, 1)], object, False),
    ],
)
def test_a_column_says_whether_it_holds_serials_only(cells, dtype, serials):
    assert only_serials(pd.Series(cells, dtype=dtype)) is serials
