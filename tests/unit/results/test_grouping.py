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


def test_a_word_in_a_list_is_a_column():
    assert grouping(FRAME.assign(type="x"), ["type"]) == Grouping(None, ("type",))


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ("manger", ColumnNotFoundError, "Did you mean 'manager'"),
        ("xyz", ColumnNotFoundError, "The frame has 'manager', 'stage'"),
        (["manager", "owner"], ColumnNotFoundError, "no column 'owner', which by= needs"),
        (("manager", "stage"), ColumnNotFoundError, r"combination is a list: by=\['manager', 'stage'\]"),
        (["manager", "type"], ColumnNotFoundError, "In a list 'type' is a column's name"),
        ([], ConfigError, "names no column"),
        (FRAME["stage"], ConfigError, "got a Series. Put the values into a column"),
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
