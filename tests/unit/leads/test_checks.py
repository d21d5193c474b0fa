"""Each finding of `Plan.checks`: on data that has it, and on data that has not."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Emulator, RequestContact

RULES = [
    Call("call_id"),
    CallContact(["phone", "phone_2"], "created_at", depth="2h"),
    RequestContact("created_at", phones=["phone"], emails=["email"], depth="7d"),
]
TEXT = "{stage}: {manager}"
DAY = datetime(2024, 3, 1, 10, 7, tzinfo=UTC)


def deals(count=60, **columns):
    """Return clean deals; a column that is given is laid over its first rows."""
    numbers = range(count)
    found = {
        "deal_id": [f"D-{number}" for number in numbers],
        "call_id": [str(1_900_000 + number) for number in numbers],
        "phone": [f"8915{(number * 7919 + 1_234_000) % 10_000_000:07}" for number in numbers],
        "phone_2": [None] * count,
        "email": [f"client{number}@mail.ru" for number in numbers],
        "created_at": [f"{DAY + timedelta(hours=number):%d.%m.%Y %H:%M}" for number in numbers],
        "stage": ["won"] * count,
        "manager": ["Anna"] * count,
    }
    frame = pd.DataFrame(found, dtype=object)
    for name, cells in columns.items():
        frame.loc[: len(cells) - 1, name] = pd.Series(cells, dtype=object)
    return frame


def checks(frame, rules=RULES, text=TEXT, **options):
    return ctnb.plan(frame, rules, text, **{"key": "deal_id"} | options).checks


def only(found, code):
    """Return a finding, of which there must be one, and nothing else."""
    assert found["code"].tolist() == [code]
    return found.iloc[0]


def test_clean_data_has_no_finding():
    found = checks(deals())
    assert len(found) == 0
    assert found.columns.tolist() == ["code", "severity", "rows", "column", "message", "advice"]
    assert len(checks(deals(0))) == 0


def test_the_gravest_come_first():
    found = checks(deals(manager=[None], phone=["79999999999", "79999999999"], call_id=["7"] * 9), key=None)
    assert found["severity"].tolist() == ["grave", "grave", "warning", "note"]
    assert found["code"].tolist() == ["no_key", "one_id", "placeholder_numbers", "half_empty"]
    assert found["message"].notna().all()
    assert found["advice"].notna().all()


# ---- the key ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "likely"), [("deal_id", "deal_id"), ("ID", "ID"), ("№ сделки", "№ сделки"), ("x", None)]
)
def test_no_key_is_grave_and_names_a_column_that_looks_like_one(name, likely):
    found = only(checks(deals().rename(columns={"deal_id": name}), key=None), "no_key")
    assert (found["severity"], found["rows"]) == ("grave", 60)
    if likely is None:
        assert pd.isna(found["column"])
    else:
        assert found["column"] == likely
        assert repr(likely) in found["message"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Сделка",
            "№ заказа",
            "Номер заказа",
            "Заявка",
            "Лид",
            "Номер",
            "ID сделки",
            "Код",
            "Номер заявки",
            "Заказ №",
        ),
        *("Номер сделки", "ID заказа", "Код заявки", "order", "order_id", "orderId", "lead_id", "Order number", "Lead"),
    ],
)
def test_the_headings_of_a_likely_key(name):
    frame = deals(deal_id=[31_480_205 + number for number in range(60)]).rename(columns={"deal_id": name})
    assert checks(frame, key=None)["column"].iloc[0] == name


@pytest.mark.parametrize("name", ["Сделка", "Номер заказа"])
@pytest.mark.parametrize("form", ["D-{}", "Сделка #{}", "№ {}", "2024/{}"])
def test_the_cells_of_a_likely_key(name, form):
    frame = deals(deal_id=[form.format(31_480_205 + number) for number in range(60)]).rename(columns={"deal_id": name})
    assert checks(frame, key=None)["column"].iloc[0] == name


def test_a_number_of_ten_digits_is_no_phone_where_the_heading_says_so():
    frame = deals(deal_id=[str(9_157_771_122 + number) for number in range(60)])
    assert checks(frame.rename(columns={"deal_id": "Номер заказа"}), key=None)["column"].iloc[0] == "Номер заказа"
    assert pd.isna(checks(frame.rename(columns={"deal_id": "Номер"}), key=None)["column"].iloc[0])


@pytest.mark.parametrize("name", ["Сделка", "Заявка", "Номер", "Заказ"])
@pytest.mark.parametrize(
    "cells",
    [
        [f"8 915 777-{number:02}-22" for number in range(60)],
        [f"{1 + number % 28:02}.{1 + number // 28:02}.2024" for number in range(60)],
        [f"2024-{1 + number // 28:02}-{1 + number % 28:02}" for number in range(60)],
        [f"Окна ПВХ, дом {number}" for number in range(60)],
        [None, *(str(number) for number in range(59))],
        [str(number % 30) for number in range(60)],
        [number + 0.5 for number in range(60)],
    ],
    ids=["phones", "dates", "ISO dates", "words", "blank", "repeated", "fractions"],
)
def test_a_heading_alone_makes_no_likely_key(name, cells):
    found = checks(deals(deal_id=cells).rename(columns={"deal_id": name}), key=None)
    assert pd.isna(found["column"].iloc[0])


@pytest.mark.parametrize("name", ["Номер телефона", "Номер звонка", "Номер клиента", "Сумма заказа", "Код города", "x"])
def test_a_heading_of_something_else_is_no_likely_key(name):
    found = checks(deals().rename(columns={"deal_id": name}), key=None)
    assert pd.isna(found["column"].iloc[0])


def test_a_likely_key_may_stand_in_the_comment_and_is_none_that_a_rule_reads():
    found = checks(deals(), text="{deal_id}: {stage}", key=None)
    assert found["column"].iloc[0] == "deal_id"
    frame = deals().rename(columns={"call_id": "Номер заявки"})
    rules = [ctnb.Request("Номер заявки"), *RULES[1:]]
    assert checks(frame, rules, key=None)["column"].iloc[0] == "deal_id"
    assert pd.isna(checks(frame.drop(columns="deal_id"), rules, key=None)["column"].iloc[0])


def test_a_column_whose_cells_repeat_is_no_key():
    found = only(checks(deals(deal_id=["D-1"] * 30), key=None), "no_key")
    assert pd.isna(found["column"])


def test_a_blank_key():
    found = only(checks(deals(deal_id=[None, " ", "-"])), "blank_key")
    assert (found["rows"], found["column"], found["severity"]) == (3, "deal_id", "warning")


def test_a_key_that_is_blank_in_half_of_the_rows_is_grave():
    assert only(checks(deals(deal_id=[None] * 29)), "blank_key")["severity"] == "warning"
    found = only(checks(deals(deal_id=[None] * 30)), "blank_key")
    assert (found["rows"], found["severity"]) == (30, "grave")


def test_a_key_with_several_texts():
    found = only(checks(pd.concat([deals(), deals(2, stage=["lost", "lost"])])), "key_texts")
    assert (found["rows"], found["column"]) == (4, "deal_id")
    assert len(checks(pd.concat([deals(), deals(2)]))) == 0


def test_a_key_with_other_contacts():
    found = only(checks(pd.concat([deals(), deals(1, phone=["89261112277"])])), "key_contacts")
    assert (found["rows"], found["column"], found["severity"]) == (2, "deal_id", "note")


@pytest.mark.parametrize(("rows", "severity"), [(30, "grave"), (29, "warning"), (6, "warning"), (5, "note")])
def test_a_key_of_different_deals_is_as_grave_as_the_rows_are_many(rows, severity):
    managers = [f"manager {number % (2 if rows < 10 else 5)}" for number in range(rows)]
    found = only(checks(deals(deal_id=managers)), "key_contacts")
    assert (found["rows"], found["severity"]) == (rows, severity)
    assert f"{len(set(managers))} comments for {rows} rows" in found["message"]


def test_a_key_of_different_ids_is_no_deals_where_no_contact_says_otherwise():
    managers = ["Иванов"] * 50 + ["Петров"] * 50
    by_manager = deals(100, deal_id=managers)
    found = checks(by_manager, Call("call_id"), text="Новая")
    assert found["code"].tolist() == ["key_contacts", "searches_left_out"]
    assert found["severity"].tolist() == ["grave", "warning"]
    assert found["rows"].tolist() == [100, 100]
    assert "2 comments for 100 rows" in found["message"].iloc[0]
    # The rows are not invalid: an export may have a row for each call of a deal.
    assert ctnb.plan(by_manager, Call("call_id"), "Новая", key="deal_id").counts["ready"] == 100
    nameless = deals(30, deal_id=["Иванов"] * 20, phone=[None] * 20, email=[None] * 20)
    assert only(checks(nameless), "key_contacts")["rows"] == 20


def test_several_calls_of_one_deal_are_no_finding_where_its_contacts_are_the_same():
    again = deals(30)
    again["call_id"] = [str(2_900_000 + number) for number in range(30)]
    assert len(checks(pd.concat([deals(30), again]))) == 0


def test_a_key_of_different_deals_is_a_note_where_no_comment_is_lost():
    frame = deals(deal_id=["Anna"] * 9, stage=[f"stage {number}" for number in range(9)])
    found = checks(frame).set_index("code")
    assert found["severity"].to_dict() == {"key_texts": "warning", "key_contacts": "note"}
    assert "9 comments for 9 rows" in found.loc["key_contacts", "message"]


def test_searches_that_one_lead_has_too_many_of():
    frame = pd.concat([deals(), *[deals(1).assign(call_id=str(3_000_000 + number)) for number in range(20)]])
    found = only(checks(frame), "searches_left_out")
    assert (found["rows"], found["column"], found["severity"]) == (21, "deal_id", "warning")
    assert len(checks(frame[:-3])) == 0


def test_a_key_of_more_than_twenty_contacts():
    frame = deals(deal_id=["0"] * 25)
    found = checks(frame)
    assert found["code"].tolist() == ["repeated_key"]
    assert (found["rows"].iloc[0], found["severity"].iloc[0]) == (25, "grave")


def test_the_same_contacts_on_other_dates_without_a_key():
    rules = RULES[1:]
    repeated = pd.concat([deals(), deals(2, created_at=["05.03.2024 11:01", "06.03.2024 11:01"])])
    found = checks(repeated, rules, key=None)
    assert found["code"].tolist() == ["no_key", "one_lead_other_dates"]
    assert (found["rows"].iloc[1], found["column"].iloc[1]) == (4, "created_at")
    assert checks(pd.concat([deals(), deals(2)]), rules, key=None)["code"].tolist() == ["no_key"]


# ---- contacts and ids ---------------------------------------------------------------------------


def test_an_office_line_in_every_cell():
    found = only(checks(deals(phone_2=["8 (495) 123-88-07"] * 60)), "one_contact")
    assert (found["rows"], found["column"], found["severity"]) == (60, "phone, phone_2", "grave")
    assert "+7 495 ***-**-07 is on 60 deals" in found["message"]


def test_one_number_on_some_deals_is_a_warning():
    assert only(checks(deals(500, phone=["8 (495) 123-88-07"] * 12)), "one_contact")["severity"] == "warning"
    assert len(checks(deals(500, phone=["8 (495) 123-88-07"] * 9))) == 0


def test_one_email_on_many_deals():
    found = only(checks(deals(email=["info@firm.ru"] * 30)), "one_contact")
    assert found["column"] == "email"
    assert "i***@firm.ru is on 30 deals" in found["message"]


def test_many_rows_of_one_deal_are_one_deal():
    frame = pd.concat([deals(30), *[deals(1)] * 20])
    assert len(checks(frame)) == 0


def test_a_lead_id_on_many_deals():
    found = only(checks(deals(call_id=["1900000"] * 40)), "one_id")
    assert (found["rows"], found["column"], found["severity"]) == (40, "call_id", "grave")
    assert "1900000 is on 40 deals" in found["message"]
    assert len(checks(deals(call_id=["1900000"] * 4))) == 0


@pytest.mark.parametrize("phone", ["79999999999", "+7 900 123-45-67"])
def test_placeholder_numbers(phone):
    found = only(checks(deals(phone=[phone] * 3)), "placeholder_numbers")
    assert (found["rows"], found["column"]) == (3, "phone, phone_2")


def test_damaged_ids():
    found = only(checks(deals().assign(call_id=[1.9e18 + number * 1e9 for number in range(60)]), RULES), "damaged_ids")
    assert (found["rows"], found["column"], found["severity"]) == (60, "call_id", "grave")


# ---- cells --------------------------------------------------------------------------------------


def test_a_column_that_is_nearly_all_unreadable():
    found = only(checks(deals(phone_2=["нет номера, спросить"] * 50)), "unreadable_column")
    assert (found["rows"], found["column"], found["severity"]) == (50, "phone_2", "grave")
    assert "50 of 50 cells" in found["message"]
    assert len(checks(deals(phone=["нет номера"] * 20))) == 0


def test_a_column_of_dates_that_cannot_be_read():
    found = only(checks(deals(created_at=["вчера"] * 60)), "unreadable_column")
    assert found["column"] == "created_at"


def test_comments_half_of_whose_fields_are_empty():
    found = only(checks(deals(manager=[None, "", "Anna"])), "half_empty")
    assert (found["rows"], found["severity"]) == (2, "note")
    assert only(checks(deals(manager=[None] * 30)), "half_empty")["severity"] == "warning"
    assert len(checks(deals(manager=[None]), text="{stage}: {manager} {deal_id}")) == 0
    assert len(checks(deals(manager=[None]), text="{stage}")) == 0
    assert only(checks(deals(manager=[pd.NA, 5, " ", float("nan"), ("a",)])), "half_empty")["rows"] == 3


# ---- dates --------------------------------------------------------------------------------------


def test_dates_without_a_time():
    days = [f"{1 + number % 28:02}.03.2024" for number in range(60)]
    found = only(checks(deals(created_at=days)), "dates_without_time")
    assert (found["rows"], found["column"], found["severity"]) == (60, "created_at", "warning")
    assert "120 minutes" in found["message"]
    assert only(checks(deals(created_at=days), RULES[2]), "dates_without_time")["severity"] == "note"
    assert len(checks(deals(created_at=days[:10]))) == 0


def test_dates_of_which_many_have_no_time():
    days = [f"{1 + number % 28:02}.03.2024" for number in range(60)]
    found = only(checks(deals(created_at=days[:50])), "dates_without_time")
    assert (found["rows"], found["severity"]) == (50, "warning")
    assert "50 of 60 dates have no time" in found["message"]
    assert len(checks(deals(created_at=days[:30]))) == 1
    assert len(checks(deals(created_at=days[:29]))) == 0


def test_dates_of_the_future():
    found = only(checks(deals(created_at=["01.03.2099 10:00", "02.03.2099 10:00"])), "future_dates")
    assert (found["rows"], found["column"]) == (2, "created_at")


# ---- the ledger ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vendor():
    calls = pd.DataFrame({"callId": range(1_900_000, 1_900_060), "date": "01-03-2024 10:00:00"})
    with Emulator(calls, rate=None) as started:
        yield started


def commented(vendor, frame, **options):
    return ctnb.comment(frame, RULES, TEXT, connection=vendor.connection, progress=False, **options)


def test_another_text_and_other_names(vendor):
    commented(vendor, deals(), key="deal_id", job="one")
    changed = deals(stage=["lost"] * 12)
    found = only(checks(changed, connection=vendor.connection, job="one"), "changed_text")
    assert (found["rows"], found["severity"]) == (12, "warning")
    assert found["message"].startswith("12 deals already have another text")
    assert len(checks(deals(), connection=vendor.connection, job="one")) == 0
    found = checks(deals(), connection=vendor.connection, job="one", key=None)
    assert found["code"].tolist() == ["no_key", "other_naming"]
    assert found["severity"].tolist() == ["grave", "grave"]
    assert "60 comments that may be in the account" in found["message"].iloc[1]


# ---- where they are shown -----------------------------------------------------------------------


def test_the_card_shows_them_without_contacts():
    plan = ctnb.plan(deals(phone_2=["8 (495) 123-88-07"] * 60), RULES, TEXT)
    card = plan._repr_html_()
    assert "+7 495 ***-**-07 is on 60 deals" in card
    assert "Give key= with the column" in card
    assert "1238807" not in card + plan.checks.to_string()


def test_they_are_in_the_language_in_force():
    plan = ctnb.plan(deals(), RULES, TEXT)
    ctnb.set_language("ru")
    assert plan.checks["message"].iloc[0].startswith("Ключ не указан")


def test_a_frame_of_findings_has_the_same_dtypes_however_many_there_are():
    none, some = checks(deals()), checks(deals(), key=None)
    assert none.dtypes.astype(str).to_dict() == some.dtypes.astype(str).to_dict()


def test_nothing_is_known_of_a_ledger_that_is_not_there(tmp_path):
    connection = Connection(1, "token", base_url="http://127.0.0.1:1", ledger=tmp_path / "none.sqlite3")
    assert len(checks(deals(), connection=connection)) == 0
