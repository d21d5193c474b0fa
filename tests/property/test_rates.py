"""Rates against a row-by-row count, on any frame that a rule list can produce."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb.outcomes import Kind, Status
from ctnb.results.columns import answer_frame
from ctnb.results.rates import counts, match_rates, wilson

KINDS = [kind.value for kind in Kind]


@st.composite
def runs(draw, *, unique):
    """A rule list, and rows of (0-based positions of the rules offered, of the one that won or None, status)."""
    rules = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4 if unique else 6, unique=unique))
    row = st.sets(st.sampled_from(range(len(rules))), min_size=1).flatmap(
        lambda positions: st.tuples(
            st.just(sorted(positions)),
            st.sampled_from([*sorted(positions), None]),
            st.sampled_from(["answered", "answered", "uncertain", "unsent"]),
        )
    )
    return rules, draw(st.lists(row, max_size=30))


def frame_of(rules, rows, *, rule_known=True):
    answered = [status == "answered" for *_, status in rows]
    won = [position if known else None for (_, position, _), known in zip(rows, answered, strict=True)]
    return answer_frame(
        {
            "status": [
                status if status != "answered" else "unmatched" if position is None else "commented"
                for _, position, status in rows
            ],
            "matched": [
                position is not None if known else None for (_, position, _), known in zip(rows, answered, strict=True)
            ],
            "matched_by": [None if position is None else rules[position] for position in won],
            "rule": [None if position is None or not rule_known else position + 1 for position in won],
            "offered": [">".join(rules[position] for position in positions) for positions, *_ in rows],
        },
        pd.RangeIndex(len(rows)),
    )


def counted(rules, rows, kind):
    """Count offered, reached and matched of a type, row by row, knowing which rule won."""
    offered = reached = matched = 0
    for positions, won, status in rows:
        mine = [position for position in positions if rules[position] == kind]
        if status == "answered" and mine:
            offered += 1
            reached += won is None or won >= mine[0]
            matched += won in mine
    return offered, reached, matched


@given(runs(unique=True))
@settings(max_examples=60)
def test_rates_by_type_equal_a_count_row_by_row(run):
    rules, rows = run
    found = match_rates(frame_of(rules, rows))
    assert set(found.index) == {rules[position] for positions, *_ in rows for position in positions}
    for kind, row in found.iterrows():
        assert (row["offered"], row["reached"], row["matched"]) == counted(rules, rows, kind)


@given(runs(unique=True))
@settings(max_examples=60)
def test_rates_by_rule_equal_a_count_row_by_row_where_they_are_known(run):
    rules, rows = run
    found = match_rates(frame_of(rules, rows), by="rule")
    for rank, row in found.iterrows():
        won = sum(status == "answered" and winner == rank - 1 for _, winner, status in rows)
        assert row["matched"] == won
        if won:
            assert row["type"] == rules[rank - 1]
            assert (row["offered"], row["reached"]) == counted(rules, rows, rules[rank - 1])[:2]


@given(runs(unique=False), st.booleans())
@settings(max_examples=100)
def test_no_list_of_rules_breaks_the_order_of_the_counts(run, rule_known):
    rules, rows = run
    frame = frame_of(rules, rows, rule_known=rule_known)
    for by in ("type", "rule"):
        found = match_rates(frame, by)
        known = found.dropna(subset=["offered"])
        assert (known["matched"] <= known["reached"]).all()
        assert (known["reached"] <= known["offered"]).all()
    by_type = match_rates(frame)
    for kind, row in by_type.iterrows():
        offered, reached, matched = counted(rules, rows, kind)
        assert (row["offered"], row["matched"]) == (offered, matched)
        # A row whose winner may stand before the type is left out, never guessed in.
        assert row["reached"] <= reached


@given(runs(unique=False))
@settings(max_examples=60)
def test_a_repeated_type_is_resolved_where_a_row_shows_the_whole_list(run):
    rules, rows = run
    rows = [*rows, *(([*range(len(rules))], position, "answered") for position in range(len(rules)))]
    for kind, row in match_rates(frame_of(rules, rows)).iterrows():
        offered, reached, matched = counted(rules, rows, kind)
        assert (row["offered"], row["matched"]) == (offered, matched)
        assert row["reached"] <= reached
    by_rule = match_rates(frame_of(rules, rows), by="rule")
    assert by_rule["type"].tolist() == rules


@given(runs(unique=True), runs(unique=False))
@settings(max_examples=100)
def test_answers_of_another_rule_list_change_no_count_of_todays_rules(today, before):
    rules, rows = before
    # Replayed are the comments that were applied, and those that may have been.
    before = rules, [row for row in rows if row[2] == "uncertain" or (row[2] == "answered" and row[1] is not None)]
    now, then = frame_of(*today), frame_of(*before, rule_known=False)
    mixed = pd.concat([part.astype(object) for part in (now, then)], ignore_index=True)
    found = match_rates(mixed, "rule")
    pd.testing.assert_frame_equal(found[found.index.notna()], match_rates(now, "rule"))
    assert found["matched"].sum() == mixed["ct_matched"].sum()
    for kind, row in match_rates(mixed).iterrows():
        offered, reached, matched = np.add(counted(*today, kind), counted(*before, kind))
        assert (row["offered"], row["matched"]) == (offered, matched)
        assert row["reached"] <= reached


@given(st.lists(st.sampled_from([status.value for status in Status]), max_size=50))
@settings(max_examples=30)
def test_counts_add_up_to_the_frame(statuses):
    found = counts(answer_frame({"status": statuses}, pd.RangeIndex(len(statuses))))
    assert found.sum() == len(statuses)
    assert found.to_dict() == {status.value: statuses.count(status.value) for status in Status}


@given(st.integers(1, 10**7).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
@settings(max_examples=100)
def test_wilson_bounds_hold_the_rate_and_mirror(pair):
    successes, trials = pair
    low, high = wilson([successes], [trials])
    assert 0 <= low[0] <= successes / trials <= high[0] <= 1
    other_low, other_high = wilson([trials - successes], [trials])
    np.testing.assert_allclose([1 - other_high[0], 1 - other_low[0]], [low[0], high[0]], atol=1e-9)
