"""What by= means, and what it says when it cannot be used."""

import pandas as pd
import pytest

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.results.grouping import Grouping, grouping

FRAME = pd.DataFrame(
    [["Аня", "new", "x", 1]], columns=pd.Index(["manager", "stage", ("a", "b"), 7], tupleize_cols=False)
)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("type", Grouping("type")),
        ("rule", Grouping("rule")),
        ("manager", Grouping(None, ("manager",))),
        (7, Grouping(None, (7,))),
        (("a", "b"), Grouping(None, (("a", "b"),))),
        (["manager"], Grouping(None, ("manager",))),
        (["manager", "stage"], Grouping(None, ("manager", "stage"))),
        ([("a", "b"), "stage"], Grouping(None, (("a", "b"), "stage"))),
    ],
)
def test_words_columns_and_combinations(by, expected):
    assert grouping(FRAME, by) == expected


def test_a_word_in_a_list_is_a_column_where_there_is_one():
    assert grouping(FRAME.assign(type="x"), ["type"]) == Grouping(None, ("type",))
    assert grouping(FRAME, ["manager", "type"]) == Grouping("type", ("manager",), at=1)
    assert grouping(FRAME, ["rule", "manager"]) == Grouping("rule", ("manager",))
    assert grouping(FRAME, ["type"]) == Grouping("type")


def test_values_come_from_columns_series_groupers_and_levels_by_position():
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2024-04-02", "2024-03-14", None]), "name": list("abc")},
        index=pd.Index([5, 5, 5], name="shop"),
    )
    by = [pd.Series(list("xyx"), frame.index, name="letter"), pd.Grouper(key="day", freq="MS"), "shop", "name"]
    found = grouping(frame, by)
    assert found.columns == ("letter", "day", "shop", "name")
    letters, months, shops, names = (cells.tolist() for cells in found.values)
    assert (letters, shops, names) == (list("xyx"), [5, 5, 5], list("abc"))
    assert months[:2] == [pd.Timestamp("2024-04-01"), pd.Timestamp("2024-03-01")]
    assert pd.isna(months[2])
    assert grouping(frame, pd.Grouper(level="shop")).columns == ("shop",)


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ("manger", ColumnNotFoundError, "Did you mean 'manager'"),
        ("xyz", ColumnNotFoundError, "The frame has 'manager', 'stage'"),
        (["manager", "owner"], ColumnNotFoundError, "no column 'owner', which by= needs"),
        (("manager", "stage"), ColumnNotFoundError, r"combination is a list: by=\['manager', 'stage'\]"),
        (["type", "rule"], ConfigError, "expected one of 'type' and 'rule', got both"),
        ([], ConfigError, "names no column"),
        (
            pd.Series(["x", "y"]),
            ConfigError,
            "a Series of the frame's 1 rows, with the same index .* got one of 2 rows",
        ),
        (pd.Grouper(key="owner"), ColumnNotFoundError, "no column 'owner'"),
        (pd.Grouper(key="stage", freq="D"), ConfigError, "made by pd.to_datetime"),
        ([["manager"]], ConfigError, "got a list"),
        ({"manager"}, ConfigError, "got a set"),
    ],
)
def test_what_cannot_group_says_what_there_is(by, error, message):
    with pytest.raises(error, match=message):
        grouping(FRAME, by)


def test_a_name_that_stands_twice_and_levels_are_refused():
    with pytest.raises(ConfigError, match="2 columns called 'manager'"):
        grouping(pd.concat([FRAME, FRAME], axis=1), "manager")
    with pytest.raises(ConfigError, match="2 levels"):
        grouping(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "a")
