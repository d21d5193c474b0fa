"""Columns read for the sheet: as texts to search, as an order, as values."""

import numpy as np
import pandas as pd
import pytest

from ctnb.views.dashboard.shown_cells import CodedColumn, as_categories, cell_text, holding, ranks_of, small_texts


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pd.Series([["a", "b"], None, ["b", "C"]]), "B, c"),
        (pd.Series([12.5, None, 7.0]), "7"),
        (pd.Series(["x", None, "YY"], dtype="category"), "yy"),
        (pd.Series(["a\0b", "a", "a\0C"]), "\0c"),
        (pd.Series([12, None, "None of them"]), "none"),
        (pd.Series(["да", "Ё", " Нет"]), " нЕт "),
        (pd.Series(pd.to_datetime(["2026-03-01", None, "2026-03-02 10:00"], format="ISO8601")), "02 10"),
        (pd.Series(["a", None, "\ud800z"], dtype=object), "z"),
    ],
)
def test_a_text_is_found_in_whatever_a_cell_shows(column, text):
    assert holding(small_texts(column), text).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (pd.Series(["10", "9,5", None, "-1", "1 200"]), [3, 1, 0, 4]),
        (pd.Series(["б", "А", "", "в", "аб"]), [1, 4, 0, 3]),
        (pd.Series(["02.01.2026", "01.02.2026", None, "31.12.2025", "03.01.2026"]), [3, 0, 4, 1]),
        (pd.Series([2.5, np.nan, -1, np.inf]), [2, 0, 3]),
        (pd.Series([True, None, False], dtype="boolean"), [2, 0]),
        (pd.Series(["b", "a", None], dtype=pd.CategoricalDtype(["b", "a"])), [0, 1]),
        (pd.Series([["b"], ["a"], None]), [1, 0]),
        (pd.Series([2, "10", None, 1.5]), [3, 0, 1]),
    ],
)
def test_rows_go_by_what_a_column_holds_and_blank_ones_have_no_place(column, order):
    ranks = ranks_of(column)
    filled = np.flatnonzero(ranks >= 0)
    assert filled[np.argsort(ranks[filled], kind="stable")].tolist() == order
    assert set(np.flatnonzero(ranks < 0)) == set(range(len(column))) - set(order)


def test_a_column_is_counted_by_value_with_the_missing_ones_last():
    column = CodedColumn(as_categories(pd.Series(["b", None, "a", "b"])), cell_text)
    assert [column.text(code) for code in (0, 1, -1)] == ["a", "b", "(missing)"]
    assert column.counts(np.array([True, True, False, True])) == {0: 0, 1: 2, -1: 1}
    assert column.mask(frozenset({-1, 0})).tolist() == [False, True, True, False]
    assert (column.code("b"), column.code(None)) == (1, -1)


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (12.0, "12"), (12.25, "12.25"), (True, "yes"), ("x" * 400, "x" * 299 + "…"), (pd.NaT, "")],
)
def test_a_cell_is_shown_short(cell, text):
    assert cell_text(cell) == text
