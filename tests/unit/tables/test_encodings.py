"""Encodings are found out, and what is not in them is mended or refused, never read as rubbish."""

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_files import cells, notes, text_file

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads

HEADING = "ID;Телефон;Ответственный"
ROWS = ["007;8 (915) 777-11-22;Иванов Иван", "008;+7 915 777-11-22;Щёкина Ольга"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251", "cp866", "koi8_r", "mac_cyrillic"],
)
def test_the_encoding_is_found(tmp_path, encoding):
    text = "\r\n".join([HEADING, *ROWS * 5, ""])
    frame = read_leads(text_file(tmp_path, text, encoding=encoding))
    assert frame.columns.tolist() == HEADING.split(";")
    assert cells(frame) == [row.split(";") for row in ROWS * 5]


SHORT = [
    "Телефон",
    "тел",
    "Имя",
    "Я;Ты",
    "id;phone;город",
    "ОТВЕТСТВЕННЫЙ;ТЕЛЕФОН",
    "№;Клиент;Тел.",
    "Сделка;Телефон (рабочий);E-mail",
    "id\r\nНовая заявка\r\nООО «Ромашка»\r\n№ 15 — срочно\r\n",
    "Телефон\r\n№7\r\na@mail.ru\r\n",
    "Я\r\n№7\r\n№ 15 — срочно\r\n10 000\u00a0р.\r\nг. Москва, ул. Ленина, д. 5\r\n",
    "ID\r\nЩёкин Ёж\r\nзвонок…\r\n„Заря“\r\n",
]


@pytest.mark.parametrize("text", SHORT)
def test_a_short_windows_table_is_read_as_nothing_else(text):
    frame = read_leads(io.BytesIO(text.encode("cp1251")), delimiter=";")
    expected = read_leads(io.BytesIO(text.encode("utf-8")), delimiter=";")
    pd.testing.assert_frame_equal(frame, expected)


WORDS = st.sampled_from(
    [
        "Телефон",
        "Сделка",
        "Этап",
        "Иванов",
        "ООО",
        "№7",
        "—",
        "«Ромашка»",
        "НЕДОЗВОН",
        "заявка",
        "Яна",
        "доб.",
        "Ёлкина",
        "я",
    ]
)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=8))
def test_words_of_a_crm_in_windows_1251_come_back(lines):
    frame = read_leads(io.BytesIO("\r\n".join(lines).encode("cp1251")), delimiter=";")
    assert [frame.columns[0], *frame.iloc[:, 0]] == lines


def test_a_named_encoding_is_obeyed_and_its_failure_names_the_place(tmp_path):
    file = text_file(tmp_path, "id;имя\n1;Ян\n", encoding="cp866")
    assert read_leads(file, encoding="cp866").columns.tolist() == ["id", "имя"]
    with pytest.raises(ConfigError, match=r"is not utf-8: byte 3 \(line 1\) is 0xa8"):
        read_leads(file, encoding="utf-8")
    with pytest.raises(ConfigError, match="that Python knows"):
        read_leads(file, encoding="windows-russian")


def test_damaged_utf8_is_refused_rather_than_read_as_rubbish():
    data = "id;имя\n1;Иван\n".encode().replace("а".encode(), b"\xd0")
    with pytest.raises(ConfigError, match=r"UTF-8 with damage at byte \d+ \(line 2\)"):
        read_leads(io.BytesIO(data))


def test_utf16_without_a_mark_is_refused_with_advice():
    data = "id;name\n1;Ivan\n".encode("utf-16-le")
    with pytest.raises(ConfigError, match="utf-16-le"):
        read_leads(io.BytesIO(data))
    assert read_leads(io.BytesIO(data), encoding="utf-16-le").columns.tolist() == ["id", "name"]


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8_r"])
@pytest.mark.parametrize("named", [True, False])
def test_a_line_of_utf8_among_others_is_mended_and_noted(encoding, named):
    lines = [HEADING, *(f"{number};8 915 777-11-22;Договор №{number % 7}" for number in range(100))]
    data = [line.replace("№", "N").encode(encoding) for line in lines]
    data[50] = "49;8 915 777-11-22;Договор №49".encode()
    frame = read_leads(io.BytesIO(b"\r\n".join(data)), encoding=encoding if named else None)
    assert frame.iloc[49].tolist() == ["49", "8 915 777-11-22", "Договор №49"]
    assert frame.iloc[50, 2] == "Договор N1"
    assert notes(frame) == {"encoding": 1}


def test_a_line_of_two_encodings_is_refused_by_its_number():
    data = [f"{number};Договор;Иванов".encode("cp1251") for number in range(100)]
    data[50] = "50;Договор;".encode("cp1251") + "Иванов".encode()
    with pytest.raises(ConfigError, match=r"Line 52 .* would be read as rubbish"):
        read_leads(io.BytesIO("id;Этап;Имя\n".encode("cp1251") + b"\n".join(data)))


def test_capitals_that_look_like_utf8_are_left_alone():
    text = "id;Имя\n1;РС№ СЁ РЁ\n2;СЃР\n"
    assert cells(read_leads(io.BytesIO(text.encode("cp1251")), encoding="cp1251"))[0] == ["1", "РС№ СЁ РЁ"]


def test_a_line_of_windows_1251_among_utf8_is_refused_by_its_number():
    data = [f"{number};Договор".encode() for number in range(100)]
    data[50] = "50;Договор".encode("cp1251")
    with pytest.raises(ConfigError, match=r"line 52"):
        read_leads(io.BytesIO("id;Этап\n".encode() + b"\n".join(data)))
