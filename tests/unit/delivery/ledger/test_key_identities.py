"""Identities: the same comment has the same one, however its row was exported; any other has another."""

import hmac
import json
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.connection import Connection
from ctnb.delivery.ledger.key import PlanComments, endpoint

KEY = bytes(range(32))
NOON = "2020-10-01 12:00:00"


def identity(cells, rules=None, text="won", *, key=None, job="", connection=None, secret=KEY):
    deal = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in cells.items()})
    planned = ctnb.plan(deal, rules or Call("call"), text, key=key, job=job)
    assert planned.counts["ready"] == 1
    (found,) = PlanComments(planned, [0], connection or Connection(4242, "token", ledger=None), secret).identities
    return found


def test_the_form_is_compact_json_under_a_keyed_hash():
    parts = ["4242", "https://api.calltouch.ru/lead-service/v1/api/comment/lead/add", "", '[["call","123456"]]', "won"]

    assert identity({"call": 123456}) == hmac.digest(KEY, json.dumps(parts, separators=(",", ":")).encode(), "sha256")


@pytest.mark.parametrize("cell", [123456, 123456.0, "123456", " 123456 "])
def test_the_type_of_an_id_makes_no_difference(cell):
    assert identity({"call": cell}) == identity({"call": 123456})


@pytest.mark.parametrize("phone", ["89157771122", "+7 (915) 777-11-22", "9157771122", 79157771122.0])
def test_the_shape_of_a_phone_makes_no_difference(phone):
    rule = CallContact("phone", "at", depth=5)

    assert identity({"phone": phone, "at": NOON}, rule) == identity({"phone": "79157771122", "at": NOON}, rule)


def test_the_order_of_contacts_makes_no_difference():
    rule = CallContact(["phone", "phone_2"], "at", depth=5)
    one = {"phone": "89157771122", "phone_2": "89031112233", "at": NOON}
    other = {"phone": "89031112233", "phone_2": "89157771122", "at": NOON}

    assert identity(one, rule) == identity(other, rule)


def test_the_policy_of_the_rules_makes_no_difference():
    cells = {"call": 1, "phone": "89157771122", "at": NOON, "later": "2021-01-01"}
    loose = [Call("call"), CallContact("phone", "at", depth="7d", match="nearestUniq", tags=["vip"])]
    strict = [CallContact("phone", "later", depth=1), Call("call", tags=["site"])]

    assert identity(cells, loose) == identity(cells, strict)


def test_the_rules_make_no_difference_where_a_key_names_the_deal():
    cells = {"call": 1, "order": "form-7", "deal": 77}

    assert identity(cells, Call("call"), key="deal") == identity(cells, Request("order"), key="deal")


@pytest.mark.parametrize("job", ["", "ёж"])
def test_composed_and_decomposed_text_are_the_same(job):
    cells = {"call": "ёлка", "text": "Договор: «Йод»"}
    taken_apart = {name: unicodedata.normalize("NFD", cell) for name, cell in cells.items()}

    assert taken_apart != cells
    assert identity(taken_apart, text=col("text"), job=unicodedata.normalize("NFD", job)) == identity(
        cells, text=col("text"), job=job
    )


DIFFERENT = {
    "text": {"text": "lost"},
    "job": {"job": "again"},
    "call": {"cells": {"call": 2}},
    "side": {"rules": Request("call")},
    "site": {"connection": Connection(4243, "token", ledger=None)},
    "address": {"connection": Connection(4242, "token", base_url="https://example.com", ledger=None)},
    "secret": {"secret": bytes(32)},
}


@pytest.mark.parametrize("changed", DIFFERENT.values(), ids=DIFFERENT)
def test_what_makes_another_comment(changed):
    assert identity(**{"cells": {"call": 1}, **changed}) != identity({"call": 1})


def test_neither_the_token_nor_the_pace_makes_a_difference():
    other = Connection(4242, "another", rate=1, ledger=None)

    assert identity({"call": 1}, connection=other) == identity({"call": 1})


def test_a_rehearsal_is_the_same_on_any_port():
    first, second = (Connection(1, "t", base_url=f"http://127.0.0.1:{port}", ledger=None) for port in (8001, 8002))

    assert identity({"call": 1}, connection=first) == identity({"call": 1}, connection=second)
    assert identity({"call": 1}, connection=first) != identity({"call": 1}, connection=Connection(1, "t", ledger=None))


ONE_ADDRESS = [
    [
        "https://api.calltouch.ru",
        "https://api.calltouch.ru/",
        "https://API.Calltouch.RU",
        "HTTPS://api.calltouch.ru:443",
    ],
    ["https://api.calltouch.ru.", "https://api.calltouch.ru.:443/", "https://api.calltouch.ru"],
    ["https://api.calltouch.ru:8443", "https://API.calltouch.ru.:8443/"],
    ["https://пример.рф", "https://ПРИМЕР.РФ.", "https://xn--e1afmkfd.xn--p1ai", "https://XN--E1AFMKFD.xn--p1ai:443"],
    ["https://[2001:DB8::1]", "https://[2001:db8:0:0::1]:443"],
    ["https://api.calltouch.ru/gate", "https://API.calltouch.ru:443/gate/"],
    [
        "http://127.0.0.1:8001",
        "http://127.8.9.1",
        "http://localhost:9",
        "http://LOCALHOST.:9",
        "http://[::1]:80",
        "http://[::ffff:127.0.0.1]:5",
        "https://localhost",
    ],
]


@pytest.mark.parametrize("spellings", ONE_ADDRESS)
def test_spellings_of_one_address_are_one_endpoint(spellings):
    connections = [Connection(1, "t", base_url=spelling, ledger=None) for spelling in spellings]

    assert len({endpoint(connection.base_url) for connection in connections}) == 1
    assert len({identity({"call": 1}, connection=connection) for connection in connections}) == 1


def test_other_addresses_are_other_endpoints():
    firsts = [endpoint(spellings[0]) for spellings in ONE_ADDRESS]
    others = [
        "https://api.calltouch.com",
        "https://apicalltouch.ru",
        "https://api.calltouch.ru/Gate",
        "https://8.8.8.8",
        "https://a_b.example",
    ]

    assert len({*firsts, *map(endpoint, others)}) == len(firsts) - 1 + len(others)


WORDS = st.text(st.sampled_from('ab",[]\\'), min_size=1, max_size=4)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=2, max_size=12, unique=True))
def test_no_two_comments_look_the_same(comments):
    found = [identity({"call": call, "text": text}, text=col("text"), job=job) for call, text, job in comments]

    assert len(set(found)) == len(comments)


def test_many_identities_are_as_each_alone():
    deals = pd.DataFrame({"call": [1, 2, 3], "phone": ["89157771122", None, "junk"], "at": [NOON] * 3})
    rules = [Call("call"), RequestContact("at", depth=5, phones="phone")]
    planned = ctnb.plan(deals, rules, "won")
    connection = Connection(4242, "token", ledger=None)

    together = PlanComments(planned, [2, 0, 1], connection, KEY).identities

    assert together == [PlanComments(planned, [row], connection, KEY).identities[0] for row in (2, 0, 1)]
    assert all(len(found) == 32 for found in together)
