import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.leads.guess_columns import Roles, find_roles, holds_dates, usable_columns
from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample

PHONES = [f"8 915 777-{place:02}-22" for place in range(60)]
EMAILS = [f"client{place}@mail.example" for place in range(60)]
DATES = [f"{place % 28 + 1:02}.03.2026 10:00" for place in range(60)]
KEYS = [str(31480205 + place) for place in range(60)]


def test_the_sample_export():
    assert find_roles(read_leads(sample("deals.csv"))) == Roles(
        phones=("phone", "phone_2"),
        emails=("email",),
        date="created_at",
        call_id="call_id",
        request_id="request_id",
        key="deal_id",
    )


def test_the_bitrix24_export():
    assert find_roles(read_leads(sample("deals_bitrix24.csv"))) == Roles(
        phones=("Контакт: Рабочий телефон", "Контакт: Мобильный телефон"),
        emails=("Контакт: Рабочий e-mail",),
        date="Дата создания",
        call_id="ID звонка Calltouch",
        request_id="Номер заявки",
        key="ID",
    )


def test_headings_of_amocrm():
    deals = pd.DataFrame(
        {
            "ID сделки": KEYS,
            "Основной контакт": ["Иван Петров"] * 60,
            "Рабочий телефон (контакт)": PHONES,
            "Телефон": [None] * 60,
            "E-mail": EMAILS,
            "Дата закрытия": DATES,
            "Дата создания": DATES,
            "Бюджет": range(60),
        }
    )
    assert find_roles(deals) == Roles(
        phones=("Рабочий телефон (контакт)", "Телефон"), emails=("E-mail",), date="Дата создания", key="ID сделки"
    )


def test_cells_alone_are_enough():
    deals = pd.DataFrame({"a": KEYS, "b": DATES, "c": PHONES, "d": EMAILS, "e": ["1772363338.1008"] * 60})
    assert find_roles(deals) == Roles(phones=("c",), emails=("d",), date="b", call_id="e", key="a")


def test_plain_numbers_are_never_taken_for_a_call():
    deals = pd.DataFrame({"a": KEYS, "b": [1904500022 + place for place in range(60)]})
    assert find_roles(deals).call_id is None
    assert find_roles(deals).request_id is None


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("callId", "call_id"),
        ("sip_call_id", "call_id"),
        ("ИД звонка", "call_id"),
        ("requestId", "request_id"),
        ("ID заявки", "request_id"),
        ("Номер заказа", "request_id"),
        ("lead_id", "key"),
        ("№ сделки", "key"),
        ("Key", "key"),
    ],
)
def test_ids_by_their_headings(heading, role):
    found = find_roles(pd.DataFrame({"x": ["a b"] * 60, heading: KEYS}))
    assert getattr(found, role) == heading


@pytest.mark.parametrize("heading", ["Тип телефона", "phone_id", "Количество телефонов"])
def test_a_heading_that_only_speaks_of_phones(heading):
    assert find_roles(pd.DataFrame({heading: ["мобильный"] * 60})).phones == ()


def test_a_key_that_looks_like_a_phone_stays_the_key():
    found = find_roles(pd.DataFrame({"deal_id": [9157771100 + place for place in range(60)]}))
    assert (found.key, found.phones) == ("deal_id", ())


def test_a_messy_column_of_phones():
    messy = [*PHONES[:20], *["нет", None, "-", "уточнить"] * 10]
    assert find_roles(pd.DataFrame({"Телефон клиента": messy})).phones == ("Телефон клиента",)


def test_dates_of_every_dtype():
    moments = pd.Series(pd.to_datetime(["2026-03-02 10:00"] * 3))
    assert find_roles(pd.DataFrame({"x": moments})).date == "x"
    assert find_roles(pd.DataFrame({"x": moments.dt.tz_localize("UTC")})).date == "x"
    assert find_roles(pd.DataFrame({"x": [20260302] * 3})).date is None


def test_a_frame_without_rows_goes_by_its_headings():
    found = find_roles(pd.DataFrame(columns=["Телефон", "E-mail", "ID звонка", "сумма"]))
    assert found == Roles(phones=("Телефон",), emails=("E-mail",), call_id="ID звонка")
    assert find_roles(pd.DataFrame()) == Roles()


def test_headings_that_are_repeated_or_numbers():
    deals = pd.DataFrame([["a", "b", PHONES[0], "c"]], columns=["x", "x", 0, " "])
    assert usable_columns(deals) == ["0"]
    assert find_roles(deals).phones == ("0",)


def test_columns_in_levels_are_refused():
    with pytest.raises(ConfigError, match="2 levels"):
        find_roles(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])))


def test_lists_and_odd_objects_are_read_without_an_error():
    deals = pd.DataFrame({"a": [[PHONES[0], PHONES[1]], [], None], "b": [{"x": 1}, object(), np.nan]})
    assert find_roles(deals).phones == ("a",)


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (DATES, True),
        (pd.Series(pd.to_datetime(["2026-03-02", None])), True),
        (pd.Series(DATES, dtype="category"), True),
        ([*DATES[:30], *["-", None] * 15], True),
        ([dt.date(2026, 3, 2), pd.Timestamp("2026-03-02 10:00"), None], True),
        (["won", "lost", "01.03.2026"], False),
        ([20260302, 20260303], False),
        (pd.Series([None, None], dtype=object), False),
        (pd.Series(pd.to_datetime([None, None])), False),
        ([], False),
        ([["01.03.2026"]], False),
    ],
)
def test_a_column_of_dates_is_one_whatever_its_dtype(cells, dates):
    assert holds_dates(pd.Series(cells)) == dates


@pytest.mark.parametrize("cells", [["45352.5", "45353,25", None], [45352.5, 45353.25, 45354.0]])
def test_numbers_are_dates_as_excel_stores_them_where_the_heading_says_so(cells):
    deals = pd.DataFrame({"Бюджет": cells, "Дата создания": cells})
    assert find_roles(deals).date == "Дата создания"
    assert find_roles(deals[["Бюджет"]]).date is None
