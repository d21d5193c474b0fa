import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.leads.identity import canonical_text

RULES = [
    Call("call"),
    Request("request"),
    CallContact(["phone", "phone_2"], "at", depth=5),
    RequestContact("at", depth=5, emails="email"),
]
BLANK = {"call": None, "request": None, "phone": None, "phone_2": None, "email": None, "at": "2024-03-01 10:00"}


def named(rules=RULES, *, key=None, **cells):
    """Return the identity of one deal."""
    row = BLANK | cells
    deals = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in row.items()})
    (identity,) = ctnb.plan(deals, rules, "text", key=key).leads_named.tolist()
    return identity


# Written down: whoever changes one of these sends every comment again.
GOLDEN = [
    ({"call": 123}, '[["call","123"]]'),
    ({"call": " 1767261234.5512 "}, '[["call","1767261234.5512"]]'),
    ({"request": "заявка-17"}, '[["request","\\u0437\\u0430\\u044f\\u0432\\u043a\\u0430-17"]]'),
    ({"phone": "8 (915) 777-11-22"}, '[["phone","79157771122"]]'),
    ({"phone": "89261112233, 89157771122"}, '[["phone","79157771122","79261112233"]]'),
    ({"email": "Ivan@Mail.RU; a@b.ru"}, '[["email","a@b.ru","ivan@mail.ru"]]'),
    (
        {"call": 1, "request": 2, "phone_2": "+7 915 777-11-22", "email": "ivan@mail.ru"},
        '[["call","1"],["request","2"],["phone","79157771122"],["email","ivan@mail.ru"]]',
    ),
    ({}, "[]"),
]


@pytest.mark.parametrize(("cells", "identity"), GOLDEN)
def test_golden_vectors_of_the_identifiers(cells, identity):
    assert named(**cells) == identity


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        (123, '["key","123"]'),
        ("Д-17", '["key","\\u0414-17"]'),
        (0, '["key","0"]'),
        (0.5, '["key","0.5"]'),
        (True, '["key","True"]'),
        ('a"b\n', '["key","a\\"b"]'),
        ("\ud800", '["key","\\ud800"]'),
    ],
)
def test_golden_vectors_of_a_key(key, identity):
    assert named(key="deal", deal=key, call=1) == identity


@pytest.mark.parametrize("cell", ["123", " 123 ", 123.0, np.int64(123), np.float32(123), Decimal(123), "'123"])
def test_an_id_and_a_key_are_the_same_as_number_and_as_text(cell):
    assert named(call=cell) == named(call=123)
    assert named(key="deal", deal=cell) == named(key="deal", deal=123)


def test_a_key_over_64_bits_is_the_same_as_number_and_as_text():
    assert named(key="deal", deal=10**20) == named(key="deal", deal="1" + "0" * 20)


@pytest.mark.parametrize("cell", [None, np.nan, pd.NA, "", " ", "-"])
def test_a_row_without_a_key_is_known_by_its_identifiers(cell):
    assert named(key="deal", deal=cell, call=123) == named(call=123) != named(key="deal", deal=123)


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "string", "category", object])
def test_the_dtype_of_a_column_changes_nothing(dtype):
    deals = pd.DataFrame({"call": pd.Series(["7", "8"]).astype("int64").astype(dtype)})
    assert ctnb.plan(deals, Call("call"), "text").leads_named.tolist() == ['[["call","7"]]', '[["call","8"]]']
    assert ctnb.plan(deals, Call("call"), "text", key="call").leads_named.tolist() == ['["key","7"]', '["key","8"]']


@pytest.mark.parametrize(
    ("phone", "phone_2"),
    [
        ("89261112233", "8 (915) 777-11-22"),
        ("8 (915) 777-11-22", "89261112233"),
        ("+79157771122; +79261112233", None),
        (None, "89261112233, 89157771122, 89261112233"),
        (79157771122.0, 89261112233),
    ],
)
def test_format_order_and_place_of_contacts_change_nothing(phone, phone_2):
    assert named(phone=phone, phone_2=phone_2) == '[["phone","79157771122","79261112233"]]'


def test_the_order_and_the_policy_of_rules_change_nothing():
    row = {"call": 1, "phone": "89157771122", "email": "a@b.ru", "tags": "a"}
    changed = [
        RequestContact("at", depth="7d", emails="email", match="nearestUniq"),
        CallContact(["phone_2", "phone"], "at", depth=col("call"), tags=["vip"]),
        Request("request", tags=col("tags")),
        Call("call", tags="b", tags_logic="or"),
    ]
    assert named(changed, **row) == named(**row)


def test_the_date_changes_nothing():
    assert named(phone="89157771122", at="bad") == named(phone="89157771122")


@pytest.mark.parametrize(
    "other", [{"call": 2}, {"request": 1}, {"phone": "89157771122"}, {"email": "a@b.ru"}, {"call": "1.0"}]
)
def test_another_lead_has_another_identity(other):
    assert named(**other) != named(call=1)


def test_ways_of_typing_one_text_are_one_comment():
    composed, decomposed = (unicodedata.normalize(form, "Ёлкин, 1 й этаж") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert canonical_text(composed) == canonical_text(decomposed) == composed
    assert named(key="deal", deal=composed) == named(key="deal", deal=decomposed)
    deals = pd.DataFrame({"call": [1, 1, 1], "text": [composed, decomposed, "Елкин"]})
    assert ctnb.plan(deals, Call("call"), col("text")).first.tolist() == [0, 0, 2]
