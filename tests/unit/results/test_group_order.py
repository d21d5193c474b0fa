"""Which groups are shown, and in which order."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.results.group_order import has_natural_order, shown_groups


def table(index, offered, rates=None):
    rates = rates or [0.5] * len(offered)
    return pd.DataFrame({"offered": offered, "rate_reached": rates}, index=index)


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2026-01-01", periods=3, freq="MS"),
        pd.period_range("2026-01", periods=3, freq="M"),
        pd.Index([dt.date(2026, 1, 1), dt.date(2026, 1, 2), None], dtype=object),
        pd.interval_range(0, 3),
        pd.CategoricalIndex(["low", "high"], categories=["low", "high"], ordered=True),
        pd.CategoricalIndex(pd.cut([1, 5], [0, 2, 9]).categories),
        pd.Index([8, 9, 10]),
        pd.Index([1.0, 2.0, np.nan]),
        pd.MultiIndex.from_product([[1, 2], pd.period_range("2026-01", periods=2, freq="M")]),
    ],
)
def test_periods_bins_ordered_categories_and_few_numbers_have_an_order(index):
    assert has_natural_order(index)


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["b", "a"]),
        pd.Index(range(1001, 1101)),
        pd.Index([True, False]),
        pd.CategoricalIndex(["b", "a"]),
        pd.MultiIndex.from_product([[1, 2], ["a", "b"]]),
        pd.Index([]),
    ],
)
def test_names_ids_and_flags_have_none(index):
    assert not has_natural_order(index)


def test_the_default_is_the_order_of_the_groups_or_their_size():
    assert shown_groups(table([1, 2, 3], [5, 9, 7])).index.tolist() == [1, 2, 3]
    assert shown_groups(table(["a", "b", "c"], [5, 9, 7])).index.tolist() == ["b", "c", "a"]


def test_an_order_can_be_asked_for():
    groups = table(["a", "b", "c"], [5, 9, 7], [0.2, 0.1, 0.9])
    assert shown_groups(groups, sort="natural").index.tolist() == ["a", "b", "c"]
    assert shown_groups(groups, sort="rate").index.tolist() == ["c", "a", "b"]
    assert shown_groups(table([1, 2], [5, 9]), sort="offered").index.tolist() == [2, 1]


@pytest.mark.parametrize("name", ["offered", "rate_reached"])
def test_groups_of_a_column_called_as_a_number_of_theirs_are_sorted(name):
    groups = table(pd.Index(["a", "b", "c", "d"], name=name), [5, 9, 7, 9], [0.2, np.nan, 0.9, 0.1])
    assert shown_groups(groups).index.tolist() == ["b", "d", "c", "a"]
    assert shown_groups(groups, sort="rate").index.tolist() == ["c", "a", "d", "b"]


def test_the_largest_groups_are_kept_and_of_periods_the_last():
    assert shown_groups(table([1, 2, 3], [5, 9, 7]), top=2).index.tolist() == [2, 3]
    assert shown_groups(table(["a", "b", "c"], [5, 9, 7], [0.9, 0.1, 0.2]), sort="rate", top=2).index.tolist() == [
        "c",
        "b",
    ]
    months = pd.period_range("2026-01", periods=3, freq="M")
    assert shown_groups(table(months, [9, 5, 1]), top=2).index.tolist() == list(months[1:])


@pytest.mark.parametrize("options", [{"sort": "size"}, {"top": 0}, {"top": True}, {"top": 2.5}])
def test_other_options_are_refused(options):
    with pytest.raises(ConfigError, match="expected"):
        shown_groups(table([1], [1]), **options)


def test_the_last_periods_are_shown_of_two_levels_and_of_categories_too():
    months = pd.period_range("2026-01", periods=4, freq="M")
    pairs = pd.MultiIndex.from_arrays([[*months, None], [*months, months[0]]], names=["one", "other"])
    assert shown_groups(table(pairs, [9, 8, 7, 6, 5]), top=2).index.tolist() == [(each, each) for each in months[2:]]
    assert shown_groups(table(pd.CategoricalIndex(months), [9, 8, 7, 6]), top=2).index.tolist() == list(months[2:])
