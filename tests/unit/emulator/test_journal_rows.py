"""The rows of the emulator's journals: cells in every shape become the same leads."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.emulator.journal_rows import normal_phone
from ctnb.emulator.journals import Journals
from ctnb.exceptions import ColumnNotFoundError, ConfigError

NOON = datetime.fromisoformat("2020-10-01T12:00:00")
PHONE = "79157771122"


def calls(*dates):
    return pd.DataFrame({"callId": range(len(dates)), "callerNumber": PHONE, "date": dates, "uniqueCall": True})


@pytest.mark.parametrize(
    ("text", "digits"),
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
def test_a_phone_becomes_the_vendors_digits(text, digits):
    assert normal_phone(text) == digits


@given(
    st.from_regex(r"[0-9]{10,11}", fullmatch=True),
    st.lists(st.sampled_from(" -()+.\u00a0доб"), min_size=11, max_size=11),
)
def test_signs_between_digits_change_nothing(digits, signs):
    text = "".join(sign + digit for sign, digit in zip(signs, digits, strict=False))
    assert normal_phone(text) == normal_phone(digits)
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


@pytest.mark.parametrize("name", ["callId", "date"])
def test_a_journal_needs_ids_and_dates(name):
    with pytest.raises(ColumnNotFoundError, match=name):
        Journals(calls(NOON).drop(columns=name))


def test_reading_leaves_the_frame_as_it_was():
    frame = calls("01-10-2020 12:00:00")
    before = frame.copy(deep=True)
    Journals(frame)
    pd.testing.assert_frame_equal(frame, before)
