from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ctnb.leads.identifiers import identifier_in, parse_identifiers


def ids_of(found):
    """Return the ids of all rows."""
    return [found.at(row) for row in range(len(found.texts))]


@pytest.mark.parametrize(
    "cell", [4242, 4242.0, np.int32(4242), np.uint64(4242), np.float64(4242), Decimal(4242), Decimal("4242.0")]
)
def test_a_whole_number_of_any_type_is_the_same_int(cell):
    value, problem = identifier_in(cell)
    assert (value, problem) == (4242, None)
    assert type(value) is int


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("4242", "4242"),
        (" 1767261234.5512 ", "1767261234.5512"),
        ("007", "007"),
        ("'007", "007"),
        ('="007"', "007"),
        ("заявка-17/Б", "заявка-17/Б"),
        ("\u200b5", "5"),
        ("\ufeff'007\u2060", "007"),
        ("17\u200b67.5\u200e", "1767.5"),
        ("\u200b1013.0", 1013),
        (np.str_("a"), "a"),
        (0, 0),
        (-1, -1),
        ((1 << 63) - 1, (1 << 63) - 1),
        (float((1 << 53) - 1), (1 << 53) - 1),
    ],
)
def test_texts_stay_texts_and_numbers_numbers(cell, value):
    assert identifier_in(cell) == (value, None)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        np.nan,
        pd.NA,
        pd.NaT,
        "",
        "  ",
        "\u200b",
        " \ufeff- ",
        "-",
        "нет",
        "NULL",
        np.float32("nan"),
        Decimal("NaN"),
        np.datetime64("NaT"),
    ],
)
def test_an_empty_cell_is_no_id_and_no_problem(cell):
    assert identifier_in(cell) == (None, None)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (0.5, "id 0.5 is not a whole number"),
        (Decimal("0.5"), "id 0.5 is not a whole number"),
        (float("inf"), "id inf is not a whole number"),
        (Decimal("-Infinity"), "id -Infinity is not a whole number"),
        (True, "id True is not a number or a text"),
        ([1, 2], "id [1, 2] is not a number or a text"),
        ({"a": 1}, "id {'a': 1} is not a number or a text"),
        (1j, "id 1j is not a number or a text"),
        (np.timedelta64(5, "m"), "timedelta64(5,'m') is not a number or a text"),
        (1 << 63, "more than 18 digits is too large for a number; keep it as text"),
        pytest.param(10**5_000, "more than 18 digits is too large for a number; keep it as text", id="5000 digits"),
        (float(1 << 53), "the spreadsheet lost final digits, export the column as text"),
        (7.9157771122e17, "the spreadsheet lost final digits, export the column as text"),
        (np.float32(1 << 24), "the spreadsheet lost final digits, export the column as text"),
        (1e300, "the spreadsheet lost final digits, export the column as text"),
        ("a\ud800", "id 'a\\ud800' is not Unicode text"),
    ],
)
def test_what_cannot_be_an_id_is_told_why(cell, message):
    value, problem = identifier_in(cell)
    assert value is None
    assert message in problem
    assert len(problem) < 120
    problem.encode()


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, 2, 1], "int64", [1, 2, 1]),
        ([1.0, np.nan], "float64", [1, None]),
        ([1, None], "Int64", [1, None]),
        (["a", None], "string", ["a", None]),
        (["1", 1, 1.0, None], object, ["1", 1, 1, None]),
        (["b", "a", "b"], "category", ["b", "a", "b"]),
        (["\u200b5", "5", "5\u200b"], "string", ["5", "5", "5"]),
        (["\ufeff1013.0", "1014.0", "\u200b"], "string", [1013, 1014, None]),
        ([], object, []),
    ],
)
def test_a_column_of_any_dtype_is_read_row_by_row(cells, dtype, values):
    found = parse_identifiers(pd.Series(cells, dtype=dtype, index=["same"] * len(cells)))
    assert ids_of(found) == values
    assert [type(value) for value in ids_of(found)] == [type(value) for value in values]
    assert found.problems.tolist() == [None] * len(values)


def test_a_bad_cell_is_a_problem_of_its_row_alone():
    found = parse_identifiers(pd.Series([1, True, None, [1]], dtype=object))
    assert ids_of(found) == [1, None, None, None]
    assert [problem is None for problem in found.problems] == [True, False, True, False]
