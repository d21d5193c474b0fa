"""Distinct cells: no two that differ are taken for one, whatever pandas makes of them."""

import numpy as np
import pandas as pd
import pytest

from ctnb import CallContact, plan
from ctnb.leads.columns.cells import distinct, exact_below
from ctnb.leads.emails import parse_emails
from ctnb.leads.identifiers import parse_identifiers
from ctnb.leads.phones.api import parse_phones

NUMBERS = ["79157771122", "79161234567", "79031112233"]
# Before pandas 3.0, pandas takes each of these lists for one text.
ALIKE = {"behind a NUL": "моб\0 {}", "beside half a pair": "{} \ud800"}


def restored(cells):
    codes, uniques = distinct(cells)
    return [uniques[code] for code in codes]


@pytest.mark.parametrize("form", ALIKE.values(), ids=ALIKE)
def test_phones_of_cells_that_look_alike_are_their_own(form):
    cells = [form.format(number) for number in NUMBERS]
    assert parse_phones(pd.Series(cells, dtype=object)).values.to_pylist() == [[number] for number in NUMBERS]


def test_emails_and_ids_of_cells_that_look_alike_are_their_own():
    emails = parse_emails(pd.Series(["x\0, a@mail.ru", "x\0, b@mail.ru"], dtype=object))
    assert emails.values.to_pylist() == [["a@mail.ru"], ["b@mail.ru"]]
    assert parse_identifiers(pd.Series(["a\0b", "a\0c"], dtype=object)).texts.to_pylist() == ["a\0b", "a\0c"]


def test_deals_that_look_alike_are_two():
    deals = pd.DataFrame({"phone": NUMBERS[:2], "at": "2026-03-02", "key": ["k\0a", "k\0b"], "who": ["A\0a", "A\0b"]})
    made = plan(deals.astype(object), CallContact(["phone"], "at", depth="2h"), "{who}", key="key")
    assert len(made.sent) == 2
    assert made.texts.to_pylist() == ["A\0a", "A\0b"]


@pytest.mark.parametrize("dtype", [object, "string[python]", "string[pyarrow]", "category"])
def test_distinct_cells_give_the_column_again(dtype):
    cells = pd.Series(["a", None, "b", "a", "", None], dtype=dtype)
    assert [None if pd.isna(cell) else cell for cell in restored(cells)] == ["a", None, "b", "a", "", None]


def test_categories_that_no_cell_has_are_left_out():
    _, uniques = distinct(pd.Series(["a", "b", "c"], dtype="category").iloc[:1])
    assert uniques == ["a", None]


@pytest.mark.parametrize("number", [1.0, np.float64(1), type("Rouble", (float,), {})(1), np.float32(1), np.float16(1)])
def test_the_largest_exact_number_of_a_float_has_no_neighbour(number):
    kind = type(number) if isinstance(number, np.floating) else float
    bound = exact_below(number)
    assert kind(bound - 1) != kind(bound)
    assert kind(bound + 1) == kind(bound)
