"""Numbers of a sheet keep every digit that the file stores, and get none that it does not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.tables.numbers import number_text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("1711987200.123456", "1711987200.123456"),
        ("1711987200.1234567", "1711987200.1234567"),
        ("1711987200.000001", "1711987200.000001"),
        ("1711987200.999999", "1711987200.999999"),
        ("1711987200.0", "1711987200"),
        ("7.9157771122E10", "79157771122"),
        ("7.9157771122E+010", "79157771122"),
        ("0.30000000000000004", "0.3"),
        ("0.79999999999999993", "0.8"),
        ("434.99999999999994", "435"),
        ("229000.50000000003", "229000.5"),
        ("-1.1000000000000001", "-1.1"),
        ("1E-7", "0.0000001"),
        ("1.23456789012346E+18", "1.23456789012346E+18"),
        ("-1.2345678901234501e18", "-1.2345678901234501E+18"),
        ("1E+22", "1" + "0" * 22),
        ("1234567890123456789.0", "1234567890123456789"),
    ],
)
def test_a_number_is_what_its_file_stores(stored, text):
    assert number_text(Decimal(stored)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1711987200.123456, "1711987200.123456"), (0.1 + 0.2, "0.3"), (1.5e18 + 1, "1" + "5" + "0" * 17)],
)
def test_a_float_is_the_shortest_text_that_stands_for_it(number, text):
    assert number_text(number) == text


@given(st.integers(1, 2**31), st.integers(0, 999_999))
def test_no_id_of_asterisk_loses_a_digit(second, part):
    whole, fraction = str(second), f"{part:06d}".rstrip("0")
    expected = f"{whole}.{fraction}" if fraction else whole
    assert number_text(float(f"{second}.{part:06d}")) == expected
    assert number_text(Decimal(f"{second}.{part:06d}")) == expected
