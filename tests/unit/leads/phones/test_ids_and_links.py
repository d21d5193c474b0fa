"""Digits that are no phone by what stands before them or around them."""

import pandas as pd
import pytest

from ctnb.leads.phones.api import parse_phones, phones_in

IVAN = "79161234567"


def read(cell):
    """Read a cell, alone and in a column, which must be the same."""
    found = phones_in(cell)
    column = parse_phones(pd.Series([cell, "89157771122"]))
    assert (tuple(column.values[0].as_py()), column.problems[0]) == found
    return found


@pytest.mark.parametrize(
    "cell",
    [
        "ООО Ромашка, ИНН 7712345678",
        "инн:7712345678",
        "ИНН (7712345678)",
        "ИНН 7712345678 КПП 771201001",
        "Заказ № 9161234567",
        "заказ #9161234567",
        "номер заказа 9161234567",
        "№ заказа: 9161234567",
        "заявка № 89161234567",
        "паспорт 9161 234567",
        "Паспорта: 9161234567",
        "Договор 9161234567",
        "счёт № 9161234567",
        "карта 9161234567",
        "id9161234567",
        "ID = 9161234567",
        "арт. 9161234567",
        "№9161234567",
        "№ 9161234567; id9161234568",
    ],
)
def test_digits_behind_a_label_that_names_no_phone_are_none(cell):
    found = read(cell)
    assert found.contacts == ()
    assert "what stands before it says that it is no phone number" in found.problem


@pytest.mark.parametrize(
    "cell",
    [
        "8 916 123 45 67 ИНН 7712345678",
        "ИНН 7712345678 тел 8 916 123 45 67",
        "ИНН 7712345678 8 916 123 45 67",
        "договор 4512 8 916 123 45 67",
        "договор 4512 9161234567",
        "заявка №12345 8 916 123-45-67",
        "№ 1 8 916 123 45 67",
        "кв 15 9161234567",
        "заказ 8 916 123 45 67",
        "Заказ № +7 916 123 45 67",
        "договор 8 (916) 123-45-67",
        "договор (916) 123-45-67",
        "тел. № 89161234567",
        "номер №: 89161234567",
        "Артём 89161234567",
        "Карина 89161234567",
        "Идрис: 89161234567",
    ],
)
def test_a_phone_beside_such_a_label_is_read(cell):
    assert read(cell).contacts == (IVAN,)


@pytest.mark.parametrize(
    "cell",
    [
        "18+ 8 (916) 123-45-67",
        "18+ 8 (916) 123-45-67 доб. 345",
        "5+ 8-916 123 45 67",
        "18+8(916)1234567",
        "2+1 9161234567 с 9",
        "2+1 8 916 123 45 67",
        "8 916 123 45 67 + 8 916 123 45 67",
        "8(916)123-45-67 + 8(916)123-45-67",
        "8 +7 916 123 45 67",
        "8+7 916 123 45 67",
        "кв 15 + 7 916 123 45 67",
        "заявка №12345 + 7 916 123 45 67",
        "89161234567+ 79161234567",
    ],
)
def test_a_plus_that_belongs_to_digits_before_it_begins_no_number(cell):
    assert read(cell).contacts == (IVAN,)


def test_a_number_abroad_may_follow_a_number_at_once():
    assert read("8 916 123 45 67 +1 985 229 2621").contacts == (IVAN, "19852292621")
    assert read("89161234567+19852292621").contacts == (IVAN, "19852292621")


@pytest.mark.parametrize(
    "cell",
    [
        "+7 999 518033 *2",
        "+7 999 518033*2",
        "+7 999 51803 *21",
        "+7 800 948868 [2]",
        "+7 800 94886 [21]",
        "8 800 621157. 2",
        "8.800.621157. 2",
        "8.800 62115. 22",
        "Иван 8 800 621157. 2",
        "Иван +7 999 518033 *2 вечером",
    ],
)
def test_the_last_digit_of_a_note_completes_no_number(cell):
    assert read(cell).contacts == ()


@pytest.mark.parametrize(
    "cell", ["8 [916] 123-45-67", "[8 916 123 45 67]", "8. 916. 123. 45. 67", "8.916.123.45.67", "8 916 123-45*67"]
)
def test_odd_signs_inside_a_number_are_read(cell):
    assert read(cell).contacts == (IVAN,)


@pytest.mark.parametrize(
    "cell",
    [
        "https://vk.com/id9161234567",
        "vk.com/id9161234567",
        "vk.com/9161234567",
        "https://site.ru/?phone=9161234567&x=1",
        "Почта user9161234567@mail.ru",
        "9161234567@mail.ru",
        "+79161234567@mail.ru",
        "1601550000.9161234567",
        "Asterisk 1601550000.9161234567",
        "доб.9161234567",
    ],
)
def test_no_number_is_taken_out_of_a_link_an_address_or_an_id(cell):
    found = read(cell)
    assert found.contacts == ()
    assert found.problem


@pytest.mark.parametrize(
    "cell",
    [
        "8 916 123 45 67 https://vk.com/id9161234568",
        "https://vk.com/id9161234568 8 916 123 45 67",
        "9161234568@mail.ru, 8 916 123 45 67",
        "8 916 123 45 67 user9161234568@mail.ru",
        "8 916 123 45 67 / 1601550000.9161234568",
        "https://wa.me/79161234567",
        "wa.me/79161234567?text=9161234568",
        "https://api.whatsapp.com/send?phone=79161234567",
        "https://t.me/+79161234567",
        "916.1234567",
    ],
)
def test_a_phone_beside_a_link_or_in_one_that_is_a_phone_is_read(cell):
    assert read(cell) == ((IVAN,), None)


def test_an_extension_of_ten_digits_is_no_number_but_a_problem():
    found = read("8 916 123 45 67 доб.9161234568")
    assert found.contacts == (IVAN,)
    assert "9161****68" in found.problem


@pytest.mark.parametrize(
    "cell", ["９１６１２３４５６７", "８ （９１６） １２３－４５－６７", "٩١٦١٢٣٤٥٦٧", "Иван ９１６ １２３ ４５ ６７"]
)
def test_digits_of_other_scripts_are_read(cell):
    assert read(cell) == ((IVAN,), None)


def test_a_parenthesis_without_digits_behind_a_label_raises_nothing():
    assert read("кв 49 (").contacts == ()
