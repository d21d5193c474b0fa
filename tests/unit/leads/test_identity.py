"""What makes a comment the same comment: its lead, its text as it looks; and what its row offers."""

import json
import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.leads.columns.arrow_text import strings_of
from ctnb.leads.identity import canonical_text, canonical_texts, namings, offer_texts
from ctnb.leads.united import taken

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
        '[["call","1"],["request","2"]]',
    ),
    (
        {"phone_2": "+7 915 777-11-22", "email": "ivan@mail.ru"},
        '[["phone","79157771122"],["email","ivan@mail.ru"]]',
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
        ("1013.0", '["key","1013"]'),
        (1013.0, '["key","1013"]'),
        ("00101", '["key","00101"]'),
        ("00101.0", '["key","00101"]'),
        ("1013.50", '["key","1013.50"]'),
        ("Д\u00a0 17\u200b", '["key","\\u0414 17"]'),
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


@pytest.mark.parametrize("ids", [{"call": 1}, {"request": "r-1"}, {"call": 1, "request": 2}])
def test_contacts_count_only_where_a_row_has_no_id(ids):
    contacts = {"phone": "89157771122", "email": "a@b.ru"}

    assert named(**ids, **contacts) == named(**ids)
    assert named(**contacts) != named(**ids)


def test_the_order_and_the_policy_of_rules_change_nothing():
    row = {"phone": "89157771122", "email": "a@b.ru", "tags": "a"}
    changed = [
        RequestContact("at", depth="7d", emails="email", match="nearestUniq"),
        CallContact(["phone_2", "phone"], "at", depth=9, tags=["vip"]),
        Request("request", tags=col("tags")),
        Call("call", tags="b", tags_logic="or"),
    ]
    assert named(changed, **row) == named(**row)


def test_the_date_changes_nothing():
    assert named(phone="89157771122", at="bad") == named(phone="89157771122")


@pytest.mark.parametrize(
    "other", [{"call": 2}, {"request": 1}, {"phone": "89157771122"}, {"email": "a@b.ru"}, {"call": "01"}]
)
def test_another_lead_has_another_identity(other):
    assert named(**other) != named(call=1)


ALIKE = [
    ("Этап: Успех", "Этап: Успех "),
    ("Этап: Успех", " \tЭтап:\u00a0Успех\r\n"),
    ("two words", "two \u2003 words"),
    ("two lines", "two\nlines"),
    ("two lines", "two\r\nlines"),
    ("zero", "ze\u200bro\ufeff"),
    ("soft", "so\u00adft"),
    ("left to right", "\u200eleft to right\u200f"),
    ("Ёлкин, 1 й этаж", unicodedata.normalize("NFD", "Ёлкин, 1 й этаж")),
    ("é", "e\u200d\u0301"),
    ("5000", "5000.0"),
    ("budget 5000; paid 10", "budget 5000.0; paid 10.0"),
    ("-5 °C", "-5.0 °C"),
    ("(12)", "(12.0)"),
    ("1-2", "1.0-2.0"),
    ("5%", "5.0%"),
    ("0", "0.0"),
]
DIFFERENT = [
    ("5000", "5000.1"),
    ("5000", "5000.00"),
    ("v5", "v5.0"),
    ("5кг", "5.0кг"),
    ("192.168.0", "192.168.0.0"),
    ("1,234", "1,234.0"),
    ("5.", "5.0."),
    ("5,", "5.0,5"),
    ("a b", "ab"),
    ("Успех", "успех"),
    ("101", "00101"),
    ("a", "a."),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_texts_that_look_alike_are_one_comment(one, other):
    assert one != other
    assert canonical_text(one) == canonical_text(other) == one
    deals = pd.DataFrame({"call": [1, 1, 1], "text": [one, other, "something else"]})
    assert ctnb.plan(deals, Call("call"), col("text")).first.tolist() == [0, 0, 2]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_texts_that_differ_are_two_comments(one, other):
    assert canonical_text(one) != canonical_text(other)


def test_the_text_itself_is_sent_as_it_was_written():
    text = " Бюджет:\u00a05000.0 "
    (lead,) = ctnb.plan(pd.DataFrame({"call": [1], "text": [text]}), Call("call"), col("text")).leads()
    assert lead["addComment"] == text


SIGNS = st.sampled_from("ab5.0,- \t\r\n\u00a0\u2028\u3000\x1c\x85\u200b\u200d\ufeff\u00ad\u0301\u0306еиЙ́²٣_€№—")


@given(st.lists(st.none() | st.text(SIGNS, max_size=12) | st.text(max_size=6), max_size=20))
def test_a_column_of_texts_is_what_each_text_is(texts):
    expected = [text if text is None else canonical_text(text) for text in texts]

    assert canonical_texts(strings_of(texts)).to_pylist() == expected


@given(st.text(SIGNS, max_size=16))
def test_a_canonical_text_stays_what_it_is(text):
    once = canonical_text(text)

    assert canonical_text(once) == once


# ---- what a row offers --------------------------------------------------------------------------

OFFER = {
    "call": 1,
    "request": "r-1",
    "phone": "89157771122",
    "phone_2": "89261112233",
    "email": "a@b.ru",
    "tags": "vip",
    "depth": 60,
    "match": "nearest",
}
OFFERING = [
    Call("call", tags=col("tags")),
    Request("request"),
    CallContact(["phone", "phone_2"], "at", depth=col("depth"), match=col("match")),
    RequestContact("at", depth=5, emails="email", tags=["site"], tags_logic="or"),
]


def offered(rules=OFFERING, **cells):
    """Return the text of what one deal offers."""
    row = BLANK | OFFER | cells
    deals = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in row.items()})
    (found,) = offer_texts(ctnb.plan(deals, rules, "text").offered([0])).to_pylist()
    return found


def test_an_offer_is_all_that_a_row_offers():
    assert json.loads(offered()) == [
        ["call", 0, "1", ["vip"], "and"],
        ["request", 1, "r-1", [], "and"],
        ["callContact", ["79157771122", "79261112233"], 1709287200, "nearest", 60, [], "and"],
        ["requestContact", ["a@b.ru"], 1709287200, "nearest", 5, ["site"], "or"],
    ]


@pytest.mark.parametrize(
    "mended",
    [
        {"call": 2},
        {"call": "1"},
        {"call": None},
        {"request": "r-2"},
        {"phone": "89157771123"},
        {"phone_2": None},
        {"email": "b@b.ru"},
        {"at": "2024-03-01 10:01"},
        {"tags": "other"},
        {"depth": 61},
        {"match": "nearestUniq"},
    ],
)
def test_mended_data_and_policy_make_another_offer(mended):
    assert offered(**mended) != offered()


def test_the_order_of_contacts_and_rules_without_data_make_none():
    assert offered(phone=OFFER["phone_2"], phone_2=OFFER["phone"]) == offered()
    assert offered([*OFFERING, Call("blank")], blank=None) == offered()
    assert offered([Call("call"), Request("request")], request=None) == offered([Call("call")])


def test_many_offers_are_as_each_alone():
    rows = [{}, {"call": None}, {"phone": "junk", "phone_2": None}, {"depth": 9}, {"tags": None}, {"at": "junk"}]
    deals = pd.DataFrame([BLANK | OFFER | row for row in rows])
    planned = ctnb.plan(deals, OFFERING, "text", key=None)

    order = [5, 0, 3, 1, 4, 2]
    found = offer_texts(taken(planned.offers, np.array(order))).to_pylist()

    assert found == [offered(**rows[row]) for row in order]


def test_how_leads_are_named():
    deals = pd.DataFrame({"deal": ["A", None, None], "call": [1, 2, None], "phone": ["89157771122"] * 3, "at": "2024"})
    planned = ctnb.plan(deals, [Call("call"), CallContact("phone", "at", depth=5)], "text", key="deal")

    assert namings(planned.leads_named) == ["key", "ids", "contacts"]
