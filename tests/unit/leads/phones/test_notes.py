import pandas as pd
import pyarrow as pa
import pytest

from ctnb.leads.phones.api import are_placeholders, parse_phones, phones_in

IVAN = "79157771122"
PETR = "79167771133"


@pytest.mark.parametrize(
    "cell",
    [
        "8 915 777 11 22 2 подъезд",
        "8 (915) 777-11-22 (2 шт)",
        "89157771122 5-й этаж",
        "8 915 777-11-22 10 утра",
        "8-915-777-11-22 2-3 шт",
        "89157771122 2024 год",
        "89157771122 22 Ореховая",
        "8915 777 11 22 2024 г",
        "8 915 777-11-22 звонить после 18:00",
        "8 915 777-11-22 12.03.2024",
        "12:30 +7 915 777-11-22 Иван",
        "8 915 777-11-22 18.00 звонить",
        "+7 915 777-11-22, 2 шт",
        "8 915 777-11-22 вн. 123",
        "8 915 777-11-22 x12 Иван",
        "1. 8 915 777-11-22 Иван",
        "1) 89157771122",
        "договор 4512 8 915 777-11-22",
        "договор 4512 9157771122 Иван",
        "заявка №12345 8 915 777-11-22",
        "кв 15 8 915 777-11-22",
        "д.4 кв.15 8 915 777-11-22",
        "квартира 8 8 915 777 11 22",
        "код домофона 1234 8 915 777-11-22",
        "89157771122Зина",
        "☎ 8 915 777-11-22 (Иван)",
        "8 +7 915 777-11-22",
    ],
)
def test_a_number_is_read_beside_a_note(cell):
    found = phones_in(cell)
    assert found.contacts == (IVAN,)
    assert list(parse_phones(pd.Series([cell])).problems) == [found.problem]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("+380 (98) 678-04-39 2 шт", "380986780439"),
        ("+998 (91) 099-23-59 2 раза", "998910992359"),
        ("+374 (96) 79-46-50 10 утра", "37496794650"),
        ("8 +380 98 678 04 39 Иван", "380986780439"),
        ("8 10 380 98 678-04-39 этаж 3", "380986780439"),
        ("+49 30 1234567 2 шт", "49301234567"),
    ],
)
def test_a_number_of_another_country_stays_what_it_is(cell, phone):
    assert phones_in(cell).contacts == (phone,)


@pytest.mark.parametrize(
    "cell",
    [
        "8 (994) 109-15-7 2 шт",
        "8 931 136 55 2 5 этаж",
        "8 931 136 55 10 утра",
        "8 931 136 55 2 5-й этаж",
        "8 931 136 55 2 5 floor",
        "8 931 136 55 2/5",
        "8915 777 11 22 2024 Иван",
        "т. 80 (971) 292 23 33",
        "заказ 80 (971) 292 23 33",
        "дом. 996 7070312684",
        "0049 30 12345678 Иван",
        "(098) 678-04-39 2 шт",
        "8 555 12 34 56",
        "8 842 212 34 5",
        "80 96 79 46 50",
        "3. 917509599",
        "3. -913660195 12:30",
        "+7 912 635 23 2 5 5 этаж",
        "+7-912-529-47 22 Ореховая",
        "+49 30 1234567 2 Ореховая",
        "+373-625 014 10-12 утра",
        "8 912 635 23 18.00 звонить",
        "1-800-FLOWERS",
        "8 915 777 112 abc",
    ],
)
def test_neither_a_part_of_a_number_nor_a_digit_of_a_note_is_read(cell):
    found = phones_in(cell)
    assert found.contacts == ()
    assert found.problem


@pytest.mark.parametrize(
    "cell",
    [
        "8 0 989 385 86 О2",
        "8 915 777 11 2О",
        "8 (98З) 385-86-02",
        "8 915 777 l1 22",
        "8 989 385 86 О 2",
        "+49 30 12345б7",
        "89157771122О Иван",
        "О89157771122",
        "972-50-234-52-б6",
    ],
)
def test_a_letter_among_the_digits_is_a_mistake_and_is_named(cell):
    found = phones_in(cell)
    assert found.contacts == ()
    assert "a letter stands among the digits" in found.problem


@pytest.mark.parametrize(
    "cell",
    [
        "1) 8 915 777-11-22 2) 8 916 777-11-33",
        "1. 89157771122\n2. 89167771133",
        "моб 89157771122 раб 8 916 777 11 33",
        "+79157771122 Иван +79167771133 Пётр",
    ],
)
def test_lists_of_numbers_are_read(cell):
    assert phones_in(cell) == ((IVAN, PETR), None)


def test_a_stretch_that_could_not_be_read_is_named_beside_the_good_one():
    found = phones_in("моб 8 915 777 11 2 раб 8 916 777 11 33")
    assert found.contacts == (PETR,)
    assert found.problem == "'8 915 *** *1 2': not in the numbering plan, check the digits"
    found = phones_in("договор 91234567 8 916 777-11-33")
    assert found.contacts == (PETR,)
    assert "'9******7'" in found.problem or "***" in found.problem


def test_few_digits_beside_a_good_number_are_no_problem():
    assert phones_in("кв 15 этаж 3 89157771122") == ((IVAN,), None)


def test_placeholders_are_told_from_numbers():
    typed = ["79999999999", "70000000000", "79111111111", "79001234567", "71234567890", "79876543210", "74951111111"]
    real = ["79157771122", "74951234568", "79991112233", "375291234567"[:-1] + "8", "380986780439"]
    numbers = pa.array([*typed, *real, None], pa.large_string())
    assert are_placeholders(numbers).tolist() == [True] * len(typed) + [False] * (len(real) + 1)
