import decimal

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.leads.phones.api import checked_region, parse_phones, phones_in

IVAN = "79157771122"
PETR = "79167771133"


@pytest.mark.parametrize(
    "cell",
    [
        "89157771122",
        "+7 915 777-11-22",
        "8 (915) 777-11-22",
        "9157771122",
        "8\u00a0915\u00a0777\u00a011\u00a022",
        "８９１５７７７１１２２",
        "8 (915) 777-11-22 доб. 12",
        "89157771122, доб. 12",
        "tel:+7-915-777-11-22;ext=12",
        "'89157771122",
        "’89157771122",
        '="89157771122"',
        "79157771122.0",
        "79157771122,0",
        "7.9157771122E+10",
        "7,9157771122E+10",
        "7.9157771122e10",
        "7.91577711220E+10",
        "моб 89157771122 Иван",
        "Иван, 89157771122",
        "89157771122, Иван",
        "89157771122; -",
        79157771122,
        79157771122.0,
        np.int64(79157771122),
        np.float64(79157771122),
        decimal.Decimal("79157771122.0"),
        ["89157771122", None, "+7 915 777 11 22"],
        np.array(79157771122),
    ],
)
def test_one_number_is_read_however_it_is_written(cell):
    assert phones_in(cell) == ((IVAN,), None)


@pytest.mark.parametrize(
    "cell",
    [
        "89157771122, 89167771133",
        "89157771122,89167771133",
        "89157771122;89167771133",  # the library alone takes the second for an extension
        "89157771122 / 89167771133",
        "89157771122\\89167771133",
        "89157771122|89167771133",
        "89157771122\n89167771133",
        "89157771122\t89167771133",
        "89157771122 и 89167771133",
        "89157771122 или 89167771133",
        "89157771122 or 89167771133",
        "89157771122 AND 89167771133",
        "89157771122 89167771133",
        "+79157771122+79167771133",
        "79157771122.0; 79167771133.0",
        "'89157771122, '89167771133, 89157771122",
        "жена 89157771122, муж 8 916 777 11 33 вечером",
        "8 915 777-11-22 доб. 5, 8 916 777-11-33",
        ("89157771122", 79167771133.0),
        [["89157771122"], ["89167771133"]],
        np.array([79157771122, 79167771133]),
    ],
)
def test_several_numbers_come_in_order_without_repeats(cell):
    assert phones_in(cell) == ((IVAN, PETR), None)


@pytest.mark.parametrize(
    "cell",
    [
        *(None, float("nan"), np.nan, pd.NA, pd.NaT, decimal.Decimal("NaN")),
        *("", "  \u00a0", "-", "—", "nan", "None", "НЕТ", "n/a", "'", '=""'),
        *([], [None, ""]),
    ],
)
def test_a_missing_cell_is_no_number_and_no_problem(cell):
    assert phones_in(cell) == ((), None)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("123", "too short"),
        ("8915777112233445", "too long"),
        pytest.param("1" * 300, "too long", id="300 digits"),
        ("+99912345678", "no such country code"),
        ("8 000 000 00 00", "not in the numbering plan"),
        ("777-11-22", "area code is missing"),
        ("Иван", "not a phone number"),
        ("ivan@mail.ru", "not a phone number"),
        ("7.91578E+10", "lost final digits"),
        ("7,91578E+10", "lost final digits"),
        ("7.92E+10", "lost final digits"),
        (np.float32(79157771122), "lost final digits"),
        ("7.91577711225E+10", "fraction"),
        (79157771122.5, "fraction"),
        (float("inf"), "not a phone number"),
        (1e300, "too long"),
        pytest.param(10**5000, "too long", id="huge"),
        (decimal.Decimal("1E+999999"), "not a phone number"),
        (0, "not a phone number"),
        (True, "type bool"),
        (np.True_, "type bool"),
        (b"89157771122", "type bytes"),
        ({"phone": "89157771122"}, "type dict"),
        (pd.Timestamp("2020-10-01"), "type Timestamp"),
        (1 + 2j, "type complex"),
        pytest.param("8 915 777 11 22 " * 1000, "at most 2000", id="a note"),
    ],
)
def test_what_is_no_number_is_a_problem_with_its_reason(cell, reason):
    found = phones_in(cell)
    assert found.contacts == ()
    assert reason in found.problem
    assert len(found.problem) < 200


def test_a_list_within_itself_ends():
    cell: list[object] = ["89157771122"]
    cell.append(cell)
    found = phones_in(cell)
    assert found.contacts == (IVAN,)
    assert "type list" in found.problem


def test_a_broken_part_is_named_beside_the_good_one():
    found = phones_in("89157771122, 8 916 777")
    assert found.contacts == (IVAN,)
    assert found.problem == "'* *** *77': the area code is missing"


@pytest.mark.parametrize(
    "cell", ["8 000 777 11 22", "ivan.petrov@mail.ru", "код 80007771122, ivan.petrov@mail.ru", 80007771122]
)
def test_a_problem_shows_no_contact(cell):
    problem = phones_in(cell).problem
    assert "7771122" not in "".join(sign for sign in problem if sign.isdigit())
    assert "petrov" not in problem


def test_many_broken_parts_are_counted_not_listed():
    problem = phones_in(", ".join(f"8000{number}" for number in range(20))).problem
    assert problem.endswith("and 17 more") or len(problem) < 400


def test_a_part_of_a_refused_number_is_not_taken_for_another():
    assert phones_in("8 (912) 345-67-89", "US").contacts == ()


def test_the_region_says_how_national_numbers_are_read():
    assert phones_in("8 701 123 45 67", "kz").contacts == ("77011234567",)
    assert phones_in("029 111 22 33", "BY").contacts == ("375291112233",)
    assert phones_in("+375 29 111 22 33", "RU").contacts == ("375291112233",)


def test_a_region_is_upper_cased():
    assert checked_region(" ru ") == "RU"


@pytest.mark.parametrize("region", ["XX", "", "Россия", "001", None, 7])
def test_an_unknown_region_is_refused_with_examples(region):
    with pytest.raises(ConfigError, match="'RU', 'KZ'"):
        checked_region(region)
    with pytest.raises(ConfigError):
        parse_phones(pd.Series(["89157771122"]), region)


@pytest.mark.parametrize("dtype", [object, "string", "category", "str"])
def test_a_column_keeps_rows_and_order_whatever_its_dtype_and_index(dtype):
    cells = pd.Series(["89157771122", None, "junk", "89157771122"], dtype=dtype, index=[5, 5, 1, 0])
    found = parse_phones(cells)
    assert found.values.tolist() == [[IVAN], [], [], [IVAN]]
    assert [problem is None for problem in found.problems] == [True, True, False, True]


@pytest.mark.parametrize("dtype", ["float64", "Float64", "int64", "Int64", "float64[pyarrow]"])
def test_a_column_of_numbers_is_read(dtype):
    assert parse_phones(pd.Series([79157771122, 1], dtype=dtype)).values.tolist() == [[IVAN], []]


def test_a_narrow_float_column_is_refused_for_its_digits_are_gone():
    found = parse_phones(pd.Series([79157771122], dtype="float32"))
    assert found.values.tolist() == [[]]
    assert "lost final digits" in found.problems[0]


def test_an_empty_column_gives_no_rows():
    found = parse_phones(pd.Series([], dtype=object))
    assert len(found.values) == len(found.problems) == 0


def test_equal_cells_of_other_types_are_kept_apart():
    found = parse_phones(pd.Series([1, True, 1.0, "1"], dtype=object))
    assert ["type bool" in problem for problem in found.problems] == [False, True, False, False]
