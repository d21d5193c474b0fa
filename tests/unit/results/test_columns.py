"""The ct_ columns: filled from a run's answers and joined to the deals."""

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact
from ctnb.exceptions import CtnbError
from ctnb.outcomes import Answers, Attribution, Kind, Outcome, Reason, Status
from ctnb.results.columns import NAMES, answer_columns, answer_frame, join, mark_not_begun, uncertain_rows


def deals(index, **columns):
    return pd.DataFrame({"deal": ["a", "b", "c"], **columns}, index=index)


def test_columns_have_the_contract_order_and_dtypes(answers):
    frame = answers()
    assert list(frame.columns) == ["ct_" + name for name in NAMES]
    assert {name: str(frame["ct_" + name].dtype) for name in NAMES if frame["ct_" + name].dtype != "string"} == {
        **dict.fromkeys(("status", "matched_by", "attribution", "offered", "error_code"), "category"),
        **dict.fromkeys(("matched", "replayed", "predicted"), "boolean"),
        **dict.fromkeys(("rule", "batch", "attempts"), "Int64"),
        "answered_at": "datetime64[us]",
    }
    assert list(frame["ct_status"].cat.categories) == list(Status)
    assert list(frame["ct_matched_by"].cat.categories) == list(Kind)
    assert frame["ct_call_id"].tolist()[:2] == ["0012", "34"]
    assert frame["ct_sip_call_id"].isna().all()


@pytest.mark.parametrize(
    "index",
    [
        pd.Index([7, 7, 7]),
        pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["k", "n"]),
        pd.date_range("2026-01-01", periods=3),
        pd.Index(["b", None, "a"]),
    ],
)
def test_join_keeps_rows_order_and_index(index, answers):
    frame = deals(index)
    before = frame.copy()
    joined = join(frame, answers())
    pd.testing.assert_index_equal(joined.index, index)
    assert joined["deal"].tolist() == ["a", "b", "c"]
    assert joined["ct_status"].tolist() == ["commented", "unmatched", "invalid"]
    pd.testing.assert_frame_equal(frame, before)


def test_join_of_nothing():
    joined = join(pd.DataFrame({"deal": []}), answer_frame({}, pd.RangeIndex(0)))
    assert joined.shape == (0, 19)
    assert join(joined, answer_frame({}, pd.RangeIndex(0))).shape == (0, 19)


def test_join_replaces_an_earlier_run_and_leaves_the_rest(answers):
    first = join(deals(pd.RangeIndex(3), ct_mine=[1, 2, 3]), answers())
    again = answers()
    again["ct_status"] = again["ct_status"].where(again["ct_status"] != "invalid", "busy")
    second = join(first, again)
    assert second.columns.is_unique
    assert second["ct_mine"].tolist() == [1, 2, 3]
    assert second["ct_status"].tolist() == ["commented", "unmatched", "busy"]


def test_join_with_another_prefix_keeps_both(answers):
    joined = join(join(deals(pd.RangeIndex(3)), answers()), answers(prefix="test_"), "test_")
    assert joined.shape[1] == 1 + 2 * len(NAMES)


@pytest.mark.parametrize(
    "columns", [pd.RangeIndex(1), pd.CategoricalIndex(["deal"]), pd.Index([("a", "b")], dtype=object)]
)
def test_any_flat_column_index_is_taken(columns, answers):
    frame = pd.DataFrame([[1], [2], [3]])
    frame.columns = columns if not isinstance(columns[0], tuple) else pd.Index([0])
    assert join(frame, answers()).shape == (3, 19)


# From a plan and its answers.

TWO_RULES = [Call("call"), CallContact("phone", "at", depth="2h")]


def planned(*rows, rules=TWO_RULES, key=None):
    """Plan rows of (call id, phone)."""
    frame = pd.DataFrame(rows, columns=["call", "phone"], dtype=object).assign(at="01.03.2026 12:00", key="one")
    return ctnb.plan(frame, rules, "text", key=key)


def answered(plan, outcomes):
    """Build the columns of a plan with outcomes by row."""
    held = Answers(len(plan))
    for row, outcome in outcomes.items():
        held.put([row], [outcome])
    return answer_frame(answer_columns(plan, held), pd.RangeIndex(len(plan)))


def commented(**details):
    return Outcome(Status.COMMENTED, **details)


BY_CALL = {"matched_by": Kind.CALL, "rule": 1, "attribution": Attribution.EXACT}


def test_every_row_carries_its_outcome():
    plan = planned((7, None), (None, "8 916 555 11 22"), (None, None))
    frame = answered(plan, {0: commented(**BY_CALL, call_id="7", batch=1), 1: Outcome(Status.UNMATCHED, error="no")})
    assert frame["ct_status"].tolist() == ["commented", "unmatched", "invalid"]
    assert frame["ct_matched"].tolist() == [True, False, pd.NA]
    assert frame["ct_offered"].astype(object).tolist()[:2] == ["call", "callContact"]
    assert frame["ct_rule"].tolist() == [1, pd.NA, pd.NA]
    assert frame["ct_call_id"].tolist() == ["7", pd.NA, pd.NA]
    assert frame["ct_error_code"].tolist()[2] == Reason.NO_IDENTIFIER
    assert "no rule has its data" in frame["ct_error"][2]


def test_our_own_words_for_an_outcome_are_in_the_language_and_the_vendors_stay():
    plan = planned((7, None), (None, "8 916 555 11 22"))
    ctnb.set_language("ru")
    lost = Outcome(Status.UNCERTAIN, error="the server failed (HTTP 503)", reason=Reason.SERVER_ERROR, replayed=True)
    frame = answered(plan, {0: lost, 1: Outcome(Status.UNMATCHED, error="Lead is closed", reason=Reason.VENDOR_ERROR)})
    assert frame["ct_error"].tolist() == ["сбой сервера (HTTP 503)", "Lead is closed"]


def test_a_replayed_answer_shows_what_was_offered_then():
    plan = planned((7, "8 916 555 11 22"), (8, "8 916 555 11 23"), (9, "8 916 555 11 24"))
    other_list = {"matched_by": Kind.REQUEST, "attribution": Attribution.EXACT, "offered": "request>callContact"}
    frame = answered(
        plan,
        {
            0: commented(**other_list, replayed=True),
            1: commented(**BY_CALL, offered="call>callContact", replayed=True),
            2: commented(**BY_CALL),
        },
    )
    assert frame["ct_offered"].tolist() == ["request>callContact", "call>callContact", "call>callContact"]
    assert frame["ct_matched_by"].tolist() == ["request", "call", "call"]
    assert frame["ct_rule"].tolist() == [pd.NA, 1, 1]


def test_a_replayed_answer_without_a_record_of_the_offer_shows_the_plans():
    plan = planned((7, "8 916 555 11 22"), (8, None))
    frame = answered(plan, {0: Outcome(Status.UNCERTAIN, replayed=True), 1: commented(offered="call", replayed=True)})
    assert frame["ct_offered"].tolist() == ["call>callContact", "call"]


@pytest.mark.parametrize("details", [{}, {"offered": "call>request", "replayed": True}])
def test_rows_of_one_lead_share_what_was_offered(details):
    plan = planned((7, "8 916 555 11 22"), (None, "8 916 555 11 22"), key="key")
    frame = answered(plan, {0: commented(**BY_CALL, **details)})
    assert frame["ct_matched_by"].tolist() == ["call", "call"]
    assert frame["ct_offered"].tolist() == [details.get("offered", "call>callContact")] * 2


def test_a_row_without_an_outcome_is_lost_and_never_unsent():
    plan = planned(*[(call, None) for call in range(1, 10)], (None, None))
    with pytest.raises(CtnbError, match=r"each of 9 comments, got none for 7: rows 1, 3, 4, 5, 6, ….*ledger knows"):
        answered(plan, {0: commented(), 2: commented()})


@pytest.mark.parametrize("reason", [Reason.INTERRUPTED, Reason.STOPPED])
def test_a_run_that_ended_before_its_first_step_leaves_all_unsent(reason):
    plan = planned((7, None), (None, None))
    held = Answers(2)
    mark_not_begun(plan, held, reason)
    frame = answer_frame(answer_columns(plan, held), pd.RangeIndex(2))
    assert frame["ct_status"].tolist() == ["unsent", "invalid"]
    assert frame["ct_error_code"].tolist()[0] == reason


def test_a_run_with_an_outcome_had_begun_and_what_is_missing_is_lost():
    plan = planned((7, None), (8, None))
    held = Answers(2)
    held.put([0], [commented()])
    mark_not_begun(plan, held, Reason.INTERRUPTED)
    with pytest.raises(CtnbError, match="rows 1"):
        answer_columns(plan, held)


def test_uncertain_rows_are_found_with_those_that_repeat_them():
    plan = planned((7, None), (None, None), (8, None), (7, None))
    held = Answers(4)
    held.put([0, 2], [Outcome(Status.UNCERTAIN), commented()])
    assert uncertain_rows(plan, held).tolist() == [0, 3]
