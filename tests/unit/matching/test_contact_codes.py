"""Contacts as numbers."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.emulator.journals import normal_phone
from ctnb.leads.columns.arrow_lists import lists_of
from ctnb.matching.contact_codes import ContactCodes, folded_emails, phone_numbers


def texts(*values):
    return pa.array(values, pa.large_string())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+7 (915) 777-11-22", 79157771122),
        ("8 915 777 11 22", 79157771122),
        ("9157771122", 79157771122),
        ("0123456789", 70123456789),
        ("77172123456", 77172123456),
        ("+375 29 123-45-67", 375291234567),
        ("112", 112),
        ("нет", -1),
        ("", -1),
        ("0079157771122", -1),
        ("7" * 19, -1),
    ],
)
def test_a_phone_becomes_the_vendors_number(text, number):
    assert phone_numbers(texts(text)).tolist() == [number]
    # Beside a phone that is written in plain digits too.
    assert phone_numbers(texts("79160000000", text)).tolist() == [79160000000, number]


@given(st.lists(st.text("0123456789 ()+-", max_size=16), max_size=20))
def test_phones_are_the_same_to_preview_and_emulator(written):
    numbers = phone_numbers(texts(*written)).tolist()
    for number, text in zip(numbers, map(normal_phone, written), strict=True):
        # No deal's phone begins with a zero, so what does is not looked for.
        assert number == (int(text) if text and text[0] != "0" else -1)


def test_emails_are_compared_in_one_case():
    assert folded_emails(texts("Ann@Mail.ru", "STRASSE@x.ru", "ИВАН@почта.рф")).to_pylist() == [
        "ann@mail.ru",
        "strasse@x.ru",
        "иван@почта.рф",
    ]
    assert folded_emails(texts("straße@x.ru")).to_pylist() == ["strasse@x.ru"]


def test_what_the_journals_do_not_hold_has_the_code_after_the_last():
    codes = ContactCodes(pd.Index([79165551101, 79165551102]), texts("ann@mail.ru"))
    phones = codes.of_phones(lists_of([["79165551102", "79160000000"], [], ["79165551101"]]))
    assert (phones.begins.tolist(), phones.codes.tolist()) == ([0, 2, 2, 3], [1, 3, 0])
    emails = codes.of_emails(lists_of([["ANN@mail.ru"], ["bob@mail.ru"]]))
    assert emails.codes.tolist() == [2, 3]


def test_rows_are_taken_with_all_their_contacts():
    codes = ContactCodes(pd.Index([1, 2, 3]), texts()).of_phones(lists_of([["1", "2"], [], ["3"]]))
    taken = codes.take(np.array([2, 0, 1, 0]))
    assert (taken.begins.tolist(), taken.codes.tolist()) == ([0, 1, 3, 3, 5], [2, 0, 1, 0, 1])
