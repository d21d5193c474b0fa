"""The emulator's journals: reading messy cells, and finding the right lead."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.emulator.journals import MATCHES, ContactSearch, Journals, normal_phone
from ctnb.exceptions import ColumnNotFoundError, ConfigError

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


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+7 (915) 777-11-22", PHONE),
        ("8 915 777 11 22", PHONE),
        ("9157771122", PHONE),
        ("77172123456", "77172123456"),
        ("+375 29 123-45-67", "375291234567"),
        ("112", "112"),
        ("нет", ""),
    ],
)
def test_a_phone_becomes_the_vendors_digits(written, digits):
    assert normal_phone(written) == digits


@given(
    st.from_regex(r"[0-9]{10,11}", fullmatch=True),
    st.lists(st.sampled_from(" -()+.\u00a0доб"), min_size=11, max_size=11),
)
def test_signs_between_digits_change_nothing(digits, signs):
    written = "".join(sign + digit for sign, digit in zip(signs, digits, strict=False))
    assert normal_phone(written) == normal_phone(digits)
    assert normal_phone(normal_phone(digits)) == normal_phone(digits)


@pytest.mark.parametrize(
    "cell",
    [
        "01-10-2020 12:00:00",
        " 01-10-2020 12:00 ",
        "2020-10-01 12:00:00",
        "2020-10-01T12:00:00.000",
        "2020-10-01T09:00:00Z",
        NOON,
        datetime(2020, 10, 1, 9, tzinfo=UTC),
        pd.Timestamp(NOON),
        pd.Timestamp(NOON, tz="Europe/Moscow"),
        pd.Timestamp("2020-10-01 12:00:00.000000001"),
        np.datetime64("2020-10-01T12:00:00"),
    ],
)
def test_every_form_of_date_is_the_same_moment(cell):
    column = pd.Series([cell], dtype=object)
    assert Journals(calls().reindex([0]).assign(date=column)).calls[0].at == 1601542800


@pytest.mark.parametrize(
    "dtype", ["datetime64[ns]", "datetime64[s]", "datetime64[us, Europe/Moscow]", "string", "object"]
)
def test_a_date_columns_dtype_changes_nothing(dtype):
    frame = calls("2020-10-01 12:00:00", None)
    frame["date"] = frame["date"].astype(dtype) if dtype in {"string", "object"} else pd.to_datetime(frame["date"])
    if "Moscow" in dtype:
        frame["date"] = frame["date"].dt.tz_localize("Europe/Moscow")
    frame["date"] = frame["date"].astype(dtype)
    assert [lead.at for lead in Journals(frame).calls] == [1601542800, None]


@pytest.mark.parametrize("cell", [date(2020, 10, 1), "2020-10-01", "01-10-2020"])
def test_a_day_alone_is_its_midnight(cell):
    assert Journals(calls(cell)).calls[0].at == 1601542800 - 12 * 3600


@pytest.mark.parametrize("cell", ["soon", "31-02-2020 12:00:00", "10/01/2020"])
def test_a_date_that_cannot_be_read_is_named_with_its_row(cell):
    with pytest.raises(ConfigError, match=r"row 1 .*dd-mm-YYYY"):
        Journals(calls("01-10-2020 12:00:00", cell))


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pd.Series([123.0, np.nan]), ["123", None]),
        (pd.Series([123, 9007199254740993]), ["123", "9007199254740993"]),
        (pd.Series([123, None], dtype="Int64"), ["123", None]),
        (pd.Series(["123", ""], dtype=object), ["123", None]),
        (pd.Series([" 123.0 ", None], dtype="string"), ["123", None]),
        (pd.Series([123, "a-7.05"], dtype=object), ["123", "a-7.05"]),
        (pd.Series([np.int64(123), np.float32(7)], dtype=object), ["123", "7"]),
        (pd.Series(["123", "x"], dtype="category"), ["123", "x"]),
    ],
)
def test_ids_are_texts_whatever_their_dtype(column, texts):
    frame = calls(NOON, NOON).assign(sipCallId=column)
    assert [lead.ids[2] for lead in Journals(frame).calls] == texts


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("VIP, Москва", {"VIP", "Москва"}),
        ("VIP;Москва ;", {"VIP", "Москва"}),
        (["VIP", " Москва"], {"VIP", "Москва"}),
        (np.array(["VIP"], dtype=object), {"VIP"}),
        (("VIP", None), {"VIP"}),
        ("", set()),
        (None, set()),
        (np.nan, set()),
        (pd.NA, set()),
    ],
)
def test_tags_are_items_of_a_list_or_a_text(cell, tags):
    frame = calls(NOON).assign(callTags=pd.Series([cell], dtype=object))
    assert Journals(frame).calls[0].tags == tags


@pytest.mark.parametrize(
    ("cell", "is_unique"),
    [(True, True), ("true", True), (1.0, True), ("да", True), (False, False), ("0", False), (None, False)],
)
def test_flags_are_read_in_every_form(cell, is_unique):
    frame = calls(NOON).assign(uniqueCall=pd.Series([cell], dtype=object))
    assert Journals(frame).calls[0].unique == is_unique


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8", ","), ("utf-8-sig", ";"), ("cp1251", ";")])
def test_a_csv_is_read_as_the_frame_it_was(tmp_path, encoding, separator):
    frame = calls("01-10-2020 12:00:00", "02-10-2020 12:00:00").assign(callTags="VIP/Москва", sipCallId=[1.0, None])
    path = tmp_path / "звонки.csv"
    frame.to_csv(path, index=False, encoding=encoding, sep=separator)
    assert Journals(path).calls == Journals(str(path)).calls == Journals(frame).calls


def test_a_journal_may_be_empty_or_lack_what_is_not_needed():
    assert Journals(pd.DataFrame(), calls()).calls == []
    bare = Journals(pd.DataFrame({"callId": [5], "date": [NOON]}))
    assert bare.by_id("call", 5).ids == ("5", None, None)
    assert found_id(bare) is None


@pytest.mark.parametrize("name", ["callId", "date"])
def test_a_journal_needs_ids_and_dates(name):
    with pytest.raises(ColumnNotFoundError, match=name):
        Journals(calls(NOON).drop(columns=name))


def test_reading_leaves_the_frame_as_it_was():
    frame = calls("01-10-2020 12:00:00")
    before = frame.copy(deep=True)
    Journals(frame)
    pd.testing.assert_frame_equal(frame, before)


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
        {"requestId": [5], "phoneNumber": [PHONE], "email": ["A@mail.ru"], "date": [NOON - timedelta(days=1)]}
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
    first_is_call = any(minute == first for minute, *_ in is_call)
    candidates = []
    for place, (minute, unique, _) in enumerate(is_call):
        is_first = first_is_call and minute == first and place == [row[0] for row in is_call].index(first)
        fits = {"nearest": True, "nearestUniq": unique, "nearestUniqLead": is_first}[match]
        if fits and abs(minute - at) <= depth and not (look_back_only and minute > at):
            candidates.append((abs(minute - at), minute, place))
    expected = str(min(candidates)[2]) if candidates else None
    moment = (NOON + timedelta(minutes=at)).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    assert found_id(journals, match=match, moment=moment, minutes=depth) == expected
