import threading

import pandas as pd
import pytest

from ctnb.leads.parallel import mapped, slices
from ctnb.leads.phones import api as phones
from ctnb.leads.phones.api import parse_phones, phones_in


def test_slices_cover_the_rows_once_are_about_as_long_and_there_is_one_at_least():
    assert [list(range(7))[part] for part in slices(7, 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [list(range(9))[part] for part in slices(9, 8)] == [[0, 1, 2, 3, 4], [5, 6, 7, 8]]
    assert [[][part] for part in slices(0, 3)] == [[]]


def test_results_come_in_the_order_of_the_pieces(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    second_is_done = threading.Event()

    def work(piece):
        if piece == 0:
            # Only with two threads does the first piece end after the second.
            assert second_is_done.wait(30)
        second_is_done.set()
        return piece * 10

    assert mapped(work, [0, 1, 2]) == [0, 10, 20]


def test_one_processor_needs_no_thread(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert set(mapped(lambda _: threading.current_thread(), range(3))) == {threading.current_thread()}


def test_an_error_in_a_piece_is_raised():
    with pytest.raises(ZeroDivisionError):
        mapped(lambda piece: 1 // piece, [1, 0, 1])


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_a_column_in_pieces_is_the_column(dtype, monkeypatch):
    monkeypatch.setattr(phones, "PIECE", 2)
    column = pd.Series(["89157771122", None, "8 915", "+7 915 777-11-22, 89167771122", "8 915"], dtype=dtype)
    found = parse_phones(column)
    wanted = [phones_in(cell) for cell in column]
    assert [tuple(several) for several in found.values.to_pylist()] == [one.contacts for one in wanted]
    assert found.problems.tolist() == [one.problem for one in wanted]
