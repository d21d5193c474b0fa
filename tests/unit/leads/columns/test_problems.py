import numpy as np

from ctnb.leads.columns.problems import Problems, combinations, first_of


def test_problems_are_kept_once_and_given_row_by_row():
    problems = Problems.of(["bad", None, "worse", "bad"])
    assert list(problems.texts) == ["bad", "worse"]
    assert problems.tolist() == ["bad", None, "worse", "bad"]
    assert (problems[0], problems[1], len(problems)) == ("bad", None, 4)
    assert problems.rows.tolist() == [0, 2, 3]
    assert problems.take(np.array([2, 1])).tolist() == ["worse", None]
    assert problems.take(np.array([2, 1])).spread(np.array([3, 0]), 4).tolist() == [None, None, None, "worse"]


def test_many_rows_without_a_problem_take_no_memory():
    problems = Problems.none(1_000_000)
    assert problems.codes.strides == (0,)
    assert not problems.rows.size


def test_the_first_column_with_a_problem_counts():
    first, second = Problems.of([None, "a", "b", None]), Problems.of(["c", "d", None, None])
    assert first_of([first, second]).tolist() == ["c", "a", "b", None]
    assert first_of([Problems.none(4), second]).tolist() == second.tolist()
    assert first_of([Problems.none(4), Problems.none(4)]).tolist() == [None] * 4


def test_sets_of_problems_are_numbered_as_they_come():
    columns = [Problems.of(["a", None, "a", "b"]), Problems.of(["x", "x", "x", None])]
    codes, sets = combinations(columns, np.array([1, 0, 2, 3]))
    assert codes.tolist() == [0, 1, 1, 2]
    assert sets == [[-1, 0], [0, 0], [1, -1]]


def test_no_column_has_no_sets():
    codes, sets = combinations([], np.array([], dtype=np.intp))
    assert codes.tolist() == []
    assert sets == []


def test_columns_are_put_below_each_other():
    parts = [Problems.of(["a", None]), Problems.none(2), Problems.of(["b", "a"])]
    assert Problems.stacked(parts).tolist() == ["a", None, None, None, "b", "a"]
