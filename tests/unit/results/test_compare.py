"""Two results of the same deals: who is paired with whom, what changed, and the rates of those answered in both."""

import numpy as np
import pandas as pd
import pytest
from compared_frames import results
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb.exceptions import ColumnNotFoundError, ConfigError

PHONE = "79157771122"


def changes(compared):
    return dict(zip(compared.rows.index, compared.rows["change"], strict=True))


def reasons(compared):
    return dict(zip(compared.unpaired.index, compared.unpaired["reason"], strict=True))


# Changes


def test_each_pair_says_what_became_of_its_status():
    before = results([(1, "unmatched"), (2, "call"), (3, "unsent"), (4, "call"), (5, "unmatched"), (7, "invalid")])
    after = results([(5, "unmatched"), (1, "call"), (2, "unmatched"), (3, "call"), (4, "callContact"), (6, "call")])
    compared = after.calltouch.compare(before, key="deal")
    assert changes(compared) == {
        5: "same", 1: "gained", 2: "lost", 3: "changed", 4: "same", 6: "only_after", 7: "only_before",
    }  # fmt: skip
    assert compared.counts.to_dict() == {
        "same": 2, "gained": 1, "lost": 1, "changed": 1, "only_before": 1, "only_after": 1,
    }  # fmt: skip
    assert len(compared) == 5


def test_rows_hold_both_sides():
    before = results([(1, "unmatched")], ct_error_code="lead_not_found")
    compared = ctnb.compare(results([(1, "call"), (2, "invalid")]), before, key="deal")
    paired, alone = compared.rows.to_dict("records")
    assert (paired["status_before"], paired["status_after"]) == ("unmatched", "commented")
    assert (paired["matched_before"], paired["matched_after"]) == (False, True)
    assert pd.isna(paired["matched_by_before"])
    assert paired["matched_by_after"] == "call"
    assert paired["error_code_before"] == "lead_not_found"
    assert pd.isna(alone["status_before"])
    assert pd.isna(alone["predicted_before"])
    assert alone["status_after"] == "invalid"
    assert compared.rows["status_after"].dtype == after_dtype("ct_status")
    assert compared.rows.index.name == "deal"


def after_dtype(name):
    return results([(1, "call")])[name].dtype


def test_the_table_of_changes_counts_the_pairs_by_status():
    before = results([(1, "unmatched"), (2, "unmatched"), (3, "call"), (4, "call")])
    after = results([(1, "call"), (2, "call"), (3, "call"), (5, "call")])
    found = ctnb.compare(after, before, "deal").changes
    assert found.shape == (7, 7)
    assert found.loc["unmatched", "commented"] == 2
    assert found.loc["commented", "commented"] == 1
    assert found.to_numpy().sum() == 3


# Pairing by key


@pytest.mark.parametrize("written", ["1013", 1013.0, "1013.0", " 1013 ", "'1013"])
def test_a_key_is_one_however_it_is_written(written):
    compared = ctnb.compare(results([(written, "call")]), results([(1013, "call")]), "deal")
    assert len(compared) == 1


def test_a_key_may_be_a_level_of_the_index():
    before, after = results([(1, "call"), (2, "call")]), results([(2, "unmatched"), (1, "call")])
    compared = ctnb.compare(after.set_index("deal"), before, "deal")
    assert changes(compared) == {2: "lost", 1: "same"}


def test_rows_without_a_key_are_not_paired():
    before, after = results([(None, "call"), (1, "call")]), results([("", "call"), ("-", "call"), (1, "call")])
    compared = ctnb.compare(after, before, "deal")
    assert len(compared) == 1
    assert compared.unpaired["reason"].tolist() == ["blank_key"] * 3
    assert compared.unpaired["change"].tolist() == ["only_after", "only_after", "only_before"]


def test_rows_of_one_key_that_agree_are_one_pair():
    before = results([(1, "unmatched"), (1, "unmatched"), (1, "unmatched")])
    after = results([(1, "call"), (1, "call")])
    compared = ctnb.compare(after, before, "deal")
    assert len(compared) == 1
    assert compared.rows[["rows_before", "rows_after"]].to_numpy().tolist() == [[3, 2]]
    assert compared.rates()["pairs"].tolist() == [1]


def test_rows_of_one_key_that_disagree_are_not_guessed_at():
    before = results([(1, "unmatched"), (1, "call"), (2, "call"), (3, "call")])
    after = results([(1, "call"), (2, "call"), (2, "invalid"), (4, "call"), (4, "invalid")])
    compared = ctnb.compare(after, before, "deal")
    assert len(compared) == 0
    assert reasons(compared) == {
        1: "several_outcomes", 2: "several_outcomes", 3: "no_partner", 4: "no_partner",
    }  # fmt: skip
    assert (compared.unpaired["rows_before"].sum(), compared.unpaired["rows_after"].sum()) == (4, 5)


@pytest.mark.parametrize("other", [{"ct_matched_by": "callContact"}, {"ct_error_code": "not_recorded"}])
def test_a_key_of_one_status_but_of_several_types_or_errors_is_not_guessed_at(other):
    after = pd.concat([results([(1, "call")]), results([(1, "call")], **other)])
    assert set(reasons(ctnb.compare(after, results([(1, "call")]), "deal")).values()) == {"several_outcomes"}


ROWS = st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, None]), st.sampled_from(["call", "unmatched", "invalid"])))


@given(ROWS, ROWS)
def test_no_row_is_lost_and_none_is_counted_twice(before, after):
    compared = ctnb.compare(results(after), results(before), "deal")
    rows = compared.rows
    assert (rows["rows_before"].sum(), rows["rows_after"].sum()) == (len(before), len(after))
    assert rows["reason"].isna().sum() == len(compared) == compared.changes.to_numpy().sum()
    assert len(compared) + len(compared.unpaired) == len(rows) == compared.counts.sum()
    assert compared.rates()["pairs"].sum() <= len(compared)
    turned = ctnb.compare(results(before), results(after), "deal")
    assert len(turned) == len(compared)
    assert (turned.counts["gained"], turned.counts["only_before"]) == (
        compared.counts["lost"],
        compared.counts["only_after"],
    )


# Pairing by index


def test_a_unique_index_pairs_the_rows_in_any_order():
    before = results([(1, "call"), (2, "unmatched")], index=["a", "b"])
    after = results([(9, "call"), (8, "call")], index=["b", "c"])
    compared = ctnb.compare(after, before)
    assert changes(compared) == {"b": "gained", "c": "only_after", "a": "only_before"}


def test_an_index_of_several_levels_pairs_by_all_of_them():
    index = pd.MultiIndex.from_tuples([("x", 1), ("x", 2)], names=["site", "deal_id"])
    before = results([(1, "call"), (2, "unmatched")], index=index)
    after = results([(2, "call"), (1, "call")], index=index[::-1])
    compared = ctnb.compare(after, before)
    assert changes(compared) == {("x", 2): "gained", ("x", 1): "same"}
    assert compared.rows.index.names == ["site", "deal_id"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_index_that_repeats_is_refused(side):
    frames = {name: results([(1, "call"), (2, "call")], index=["a", "b"]) for name in ("before", "after")}
    frames[side].index = ["a", "a"]
    with pytest.raises(ConfigError, match=f"index of `{side}`.*key="):
        ctnb.compare(frames["after"], frames["before"])


def test_indexes_of_two_kinds_are_refused():
    before = results([(1, "call")], index=pd.Index(["a"], name="deal_id"))
    with pytest.raises(ConfigError, match=r"indexes of one kind.*'deal_id' and 'phone'.*key="):
        ctnb.compare(before.rename_axis("phone"), before)


def test_numbers_of_rows_pair_the_deals_of_one_export():
    before, after = (
        results([(1, "unmatched"), (2, "call")], stage="new"),
        results([(1, "call"), (2, "call")], stage="won"),
    )
    assert changes(ctnb.compare(after, before)) == {0: "gained", 1: "same"}
    # The first rows of it, and results without any other column.
    assert len(ctnb.compare(after.head(1), before)) == 1
    alone = [frame.drop(columns=["deal", "stage"]) for frame in (after, before)]
    assert len(ctnb.compare(*alone)) == 2


def test_numbers_of_rows_do_not_pair_two_exports():
    before, after = results([(1, "unmatched"), (2, "call")]), results([(2, "call"), (1, "call")])
    with pytest.raises(ConfigError, match=r"different exports.*key="):
        ctnb.compare(after, before)
    nothing_shared = after.drop(columns="deal").head(1)
    with pytest.raises(ConfigError, match=r"different exports.*key="):
        ctnb.compare(nothing_shared, before)


# Rates


def rates(compared, by=None):
    found = compared.rates(by)
    counts = ["pairs", "matched_before", "matched_after", "gained", "lost"]
    assert found.columns.tolist() == [*counts, "rate_before", "rate_after", "difference", "low", "high"]
    return {
        key: tuple(row)
        for key, *row in found[["pairs", "matched_before", "matched_after", "gained", "lost"]].itertuples()
    }


BEFORE = [(1, "call"), (2, "unmatched"), (3, "unmatched"), (4, "call"), (5, "uncertain"), (6, "call"), (7, "call")]
AFTER = [(1, "call"), (2, "call"), (3, "unmatched"), (4, "unmatched"), (5, "call"), (6, "invalid"), (8, "call")]


def test_rates_are_of_the_pairs_that_are_answered_on_both_sides():
    compared = ctnb.compare(results(AFTER), results(BEFORE), "deal")
    assert rates(compared) == {"all": (4, 2, 2, 1, 1)}
    row = compared.rates().loc["all"]
    assert (row["rate_before"], row["rate_after"], row["difference"]) == (0.5, 0.5, 0.0)
    assert row["low"] == -row["high"]


def test_rates_by_a_column_a_series_and_a_grouper_of_the_frame_after():
    dates = pd.to_datetime(["2026-03-02"] * 3 + ["2026-03-10"] * 4)
    after = results(AFTER, manager=list("aabbccc"), at=dates)
    compared = ctnb.compare(after, results(BEFORE), "deal")
    wanted = {"a": (2, 1, 2, 1, 0), "b": (2, 1, 0, 0, 1)}
    assert rates(compared, "manager") == wanted
    assert rates(compared, after["manager"]) == wanted
    assert list(rates(compared, pd.Grouper(key="at", freq="W")).values()) == [(3, 1, 2, 1, 0), (1, 1, 0, 0, 1)]
    assert rates(compared, ["manager", "at"])[("b", pd.Timestamp("2026-03-02"))] == (1, 0, 0, 0, 0)


def test_rates_by_type_are_of_the_pairs_that_were_offered_it():
    before = results([(1, "call"), (2, "unmatched"), (3, "callContact")], ct_offered=["call", "call", "callContact"])
    after = results(
        [(1, "call"), (2, "callContact"), (3, "call")],
        ct_offered=["call", "call>callContact", "call"],
        team=["x", "x", "y"],
    )
    compared = ctnb.compare(after, before, "deal")
    assert rates(compared, "type") == {"call": (3, 1, 2, 1, 0), "callContact": (2, 1, 1, 1, 1)}
    assert rates(compared, ["team", "type"]) == {
        ("x", "call"): (2, 1, 1, 0, 0),
        ("x", "callContact"): (1, 0, 1, 1, 0),
        ("y", "call"): (1, 0, 1, 1, 0),
        ("y", "callContact"): (1, 1, 0, 0, 1),
    }
    assert compared.rates(["type", "team"]).index.names == ["type", "team"]


def test_rates_by_rule_are_refused():
    compared = ctnb.compare(results(AFTER), results(BEFORE), "deal")
    with pytest.raises(ConfigError, match="other rules at a rank"):
        compared.rates("rule")
    with pytest.raises(ColumnNotFoundError, match="'manger'"):
        compared.rates("manger")


@pytest.mark.parametrize("by", [None, "type", "deal", ["deal", "type"]])
def test_nothing_in_common_has_no_rates(by):
    compared = ctnb.compare(results([(1, "call")]), results([(2, "call")]), "deal")
    found = compared.rates(by)
    assert len(found) == (1 if by is None else 0)
    assert found["rate_after"].isna().all()
    assert found["low"].isna().all()
    assert "–" in repr(compared)


def test_empty_frames_compare():
    compared = ctnb.compare(results([]), results([]), "deal")
    assert (len(compared), len(compared.rows), compared.counts.sum()) == (0, 0, 0)
    assert compared._repr_html_()


# Frames


def test_frames_that_were_saved_and_loaded_compare_alike(tmp_path):
    before, after = results(BEFORE), results(AFTER)
    for name, frame in (("before", before), ("after", after)):
        ctnb.write_table(frame, tmp_path / f"{name}.csv")
    loaded = [ctnb.read_leads(tmp_path / f"{name}.csv") for name in ("after", "before")]
    compared = ctnb.compare(*loaded, key="deal")
    assert compared.counts.to_dict() == ctnb.compare(after, before, "deal").counts.to_dict()


def test_another_prefix():
    compared = ctnb.compare(results(AFTER, prefix="x_"), results(BEFORE, prefix="x_"), "deal", prefix="x_")
    assert len(compared) == 6


def test_a_preview_beside_a_run_is_called_predicted():
    before = results(BEFORE, ct_predicted=True)
    compared = ctnb.compare(results(AFTER), before, "deal")
    assert (compared.predicted_before, compared.predicted_after) == (True, False)
    assert compared.rows.loc[compared.rows["rows_before"] > 0, "predicted_before"].all()
    for shown in (repr(compared), compared._repr_html_()):
        assert "before (predicted)" in shown
        assert "after (predicted)" not in shown


def test_the_frames_are_not_changed():
    before, after = results(BEFORE), results(AFTER)
    copies = before.copy(), after.copy()
    compared = ctnb.compare(after, before, "deal")
    _ = compared.rows, compared.rates("type")
    pd.testing.assert_frame_equal(before, copies[0])
    pd.testing.assert_frame_equal(after, copies[1])


def test_a_frame_without_results_is_refused_with_advice():
    deals = pd.DataFrame({"deal": [1]})
    with pytest.raises(ConfigError, match=r"`before` cannot be compared.*'ct_status'.*call comment"):
        ctnb.compare(results([(1, "call")]), deals, "deal")
    with pytest.raises(ConfigError, match="`after` cannot be compared"):
        ctnb.compare(deals, results([(1, "call")]), "deal")


def test_what_is_no_frame_is_refused_with_advice():
    class Preview:
        frame = results([(1, "call")])

    with pytest.raises(ConfigError, match=r"Expected a frame as `before`, got a Preview. Pass its .frame."):
        ctnb.compare(results([(1, "call")]), Preview(), "deal")
    with pytest.raises(ConfigError, match=r"`before` cannot be compared.*Expected a pandas DataFrame"):
        ctnb.compare(results([(1, "call")]), [1], "deal")


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_key_that_a_frame_lacks_is_named_with_its_side(side):
    frames = {name: results([(1, "call")]) for name in ("before", "after")}
    frames[side] = frames[side].rename(columns={"deal": "deal_id"})
    with pytest.raises(ColumnNotFoundError, match=f"'deal', which key= in `{side}` needs.*'deal_id'"):
        ctnb.compare(frames["after"], frames["before"], "deal")


def test_a_key_is_one_name():
    frame = results([(1, "call")])
    with pytest.raises(ConfigError, match="key= expected the name of one column, got a list"):
        ctnb.compare(frame, frame, ["deal"])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_view_shows_a_key(language):
    ctnb.set_language(language)
    compared = ctnb.compare(
        results([(PHONE, "call"), ("79157771123", "call")]), results([(PHONE, "unmatched")]), "deal"
    )
    for shown in (repr(compared), compared._repr_html_()):
        assert "7915" not in shown


def test_a_large_frame_is_what_its_keys_are():
    keys = np.random.default_rng(3).permutation(6000).tolist()
    before = results([(key, "call" if key % 2 else "unmatched") for key in keys])
    after = results([(str(key), "call" if key % 3 else "unmatched") for key in range(6000)])
    # Of six keys in a row 1, 3 and 5 match before, 1, 2, 4 and 5 after.
    assert rates(ctnb.compare(after, before, "deal")) == {"all": (6000, 3000, 4000, 2000, 1000)}
