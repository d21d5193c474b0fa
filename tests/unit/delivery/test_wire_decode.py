"""The vendor's answers are read, and never trusted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.wire_decode import (
    ApiError,
    Done,
    FieldViolation,
    Item,
    KnownRefusal,
    ServerMessage,
    Unreadable,
    Violations,
    decode,
)
from ctnb.outcomes import Reason


def done(*items):
    return json.dumps({"meta": [], "data": {"comments": items}}).encode()


def item(**fields):
    return {"commented": True, "error": None, "callInfo": None, "requestInfo": None, **fields}


def refused(*violations):
    listed = [{"fieldPath": field, "message": message} for field, message in violations]
    data = {"type": "validationError", "apiErrorData": None, "validationErrorData": {"violations": listed}}
    return json.dumps({"meta": [], "data": data}).encode()


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
            FieldViolation(0, "comments[0].addComment", "This value should not be blank."),
            FieldViolation(17, "comments[17].matching[2].callParams.callId", "bad"),
            FieldViolation(None, "comments", "too many"),
            FieldViolation(None, "", "no field at all"),
        ]
    )


@pytest.mark.parametrize(
    "path", ["comments[-1].x", "comments[x]", "comments[]", "comments[1", "data.comments[1]", "comments[99999999999]"]
)
def test_a_field_path_with_a_malformed_index_names_no_lead(path):
    assert decode(refused((path, "bad"))) == Violations([FieldViolation(None, path, "bad")])


def test_an_access_refusal():
    body = '{"meta": [], "data": {"message": "Ошибка доступа"}}'.encode()

    assert decode(body) == KnownRefusal(Reason.ACCESS_DENIED, "Ошибка доступа")


def test_a_token_refusal():
    body = '{"message": "Access token не найден"}'.encode()

    assert decode(body) == KnownRefusal(Reason.TOKEN_REFUSED, "Access token не найден")


def test_an_error_with_a_code():
    body = b'{"data": {"type": "apiError", "apiErrorData": {"errorCode": 7, "errorMessage": "no points", "more": 1}}}'

    assert decode(body) == ApiError(7, "no points")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "upstream connect error"}', "upstream connect error"),
        (b'{"data": {"message": "Internal error"}}', "Internal error"),
        (b'{"message": "at the top", "data": {"message": "in data"}}', "at the top"),
        (b'{"message": "PHP", "data": []}', "PHP"),
        (b'\xef\xbb\xbf{"message": "PHP"}', "PHP"),
    ],
)
def test_a_message_that_the_contract_does_not_know(body, text):
    assert decode(body) == ServerMessage(text)


@pytest.mark.parametrize("body", [b'{"data": {"message": null}}', b'{"message": ""}', b'{"data": null}', b"{}"])
def test_a_body_that_says_nothing(body):
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
    assert isinstance(decode(body), Done | Violations | KnownRefusal | ApiError | ServerMessage | Unreadable)


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
