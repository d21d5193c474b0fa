"""Filters in force and the earlier ones, and the columns to choose from."""

import pandas as pd

from ctnb.results.group_columns import group_columns
from ctnb.views.dashboard.filters import ChosenFilters, TextFilter, ValueFilter, date_columns
from ctnb.views.dashboard.rows import ResultRows


def test_columns_that_can_be_compared_come_fewest_values_first(frame):
    more = frame.assign(flag=frame.index % 2 == 0, lists=[[1]] * 600, one="x", stage=(frame.index % 9).astype(str))
    assert group_columns(more, "ct_") == ["flag", "manager", "stage"]
    assert date_columns(more.assign(closed=pd.Timestamp("2026-03-01")), "ct_") == ["created_at", "closed"]


def test_what_names_a_deal_or_a_contact_is_no_group(frame):
    twice = pd.concat([frame, frame, frame], ignore_index=True)
    twice["Телефон"] = [f"8 915 777-11-{row % 90 + 10}" for row in range(len(twice))]
    twice["email"] = [f"a{row % 40}@mail.example" for row in range(len(twice))]
    assert group_columns(twice, "ct_") == ["manager"]


def test_filters_are_changed_in_their_place_and_undone_one_by_one():
    first, other, text = ValueFilter("a", frozenset({1})), ValueFilter("a", frozenset({2, -1})), TextFilter("a", "x")
    chosen = ChosenFilters().with_filter(first).with_filter(text).with_filter(other)
    assert chosen.filters == (other, text)
    assert chosen.codes_of("a") == {2, -1}
    assert chosen.with_filter(other) is chosen, "what changes nothing is no step"
    two, missing = ([ValueFilter("a", frozenset({code}))] for code in (2, -1))
    assert chosen.clicked(two).codes_of("a") == {-1}
    assert chosen.clicked(two).clicked(missing).filters == (text,)
    assert chosen.undone().filters == (first, text)
    assert chosen.cleared().undone().filters == (other, text)
    assert ChosenFilters().undone() == ChosenFilters()


def test_filters_of_several_columns_come_and_go_together():
    first, other, text = ValueFilter("a", frozenset({1, 2})), ValueFilter("b", frozenset({3})), TextFilter("a", "x")
    pair = [ValueFilter("a", frozenset({1})), other]
    chosen = ChosenFilters().with_filter(first, text).clicked(pair)
    assert chosen.filters == (pair[0], text, other)
    assert chosen.asks_for(pair)
    assert not chosen.asks_for([ValueFilter("a", frozenset({2})), other])
    assert chosen.clicked(pair).filters == (text,)
    assert chosen.undone().filters == (first, text), "one click is one step"
    assert chosen.undone().asks_for(pair), "no value of b is asked for, so that all are"
    assert not ChosenFilters().asks_for(pair)


def test_rows_pass_all_filters_as_a_plain_way_gives(frame):
    rows = ResultRows(frame, "ct_")
    statuses = rows.coded("ct_status")
    chosen = frozenset({statuses.code("commented"), statuses.code("invalid")})
    plain = frame["ct_status"].isin(["commented", "invalid"]) & frame["manager"].str.casefold().str.contains(
        "$x", regex=False, na=False
    )
    assert rows.matching([ValueFilter("ct_status", chosen), TextFilter("manager", "$X")]).tolist() == plain.tolist()
    assert rows.matching([ValueFilter("manager", frozenset({-1}))]).tolist() == frame["manager"].isna().tolist()
    assert rows.matching([]).all()
