import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import JournalError
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.records import AnswerFault, Page, flat_records, read_page, records_of

CALL = {
    "callId": 1904500022,
    "callReferenceId": "a-1",
    "sipCallId": None,
    "date": "01/03/2026 9:05:00",
    "timestamp": int(dt.datetime(2026, 3, 1, 6, 5, tzinfo=dt.UTC).timestamp()),
    "callerNumber": "79157771122",
    "phoneNumber": "74950000000",
    "uniqueCall": True,
    "targetCall": "True",
    "uniqTargetCall": "False",
    "callTags": [{"category": "", "type": "MANUAL", "names": ["VIP", "Москва, центр"]}, {"names": ["VIP"]}],
    "comments": [{"commentId": 5, "callId": 1, "comment": "hi", "partyId": 1, "partyName": "Анна"}],
    "city": "<не указано>",
    "sessionDate": "01/03/2026 09:05:57",
}
REQUEST = {
    "requestId": 58300055,
    "requestNumber": "form-1",
    "date": int(dt.datetime(2026, 3, 1, 6, 5, tzinfo=dt.UTC).timestamp()) * 1000,
    "dateStr": "01/03/2026 09:05:00",
    "client": {
        "fio": "Анна",
        "phones": [{"phoneNumber": "79157771122", "phoneType": "MOBILE"}, {"phoneNumber": "79261112233"}],
        "contacts": [
            {"contactType": "ANY", "contactValue": "a@b.ru"},
            {"contactType": "TELEGRAM", "contactValue": "anna"},
        ],
    },
    "uniqueRequest": True,
    "RequestTags": [{"category": "", "type": "MANUAL", "names": ["Форма"]}],
    "session": None,
}


def body(value):
    return json.dumps(value, ensure_ascii=False).encode()


def flat(record, form=CALL_FORM, zone="Europe/Moscow"):
    return flat_records(read_page(body([record]), form).records, form, zone)


def first(record, form=CALL_FORM, zone="Europe/Moscow"):
    return flat(record, form, zone).frame.iloc[0].to_dict()


def test_a_call_comes_flat():
    row = first(CALL)
    assert (row["callId"], row["callReferenceId"]) == ("1904500022", "a-1")
    assert pd.isna(row["sipCallId"])
    assert row["callerNumber"] == "79157771122"
    assert str(row["date"]) == "2026-03-01 06:05:00+00:00"
    assert (row["uniqueCall"], row["targetCall"], row["uniqTargetCall"]) == (True, True, False)
    assert row["callTags"] == ["VIP", "Москва, центр"]
    assert row["comments"] == [{"commentId": 5, "comment": "hi", "partyName": "Анна"}]
    assert tuple(row) == CALL_FORM.names


def test_a_request_comes_flat_with_all_phones_and_emails():
    row = first(REQUEST, REQUEST_FORM)
    assert (row["requestId"], row["requestNumber"]) == ("58300055", "form-1")
    assert row["phoneNumber"] == ["79157771122", "79261112233"]
    assert row["email"] == ["a@b.ru"]
    assert row["tags"] == ["Форма"]
    assert str(row["date"]) == "2026-03-01 06:05:00+00:00"
    assert tuple(row) == REQUEST_FORM.names


@pytest.mark.parametrize("field", sorted(CALL.keys() - {"callId"}))
def test_any_field_of_a_call_but_its_id_may_be_null_or_missing(field):
    for record in (CALL | {field: None}, {name: value for name, value in CALL.items() if name != field}):
        assert first(record)["callId"] == "1904500022"


@pytest.mark.parametrize("field", sorted(REQUEST.keys() - {"requestId"}))
def test_any_field_of_a_request_but_its_id_may_be_null_or_missing(field):
    for record in (REQUEST | {field: None}, {name: value for name, value in REQUEST.items() if name != field}):
        assert first(record, REQUEST_FORM)["requestId"] == "58300055"


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"timestamp": str(CALL["timestamp"])}, "2026-03-01 06:05:00+00:00"),
        ({"timestamp": CALL["timestamp"] * 1000}, "2026-03-01 06:05:00+00:00"),
        ({"timestamp": None}, "2026-03-01 04:05:00+00:00"),
        ({"timestamp": None, "date": "1/3/2026 9:5"}, "2026-03-01 04:05:00+00:00"),
        ({"timestamp": None, "date": "31/02/2026 09:05:00"}, "NaT"),
        ({"timestamp": 0, "date": "нет"}, "NaT"),
        *(({"timestamp": odd, "date": None}, "NaT") for odd in (10**17, 10**30, -5, 1e300, True, "9" * 30, [1])),
        ({"timestamp": None, "date": "01/03/0001 09:05:00"}, "NaT"),
        ({"timestamp": 4102444800}, "2100-01-01 00:00:00+00:00"),
    ],
)
def test_the_moment_is_the_timestamp_else_the_accounts_clock(changed, at):
    assert str(first(CALL | changed, zone="Asia/Yekaterinburg")["date"]) == at


def test_the_offset_that_the_clock_shows_is_kept_beside():
    assert flat(CALL).offsets.tolist() == [180.0]
    assert flat(REQUEST, REQUEST_FORM).offsets.tolist() == [180.0]
    assert np.isnan(flat(CALL | {"timestamp": None}).offsets[0])


ODD_CLIENTS = [None, [], "79157771122", {"phones": None}, {"phones": [None, {}, {"phoneNumber": None}], "contacts": {}}]


@pytest.mark.parametrize("client", ODD_CLIENTS)
def test_a_client_without_contacts_has_none(client):
    row = first(REQUEST | {"client": client}, REQUEST_FORM)
    assert (row["phoneNumber"], row["email"]) == (None, None)


def test_a_record_without_an_id_is_refused():
    for missing in (None, "", "<не указано>"):
        with pytest.raises(JournalError, match="expected an id in callId"):
            flat(CALL | {"callId": missing})


PAGES = {
    "array": ([CALL, CALL], Page([0, 0])),
    "no record": ([], Page([])),
    "page": ({"page": 1, "pageTotal": 3, "pageSize": 1, "recordsTotal": 3, "records": [CALL]}, Page([0], 3, 3)),
    "other spelling": ({"totalPage": "3", "records": [CALL]}, Page([0], 3)),
    "page of nothing": ({"pageTotal": 0, "recordsTotal": 0, "records": None}, Page([], 0, 0)),
}


@pytest.mark.parametrize("name", PAGES)
def test_an_array_and_a_page_are_read(name):
    given, expected = PAGES[name]
    page = read_page(body(given), CALL_FORM)
    assert (len(page.records), page.pages, page.total) == (len(expected.records), expected.pages, expected.total)


FAULTS = {
    "error in place of data": (
        {"errorCode": "500", "message": "Произошла ошибка"},
        AnswerFault("Произошла ошибка (code 500)", by_vendor=True),
    ),
    "message alone": ({"message": "Access token не найден"}, AnswerFault("Access token не найден", by_vendor=True)),
    "access": ({"meta": [], "data": {"message": "Ошибка доступа"}}, AnswerFault("Ошибка доступа", by_vendor=True)),
    "error beside records": ({"errorCode": 1, "records": [CALL]}, AnswerFault("an error (code 1)", by_vendor=True)),
    "empty object": ({}, AnswerFault("expected an array of leads, or an object with records", by_vendor=False)),
    "records are an object": ({"records": CALL}, None),
    "null among records": ([CALL, None], None),
    "a text": ("calls", None),
    "null": (None, None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_anything_else_is_named(name):
    given, expected = FAULTS[name]
    fault = read_page(body(given), CALL_FORM)
    assert isinstance(fault, AnswerFault)
    if expected is None:
        assert fault.text.startswith("expected an array of leads: Expected `")
        assert not fault.by_vendor
    else:
        assert fault == expected


NO_JSON = {b"": "empty", b" \n": "empty", b"<html>": "not JSON", b"[{]": "not JSON", b"\xff": "not JSON"}


@pytest.mark.parametrize(("raw", "text"), NO_JSON.items())
def test_what_is_not_json_is_said_to_be_so(raw, text):
    assert text in read_page(raw, CALL_FORM).text


def test_a_frame_of_records_is_known_by_what_only_records_have():
    records = records_of(pd.DataFrame([CALL, CALL | {"callId": 2}]), CALL_FORM)
    assert flat_records(records, CALL_FORM, "Europe/Moscow").frame["callId"].tolist() == ["1904500022", "2"]
    assert records_of(pd.DataFrame([REQUEST]), REQUEST_FORM)[0].request_tags == REQUEST["RequestTags"]
    assert records_of(pd.DataFrame({"callId": [1], "date": [None]}), CALL_FORM) is None


def test_a_field_that_is_nested_too_deeply_is_refused():
    deep = b"[" * 100_000 + b"]" * 100_000
    page = read_page(b'[{"callId": 1, "comments": ' + deep + b"}]", CALL_FORM)
    assert page == AnswerFault("the answer is nested too deeply", by_vendor=False)


def test_one_contact_in_the_place_of_several_is_read():
    client = {"phones": {"phoneNumber": "79157771122"}, "contacts": "a@b.ru"}
    row = first(REQUEST | {"client": client}, REQUEST_FORM)
    assert (row["phoneNumber"], row["email"]) == (["79157771122"], ["a@b.ru"])


def test_the_date_of_a_request_may_be_a_clock():
    row = first(REQUEST | {"date": "01/03/2026 9:05:00", "dateStr": None}, REQUEST_FORM)
    assert str(row["date"]) == "2026-03-01 06:05:00+00:00"


NESTED_FRAMES = {
    "as texts of JSON": pd.DataFrame([REQUEST]).map(
        lambda cell: json.dumps(cell) if isinstance(cell, dict | list) else cell
    ),
    "as pandas' json_normalize makes them": pd.json_normalize([REQUEST]),
}


@pytest.mark.parametrize("name", NESTED_FRAMES)
def test_a_frame_of_records_loses_no_contact_and_no_tag(name):
    row = flat_records(records_of(NESTED_FRAMES[name], REQUEST_FORM), REQUEST_FORM, "Europe/Moscow").frame.iloc[0]
    assert row["phoneNumber"] == ["79157771122", "79261112233"]
    assert (row["email"], row["tags"]) == (["a@b.ru"], ["Форма"])


def test_records_that_were_written_as_python_shows_them_are_refused():
    table = pd.DataFrame([REQUEST]).map(lambda cell: str(cell) if isinstance(cell, dict | list) else cell)
    with pytest.raises(JournalError, match=r"row 0 .*: expected JSON in (client|RequestTags), got another text"):
        records_of(table, REQUEST_FORM)
    assert records_of(pd.DataFrame([CALL | {"comments": "[!] a remark"}]), CALL_FORM)[0].comments == "[!] a remark"
