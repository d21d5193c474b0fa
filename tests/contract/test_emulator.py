"""The emulator against the vendor's contract, over HTTP of the standard library: no code of ours on this side."""

import asyncio
import gc
import http.client
import json
import math
import signal
import socket
import threading
from _thread import interrupt_main
from copy import deepcopy
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pandas as pd
import pytest

from ctnb.connection import Connection
from ctnb.emulator.server import Emulator, RequestWindow
from ctnb.exceptions import ColumnNotFoundError, ConfigError

PATH = "/lead-service/v1/api/comment/lead/add"
NOON = "01-10-2020 12:00:00"


class Reply(NamedTuple):
    status: int
    body: dict
    headers: dict

    @property
    def items(self):
        return self.body["data"]["comments"]

    @property
    def paths(self):
        return [violation["fieldPath"] for violation in self.body["data"]["validationErrorData"]["violations"]]


def calls_journal(*rows):
    columns = ["callId", "callReferenceId", "sipCallId", "callerNumber", "date", "uniqueCall", "callTags"]
    return pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], columns=columns)


def requests_journal(*rows):
    columns = ["requestId", "requestNumber", "date", "phoneNumber", "email", "uniqueRequest", "tags"]
    return pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], columns=columns)


def usual_calls():
    return calls_journal(
        (101, "import-1", "sip-1", "8 (915) 777-11-22", "01-10-2020 12:00:00", True, "VIP, Москва"),
        (102, None, "sip-2", "79157771122", "01-10-2020 12:30:00", False, "Москва"),
        (103, "import-3", None, "9031112233", "01-10-2020 13:00:00", True, None),
    )


def usual_requests():
    return requests_journal(
        (201, "form-1", "01-10-2020 11:00:00", "+7 915 777-11-22", "Ivan@Mail.ru", True, "сайт; заявка"),
        (202, "form-2", "01-10-2020 14:00:00", None, "anna@mail.ru", False, ["сайт"]),
        (203, "101", "01-10-2020 15:00:00", "79160000000", None, True, None),
    )


def usual_vendor(**settings):
    return Emulator(usual_calls(), usual_requests(), **{"rate": None, **settings})


@pytest.fixture
def vendor():
    with usual_vendor() as emulator:
        yield emulator


def send(vendor, body, method="POST", path=PATH, **changed):
    """Send bytes or a JSON value; a header that is changed to None is left out."""
    connection = vendor.connection
    headers = {
        "Access-Token": str(connection.token),
        "SiteId": str(connection.site_id),
        "Content-Type": "application/json",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    wire = http.client.HTTPConnection(urlsplit(connection.base_url).netloc, timeout=30)
    try:
        wire.request(method, path, raw, {name: value for name, value in headers.items() if value is not None})
        answer = wire.getresponse()
        content = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return Reply(answer.status, json.loads(content) if is_json else {}, dict(answer.headers))
    finally:
        wire.close()


def ask(vendor, *leads):
    return send(vendor, {"comments": list(leads)})


def lead(*rules, text="Сделка закрыта"):
    return {"matching": list(rules), "addComment": text}


def call(value=101, **tags):
    return {"type": "call", "callParams": {"callId": value, **tags}}


def request(value=201, **tags):
    return {"type": "request", "requestParams": {"requestId": value, **tags}}


def call_contact(phones=("79157771122",), **changed):
    usual = {
        "phones": phones if isinstance(phones, str) else list(phones),
        "date": NOON,
        "callTypeToMatch": "nearest",
        "searchDepth": 60,
    }
    return {"type": "callContact", "callContactParams": usual | changed}


def request_contact(**changed):
    usual = {"date": NOON, "requestTypeToMatch": "nearest", "searchDepth": 60}
    contacts = {} if changed.keys() & {"phones", "emails"} else {"phones": ["79157771122"]}
    return {"type": "requestContact", "requestContactParams": usual | contacts | changed}


def without(rule, name):
    pruned = deepcopy(rule)
    del pruned[f"{rule['type']}Params"][name]
    return pruned


# Answers


def test_a_call_takes_the_comment(vendor):
    reply = ask(vendor, lead(call(101)))
    assert reply.status == 200
    assert reply.body == {
        "meta": [],
        "data": {
            "comments": [
                {
                    "commented": True,
                    "error": None,
                    "callInfo": {"callId": 101, "callReferenceId": "import-1", "sipCallId": "sip-1"},
                    "requestInfo": None,
                }
            ]
        },
    }


def test_a_request_takes_the_comment(vendor):
    (item,) = ask(vendor, lead(request(201))).items
    assert item == {
        "commented": True,
        "error": None,
        "callInfo": None,
        "requestInfo": {"requestId": 201, "requestNumber": "form-1"},
    }


def test_a_reference_that_a_call_lacks_is_null(vendor):
    (item,) = ask(vendor, lead(call(102))).items
    assert item["callInfo"] == {"callId": 102, "callReferenceId": None, "sipCallId": "sip-2"}


def test_a_lead_that_is_not_found_says_so(vendor):
    (item,) = ask(vendor, lead(call(999))).items
    assert item == {"commented": False, "error": "Лид не найден", "callInfo": None, "requestInfo": None}
    assert vendor.comments.empty


def test_items_are_positional(vendor):
    items = ask(vendor, lead(call(103)), lead(call(999)), lead(request(202)), lead(call(101))).items
    assert [item["commented"] for item in items] == [True, False, True, True]
    assert items[0]["callInfo"]["callId"] == 103
    assert items[2]["requestInfo"]["requestId"] == 202
    assert items[3]["callInfo"]["callId"] == 101


# What the contract allows


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (request(201), 201),
        (request("201"), 201),
        (request("form-1"), 201),
        (request("101"), 203),
        (call(101), 101),
        (call("101"), 101),
        (call("import-3"), 103),
        (call("sip-2"), 102),
        (request_contact(), 201),
        (request_contact(emails=["IVAN@mail.ru"]), 201),
        (request_contact(phones=["8-915-777-11-22"], emails=["nobody@mail.ru"]), 201),
        (request_contact(emails=["anna@mail.ru"], searchDepth=525600), 202),
        (call_contact(), 101),
        (call_contact(["(903) 111 22 33"]), 103),
        (call_contact(tags=["VIP"]), 101),
        (call_contact(tags=["VIP", "Казань"], tagsLogic="or"), 101),
        (call(101, tags=["VIP", "Москва"], tagsLogic="and"), 101),
        (request(201, tags=["заявка"]), 201),
        (request_contact(tags=["сайт"], tagsLogic="and"), 201),
    ],
)
def test_every_form_of_rule_finds_its_lead(vendor, rule, found):
    (item,) = ask(vendor, lead(rule)).items
    assert found in {(item["callInfo"] or {}).get("callId"), (item["requestInfo"] or {}).get("requestId")}
    assert vendor.comments["matched_by"].tolist() == [rule["type"]]


@pytest.mark.parametrize("rule", [call(201), call("form-1"), request(101), request("sip-1"), request("FORM-1")])
def test_an_id_is_looked_for_in_its_own_journal_as_it_is_written(vendor, rule):
    (item,) = ask(vendor, lead(rule)).items
    assert not item["commented"]


def test_an_integer_is_the_vendors_id_only():
    with Emulator(calls_journal((7, "8", "9", "79157771122", NOON, True, None)), rate=None) as vendor:
        items = ask(vendor, lead(call(7)), lead(call(8)), lead(call(9)), lead(call("8")), lead(call("9"))).items
    assert [item["commented"] for item in items] == [True, False, False, True, True]


def test_the_largest_request_is_carried_out(vendor):
    rules = [call(999)] * 19 + [call(101)]
    reply = ask(vendor, *[lead(*rules)] * 100)
    assert [item["commented"] for item in reply.items] == [True] * 100
    assert set(vendor.comments["rule"]) == {20}


def test_the_journals_may_be_missing():
    with Emulator(rate=None) as vendor:
        (item,) = ask(vendor, lead(call(), request(), call_contact(), request_contact())).items
    assert not item["commented"]


# What it refuses

LEAD = "comments[0]"
RULE = "comments[0].matching[0]"
CONTACT = f"{RULE}.callContactParams"
REQUEST_CONTACT = f"{RULE}.requestContactParams"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "comments"),
        (None, "comments"),
        ({}, "comments"),
        ({"comments": None}, "comments"),
        ({"comments": {}}, "comments"),
        ({"comments": []}, "comments"),
        ({"comments": [lead(call())] * 101}, "comments"),
        ({"comments": [lead(call())], "dryRun": True}, "dryRun"),
        ({"comments": ["text"]}, LEAD),
        ({"comments": [lead(call()), None]}, "comments[1]"),
        ({"comments": [{"matching": [call()]}]}, f"{LEAD}.addComment"),
        ({"comments": [lead(call(), text="")]}, f"{LEAD}.addComment"),
        ({"comments": [lead(call(), text=" \n\t\u00a0")]}, f"{LEAD}.addComment"),
        ({"comments": [lead(call(), text=None)]}, f"{LEAD}.addComment"),
        ({"comments": [lead(call(), text=5)]}, f"{LEAD}.addComment"),
        ({"comments": [lead(call(), text="half \ud83d")]}, f"{LEAD}.addComment"),
        ({"comments": [{**lead(call()), "id": 1}]}, f"{LEAD}.id"),
        ({"comments": [{"addComment": "text"}]}, f"{LEAD}.matching"),
        ({"comments": [lead()]}, f"{LEAD}.matching"),
        ({"comments": [lead(*[call()] * 21)]}, f"{LEAD}.matching"),
        ({"comments": [{"matching": call(), "addComment": "text"}]}, f"{LEAD}.matching"),
    ],
)
def test_a_request_or_a_lead_outside_the_contract_is_refused(vendor, body, path):
    reply = send(vendor, body)
    assert reply.status == 400
    assert reply.paths == [path]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("call", RULE),
        ({}, f"{RULE}.type"),
        ({"type": "sms", "smsParams": {}}, f"{RULE}.type"),
        ({"type": ["call"]}, f"{RULE}.type"),
        ({"type": "Call", "callParams": {"callId": 1}}, f"{RULE}.type"),
        ({"type": "call"}, f"{RULE}.callParams"),
        ({"type": "call", "callParams": []}, f"{RULE}.callParams"),
        ({"type": "call", "callParams": {"callId": 1}, "requestParams": {"requestId": 1}}, f"{RULE}.requestParams"),
        (without(call(), "callId"), f"{RULE}.callParams.callId"),
        (call(None), f"{RULE}.callParams.callId"),
        (call(True), f"{RULE}.callParams.callId"),
        (call(101.0), f"{RULE}.callParams.callId"),
        (call([101]), f"{RULE}.callParams.callId"),
        (call(" "), f"{RULE}.callParams.callId"),
        (call(101, sipCallId="sip-1"), f"{RULE}.callParams.sipCallId"),
        (without(request(), "requestId"), f"{RULE}.requestParams.requestId"),
        (request(False), f"{RULE}.requestParams.requestId"),
        (request(""), f"{RULE}.requestParams.requestId"),
        (without(call_contact(), "phones"), f"{CONTACT}.phones"),
        (call_contact([]), f"{CONTACT}.phones"),
        (call_contact(emails=["a@mail.ru"]), f"{CONTACT}.emails"),
        (call_contact("79157771122"), f"{CONTACT}.phones"),
        (call_contact([79157771122]), f"{CONTACT}.phones[0]"),
        (call_contact([""]), f"{CONTACT}.phones[0]"),
        (call_contact(["79157771122", "нет"]), f"{CONTACT}.phones[1]"),
        (without(call_contact(), "date"), f"{CONTACT}.date"),
        (without(call_contact(), "searchDepth"), f"{CONTACT}.searchDepth"),
        (without(call_contact(), "callTypeToMatch"), f"{CONTACT}.callTypeToMatch"),
        (call_contact(callTypeToMatch="last"), f"{CONTACT}.callTypeToMatch"),
        (call_contact(callTypeToMatch=None), f"{CONTACT}.callTypeToMatch"),
        (call_contact(requestTypeToMatch="nearest"), f"{CONTACT}.requestTypeToMatch"),
        (without(request_contact(), "phones"), f"{REQUEST_CONTACT}.phones"),
        (request_contact(phones=[], emails=["a@mail.ru"]), f"{REQUEST_CONTACT}.phones"),
        (request_contact(phones=["79157771122"], emails=[]), f"{REQUEST_CONTACT}.emails"),
        (request_contact(emails=["ivan"]), f"{REQUEST_CONTACT}.emails[0]"),
        (request_contact(emails=["ivan@mail"]), f"{REQUEST_CONTACT}.emails[0]"),
        (request_contact(emails=["a@mail.ru", "@mail.ru"]), f"{REQUEST_CONTACT}.emails[1]"),
        (request_contact(emails=["a b@mail.ru"]), f"{REQUEST_CONTACT}.emails[0]"),
        (request_contact(emails=["a@mail..ru"]), f"{REQUEST_CONTACT}.emails[0]"),
        (request_contact(emails=["a@b@mail.ru"]), f"{REQUEST_CONTACT}.emails[0]"),
        (without(request_contact(), "requestTypeToMatch"), f"{REQUEST_CONTACT}.requestTypeToMatch"),
        (call(101, tags="VIP"), f"{RULE}.callParams.tags"),
        (call(101, tags=None), f"{RULE}.callParams.tags"),
        (call(101, tags=[""]), f"{RULE}.callParams.tags[0]"),
        (call(101, tags=["VIP", 5], tagsLogic="or"), f"{RULE}.callParams.tags[1]"),
        (call(101, tags=["VIP", "Москва"]), f"{RULE}.callParams.tagsLogic"),
        (request(201, tags=["a", "b"], tagsLogic="xor"), f"{RULE}.requestParams.tagsLogic"),
        (request_contact(tags=["a", "b"]), f"{REQUEST_CONTACT}.tagsLogic"),
        (call_contact(tagsLogic=None), f"{CONTACT}.tagsLogic"),
    ],
)
def test_a_rule_outside_the_contract_is_refused(vendor, rule, path):
    reply = ask(vendor, lead(rule))
    assert reply.status == 400
    assert reply.paths == [path]


@pytest.mark.parametrize(
    "date",
    [
        "2020-10-01 12:00:00",
        "01.10.2020 12:00:00",
        "01-10-2020",
        "01-10-2020 12:00",
        "1-10-2020 12:00:00",
        "01-10-2020T12:00:00",
        "01-10-2020 12:00:00 ",
        "01-10-2020 12:00:00\n",
        "31-02-2020 12:00:00",
        "01-13-2020 12:00:00",
        "01-10-2020 24:00:00",
        "01-10-0000 12:00:00",
        "٠١-10-2020 12:00:00",
        "",
        1601542800,
        None,
    ],
)
def test_a_date_is_exact_and_real(vendor, date):
    assert ask(vendor, lead(call_contact(date=date))).paths == [f"{CONTACT}.date"]


@pytest.mark.parametrize("depth", [0, -1, 525601, 60.0, "60", True, None])
def test_a_depth_is_whole_minutes_up_to_a_year(vendor, depth):
    assert ask(vendor, lead(call_contact(searchDepth=depth))).paths == [f"{CONTACT}.searchDepth"]


@pytest.mark.parametrize("depth", [1, 525600])
def test_the_depths_limits_are_allowed(vendor, depth):
    assert ask(vendor, lead(call_contact(searchDepth=depth))).status == 200


def test_a_refusal_has_the_vendors_shape(vendor):
    reply = ask(vendor, lead(call(), text=""))
    assert reply.body == {
        "meta": [],
        "data": {
            "type": "validationError",
            "apiErrorData": None,
            "validationErrorData": {
                "violations": [{"fieldPath": "comments[0].addComment", "message": "This value should not be blank."}]
            },
        },
    }


def test_every_violation_is_named_and_nothing_is_applied(vendor):
    broken = lead(call(), call_contact([], searchDepth=0), text=" ")
    reply = ask(vendor, lead(call()), broken, lead(call()), lead(call(True)))
    assert sorted(reply.paths) == [
        "comments[1].addComment",
        "comments[1].matching[1].callContactParams.phones",
        "comments[1].matching[1].callContactParams.searchDepth",
        "comments[3].matching[0].callParams.callId",
    ]
    assert vendor.comments.empty


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"comments": NaN}',
        '{"comments": "Привет"}'.encode("cp1251"),
        json.dumps({"comments": [lead(call())]}).encode("utf-16"),
        b'\xef\xbb\xbf{"comments": []}',
        b'{"comments": [], "comments": []}',
        b"[" * 100_000,
        b'{"comments": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_body_that_is_not_json_in_utf8_is_refused(vendor, body):
    reply = send(vendor, body)
    assert (reply.status, reply.paths) == (400, ["comments"])


def test_an_unknown_token_is_refused_first(vendor):
    for token in ("wrong", None):
        reply = send(vendor, b"rubbish", Access_Token=token, SiteId="1")
        assert (reply.status, reply.body) == (401, {"message": "Access token не найден"})


def test_another_account_is_refused_before_the_body_is_read(vendor):
    for site in ("1", None):
        reply = send(vendor, b"rubbish", SiteId=site)
        assert (reply.status, reply.body) == (403, {"meta": [], "data": {"message": "Ошибка доступа"}})


def test_a_refused_access_applies_nothing(vendor):
    body = {"comments": [lead(call())]}
    statuses = [
        send(vendor, body, Access_Token="wrong").status,
        send(vendor, body, SiteId="1").status,
        send(vendor, body, Content_Type="text/plain").status,
        send(vendor, body, Content_Type="application/json; charset=utf-8").status,
    ]
    assert statuses == [401, 403, 415, 200]
    assert len(vendor.comments) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", PATH, 405), ("PUT", PATH, 405), ("POST", PATH + "/", 404), ("POST", "/", 404)],
)
def test_only_a_post_on_the_exact_path_is_taken(vendor, method, path, status):
    assert send(vendor, {"comments": [lead(call())]}, method, path).status == status
    assert vendor.posts.empty
    assert vendor.comments.empty


def test_an_undocumented_match_is_taken_when_asked_for():
    with usual_vendor(undocumented=True) as vendor:
        (item,) = ask(vendor, lead(call_contact(callTypeToMatch="last"))).items
        assert item["commented"]
        assert ask(vendor, lead(call_contact(callTypeToMatch=" "))).paths == [f"{CONTACT}.callTypeToMatch"]


# How it matches


def test_the_first_rule_that_finds_wins(vendor):
    ask(
        vendor,
        lead(call(999), request(202), call(101)),
        lead(call(101), request(202)),
        lead(call_contact(["79990000000"]), call_contact(["9031112233"])),
    )
    assert vendor.comments["rule"].tolist() == [2, 1, 2]
    assert vendor.comments["matched_by"].tolist() == ["request", "call", "callContact"]


def test_a_found_lead_without_the_tags_sends_on_to_the_next_rule(vendor):
    # 101 is nearer and has no such tag: the call farther off that has it is not looked for.
    items = ask(
        vendor,
        lead(call_contact(date="01-10-2020 12:20:00", tags=["VIP"]), request(201)),
        lead(call(102, tags=["VIP", "Москва"], tagsLogic="and")),
        lead(call(102, tags=["VIP", "Москва"], tagsLogic="or")),
        lead(call(101, tags=["VIP", "Москва"], tagsLogic="and")),
        lead(call(103, tags=["VIP"])),
        lead(request(201, tags=["заявка", "сайт"], tagsLogic="and")),
        lead(request(202, tags=["Сайт"])),
    ).items
    assert [item["commented"] for item in items] == [True, False, True, True, False, True, False]
    assert items[0]["requestInfo"]["requestId"] == 201


@pytest.mark.parametrize(
    ("date", "depth", "is_found"),
    [
        ("01-10-2020 12:00:00", 60, True),
        ("01-10-2020 12:00:00", 59, False),
        ("01-10-2020 11:59:59", 60, False),
        ("01-10-2020 14:00:00", 60, True),
        ("01-10-2020 14:00:01", 60, False),
        ("01-10-2020 13:00:00", 1, True),
    ],
)
def test_the_depth_reaches_both_ways_and_holds_its_edges(vendor, date, depth, is_found):
    (item,) = ask(vendor, lead(call_contact(["9031112233"], date=date, searchDepth=depth))).items
    assert item["commented"] == is_found


def test_looking_back_only_takes_no_later_lead():
    with usual_vendor(look_back_only=True) as vendor:
        rules = [
            call_contact(["9031112233"], date=f"01-10-2020 {time}") for time in ("12:59:59", "13:00:00", "14:00:00")
        ]
        items = ask(vendor, *map(lead, rules)).items
    assert [item["commented"] for item in items] == [False, True, True]


def test_the_three_match_values_take_different_leads(vendor):
    near_second = {"date": "01-10-2020 12:29:00", "searchDepth": 525600}
    ask(
        vendor,
        lead(call_contact(**near_second, callTypeToMatch="nearest")),
        lead(call_contact(**near_second, callTypeToMatch="nearestUniq")),
        # The first contact of this phone is a request, so no call of it is unique among both.
        lead(call_contact(**near_second, callTypeToMatch="nearestUniqLead"), call(103)),
        lead(request_contact(**near_second, requestTypeToMatch="nearestUniqLead")),
        lead(call_contact(["9031112233"], **near_second, callTypeToMatch="nearestUniqLead")),
    )
    assert vendor.comments["call_id"].fillna("").tolist() == ["102", "101", "103", "", "103"]
    assert vendor.comments["rule"].tolist() == [1, 1, 2, 1, 1]


def test_phones_are_tried_before_emails(vendor):
    rule = request_contact(phones=["79160000000"], emails=["anna@mail.ru"], date="01-10-2020 14:00:00", searchDepth=600)
    (item,) = ask(vendor, lead(rule)).items
    assert item["requestInfo"]["requestId"] == 203


def test_dates_are_in_the_accounts_time_zone():
    aware = calls_journal((1, None, None, "79157771122", "2020-10-01T09:00:00+00:00", True, None))
    found = []
    for zone in ("Europe/Moscow", "Asia/Yekaterinburg"):
        with Emulator(aware, rate=None, timezone=zone) as vendor:
            found += ask(vendor, lead(call_contact(searchDepth=1))).items
            assert vendor.connection.timezone == zone
    assert [item["commented"] for item in found] == [True, False]


def test_messy_ids_are_read_as_the_numbers_they_were():
    calls = calls_journal((123.0, 456.0, None, 79157771122.0, pd.Timestamp(NOON), 1.0, None))
    calls = pd.concat([calls, pd.DataFrame({"callId": [124.0], "date": [pd.NaT]})], ignore_index=True)
    with Emulator(calls, rate=None) as vendor:
        items = ask(vendor, lead(call(123)), lead(call("456")), lead(call("124"))).items
    assert items[0]["callInfo"] == items[1]["callInfo"] == {"callId": 123, "callReferenceId": "456", "sipCallId": None}
    assert items[2]["callInfo"]["callId"] == 124


def test_the_same_lead_twice_takes_two_comments(vendor):
    ask(vendor, lead(call(101)), lead(call(101)))
    ask(vendor, lead(call(101)))
    assert vendor.comments["call_id"].tolist() == ["101"] * 3


# What it keeps


def test_comments_show_what_was_applied(vendor):
    ask(vendor, lead(call(999), text="нет"), lead(call(999), request(201), text="первый"))
    ask(vendor, lead(call(), text=""))
    ask(vendor, lead(call_contact(), text="🙂 второй"))
    comments = vendor.comments
    assert comments.drop(columns="received_at").astype(object).where(comments.notna(), None).to_numpy().tolist() == [
        [1, 1, "первый", 2, "request", None, None, None, "201", "form-1"],
        [2, 0, "🙂 второй", 1, "callContact", "101", "import-1", "sip-1", None, None],
    ]
    assert comments["received_at"].is_monotonic_increasing


def test_empty_frames_have_the_dtypes_of_full_ones(vendor):
    empty_comments, empty_posts = vendor.comments, vendor.posts
    ask(vendor, lead(call()))
    assert empty_comments.dtypes.equals(vendor.comments.dtypes)
    assert empty_posts.dtypes.equals(vendor.posts.dtypes)
    assert len(vendor.comments) == len(vendor.posts) == 1
    assert str(vendor.comments["received_at"].dtype) == "datetime64[us, UTC]"


def test_posts_show_every_request_refused_ones_too(vendor):
    ask(vendor, lead(call()), lead(call()))
    ask(vendor, lead(call()), lead(call(), text=""), lead(call()))
    send(vendor, b"rubbish")
    send(vendor, {"comments": [lead(call())]}, Access_Token="wrong")
    assert vendor.posts.drop(columns="received").to_numpy().tolist() == [
        [1, 200, 2],
        [2, 400, 3],
        [3, 400, 0],
        [4, 401, 1],
    ]
    assert vendor.posts["received"].is_monotonic_increasing


def test_requests_over_the_rate_are_refused_and_apply_nothing():
    with usual_vendor(rate=3) as vendor:
        replies = [ask(vendor, lead(call())) for _ in range(12)]
        over_rate = [reply for reply in replies if reply.status == 429]
        assert over_rate
        assert all(reply.headers["Retry-After"] == "1" and reply.body["message"] for reply in over_rate)
        assert len(vendor.comments) == 12 - len(over_rate)
        assert vendor.posts["status"].tolist() == [reply.status for reply in replies]
        through = vendor.posts.query("status == 200")["received"].tolist()
    assert all(fourth - first >= 1 for first, fourth in zip(through, through[3:], strict=False))


def test_the_rate_holds_in_any_sliding_second():
    window = RequestWindow(2)
    times = [0.0, 0.9, 0.95, 0.999, 1.0, 1.5, 1.91, 1.95]
    assert [window.admits(now) for now in times] == [True, True, False, False, True, False, True, False]
    assert all(RequestWindow(None).admits(0.0) for _ in range(100))


def test_many_clients_at_once_lose_nothing(vendor):
    threads = [
        threading.Thread(target=lambda: [ask(vendor, lead(call()), lead(request())) for _ in range(5)])
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vendor.posts["number"].tolist() == list(range(1, 31))
    assert vendor.comments["request"].tolist() == [number for number in range(1, 31) for _ in range(2)]


# How it lives


def test_the_connection_reaches_it_and_is_one_object(vendor):
    connection = vendor.connection
    assert isinstance(connection, Connection)
    assert connection is vendor.connection
    assert connection.loopback
    assert (connection.site_id, connection.rate, connection.ledger) == (4242, math.inf, None)
    assert urlsplit(connection.base_url).hostname == "127.0.0.1"


def test_settings_reach_the_connection():
    with Emulator(rate=2, site_id=7, token="open sesame") as vendor:
        assert (vendor.connection.site_id, vendor.connection.rate, vendor.connection.token) == (7, 2, "open sesame")
        assert "sesame" not in repr(vendor)


def test_each_emulator_has_its_own_token(vendor):
    with usual_vendor() as other:
        assert other.connection.token != vendor.connection.token
        assert other.connection.base_url != vendor.connection.base_url
        assert other.connection.token not in repr(other)


def test_there_is_no_connection_before_the_start():
    with pytest.raises(ConfigError, match="Start it"):
        _ = Emulator().connection


def test_stopping_is_final_until_the_next_start_on_the_same_port():
    vendor = usual_vendor().start()
    connection = vendor.start().connection
    ask(vendor, lead(call()))
    vendor.stop()
    vendor.stop()
    with pytest.raises(ConnectionError):
        ask(vendor, lead(call()))
    with vendor:
        assert vendor.connection is connection
        assert ask(vendor, lead(call())).status == 200
    assert vendor.comments["request"].tolist() == [1, 2]
    assert not [thread for thread in threading.enumerate() if thread.name == "ctnb-emulator" and thread.is_alive()]


def test_it_stops_when_the_block_fails():
    vendor = usual_vendor()
    with pytest.raises(ZeroDivisionError), vendor:
        _ = 1 / 0
    with pytest.raises(ConnectionError):
        ask(vendor, lead(call()))


def test_a_taken_port_is_named(vendor):
    port = urlsplit(vendor.connection.base_url).port
    with pytest.raises(ConfigError, match=str(port)):
        Emulator(port=port).start()


@pytest.mark.parametrize(
    "settings",
    [{"rate": 0}, {"rate": 2.5}, {"rate": True}, {"port": 70000}, {"port": "80"}, {"site_id": 0}, {"timezone": "Mars"}],
)
def test_a_setting_that_cannot_be_used_is_refused_at_once(settings):
    with pytest.raises(ConfigError):
        Emulator(**settings)


def test_a_journal_without_ids_is_refused():
    with pytest.raises(ColumnNotFoundError, match="callId"):
        Emulator(pd.DataFrame({"call_id": [1], "date": [NOON]}))


async def test_it_works_inside_a_running_loop():
    with usual_vendor() as vendor:
        reply = await asyncio.to_thread(ask, vendor, lead(call()))
    assert reply.status == 200


@pytest.fixture
def interruptible():
    """Let Ctrl-C interrupt, which is ignored where the suite runs in the background of a script."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_run_ends_cleanly_on_ctrl_c(interruptible):
    vendor = usual_vendor().start()
    threading.Timer(0.05, interrupt_main).start()
    vendor.run()
    with pytest.raises(ConnectionError):
        ask(vendor, lead(call()))


@pytest.mark.parametrize(
    "request_start",
    [
        b"POST %s HTTP/1.1\r\nHo",
        b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
        b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
def test_a_connection_that_dies_midway_is_passed_over(vendor, caplog, capfd, request_start):
    address = urlsplit(vendor.connection.base_url)
    for linger in (b"", b"\x01" + b"\x00" * 7):
        wire = socket.create_connection((address.hostname, address.port))
        if linger:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wire.sendall(request_start % PATH.encode())
        wire.close()
    assert ask(vendor, lead(call())).status == 200
    vendor.stop()
    gc.collect()
    assert vendor.posts["status"].tolist() == [200]
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def test_a_stop_waits_for_nobody_and_leaves_no_socket_open():
    vendor = usual_vendor().start()
    address = urlsplit(vendor.connection.base_url)
    with socket.create_connection((address.hostname, address.port)) as idle:
        idle.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{" % PATH.encode())
        vendor.stop()
    gc.collect()


def test_a_large_body_is_taken_and_a_huge_one_refused(vendor):
    text = "я" * 150_000
    reply = send(vendor, json.dumps({"comments": [lead(call(), text=text)] * 30}, ensure_ascii=False).encode())
    assert reply.status == 200
    assert set(vendor.comments["comment"]) == {text}
    assert send(vendor, b" " * (33 * 1024 * 1024)).status == 413


# Refusals that are asked for


ENVELOPES = {
    "token": {"message": "Access token не найден"},
    "access": {"meta": [], "data": {"message": "Ошибка доступа"}},
    "credentials": {"message": "Invalid credentials"},
    "unavailable": {"message": "Сервис временно недоступен"},
}


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("refusal", [*ENVELOPES, "violations", "api_error"])
def test_each_refusal_can_be_asked_for_under_each_status_and_applies_nothing(vendor, refusal, status):
    vendor.refuse_next(refusal, status=status)

    refused, accepted = ask(vendor, lead(call())), ask(vendor, lead(call()))

    assert (refused.status, accepted.status, len(vendor.comments)) == (status, 200, 1)
    assert refused.body == ENVELOPES.get(refusal, refused.body)
    assert vendor.posts["status"].tolist() == [status, 200]


def test_the_refusals_of_the_vendors_validator_and_of_its_methods_have_its_envelope(vendor):
    vendor.refuse_next("violations")
    vendor.refuse_next("api_error")

    violations, error = ask(vendor, lead(call())), ask(vendor, lead(call()))

    assert (violations.status, violations.paths) == (400, ["comments[0].addComment"])
    assert violations.body["data"].keys() == error.body["data"].keys()
    assert error.status == 400
    assert error.body["data"]["apiErrorData"].keys() == {"errorCode", "errorMessage"}


def test_any_body_can_be_asked_for_and_several_times(vendor):
    vendor.refuse_next({"message": "Database access timeout"}, times=2)

    replies = [ask(vendor, lead(call())) for _ in range(3)]

    assert [reply.status for reply in replies] == [400, 400, 200]
    assert replies[1].body == {"message": "Database access timeout"}


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"refusal": "tokens"}, "one of token, access"),
        ({"refusal": "token", "status": 99}, "status"),
        ({"refusal": "token", "status": True}, "status"),
        ({"refusal": "token", "status": "401"}, "status"),
    ],
)
def test_what_cannot_be_refused_so_is_an_error(vendor, asked, named):
    with pytest.raises(ConfigError, match=named):
        vendor.refuse_next(**asked)


CALLS_PATH = "/calls-service/RestAPI/4242/calls-diary/calls"
REQUESTS_PATH = "/calls-service/RestAPI/requests"


def get(vendor, path, **query):
    """Ask a journal method by the standard library; return the status and the answer."""
    address = urlsplit(vendor.connection.base_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    try:
        connection.request("GET", f"{path}?{urlencode({'clientApiId': vendor.connection.token, **query})}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_the_journals_are_given_by_their_methods():
    with Emulator(usual_calls(), usual_requests(), rate=None) as vendor:
        status, page = get(vendor, CALLS_PATH, dateFrom="01/10/2020", dateTo="02/10/2020", page=1, limit=2)
        assert (status, page["pageTotal"], [record["callId"] for record in page["records"]]) == (200, 2, [101, 102])
        status, records = get(vendor, REQUESTS_PATH, siteId=4242, dateFrom="10/01/2020", dateTo="10/01/2020")
        assert (status, type(records)) == (200, list)
        assert get(vendor, CALLS_PATH, clientApiId="other")[0] == 401
        assert get(vendor, CALLS_PATH.replace("4242", "7"))[0] == 403
        assert vendor.reads["status"].tolist() == [200, 200, 401, 403]
        assert vendor.reads["journal"].tolist() == ["calls", "requests", "calls", "calls"]
        assert vendor.reads["leads"].tolist()[0] == 2
        assert vendor.posts.empty


def test_journals_and_comments_share_the_rate_and_the_refusals():
    day = {"dateFrom": "01/10/2020", "dateTo": "01/10/2020", "page": 1}
    with Emulator(usual_calls(), rate=2) as vendor:
        vendor.refuse_next("journal_error")
        assert get(vendor, CALLS_PATH, **day) == (
            200,
            {"errorCode": "500", "message": "Произошла ошибка. Обратитесь в службу технической поддержки."},
        )
        assert [get(vendor, CALLS_PATH, **day)[0] for _ in range(2)] == [200, 429]
