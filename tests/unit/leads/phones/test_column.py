import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ctnb.leads.phones import digits, numbering_plan, texts
from ctnb.leads.phones.api import parse_phones
from ctnb.leads.phones.digit_reader import Conversion
from ctnb.leads.phones.numbering_plan import plan_of
from ctnb.leads.phones.one_cell import read_cell

PLAIN = [
    "89157771122",
    "+7 (915) 777-11-22",
    "9157771122",
    "7 915\u00a0777\u00a011\u00a022",
    "+7 915 777–11–22",
    "79157771122.0",
    "7.9157771122E+10",
    "'79157771122",
    " 89157771122 ",
    "8 (915) 777-11-22 доб. 12",
    "8(915)7771122доб.123456789",
    "12345",
    "00000000000",
    "",
]
SPELT = [
    " +79157771122",
    "моб. +7 915 777-11-22",
    "+7 915 777-11-22 ext. 5",
    "(8 915 777-11-22 доб. 12)",
    "89157771122, ",
    "7.91577711E+10",
    "7,9157771122e10",
    "89157771122, 8 916 777-11-22",
    "89157771122 / 89157771122",
    "89157771122 и моб. 79161234567",
    "89157771122; 7.9161234567E+10; +375 29 123-45-67 доб. 3",
]
LEFT = [
    "8 (915) 777-11-22 x12",
    "++79157771122",
    "8+79157771122",
    "79157771122.00",
    "7.91577E+10",
    "моб. 79157771122.0",
    "моб. 7.9157771122E+10",
    "7915 777.1122",
    "８９157771122",
    "89157771122 доб. 12 доб. 13",
    "89157771122 и моб. 79161234567.0",
    "7.9232941389E+10\n7.8718576173E+10 и ",
    " и 79157771122.0, 89161234567",
    "89157771122, 12345",
    "89157771122,000000",
    "89157771122 89161234567",
    "не указан",
    "-",
    "8\u2000915 777 11 22",
    "8\u0080915 777 11 22",
    "8 915 777 11 22 ␀",
]


def pairs(found):
    return list(zip(map(tuple, found.values.tolist()), found.problems, strict=True))


@pytest.fixture
def left(monkeypatch):
    """Collect the cells that are read one by one."""
    cells = []
    read = texts.read_each
    monkeypatch.setattr(texts, "read_each", lambda column, region: (cells.extend(column), read(column, region))[1])
    return cells


@pytest.fixture(params=[1, 10**9], ids=["tables", "no tables"])
def fewest(request, monkeypatch):
    monkeypatch.setattr(numbering_plan, "FEWEST_STRINGS", request.param)


@pytest.mark.usefixtures("fewest")
@pytest.mark.parametrize("cell", [*PLAIN, *SPELT, *LEFT])
def test_a_column_has_what_its_cell_has(cell):
    assert pairs(parse_phones(pd.Series([cell]))) == [read_cell(cell, "RU")]


@pytest.mark.usefixtures("fewest")
def test_plain_and_usual_spellings_are_not_read_one_by_one(left):
    parse_phones(pd.Series([*PLAIN, *SPELT]))
    assert left == []


def test_what_may_mean_more_than_its_digits_is_read_one_by_one(left):
    parse_phones(pd.Series(LEFT))
    assert left == LEFT


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_chunks_have_no_seams(monkeypatch, size):
    cells = [*PLAIN, *SPELT, *LEFT, None, "a" * 300, "1" * 300, "8" * 2500]
    monkeypatch.setattr(digits, "CHUNK", size)
    assert pairs(parse_phones(pd.Series(cells * 3, dtype=object))) == [read_cell(cell, "RU") for cell in cells] * 3


def test_what_another_thread_learns_meanwhile_disturbs_nothing(monkeypatch):
    class Growing(list):
        def __iter__(self):
            self.append(Conversion("999999", 6))
            return super().__iter__()

        def __len__(self):
            self.append(Conversion("999999", 6))
            return super().__len__()

    parse_phones(pd.Series([*PLAIN, *SPELT]))
    plan = plan_of("RU")
    monkeypatch.setattr(plan, "conversions", Growing(plan.conversions))
    assert pairs(parse_phones(pd.Series([*PLAIN, *SPELT]))) == [read_cell(cell, "RU") for cell in [*PLAIN, *SPELT]]


@pytest.mark.parametrize("cells", [[], [None, None], ["", None, ""], ["'", "+", "E", "д", "\u2013"]])
def test_a_column_of_nearly_nothing_is_read(cells):
    assert pairs(parse_phones(pd.Series(cells, dtype=object))) == [read_cell(cell, "RU") for cell in cells]


def test_a_slice_of_an_arrow_column_is_read():
    cells = [None, "89157771122", "доб. 12", None, "+375291234567", ""]
    column = pd.Series(pa.array(cells, pa.large_string()).slice(1, 4), dtype=pd.ArrowDtype(pa.large_string()))
    assert pairs(parse_phones(column)) == [read_cell(cell, "RU") for cell in cells[1:5]]


def test_what_stands_behind_a_null_is_nothing():
    offsets, data = pa.py_buffer(np.array([0, 11, 22], dtype=np.int64)), pa.py_buffer(b"8915777112289161234567")
    hidden = pa.LargeStringArray.from_buffers(2, offsets, data, pa.py_buffer(b"\x02"), 1)
    column = pd.Series(hidden, dtype=pd.ArrowDtype(pa.large_string()))
    assert pairs(parse_phones(column)) == [((), None), (("79161234567",), None)]


def test_categories_are_read_once_and_a_missing_one_is_nothing():
    column = pd.Series(["89157771122", None, "1", "89157771122"], dtype="category")
    assert pairs(parse_phones(column)) == [read_cell(cell, "RU") for cell in column.astype(object)]


def test_mixed_objects_are_read_by_their_types():
    cells = [
        "89157771122",
        79157771122,
        79157771122.0,
        None,
        10**30,
        True,
        ["89157771122"],
        float("nan"),
        1.5,
        "\ud800",
    ]
    column = pd.Series(cells, dtype=object)
    assert pairs(parse_phones(column)) == [read_cell(cell, "RU") for cell in cells]


@pytest.mark.usefixtures("fewest")
def test_refusals_are_masked():
    found = parse_phones(pd.Series(["8 (912) 345-67-8", "1234567", "8-912"]))
    assert list(found.problems) == [read_cell(text, "RU").problem for text in ["8 (912) 345-67-8", "1234567", "8-912"]]
    assert "12345" not in "".join(found.problems.tolist())
