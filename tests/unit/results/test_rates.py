"""Match rates, errors and counts, from the ct_ columns alone."""

import io

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.advice import ADVICE, advice_for
from ctnb.outcomes import Status
from ctnb.results.columns import answer_frame
from ctnb.results.rates import counts, errors, match_rates, wilson


def results(*rows, **columns):
    """A frame of (offered, winner or None, rule or None) for each answered row; a str is a status with no answer."""
    answered = [None if isinstance(row, str) else row for row in rows]
    frame = answer_frame(
        {
            "status": [row if isinstance(row, str) else "commented" if row[1] else "unmatched" for row in rows],
            "matched": [None if row is None else bool(row[1]) for row in answered],
            "offered": [None if row is None else row[0] for row in answered],
            "matched_by": [None if row is None or row[1] == "?" else row[1] for row in answered],
            "rule": [None if row is None else row[2] for row in answered],
            "error_code": ["timed_out" if row is None else None if row[1] else "lead_not_found" for row in answered],
        },
        pd.RangeIndex(len(rows)),
    )
    return frame.assign(**columns)


def table(frame, by="type"):
    found = match_rates(frame, by)[["offered", "reached", "matched"]]
    return {key: tuple(None if pd.isna(n) else n for n in row) for key, *row in found.itertuples()}


ORDINARY = (
    ("call>callContact", "call", 1),
    ("call>callContact", "callContact", 2),
    ("call>callContact>requestContact", None, None),
    ("callContact>requestContact", "requestContact", 3),
    "uncertain",
    "invalid",
)


def test_by_type_counts_offered_reached_and_matched():
    assert table(results(*ORDINARY)) == {"call": (3, 3, 1), "callContact": (4, 3, 1), "requestContact": (2, 2, 1)}


def test_rates_are_over_both_denominators_with_their_bounds():
    row = match_rates(results(*ORDINARY)).loc["callContact"]
    assert row["rate_offered"] == 1 / 4
    assert row["rate_reached"] == 1 / 3
    assert (row["rate_reached_low"], row["rate_reached_high"]) == tuple(map(float, wilson(1, 3)))


def test_types_come_in_the_contract_order():
    frame = results(("requestContact>callContact>request>call", None, None))
    assert list(match_rates(frame).index) == ["call", "request", "callContact", "requestContact"]
    assert match_rates(frame).index.name == "type"


def test_replayed_answers_count():
    assert table(results(*ORDINARY, ct_replayed=True)) == table(results(*ORDINARY))


def test_a_repeated_type_is_kept_apart_by_its_rule():
    offered = "callContact>requestContact>callContact"
    frame = results((offered, "callContact", 1), (offered, "callContact", 3), (offered, "requestContact", 2))
    assert table(frame) == {"callContact": (3, 3, 2), "requestContact": (3, 2, 1)}
    assert table(frame, "rule") == {1: (3, 3, 1), 2: (3, 2, 1), 3: (3, 1, 1)}


def test_a_repeated_type_whose_rule_is_not_known_is_not_guessed():
    offered = "callContact>requestContact>callContact"
    frame = results((offered, "callContact", None), (offered, None, None))
    assert table(frame) == {"callContact": (2, 2, 1), "requestContact": (2, 1, 0)}


def test_a_winner_that_is_not_known_counts_up_to_the_first_that_may_have_won():
    frame = results(("call>callContact", "?", None), ("call>callContact", "call", 1))
    assert table(frame) == {"call": (2, 2, 1), "callContact": (2, 0, 0)}


def test_by_rule_names_the_type_at_each_rank():
    found = match_rates(results(*ORDINARY), by="rule")
    assert found["type"].tolist() == ["call", "callContact", "requestContact"]
    assert found.index.tolist() == [1, 2, 3]
    assert table(results(*ORDINARY), "rule") == {1: (3, 3, 1), 2: (4, 3, 1), 3: (2, 2, 1)}


def test_by_rule_shows_a_rule_that_never_matched():
    frame = results(("call>callContact>requestContact", "call", 1), ("call>requestContact", None, None))
    assert table(frame, "rule") == {1: (2, 2, 1), 2: (1, 0, 0), 3: (2, 1, 0)}


def test_by_rule_leaves_a_gap_for_a_rule_that_no_row_was_offered():
    frame = results(("callContact", "callContact", 2), ("callContact>requestContact", None, None))
    assert table(frame, "rule") == {1: (None, None, 0), 2: (2, 2, 1), 3: (1, 1, 0)}
    assert match_rates(frame, by="rule")["type"].isna().tolist() == [True, False, False]


def test_by_rule_does_not_guess_which_of_two_rules_was_offered():
    whole = "callContact>requestContact>callContact"
    frame = results((whole, "callContact", 1), ("callContact", None, None), ("requestContact", "requestContact", 2))
    assert table(frame, "rule") == {1: (None, None, 1), 2: (2, 1, 1), 3: (None, None, 0)}


def test_by_rule_with_the_answers_of_two_rule_lists_gives_only_what_matched():
    frame = results(("call>callContact", "call", 1), ("requestContact>call", "requestContact", 1))
    assert table(frame, "rule") == {1: (None, None, 2)}
    assert table(frame) == {"call": (2, 1, 1), "callContact": (1, 0, 0), "requestContact": (1, 1, 1)}


# Today's list is call, callContact; the other one was callContact, request.
MIXED = (
    ("call>callContact", "call", 1),
    ("call>callContact", "callContact", 2),
    ("callContact", None, None),
    ("callContact>request", "callContact", None),
    ("callContact>request", "request", None),
    ("callContact>request", "?", None),
)


def test_rows_answered_under_another_rule_list_count_for_no_rule_of_this_one():
    found = match_rates(results(*MIXED), by="rule")
    assert table(results(*MIXED), "rule") == {1: (2, 2, 1), 2: (3, 2, 1), pd.NA: (None, None, 3)}
    assert found["type"].tolist() == ["call", "callContact", pd.NA]
    assert found["matched"].sum() == 5
    assert found.loc[found.index.isna(), "rate_reached"].isna().all()


def test_rows_answered_under_another_rule_list_count_by_type_for_what_they_were_offered():
    assert table(results(*MIXED)) == {"call": (2, 2, 1), "request": (3, 1, 1), "callContact": (6, 5, 2)}


def test_a_row_that_is_uncertain_since_another_rule_list_adds_no_rule():
    frame = results(("call>callContact", "call", 1), ("callContact", "callContact", 2))
    before = answer_frame({"status": ["uncertain"], "offered": ["request>call"]}, pd.RangeIndex(1))
    mixed = pd.concat([part.astype(object) for part in (frame, before)])
    assert table(mixed, "rule") == {1: (1, 1, 1), 2: (2, 1, 1)}


def test_a_frame_of_answers_under_another_rule_list_alone_has_one_row_by_rule():
    frame = results(*MIXED[3:])
    assert table(frame, "rule") == {pd.NA: (None, None, 3)}
    assert table(frame)["request"] == (3, 1, 1)


def test_by_a_column_keeps_missing_values_in_a_group():
    frame = results(*ORDINARY, manager=["Аня", "Аня", None, "Боря", "Вера", "Аня"])
    found = match_rates(frame, by="manager")
    assert found.index.name == "manager"
    assert {str(key): row for key, row in table(frame, "manager").items()} == {
        "Аня": (2, 2, 2),
        "Боря": (1, 1, 1),
        "Вера": (0, 0, 0),
        "nan": (1, 1, 0),
    }
    assert np.isnan(found.loc["Вера", "rate_offered"])


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_by_a_column_of_any_dtype(dtype):
    frame = results(*ORDINARY, manager=pd.Series(["a", "b", None, "a", "b", "a"], dtype=dtype))
    assert sorted(table(frame, "manager").values()) == [(1, 1, 0), (1, 1, 1), (2, 2, 2)]


def test_by_several_columns():
    frame = results(*ORDINARY, a=[1, 1, 2, 2, 1, 1], b=list("xyxyxy"))
    assert match_rates(frame, by=["a", "b"]).index.names == ["a", "b"]
    assert table(frame, ["a", "b"]) == {
        (1, "x"): (1, 1, 1),
        (1, "y"): (1, 1, 1),
        (2, "x"): (1, 1, 0),
        (2, "y"): (1, 1, 1),
    }


def test_a_tuple_is_the_name_of_one_column():
    frame = results(*ORDINARY, a=1, b=2)
    frame[("a", "b")] = list("xyxyxy")
    frame.columns = pd.Index(list(frame.columns), tupleize_cols=False)
    assert table(frame, ("a", "b")) == table(frame, [("a", "b")]) == {"x": (2, 2, 1), "y": (2, 2, 2)}
    assert match_rates(frame, ("a", "b")).index.names == [("a", "b")]


def test_the_words_win_over_columns_of_their_name():
    frame = results(*ORDINARY, type=list("aabbab"))
    assert "call" in match_rates(frame, by="type").index
    assert match_rates(frame, by=["type"]).index.tolist() == ["a", "b"]


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'manager'"):
        match_rates(results(*ORDINARY, manager="x"), by="manger")
    with pytest.raises(ConfigError, match="cannot be grouped"):
        match_rates(results(*ORDINARY, tags=[[1]] * 6), by="tags")
    with pytest.raises(ConfigError, match="call comment"):
        match_rates(pd.DataFrame({"manager": ["x"]}))


def test_duplicate_index_and_other_prefix():
    frame = results(*ORDINARY, manager=list("abcabc")).set_axis([5] * 6)
    other = frame.rename(columns=lambda name: name.replace("ct_", "x_"))
    for by in ("type", "rule", "manager"):
        pd.testing.assert_frame_equal(match_rates(frame, by), match_rates(other, by, prefix="x_"))


@pytest.mark.parametrize("rows", [(), ("uncertain", "invalid")])
def test_frames_without_an_answer(rows):
    frame = results(*rows, manager=["x"] * len(rows))
    for by in ("type", "rule"):
        assert match_rates(frame, by).empty
    assert match_rates(frame, "manager")["offered"].sum() == 0
    assert errors(frame)["rows"].sum() == len(rows)
    assert counts(frame).sum() == len(rows)


def test_saved_and_loaded_frames_give_the_same():
    frame = results(*ORDINARY, manager=["x", "y", "x", "y", "x", "y"])
    loaded = pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str)
    for by in ("type", "rule"):
        pd.testing.assert_frame_equal(match_rates(loaded, by), match_rates(frame, by))
    pd.testing.assert_frame_equal(errors(loaded), errors(frame))
    pd.testing.assert_series_equal(counts(loaded), counts(frame))


def test_errors_are_grouped_by_status_and_code():
    frame = answer_frame(
        {
            "status": ["unmatched", "unmatched", "uncertain", "unmatched", "commented", "unsent"],
            "error_code": [
                "lead_not_found",
                "lead_not_found",
                "timed_out",
                "lead_not_found",
                "vendor_error",
                "timed_out",
            ],
            "error": ["нет", "не найден", None, "не найден", "x", None],
        },
        pd.RangeIndex(6),
    )
    found = errors(frame)
    assert found.index.tolist() == ["lead_not_found", "timed_out", "timed_out"]
    assert found["status"].tolist() == ["unmatched", "uncertain", "unsent"]
    assert found["rows"].tolist() == [3, 1, 1]
    assert found["share"].tolist() == [3 / 6, 1 / 6, 1 / 6]
    assert found["share_low"].iloc[0] == pytest.approx(float(wilson(3, 6)[0]))
    assert found["example"].iloc[0] == "не найден"
    assert found["example"].isna().tolist() == [False, True, True]
    assert found["advice"].tolist() == [ADVICE[code] for code in found.index]
    ctnb.set_language("ru")
    assert errors(frame)["advice"].tolist() == [advice_for(code) for code in found.index]
    assert "Лид" in errors(frame)["advice"].iloc[0] or "лид" in errors(frame)["advice"].iloc[0]


@pytest.mark.parametrize("frame", [results(), results(("call", "call", 1)), results("uncertain", "invalid")])
def test_errors_have_one_shape_with_errors_and_without(frame):
    found = errors(frame)
    shown = {name: str(dtype) for name, dtype in found.dtypes.items()}
    assert shown == {
        "status": "category",
        "rows": "int64",
        **dict.fromkeys(("share", "share_low", "share_high"), "float64"),
        **dict.fromkeys(("example", "advice"), "string"),
    }
    assert found.index.name == "error_code"


def test_counts_name_every_status_in_order():
    found = counts(results(*ORDINARY))
    assert found.index.tolist() == list(Status)
    assert found.tolist() == [3, 1, 1, 0, 1, 0, 0]


@pytest.mark.parametrize(("successes", "trials"), [(8, 10), (0, 10), (10, 10), (1, 3), (3127, 4731)])
def test_wilson_bounds_are_where_the_score_test_just_rejects(successes, trials):
    # The roots of (p - s/n)² = z² p (1 - p) / n.
    rate, z = successes / trials, 1.959963984540054
    roots = np.sort(np.roots([1 + z**2 / trials, -(2 * rate + z**2 / trials), rate**2]).real)
    np.testing.assert_allclose(np.array(wilson(successes, trials)), roots, atol=1e-9)


def test_wilson_has_no_bounds_without_trials():
    assert np.isnan(wilson([0], [0])).all()


# ---- leads, and what else can group ---------------------------------------------------------------


def with_ids(*rows):
    """A frame of (manager, winner, rule, call id, request id), all of them offered a call and a request."""
    frame = results(*(("call>request", winner, rule) for _, winner, rule, _, _ in rows))
    ids = {"ct_call_id": 3, "ct_request_id": 4}
    texts = {name: pd.array([row[at] for row in rows], dtype="string") for name, at in ids.items()}
    return frame.assign(manager=[row[0] for row in rows], **texts)


LEADS = with_ids(
    ("Anna", "call", 1, "7", None),
    ("Anna", "call", 1, "7", "70"),
    ("Anna", "request", 2, "7", "70"),
    ("Boris", "call", 1, "8", None),
    ("Boris", None, None, None, None),
    (None, "request", 2, None, "80"),
)


def test_leads_are_counted_once_each():
    assert match_rates(LEADS)["leads"].to_dict() == {"call": 2, "request": 2}
    assert match_rates(LEADS, "rule")["leads"].to_dict() == {1: 2, 2: 2}
    assert match_rates(LEADS, "manager")["leads"].tolist() == [2, 1, 1]
    assert match_rates(LEADS)["leads"].dtype == "Int64"


def test_leads_are_not_known_where_an_answer_does_not_name_one():
    frame = LEADS.assign(ct_call_id=LEADS["ct_call_id"].where(LEADS["manager"] != "Boris"))
    assert match_rates(frame)["leads"].isna().tolist() == [True, False]
    assert match_rates(frame, "manager")["leads"].isna().tolist() == [False, True, False]
    assert match_rates(LEADS.drop(columns=["ct_call_id", "ct_request_id"]))["leads"].isna().all()


def test_two_thousand_comments_on_one_call_are_one_lead():
    frame = with_ids(*[("Anna", "call", 1, "7", None)] * 2_000)
    assert match_rates(frame).loc["call", ["matched", "leads"]].tolist() == [2_000, 1]


def test_types_within_each_value_have_an_index_of_two_levels():
    found = match_rates(LEADS, by=["manager", "type"])
    assert found.index.names == ["manager", "type"]
    assert found.index.tolist()[:4] == [("Anna", "call"), ("Anna", "request"), ("Boris", "call"), ("Boris", "request")]
    assert found.loc[("Anna", "call"), ["offered", "reached", "matched", "leads"]].tolist() == [3, 3, 2, 1]
    assert found.loc[("Anna", "request"), ["offered", "reached", "matched", "leads"]].tolist() == [3, 1, 1, 1]
    whole = match_rates(LEADS)
    assert found.groupby("type")[["offered", "matched"]].sum().equals(whole[["offered", "matched"]])
    assert match_rates(LEADS, by=["type", "manager"]).index.names == ["type", "manager"]
    by_rule = match_rates(LEADS, by=["manager", "rule"])
    assert by_rule.index.names == ["manager", "rule"]
    assert by_rule.loc[("Anna", 2), "matched"] == 1


def test_a_series_and_a_grouper_group_as_a_column_does():
    expected = match_rates(LEADS, "manager")
    pd.testing.assert_frame_equal(match_rates(LEADS, LEADS["manager"]), expected)
    days = pd.to_datetime(["2024-03-01", "2024-03-30", "2024-04-02", "2024-04-03", "2024-04-04", "2024-04-05"])
    found = match_rates(LEADS.assign(day=days), pd.Grouper(key="day", freq="MS"))
    assert found.index.tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-04-01")]
    assert found["offered"].tolist() == [2, 4]
    several = match_rates(LEADS.assign(day=days), ["manager", pd.Grouper(key="day", freq="MS"), "type"])
    assert several.index.names == ["manager", "day", "type"]


def test_no_rows_have_the_same_columns_and_levels():
    none = match_rates(LEADS.iloc[:0], by=["manager", "type"])
    assert (len(none), none.index.names) == (0, ["manager", "type"])
    assert none.columns.tolist() == match_rates(LEADS, by=["manager", "type"]).columns.tolist()
