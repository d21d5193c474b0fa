"""The vendor's JSON: what is written means what the contract says, and what is read is never trusted."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.delivery.wire_decode import Done, Item, Refused, Unreadable, Violation, Violations, decode
from ctnb.delivery.wire_encode import encode
from ctnb.outcomes import Reason

NOON = "2020-10-01 12:00:00"


def sent(plan, places=None):
    """The leads that a server reads out of one request."""
    chosen = plan.sent if places is None else places
    body = json.loads(encode(plan, [int(place) for place in chosen]))
    assert list(body) == ["comments"]
    return body["comments"]


def one_deal(**cells):
    return pd.DataFrame({name: [cell] for name, cell in cells.items()})


def done(*items):
    return json.dumps({"meta": [], "data": {"comments": items}}).encode()


def item(**fields):
    return {"commented": True, "error": None, "callInfo": None, "requestInfo": None, **fields}


def refused(*violations):
    listed = [{"fieldPath": field, "message": message} for field, message in violations]
    data = {"type": "validationError", "apiErrorData": None, "validationErrorData": {"violations": listed}}
    return json.dumps({"meta": [], "data": data}).encode()


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

    for lead, place in zip(sent(plan, [3, 1]), [3, 1], strict=True):
        by_id, by_phone = lead["matching"]
        assert lead["addComment"] == f"deal {10 + place}"
        assert by_id["callParams"] == {"callId": 10 + place, "tags": ["abcd"[place]], "tagsLogic": "and"}
        assert by_phone["callContactParams"]["phones"] == [f"7915777112{place}"]
        assert by_phone["callContactParams"]["date"] == f"0{1 + place}-10-2020 00:00:00"
        assert by_phone["callContactParams"]["searchDepth"] == 1 + place


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


def test_a_call_that_took_the_comment():
    info = {"callId": "42", "callReferenceId": "import-1", "sipCallId": "sip-1"}

    assert decode(done(item(callInfo=info))) == Done(
        [Item(commented=True, call_id="42", call_reference_id="import-1", sip_call_id="sip-1")]
    )


def test_a_request_that_took_the_comment():
    info = {"requestId": "7", "requestNumber": None}

    assert decode(done(item(requestInfo=info))) == Done([Item(commented=True, request_id="7")])


def test_a_lead_that_was_not_found():
    body = done(item(commented=False, error="Лид не найден"))

    assert decode(body) == Done([Item(commented=False, error="Лид не найден")])


def test_items_keep_their_order():
    body = done(*(item(callInfo={"callId": number}) for number in range(100)))

    assert [found.call_id for found in decode(body).items] == [str(number) for number in range(100)]


def test_a_validation_refusal():
    body = refused(
        ("comments[0].addComment", "This value should not be blank."),
        ("comments[17].matching[2].callParams.callId", "bad"),
        ("comments", "too many"),
        ("", "no field at all"),
    )

    assert decode(body) == Violations(
        [
            Violation(0, "comments[0].addComment", "This value should not be blank."),
            Violation(17, "comments[17].matching[2].callParams.callId", "bad"),
            Violation(None, "comments", "too many"),
            Violation(None, "", "no field at all"),
        ]
    )


@pytest.mark.parametrize(
    "path", ["comments[-1].x", "comments[x]", "comments[]", "comments[1", "data.comments[1]", "comments[99999999999]"]
)
def test_a_field_path_with_a_malformed_index_names_no_lead(path):
    assert decode(refused((path, "bad"))) == Violations([Violation(None, path, "bad")])


def test_an_access_refusal():
    body = '{"meta": [], "data": {"message": "Ошибка доступа"}}'.encode()

    assert decode(body) == Refused(Reason.ACCESS_DENIED, "Ошибка доступа")


def test_a_token_refusal():
    body = '{"message": "Access token не найден"}'.encode()

    assert decode(body) == Refused(Reason.TOKEN_REFUSED, "Access token не найден")


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "upstream connect error"}',
        b'{"data": {"message": "Internal error"}}',
        b'{"data": {"message": null}}',
        b'{"message": ""}',
        b'{"data": null}',
        b'{"data": {}}',
        b"{}",
    ],
)
def test_a_message_that_the_contract_does_not_know_is_no_refusal(body):
    assert isinstance(decode(body), Unreadable)


def test_unknown_fields_are_passed_over():
    info = {"callId": 1, "region": {"code": 77}}
    body = json.dumps(
        {
            "meta": [{"page": 1}],
            "took": 1.5,
            "data": {"comments": [item(callInfo=info, cost=None, extra=[[1, {}]])], "total": 1},
        }
    ).encode()

    assert decode(body) == Done([Item(commented=True, call_id="1")])


def test_fields_that_may_be_left_out():
    assert decode(b'{"data":{"comments":[{"commented":false}]}}') == Done([Item(commented=False)])


@pytest.mark.parametrize("field", ["callId", "callReferenceId", "sipCallId"])
@pytest.mark.parametrize("info", ["callInfo"])
@pytest.mark.parametrize(("value", "kept"), [(12, "12"), ("12", "12"), ("", ""), (2**63, str(2**63)), (None, None)])
def test_ids_are_text_however_they_come(info, field, value, kept):
    (found,) = decode(done(item(**{info: {field: value}}))).items

    names = {"callId": "call_id", "callReferenceId": "call_reference_id", "sipCallId": "sip_call_id"}
    assert getattr(found, names[field]) == kept


@given(st.integers(min_value=-(10**60), max_value=10**60))
def test_a_whole_number_keeps_all_its_digits(number):
    (found,) = decode(done(item(requestInfo={"requestId": number, "requestNumber": number}))).items

    assert (found.request_id, found.request_number) == (str(number), str(number))


WRONG_SHAPES = {
    "commented as int": done(item(commented=1)),
    "commented as text": done(item(commented="true")),
    "commented as null": done(item(commented=None)),
    "commented missing": done({"error": None}),
    "comments as object": b'{"data":{"comments":{"0":{"commented":true}}}}',
    "comments as null": b'{"data":{"comments":null}}',
    "comments as text": b'{"data":{"comments":"ok"}}',
    "an item as null": b'{"data":{"comments":[null]}}',
    "an item as list": b'{"data":{"comments":[[true]]}}',
    "an item as bool": b'{"data":{"comments":[true]}}',
    "error as number": done(item(error=5)),
    "error as object": done(item(error={"text": "no"})),
    "id as fraction": done(item(callInfo={"callId": 1.5})),
    "id as whole float": done(item(callInfo={"callId": 1.0})),
    "id as bool": done(item(callInfo={"callId": True})),
    "id as list": done(item(callInfo={"callId": [1]})),
    "id as object": done(item(requestInfo={"requestId": {"id": 1}})),
    "info as list": done(item(callInfo=[])),
    "info as text": done(item(requestInfo="7")),
    "not a number": b'{"data":{"comments":[{"commented":true,"callInfo":{"callId":NaN}}]}}',
    "infinity": b'{"data":{"comments":[{"commented":true,"callInfo":{"callId":1e999}}]}}',
    "more digits than a number may have": b'{"data":{"comments":[{"commented":true,"callInfo":{"callId":%s}}]}}'
    % (b"9" * 5000),
    "data as list": b'{"data":[]}',
    "data as text": b'{"data":"ok"}',
    "violations as object": b'{"data":{"validationErrorData":{"violations":{}}}}',
    "violations missing": b'{"data":{"validationErrorData":{}}}',
    "a violation's message as null": b'{"data":{"validationErrorData":{"violations":[{"message":null}]}}}',
    "comments and violations": b'{"data":{"comments":[],"validationErrorData":{"violations":[]}}}',
    "comments and a refusal": '{"data":{"comments":[],"message":"Ошибка доступа"}}'.encode(),
    "a list": b"[]",
    "null": b"null",
    "a number": b"200",
    "text": b'"ok"',
    "nothing": b"",
    "blanks": b" \r\n",
    "a page": b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
    "cut off": done(item())[:-5],
    "twice": done(item()) * 2,
    "not UTF-8": b'{"data":{"comments":[{"commented":false,"error":"\xcd\xe5\xf2"}]}}',
    "half a pair": b'{"data":{"comments":[{"commented":false,"error":"\\ud83d"}]}}',
    "UTF-16": done(item()).decode().encode("utf-16"),
    "nested deeply in an unknown field": b'{"data":{"comments":[]},"x":%s%s}' % (b"[" * 1000, b"]" * 1000),
    "nested deeply in data": b'{"data":' * 1000 + b"1" + b"}" * 1000,
    "nested very deeply": b"[" * 1_000_000,
}


@pytest.mark.parametrize("body", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_wrong_shape_tells_nothing(body):
    assert isinstance(decode(body), Unreadable)


def test_an_answer_that_cannot_be_read_is_not_repeated():
    assert "79157771122" not in decode(b"<p>79157771122</p>").detail


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decoder_fail(body):
    assert isinstance(decode(body), Done | Violations | Refused | Unreadable)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "comments", "commented", "callInfo", "callId", "violations", "message"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_only_booleans_say_whether_a_lead_was_commented(value):
    reply = decode(json.dumps({"data": {"comments": [{"commented": value}]}}).encode())

    expected = Done([Item(commented=value)]) if isinstance(value, bool) else Unreadable
    assert reply == expected if isinstance(expected, Done) else isinstance(reply, expected)
