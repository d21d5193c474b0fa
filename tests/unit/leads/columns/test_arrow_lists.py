from itertools import chain

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.leads.columns.arrow_lists import filled, gathered, lengths_of, lists_of, rows_of, sorted_within, united
from ctnb.leads.columns.arrow_text import strings_of

contacts = st.lists(st.sampled_from(["1", "2", "я", "a@b.ru"]), max_size=3, unique=True)
tables = st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[contacts] * width), max_size=6))


def test_lists_know_their_lengths_and_rows():
    lists = lists_of([["1", "2"], [], ["3"]])
    assert lists.to_pylist() == [["1", "2"], [], ["3"]]
    assert lengths_of(lists).tolist() == [2, 0, 1]
    assert filled(lists).tolist() == [True, False, True]
    assert rows_of(lists).tolist() == [0, 0, 2]


def test_values_go_to_their_rows_the_first_parts_first():
    parts = [(np.array([1, 3]), strings_of(["a", "b"])), (np.array([0, 1, 1]), strings_of(["c", "d", "e"]))]
    assert gathered(parts, 4).to_pylist() == [["c"], ["a", "d", "e"], [], ["b"]]
    assert gathered([], 2).to_pylist() == [[], []]


@given(tables)
def test_a_union_keeps_the_order_of_columns_and_drops_repeats(rows):
    columns = [lists_of(list(column)) for column in zip(*rows, strict=True)] or [lists_of([])]
    assert united(columns).to_pylist() == [list(dict.fromkeys(chain.from_iterable(row))) for row in rows]


@given(st.lists(contacts, max_size=6))
def test_each_row_is_sorted_by_itself(rows):
    assert sorted_within(lists_of(rows)).to_pylist() == [sorted(row) for row in rows]


@pytest.mark.parametrize("work", [sorted_within, lambda lists: united([lists, lists])])
def test_a_slice_of_lists_is_read_as_what_it_shows(work):
    lists = lists_of([["0"], ["2", "1"], ["3"]])[1:]
    assert [sorted(row) for row in work(lists).to_pylist()] == [["1", "2"], ["3"]]
    assert lists.flatten().to_pylist() == ["2", "1", "3"]
    assert isinstance(lists, pa.LargeListArray)
