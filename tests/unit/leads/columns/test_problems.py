import numpy as np

from ctnb.leads.columns.problems import Problems, combinations, first_of


def test_remarks_are_kept_once_and_told_row_by_row():
    remarks = Problems.of(["bad", None, "worse", "bad"])
    assert list(remarks.texts) == ["bad", "worse"]
    assert remarks.tolist() == ["bad", None, "worse", "bad"]
    assert (remarks[0], remarks[1], len(remarks)) == ("bad", None, 4)
    assert remarks.rows.tolist() == [0, 2, 3]
    assert remarks.take(np.array([2, 1])).tolist() == ["worse", None]
    assert remarks.take(np.array([2, 1])).spread(np.array([3, 0]), 4).tolist() == [None, None, None, "worse"]


def test_nothing_said_of_many_rows_takes_no_memory():
    remarks = Problems.none(1_000_000)
    assert remarks.codes.strides == (0,)
    assert not remarks.rows.size


def test_the_first_column_that_speaks_counts():
    first, second = Problems.of([None, "a", "b", None]), Problems.of(["c", "d", None, None])
    assert first_of([first, second]).tolist() == ["c", "a", "b", None]
    assert first_of([Problems.none(4), second]).tolist() == second.tolist()
    assert first_of([Problems.none(4), Problems.none(4)]).tolist() == [None] * 4


def test_sets_of_remarks_are_numbered_as_they_come():
    columns = [Problems.of(["a", None, "a", "b"]), Problems.of(["x", "x", "x", None])]
    places, sets = combinations(columns, np.array([1, 0, 2, 3]))
    assert places.tolist() == [0, 1, 1, 2]
    assert sets == [[-1, 0], [0, 0], [1, -1]]


def test_no_column_has_no_sets():
    places, sets = combinations([], np.array([], dtype=np.intp))
    assert places.tolist() == []
    assert sets == []
