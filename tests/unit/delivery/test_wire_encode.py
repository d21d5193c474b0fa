"""The bodies of requests mean what the contract says."""

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.delivery.wire_encode import encode, vendor_dates
from ctnb.leads.moments.wall_clock import FIRST_YEAR, LAST_YEAR

NOON = "2020-10-01 12:00:00"
SECONDS = [int(np.datetime64(f"{year}-01-01", "s").astype(np.int64)) for year in (FIRST_YEAR, LAST_YEAR + 1)]


def sent(plan, rows=None):
    """The leads that a server reads out of one request."""
    chosen = plan.sent if rows is None else rows
    body = json.loads(encode(plan, [int(row) for row in chosen]))
    assert list(body) == ["comments"]
    return body["comments"]


def one_deal(**cells):
    return pd.DataFrame({name: [cell] for name, cell in cells.items()})


def test_a_call_rule_as_the_contract_writes_it():
    plan = ctnb.plan(one_deal(call=123456), Call("call"), "Deal is won")

    assert sent(plan) == [
        {"matching": [{"type": "call", "callParams": {"callId": 123456}}], "addComment": "Deal is won"}
    ]


def test_a_request_rule_with_tags_as_the_contract_writes_it():
    plan = ctnb.plan(one_deal(order="form-77"), Request("order", tags=["site", "VIP"], tags_logic="or"), "won")

    parameters = {"requestId": "form-77", "tags": ["site", "VIP"], "tagsLogic": "or"}
    assert sent(plan) == [{"matching": [{"type": "request", "requestParams": parameters}], "addComment": "won"}]


def test_a_call_contact_rule_as_the_contract_writes_it():
    deal = one_deal(phone="8 (915) 777-11-22", created=NOON)
    plan = ctnb.plan(deal, CallContact("phone", "created", depth="2h", match="nearestUniqLead"), "won")

    parameters = {
        "phones": ["79157771122"],
        "date": "01-10-2020 12:00:00",
        "callTypeToMatch": "nearestUniqLead",
        "searchDepth": 120,
    }
    assert sent(plan) == [{"matching": [{"type": "callContact", "callContactParams": parameters}], "addComment": "won"}]


def test_a_request_contact_rule_as_the_contract_writes_it():
    deal = one_deal(phone="+7 915 777-11-22", mail="ivan@mail.ru", created=NOON)
    rule = RequestContact("created", depth="365d", phones="phone", emails="mail", match="nearestUniq", tags=["site"])

    parameters = {
        "phones": ["79157771122"],
        "emails": ["ivan@mail.ru"],
        "date": "01-10-2020 12:00:00",
        "requestTypeToMatch": "nearestUniq",
        "searchDepth": 525600,
        "tags": ["site"],
        "tagsLogic": "and",
    }
    assert sent(ctnb.plan(deal, rule, "won")) == [
        {"matching": [{"type": "requestContact", "requestContactParams": parameters}], "addComment": "won"}
    ]


def test_rules_keep_their_order_and_one_without_data_is_left_out():
    deals = pd.DataFrame(
        {
            "call": [1, None],
            "order": ["a", "b"],
            "mail": [None, "ivan@mail.ru"],
            "phone": [None, None],
            "created": [NOON, NOON],
        }
    )
    rules = [
        RequestContact("created", depth=1, phones="phone", emails="mail"),
        Request("order"),
        Call("call"),
    ]

    first, second = sent(ctnb.plan(deals, rules, "won"))

    assert [rule["type"] for rule in first["matching"]] == ["request", "call"]
    assert [rule["type"] for rule in second["matching"]] == ["requestContact", "request"]
    assert "phones" not in second["matching"][0]["requestContactParams"]


def test_policy_and_rows_are_taken_by_position_whatever_the_index():
    deals = pd.DataFrame(
        {
            "call": [10, 11, 12, 13],
            "phone": ["89157771120", "89157771121", "89157771122", "89157771123"],
            "created": ["2020-10-01", "2020-10-02", "2020-10-03", "2020-10-04"],
            "depth": [1, 2, 3, 4],
            "tag": ["a", "b", "c", "d"],
        },
        index=["x", "x", "y", "x"],
    )
    rules = [Call("call", tags=col("tag")), CallContact("phone", "created", depth=col("depth"))]
    plan = ctnb.plan(deals, rules, "deal {call}")

    for lead, row in zip(sent(plan, [3, 1]), [3, 1], strict=True):
        by_id, by_phone = lead["matching"]
        assert lead["addComment"] == f"deal {10 + row}"
        assert by_id["callParams"] == {"callId": 10 + row, "tags": ["abcd"[row]], "tagsLogic": "and"}
        assert by_phone["callContactParams"]["phones"] == [f"7915777112{row}"]
        assert by_phone["callContactParams"]["date"] == f"0{1 + row}-10-2020 00:00:00"
        assert by_phone["callContactParams"]["searchDepth"] == 1 + row


@given(st.lists(st.text(st.characters(), min_size=1, max_size=40), min_size=1, max_size=20))
def test_any_text_arrives_as_it_is(texts):
    deals = pd.DataFrame({"call": range(len(texts)), "text": pd.Series(texts, dtype=object)})
    plan = ctnb.plan(deals, Call("call"), col("text"))

    assert [lead["addComment"] for lead in sent(plan)] == plan.texts.take(plan.sent).to_pylist()


def test_a_body_of_no_lead_is_a_body():
    assert sent(ctnb.plan(one_deal(call=1, text=" "), Call("call"), col("text"))) == []


def test_the_text_of_a_hostile_cell_is_escaped_and_not_changed():
    text = 'quote " slash \\ line\nend \u2028 tab\t null\x00 smile 😀 мир </script>'
    plan = ctnb.plan(one_deal(call="1", text=text), Call("call"), "{text}")

    assert plan.counts == {"ready": 1, "invalid": 0}
    assert sent(plan)[0]["addComment"] == text


def test_the_body_is_utf_8():
    body = encode(ctnb.plan(one_deal(call=1), Call("call"), "Сделка"), [0])

    assert "Сделка".encode() in body


@given(st.lists(st.integers(SECONDS[0], SECONDS[1] - 1)))
def test_dates_are_as_strftime_writes_them(seconds):
    moments = np.array(seconds, dtype="datetime64[s]")
    assert vendor_dates(moments).to_pylist() == [moment.item().strftime("%d-%m-%Y %H:%M:%S") for moment in moments]


def test_the_first_and_the_last_date_that_a_lead_can_have():
    ends = np.array([SECONDS[0], SECONDS[1] - 1, "NaT"], dtype="datetime64[s]")
    assert vendor_dates(ends).to_pylist() == [f"01-01-{FIRST_YEAR} 00:00:00", f"31-12-{LAST_YEAR} 23:59:59", None]
