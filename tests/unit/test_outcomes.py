"""Answers in columns hold what the outcomes held, one by one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.outcomes import Answers, Attribution, Kind, Outcome, Reason, Status

texts = st.none() | st.text(max_size=5)
counts = st.none() | st.integers(0, 2**62)
outcomes = st.builds(
    Outcome,
    status=st.sampled_from(Status),
    matched_by=st.none() | st.sampled_from(Kind),
    rule=counts,
    attribution=st.none() | st.sampled_from(Attribution),
    offered=texts,
    call_id=texts,
    call_reference_id=texts,
    sip_call_id=texts,
    request_id=texts,
    request_number=texts,
    error=texts,
    reason=st.none() | st.sampled_from(Reason),
    replayed=st.booleans(),
    batch=counts,
    attempts=counts,
    answered_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)
LENGTH = 20


@given(st.dictionaries(st.integers(0, LENGTH - 1), outcomes), st.integers(1, 5))
def test_each_outcome_comes_back_as_it_was_put(wanted, size):
    answers = Answers(LENGTH)
    rows = list(wanted)
    for begin in range(0, len(rows), size):
        some = rows[begin : begin + size]
        answers.put(some, [wanted[row] for row in some])

    assert dict(answers) == wanted
    assert len(answers) == len(wanted)


@given(outcomes)
def test_one_outcome_for_many_is_the_same_as_one_for_each(outcome):
    together, singly = Answers(5), Answers(5)
    together.put_all([1, 3], outcome)
    for row in (1, 3):
        singly.put([row], [outcome])

    assert dict(together) == dict(singly) == {1: outcome, 3: outcome}


@pytest.mark.parametrize("row", [-1, 2, 5])
def test_a_row_without_an_outcome_is_not_there(row):
    answers = Answers(5)
    answers.put_all([1], Outcome(Status.BUSY))

    assert row not in answers
    assert answers.get(row) is None


def test_a_repr_shows_no_outcome():
    answers = Answers(2)
    answers.put([0], [Outcome(Status.COMMENTED, call_id="79157771122", answered_at=datetime(2026, 1, 1, tzinfo=UTC))])

    assert repr(answers) == "<Answers: 1 of 2>"


def test_texts_that_no_outcome_has_take_no_memory():
    answers = Answers(5)
    answers.put([1, 2], [Outcome(Status.COMMENTED, offered="call"), Outcome(Status.UNMATCHED)])

    assert set(answers.texts) == {"offered"}
    assert (answers[1].offered, answers[2].offered) == ("call", None)
