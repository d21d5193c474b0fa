"""Identities that are written down: whoever changes one of them sends every comment again."""

import unicodedata

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection
from ctnb.delivery.ledger.key import identities

SECRET = bytes(range(32))
VENDOR = Connection(4242, "secret", ledger=None)
LOOPBACK = Connection(4242, "secret", base_url="http://127.0.0.1:8080", ledger=None)
RULES = [Call("call"), CallContact("phone", "at", depth=5)]


def identity(cells=None, text="Этап: Успех", *, key=None, job="", connection=VENDOR, secret=SECRET):
    """Return the identity of one comment in hex."""
    row = {"call": 1001, "phone": None, "at": "2024-03-01 10:00"} | (cells or {})
    deals = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in row.items()})
    planned = ctnb.plan(deals, RULES, text, key=key, job=job)
    (found,) = identities(planned, [0], connection, secret)
    return found.hex()


CASES = {
    "an id": {},
    "a contact": {"cells": {"call": None, "phone": "8 (915) 777-11-22"}},
    "a key": {"cells": {"deal": "Д-17"}, "key": "deal"},
    "another text": {"text": "Этап: Отказ"},
    "another job": {"job": "июнь"},
    "another account": {"connection": Connection(4243, "secret", ledger=None)},
    "another endpoint": {"connection": Connection(4242, "secret", base_url="https://example.org", ledger=None)},
    "a rehearsal": {"connection": LOOPBACK},
    "another secret": {"secret": bytes(32)},
}
GOLDEN = {
    "an id": "7611d796e82b28d6a3344bd3371cbcf8e3fbb2a4f5133b9d323721c3b4e57a20",
    "a contact": "725f8db114e38fc6ccfea2d605cf4154117fb5bd87b6ae7c32e531f06569ec7f",
    "a key": "f0a477a470dd175de4693aea47392f6aa54093a62ced0ea06853bfae1111b054",
    "another text": "5ae31811c96f70eb698b7ab2bcdfcb6388dd25ac6a5f386128d599eecac514f5",
    "another job": "0a493bdae85a39f2653e809f0d2a990a8c32528fe2626ab1110cc6b66afaf725",
    "another account": "ddb51892e82f1c2902fb14209c00c30e6a13b5dce8cf8e083000529ae945276b",
    "another endpoint": "2d2e4eb2dda3cb710d3caef8f9592d097195c00227765f7461e1ca84e2b12fc8",
    "a rehearsal": "18b1d1d31801d8b64b439051bd2fa29fd67fad2d8d26c0e4d42c8e38028677a7",
    "another secret": "8775b5f1ac6172390ab6ba5b5aa5b39aee0ad77cc936eaee97d0561055318cbd",
}


@pytest.mark.parametrize("name", CASES)
def test_an_identity_is_the_one_that_was_written_down(name):
    assert identity(**CASES[name]) == GOLDEN[name]


def test_each_part_of_an_identity_counts():
    assert len(set(GOLDEN.values())) == len(CASES)


def test_what_is_no_part_of_it_does_not_count():
    same = [
        identity({"call": "1001"}),
        identity({"call": 1001.0}),
        identity({"at": "2025-01-01"}),
        identity(text=unicodedata.normalize("NFD", "Этап: Успех")),
        identity(connection=Connection(4242, "another token", rate=1, timeout=5, ledger=None)),
    ]
    assert set(same) == {GOLDEN["an id"]}
    other_port = Connection(4242, "secret", base_url="http://localhost:9090", ledger=None)
    assert identity(connection=other_port) == GOLDEN["a rehearsal"]


def test_identities_come_in_the_order_that_is_asked_for():
    planned = ctnb.plan(pd.DataFrame({"call": [1, 2, 3]}), Call("call"), "text")
    one, two, three = identities(planned, [0, 1, 2], VENDOR, SECRET)
    assert identities(planned, [2, 0], VENDOR, SECRET) == [three, one]
    assert len({one, two, three}) == 3
    assert {len(each) for each in (one, two, three)} == {32}
