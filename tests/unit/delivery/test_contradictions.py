"""Answers against the ids that were offered: what contradicts them, and what only looks odd."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request
from ctnb.delivery.contradictions import against_offers, contradictions
from ctnb.delivery.verdict import Answered, RateLimited, Uncertain
from ctnb.delivery.wire_decode import Item
from ctnb.outcomes import Reason

CALL, REQUEST = Call("call"), Request("request")


def offered(*leads, rules=(CALL, REQUEST)):
    """Plan leads, each a dict of ids; integers stay integers, and None offers nothing."""
    deals = pd.DataFrame(
        {
            name: pd.Series([lead.get(name) for lead in leads], dtype=object)
            for name in ("call", "request", "phone", "at")
        }
    )
    planned = ctnb.plan(deals.assign(row=range(len(leads))), rules, "deal {row}", key="row")
    assert len(planned.sent) == len(leads)
    return planned.offers


def call(own=None, reference=None, sip=None, *, commented=True):
    return Item(commented, None, own, reference, sip)


def request(own=None, number=None):
    return Item(True, None, None, None, None, own, number)


def found(leads, items, **settings):
    return contradictions(offered(*leads, **settings), items)


NOTHING = Item(commented=False, error="Лид не найден")


@pytest.mark.parametrize(
    ("lead", "item"),
    [
        # a: every id offered is an integer, and the vendor's own id is none of them
        ({"call": 5}, call("6")),
        ({"call": 5}, call("6", "5", "5")),
        ({"request": 5}, request("6", "5")),
        ({"call": 5, "request": 7}, call("6")),
        ({"call": 5}, call("6", commented=False)),
        # b: all ids of the kind are filled, and none was offered
        ({"call": "import-1"}, call("6", "import-2", "sip-2")),
        ({"request": "form-1"}, request("6", "form-2")),
        ({"request": "form-1"}, request("6", "6")),
        ({"call": 5, "request": "form-1"}, call("6", "import-2", "sip-2")),
        # d: the kind was not offered
        ({"call": 5}, request("5")),
        ({"call": "form-1"}, request(None, "form-1")),
        ({"request": 5}, call("5", "5", "5")),
    ],
)
def test_an_answer_that_cannot_be_to_this_lead(lead, item):
    assert found([lead], [item]) == [0]


@pytest.mark.parametrize(
    ("lead", "item"),
    [
        ({"call": 5}, NOTHING),
        ({"call": 5}, Item(commented=True)),
        ({"call": 5}, call("5")),
        ({"call": 5}, call("5", "import-1", "sip-1")),
        ({"call": 5}, call("005")),
        ({"call": 5}, call(" 5 ")),
        ({"call": 5}, call(None, "import-1", None)),
        ({"call": 5}, call("0", "", None)),
        ({"call": 5, "request": 7}, request("7")),
        ({"call": 5, "request": 7}, call("5")),
        ({"call": "5"}, call("5", "import-1", "sip-1")),
        ({"call": "00105"}, call("105", "import-1", "sip-1")),
        ({"call": "import-1"}, call("6", "import-1", "sip-1")),
        ({"call": "SIP-1"}, call("6", "import-1", "sip-1")),
        ({"call": "sip-1"}, call("6", None, None)),
        ({"call": "sip-1"}, call("6", "import-1", None)),
        ({"call": "sip-1"}, call("6", "import-1", "")),
        ({"request": "form-1"}, request("6", None)),
        ({"request": "form-1"}, request("6", "Form-1")),
        ({"call": 5, "request": "form-1"}, call("6")),
        # a call and the request that was made of it: one of them was offered
        ({"call": 5}, Item(True, None, "5", None, None, "9", "9")),
        ({"request": 9}, Item(True, None, "5", "i", "s", "9", "9")),
    ],
)
def test_an_answer_that_may_well_be_to_this_lead(lead, item):
    assert found([lead], [item]) == []


def test_an_id_that_another_lead_offered_and_this_one_did_not():
    leads = [{"call": "import-1"}, {"call": "sip-2"}]

    assert found(leads, [call("6", None, "sip-2"), call("7", "import-9", "sip-2")]) == [0]
    assert found(leads, [call("6", None, "sip-3"), call("7")]) == []


def test_two_leads_may_name_one_call_by_different_ids():
    leads = [{"call": "import-1"}, {"call": 101}, {"call": "sip-1"}]

    assert found(leads, [call("101", "import-1", "sip-1")] * 3) == []


def test_leads_may_be_offered_twice():
    assert found([{"call": 5}] * 3 + [{"call": "5"}] * 2, [call("5", "import-1", "sip-1")] * 5) == []


def test_ids_of_calls_and_of_requests_are_not_taken_for_each_other():
    leads = [{"call": "import-1"}, {"request": 201}]

    assert found(leads, [call("201"), request("201")]) == []


CONTACT = {"phone": "79157771122", "at": "2020-10-01"}
RULES = (CALL, REQUEST, CallContact("phone", "at", depth=5))


def test_a_lead_with_a_contact_may_be_answered_by_anything():
    assert found([{"call": 5, **CONTACT}, {"request": 7, **CONTACT}], [call("6"), call("5")], rules=RULES) == []


def test_the_ids_of_a_lead_with_a_contact_count_for_the_others():
    leads = [{"call": "import-1"}, {"call": 6, **CONTACT}]

    assert found(leads, [call("6"), call("9")], rules=RULES) == [0]


def test_a_rule_that_is_left_out_of_a_row_offers_nothing_there():
    rules = (CALL, Request("request", tags=ctnb.col("phone")))
    leads = [{"call": 5, "request": 7, "phone": 3.5}, {"call": 6, "request": 8, "phone": "vip"}]

    assert found(leads, [request("7"), request("8")], rules=rules) == [0]


SPELLED = {"own": int, "text": str, "reference": "import-{}".format, "sip": "sip-{}".format}


@given(st.data())
def test_moved_answers_of_distinct_leads_are_noticed_and_right_ones_never_doubted(data):
    numbers = data.draw(st.lists(st.integers(1, 10**9), min_size=2, max_size=12, unique=True))
    ways = [data.draw(st.sampled_from(list(SPELLED))) for _ in numbers]
    right = []
    for number, way in zip(numbers, ways, strict=True):
        # The id by which a call was found is answered; the others may be null.
        others = [data.draw(st.booleans()) or way == other for other in ("reference", "sip")]
        ids = [
            SPELLED[other](number) if filled else None
            for other, filled in zip(("reference", "sip"), others, strict=True)
        ]
        right.append(call(str(number), *ids) if data.draw(st.integers(0, 4)) else NOTHING)
    leads = [{"call": SPELLED[way](number)} for number, way in zip(numbers, ways, strict=True)]
    shift = data.draw(st.integers(1, len(numbers) - 1))
    moved = right[shift:] + right[:shift]

    assert found(leads, right) == []
    assert found(leads, moved) == [position for position, item in enumerate(moved) if item is not NOTHING]


def test_one_contradiction_makes_the_whole_batch_doubtful():
    offers = offered({"call": 5}, {"call": 6}, {"call": 7})

    verdict = against_offers(Answered([call("5"), call("7"), call("7")]), offers)

    assert (type(verdict), verdict.reason, verdict.stops) == (Uncertain, Reason.CONTRADICTED, False)
    assert verdict.message == "1 of 3 answers name other leads than those that were offered"


@pytest.mark.parametrize("verdict", [Answered([call("5")]), RateLimited(1.0), Uncertain(Reason.TIMED_OUT, "late")])
def test_every_other_verdict_stays(verdict):
    assert against_offers(verdict, offered({"call": 5})) is verdict
