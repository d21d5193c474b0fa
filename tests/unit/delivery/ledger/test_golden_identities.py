"""Identities that are written down: whoever changes one of them sends every comment again.

What they are made of is spelled out by a plain function, which knows nothing of the code under test.
"""

import hashlib
import json
import unicodedata

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Request
from ctnb.delivery.ledger.key import PlanComments

SECRET = bytes(range(32))
VENDOR = Connection(4242, "secret", ledger=None)
LOOPBACK = Connection(4242, "secret", base_url="http://127.0.0.1:8080", ledger=None)
RULES = [Call("call"), Request("request"), CallContact("phone", "at", depth=5)]
PATH = "/lead-service/v1/api/comment/lead/add"
KINDS = ("identity", "lead", "text", "account")


def hashes(cells=None, text="Этап: Успех", *, key=None, job="", connection=VENDOR, secret=SECRET):
    """Return all hashes of one comment in hex, but that of its offer."""
    row = {"call": 1001, "request": None, "phone": "8 (915) 777-11-22", "at": "2024-03-01 10:00"} | (cells or {})
    deals = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in row.items()})
    found = PlanComments(ctnb.plan(deals, RULES, text, key=key, job=job), [0], connection, secret)
    (lead,), (kept,) = found.leads([0]), found.texts([0])
    return dict(zip(KINDS, (found.identities[0].hex(), lead.hex(), kept.hex(), found.account.hex()), strict=True))


def plainly(
    lead, *, text="Этап: Успех", site="4242", endpoint="https://api.calltouch.ru" + PATH, job="", secret=SECRET
):
    """Return the same hashes by definition: HMAC-SHA256 (RFC 2104) and keyed BLAKE2b of compact ASCII JSON."""

    def message(*parts):
        return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()

    def keyed(*parts):
        inner, outer = (bytes(byte ^ pad for byte in secret.ljust(64, b"\0")) for pad in (0x36, 0x5C))
        return hashlib.sha256(outer + hashlib.sha256(inner + message(*parts)).digest()).hexdigest()

    def short(*parts):
        return hashlib.blake2b(message(*parts), key=secret, digest_size=16).hexdigest()

    named = json.dumps(lead, ensure_ascii=True, separators=(",", ":"))
    return {
        "identity": keyed(site, endpoint, job, named, text),
        "lead": short(site, endpoint, job, named),
        "text": short(text),
        "account": short(site, endpoint, job),
    }


CONTACT = [["phone", "79157771122"]]
CASES = {
    "an id": ({}, {"lead": [["call", "1001"]]}),
    "two ids": ({"cells": {"request": "r-7"}}, {"lead": [["call", "1001"], ["request", "r-7"]]}),
    "a contact": ({"cells": {"call": None}}, {"lead": CONTACT}),
    "a key": ({"cells": {"deal": "Д-17"}, "key": "deal"}, {"lead": ["key", "Д-17"]}),
    "a key that was a float": ({"cells": {"deal": "1013.0"}, "key": "deal"}, {"lead": ["key", "1013"]}),
    "another text": ({"text": "Этап: Отказ"}, {"lead": [["call", "1001"]], "text": "Этап: Отказ"}),
    "a text that was a float": ({"text": " Сумма\u00a05000.0\n"}, {"lead": [["call", "1001"]], "text": "Сумма 5000"}),
    "another job": ({"job": "июнь"}, {"lead": [["call", "1001"]], "job": "июнь"}),
    "another account": (
        {"connection": Connection(4243, "secret", ledger=None)},
        {"lead": [["call", "1001"]], "site": "4243"},
    ),
    "another endpoint": (
        {"connection": Connection(4242, "secret", base_url="https://Пример.РФ.:443/", ledger=None)},
        {"lead": [["call", "1001"]], "endpoint": "https://xn--e1afmkfd.xn--p1ai" + PATH},
    ),
    "a rehearsal": ({"connection": LOOPBACK}, {"lead": [["call", "1001"]], "endpoint": "loopback" + PATH}),
    "another secret": ({"secret": bytes(32)}, {"lead": [["call", "1001"]], "secret": bytes(32)}),
}
GOLDEN = {
    "an id": "7611d796e82b28d6a3344bd3371cbcf8e3fbb2a4f5133b9d323721c3b4e57a20",
    "two ids": "9f1b8399ef412d33775a41036ee572d49ea40419339fde916f7062b8c61e6414",
    "a contact": "725f8db114e38fc6ccfea2d605cf4154117fb5bd87b6ae7c32e531f06569ec7f",
    "a key": "f0a477a470dd175de4693aea47392f6aa54093a62ced0ea06853bfae1111b054",
    "a key that was a float": "e8ef2b7506187ab50290969b0b337f67e1e5682d81eef82ba54f14309a8f5485",
    "another text": "5ae31811c96f70eb698b7ab2bcdfcb6388dd25ac6a5f386128d599eecac514f5",
    "a text that was a float": "b7cec7f48b7b78e3ff87fd153066fef39062c1be4cdfc90b023ab969c71c4c04",
    "another job": "0a493bdae85a39f2653e809f0d2a990a8c32528fe2626ab1110cc6b66afaf725",
    "another account": "ddb51892e82f1c2902fb14209c00c30e6a13b5dce8cf8e083000529ae945276b",
    "another endpoint": "0ffa2d58e7d767878f6b9c7868bd8c9c6111d636393dd8c3ac47d19adcaf2a5e",
    "a rehearsal": "18b1d1d31801d8b64b439051bd2fa29fd67fad2d8d26c0e4d42c8e38028677a7",
    "another secret": "8775b5f1ac6172390ab6ba5b5aa5b39aee0ad77cc936eaee97d0561055318cbd",
}


@pytest.mark.parametrize("name", CASES)
def test_an_identity_is_the_one_that_was_written_down(name):
    assert hashes(**CASES[name][0])["identity"] == GOLDEN[name]


@pytest.mark.parametrize("name", CASES)
def test_all_hashes_are_as_they_are_defined(name):
    ours, definition = CASES[name]
    assert hashes(**ours) == plainly(**definition)


def test_each_part_of_an_identity_counts():
    assert len(set(GOLDEN.values())) == len(CASES) == len(GOLDEN)


def test_what_is_no_part_of_it_does_not_count():
    same = [
        hashes({"call": "1001"}),
        hashes({"call": 1001.0}),
        hashes({"at": "2025-01-01"}),
        hashes({"phone": None}),
        hashes(text=unicodedata.normalize("NFD", "Этап: Успех")),
        hashes(text="Этап: \u200bУспех\r\n"),
        hashes(connection=Connection(4242, "another token", rate=1, timeout=5, ledger=None)),
    ]
    assert {each["identity"] for each in same} == {GOLDEN["an id"]}


def test_hashes_come_in_the_order_that_is_asked_for():
    planned = ctnb.plan(pd.DataFrame({"call": [1, 2, 3]}), Call("call"), "text {call}")
    every = PlanComments(planned, [0, 1, 2], VENDOR, SECRET)
    one, two, three = every.identities
    assert PlanComments(planned, [2, 0], VENDOR, SECRET).identities == [three, one]
    assert len({one, two, three}) == 3
    for kind in (every.leads, every.texts, every.offers):
        first, second, third = kind([0, 1, 2])
        assert len({first, second, third}) == 3
        assert kind([2, 0]) == [third, first]
        assert kind([]) == []
    assert every.naming == "ids"


def test_no_hash_of_one_kind_is_one_of_another():
    planned = ctnb.plan(pd.DataFrame({"call": [1]}), Call("call"), "text")
    every = PlanComments(planned, [0], VENDOR, SECRET)
    kinds = [every.identities[0][:16], *every.leads([0]), *every.texts([0]), *every.offers([0]), every.account]

    assert len(set(kinds)) == 5
    assert {len(kind) for kind in kinds} == {16}
