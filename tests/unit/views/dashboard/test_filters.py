"""The filter of rows as a mask, and the columns to choose from."""

import pandas as pd

from ctnb.results.restore import restore
from ctnb.views.dashboard.filters import RowFilter, date_columns, group_columns, row_mask, searchable_text


def test_columns_that_can_be_compared_come_fewest_values_first(frame):
    more = frame.assign(flag=frame.index % 2 == 0, lists=[[1]] * 600, one="x", stage=(frame.index % 9).astype(str))
    assert group_columns(more, "ct_") == ["flag", "manager", "stage"]
    assert date_columns(more.assign(closed=pd.Timestamp("2026-03-01")), "ct_") == ["created_at", "closed"]


def test_the_mask_of_a_filter_is_what_a_plain_way_gives(frame):
    results = restore(frame, "ct_")
    words = searchable_text(frame["manager"])
    row_filter = RowFilter(statuses=frozenset({"commented", "invalid"}), text="$X", column="manager")
    plain = frame["ct_status"].isin(["commented", "invalid"]) & frame["manager"].str.casefold().str.contains(
        "$x", regex=False, na=False
    )
    assert row_mask(results, row_filter, words).tolist() == plain.tolist()
    assert row_mask(results, RowFilter()).all()


def test_text_is_found_in_lists_numbers_and_categories():
    for column, text in (
        (pd.Series([["a", "b"], None, ["C"]]), "['c']"),
        (pd.Series([12.5, None, 7.0]), "7"),
        (pd.Series(["x", None, "YY"], dtype="category"), "yy"),
        (pd.Series(["a\0b", "a", "a\0C"]), "\0c"),
        (pd.Series([True, None, "None of them"]), "none"),
    ):
        words = searchable_text(column)
        results = pd.DataFrame(index=range(3))
        assert row_mask(results, RowFilter(text=text, column="x"), words).tolist() == [False, False, True]
