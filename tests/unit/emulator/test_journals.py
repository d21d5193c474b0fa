"""The emulator's journals: finding the right lead by an id, or by a contact and a time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.emulator.journals import MATCHES, ContactSearch, Journals

NOON = datetime.fromisoformat("2020-10-01T12:00:00")
PHONE = "79157771122"


def calls(*dates, phone=PHONE, unique=True):
    return pd.DataFrame({"callId": range(len(dates)), "callerNumber": phone, "date": dates, "uniqueCall": unique})


def search(**changed):
    return ContactSearch(
        **{"kind": "call", "match": "nearest", "moment": NOON, "minutes": 60, "phones": (PHONE,), **changed}
    )


def found_id(journals, **changed):
    lead = journals.by_contact(search(**changed))
    return lead and lead.ids[0]


def test_a_journal_may_be_empty_or_lack_what_is_not_needed():
    assert Journals(pd.DataFrame(), calls()).calls == []
    bare = Journals(pd.DataFrame({"callId": [5], "date": [NOON]}))
    assert bare.by_id("call", 5).ids == ("5", None, None)
    assert found_id(bare) is None


def test_a_text_is_tried_as_each_id_in_turn():
    frame = calls(NOON, NOON, NOON).assign(callReferenceId=["9", "2", None], sipCallId=["9", "9", "x"])
    journals = Journals(frame)
    assert [journals.by_id("call", wanted).ids[0] for wanted in ("2", "9", "x")] == ["2", "0", "2"]
    assert journals.by_id("call", 9) is None
    assert journals.by_id("request", "2") is None


def test_of_two_as_near_the_earlier_is_taken():
    journals = Journals(calls(NOON + timedelta(minutes=5), NOON - timedelta(minutes=5), NOON - timedelta(minutes=5)))
    assert found_id(journals) == "1"


def test_the_nearest_of_all_phones_is_taken():
    frame = pd.concat([calls(NOON + timedelta(minutes=9)), calls(NOON, phone="79160000000").assign(callId=7)])
    assert found_id(Journals(frame), phones=(PHONE, "8 916 000-00-00")) == "7"


def test_a_later_contact_is_not_unique_among_both_journals():
    requests = pd.DataFrame(
        {
            "requestId": [5],
            "phoneNumber": [PHONE],
            "email": ["A@mail.ru"],
            "date": [NOON - timedelta(days=1)],
            "uniqueRequest": [True],
        }
    )
    journals = Journals(calls(NOON), requests)
    assert found_id(journals, match="nearestUniqLead") is None
    later = {"kind": "request", "match": "nearestUniqLead", "minutes": 3000}
    assert found_id(journals, **later) == "5"
    assert found_id(journals, **later, phones=(), emails=("a@MAIL.ru",)) == "5"


def test_a_moment_before_time_zones_is_only_far_away():
    assert found_id(Journals(calls(NOON)), moment=datetime.fromisoformat("0001-01-01")) is None


MINUTES = st.integers(-300, 300)


@given(
    leads=st.lists(st.tuples(MINUTES, st.booleans(), st.booleans()), max_size=12),
    at=MINUTES,
    depth=st.integers(1, 200),
    match=st.sampled_from(MATCHES),
    look_back_only=st.booleans(),
)
def test_the_index_finds_what_a_look_at_every_lead_finds(leads, at, depth, match, look_back_only):
    is_call = [row for row in leads if row[2]]
    is_request = [row for row in leads if not row[2]]
    frames = [
        pd.DataFrame(
            {
                id_name: range(len(rows)),
                phone_name: PHONE,
                "date": [NOON + timedelta(minutes=minute) for minute, *_ in rows],
                flag: [unique for _, unique, _ in rows],
            }
        )
        for rows, id_name, phone_name, flag in (
            (is_call, "callId", "callerNumber", "uniqueCall"),
            (is_request, "requestId", "phoneNumber", "uniqueRequest"),
        )
    ]
    journals = Journals(*frames, look_back_only=look_back_only)
    first = min((minute for minute, *_ in leads), default=None)
    candidates = []
    for place, (minute, unique, _) in enumerate(is_call):
        fits = {"nearest": True, "nearestUniq": unique, "nearestUniqLead": unique and minute == first}[match]
        if fits and abs(minute - at) <= depth and not (look_back_only and minute > at):
            candidates.append((abs(minute - at), minute, place))
    expected = str(min(candidates)[2]) if candidates else None
    moment = (NOON + timedelta(minutes=at)).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    assert found_id(journals, match=match, moment=moment, minutes=depth) == expected


def test_a_contacts_first_lead_is_its_unique_one_only_where_it_is_flagged():
    assert found_id(Journals(calls(NOON)), match="nearestUniqLead") == "0"
    assert found_id(Journals(calls(NOON, unique=False)), match="nearestUniqLead") is None


def test_of_a_contacts_first_leads_of_one_moment_each_is_its_first():
    journals = Journals(calls(NOON, NOON).assign(uniqueCall=[False, True]))
    assert found_id(journals, match="nearestUniqLead") == "1"


@pytest.mark.parametrize(
    "cell",
    [
        "+7 916 555-11-01, 8 (915) 777-11-22",
        "79165551101;79157771122",
        "79157771122 / 79165551101",
        ["79165551101", PHONE],
        np.array([PHONE, None], dtype=object),
    ],
)
def test_a_lead_is_found_by_each_of_its_phones(cell):
    frame = calls(NOON).assign(callerNumber=pd.Series([cell], dtype=object))
    assert found_id(Journals(frame)) == "0"


@pytest.mark.parametrize("cell", ["a@mail.ru; B@mail.ru", ["b@mail.ru"], "нет, b@mail.ru"])
def test_a_request_is_found_by_each_of_its_emails(cell):
    requests = pd.DataFrame({"requestId": [5], "email": pd.Series([cell], dtype=object), "date": [NOON]})
    assert found_id(Journals(requests=requests), kind="request", phones=(), emails=("b@mail.ru",)) == "5"
