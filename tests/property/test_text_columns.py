"""What is read of a whole column of texts is what is read of each of its cells."""

import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.leads.emails import emails_in, parse_emails
from ctnb.leads.identifiers import identifier_in, parse_identifiers
from ctnb.leads.moments.layouts import LAYOUTS
from ctnb.leads.moments.parse import parse_moments, read_distinct
from ctnb.leads.spreadsheet_numbers import only_whole

DTYPES = ["object", "string", "str", "category"]
MOSCOW = "Europe/Moscow"

addresses = st.from_regex(r"\A[ ,;]?[A-Za-z0-9._+'-]{1,9}@([a-z0-9-]{1,5}\.){0,3}[A-Za-z0-9]{1,4}[ ,;.]?\Z")
unicode_mails = st.text(st.sampled_from(list("aZя9@.,; _-<>\"'/|\\?й\u00a0\u212aİſ")), max_size=14)
identifiers = (
    st.from_regex(r"\A['= ]?[0-9A-Za-z._\-/\"]{0,9}[ ]?\Z")
    | st.sampled_from(["nan", "NaN", "none", "нет", "N/A", "null", "'1", '="42"', "1e5", "\u00a07", "７"])
    | st.sampled_from(["1013.0", "'7.0", "1013,0", "1 900 000 001", "1,900000001E+09", "1.23457e+18", "007.0", "1.05"])
)
whole_numbers = st.sampled_from(["1013.0", "12", None, "nan", "0.0", "7,00", "123456789012345.0", "1234567890123456.0"])
# Half a surrogate pair fits no string dtype: the mixed columns of the other tests have it.
junk = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
digits = st.sampled_from("0123456789") | st.sampled_from("0012３ -")
dates = st.sampled_from(LAYOUTS).flatmap(
    lambda layout: st.tuples(*(digits if sign in "YMDhmsHN" else st.just(sign) for sign in layout)).map("".join)
)


def ids_of(found):
    """Return the ids of all rows."""
    return [found.at(row) for row in range(len(found.texts))]


def column_of(cells, dtype):
    return pd.Series(cells, dtype=object).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@given(cells=st.lists(st.none() | addresses | unicode_mails | junk, max_size=12))
def test_e_mails(dtype, cells):
    column = column_of(cells, dtype)
    found = parse_emails(column)
    alone = [emails_in(cell) for cell in column]
    assert [tuple(several) for several in found.values.to_pylist()] == [one.contacts for one in alone]
    assert found.problems.tolist() == [one.problem for one in alone]


@pytest.mark.parametrize("dtype", DTYPES)
@given(cells=st.lists(st.none() | identifiers | junk, max_size=12) | st.lists(whole_numbers))
def test_ids_of_texts(dtype, cells):
    column = column_of(cells, dtype)
    found = parse_identifiers(column)
    assert list(zip(ids_of(found), found.problems, strict=True)) == [
        identifier_in(cell, whole=only_whole(column)) for cell in column
    ]


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float64", "float32", "Int64"])
@given(
    cells=st.lists(st.integers(0, 2**63 - 1) | st.sampled_from([2**53, 2**53 - 1, 2**24, 0, 2**63 - 1]), max_size=12)
)
def test_ids_of_numbers(dtype, cells):
    column = pd.Series(np.array(cells, dtype="uint64")).astype(dtype)
    found = parse_identifiers(column)
    assert list(zip(ids_of(found), found.problems, strict=True)) == [identifier_in(cell) for cell in column.array]


@pytest.mark.parametrize("dtype", DTYPES)
@given(cells=st.lists(st.none() | dates | junk, max_size=12))
def test_dates(dtype, cells):
    column = column_of(cells, dtype)
    found, by_cell = parse_moments(column, MOSCOW, serials=False), read_distinct(column, zoneinfo.ZoneInfo(MOSCOW))
    np.testing.assert_array_equal(found.local, by_cell.local)
    assert found.problems.tolist() == by_cell.problems.tolist()
