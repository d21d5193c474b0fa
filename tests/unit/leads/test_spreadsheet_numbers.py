from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import Call, Request
from ctnb.leads.identifiers import identifier_in, parse_identifiers
from ctnb.leads.spreadsheet_numbers import lost_keys, only_whole
from ctnb.outcomes import Reason

LOST = "the spreadsheet lost final digits"


def ids(cells, dtype=object):
    """Return the ids of a whole column, and whether each has a problem."""
    found = parse_identifiers(pd.Series(cells, dtype=dtype))
    return [found.at(row) for row in range(len(cells))], [problem is not None for problem in found.problems]


@pytest.mark.parametrize("dtype", ["object", "string", "str", "category"])
def test_a_column_of_whole_numbers_with_points_is_one_of_integers(dtype):
    cells = ["1013.0", None, "1900000001.0", "nan", "7", " 8,00 ", "0.0"]
    assert ids(cells, dtype) == ([1013, None, 1900000001, None, "7", 8, 0], [False] * 7)


@pytest.mark.parametrize("other", ["1767261234.5512", "A-17", "1767261234.10", 0.5, True, "007.0"])
def test_one_id_of_another_form_makes_a_point_and_zero_a_problem(other):
    found, problems = ids(["1013.0", "1014", other, 1015.0])
    assert (found[0], found[1], found[3]) == (None, "1014", None)
    assert (problems[0], problems[1], problems[3]) == (True, False, True)


def test_a_column_of_floats_with_a_fraction_is_no_column_of_integers():
    assert ids([1767261234.5512, 1767261234.0, np.nan, 4242.0], "float64") == ([None] * 4, [True, True, False, True])
    assert ids([1767261234.0, np.nan, 4242.0], "float64") == ([1767261234, None, 4242], [False] * 3)


def test_the_whole_column_counts_and_not_a_window_of_it(monkeypatch):
    deals = pd.DataFrame({"call": ["1013.0", "1014.0", "1015.0", "1767261234.5512"]})
    monkeypatch.setattr("ctnb.leads.plan.WINDOW", 2)
    plan = ctnb.plan(deals, Call("call"), "won")
    assert plan.ready.tolist() == [False, False, False, True]
    assert "may be a whole number, or an id that ends in .0" in plan.frame["problem"][0]
    assert ctnb.plan(deals[:3], Request("call"), "won").leads(3)[2]["matching"][0]["requestParams"]["requestId"] == 1015


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 900 000 001", 1900000001),
        ("1\u00a0900\u00a0000\u00a0001", 1900000001),
        ("1 013,00", 1013),
        ("1,900000001E+09", 1900000001),
        ("1.900000001e+09", 1900000001),
        ("'1,900000001E+09", 1900000001),
        ("1,0000000000E+09", 1000000000),
    ],
)
def test_a_number_that_lost_nothing_is_read(text, number):
    assert identifier_in(text) == (number, None)


@pytest.mark.parametrize(
    "text",
    ["12e45", "1e5", "1E18", "12,5E+3", "1,5E-03", "E+05", "0 123", "12 34", "1 900\u00a0000", "1013.01", "1,900,001"],
)
def test_a_text_of_another_form_stays_a_text(text):
    assert identifier_in(text) == (text, None)


DAMAGED = ["1,23457E+18", "1.23456789012345E+18", "1E+18", "1.2345678901234567e+18"]
DAMAGED += ["12345678901234567.0", "1 234 567 890 123 456 000", " '1,9E+09"]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_number_that_lost_digits_is_no_id_and_no_key(text):
    value, problem = identifier_in(text)
    assert value is None
    assert LOST in problem
    deals = pd.DataFrame({"call": [1, 2, 3], "key": [text, "12e45", text]})
    plan = ctnb.plan(deals, Call("call"), "won", key="key")
    assert plan.reasons.tolist() == [Reason.BAD_IDENTIFIER, None, Reason.BAD_IDENTIFIER]
    assert plan.frame["problem"][0].startswith("key ")
    assert LOST in plan.frame["problem"][0]


@pytest.mark.parametrize(
    ("cells", "dtype", "lost"),
    [
        ([1.5, 2.0**53, 7.0, np.nan], "float64", [False, True, False, False]),
        ([1, 2**60, 2, 3], "int64", [False] * 4),
        (["1" * 30, "e+", "00101", None], "string", [False] * 4),
        ([2.0**60, Decimal(10**20), [1], "1,2E+9"], object, [True, False, False, True]),
    ],
)
def test_keys_that_lost_digits_are_told_in_columns_of_any_dtype(cells, dtype, lost):
    assert [problem is not None for problem in lost_keys(pd.Series(cells, dtype=dtype))] == lost


def test_leading_zeros_make_another_key_and_a_point_and_zero_does_not():
    keys = ["00101", "101", "101.0", "1013,0", "1 013", "1013"]
    plan = ctnb.plan(pd.DataFrame({"call": 1, "key": keys}), Call("call"), "won", key="key")
    assert plan.first.tolist() == [0, 1, 1, 3, 3, 3]


@pytest.mark.parametrize(
    ("cells", "dtype", "whole"),
    [
        ([], object, True),
        ([None, "-", "1013.0"], object, True),
        (["1013.0", "1,23457E+18", "1 014"], object, True),
        (["1013.0", "1,5E+00"], object, False),
        ([1013.0, None, "7"], object, True),
        ([1013.0, float("inf")], "float64", False),
        ([1013.0, None], "Float64", True),
        (["1013.0", "x"], "category", False),
    ],
)
def test_a_column_says_whether_it_holds_whole_numbers_only(cells, dtype, whole):
    assert only_whole(pd.Series(cells, dtype=dtype)) is whole
