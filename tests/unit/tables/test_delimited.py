"""Text tables: the encoding and the delimiter are found out, and no row is cut."""

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_files import cells, read_text, text_file

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads

HEADING = "ID;Телефон;Ответственный"
ROWS = ["007;8 (915) 777-11-22;Иванов Иван", "008;+7 915 777-11-22;Щёкина Ольга"]


# Encodings


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


# Delimiters and rows


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_among_quoted_and_foreign_ones(delimiter):
    others = "".join({";", ",", "|"} - {delimiter})
    lines = [
        ["id", "имя, фамилия; |", "сумма"],
        ["1", f'Иван "Ваня" {others}', "1,5"],
        ["2", f"а{delimiter}б\r\nв", "2,5"],
    ]
    quoted = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    frame = read_text(quoted)
    assert cells(frame) == lines[1:]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end):
    assert cells(read_text(end.join(["a;b", "1;2", "3;4", ""]))) == [["1", "2"], ["3", "4"]]


def test_excels_first_line_names_the_delimiter():
    frame = read_text("sep=|\r\na;b|c\r\n1;2|3\r\n")
    assert frame.columns.tolist() == ["a;b", "c"]
    with pytest.raises(ConfigError, match="Line 4 "):
        read_text("sep=;\r\na;b\r\n1;2\r\n1;2;3\r\n")


def test_one_column_needs_no_delimiter():
    frame = read_text("Телефон, основной\n8 915 777-11-22, 8 916 111-22-33\n89157771122\n89157771123\n")
    assert cells(frame) == [["8 915 777-11-22, 8 916 111-22-33"], ["89157771122"], ["89157771123"]]


def test_a_named_delimiter_is_obeyed():
    assert read_text("a;b^c\n1;2^3\n", delimiter="^").columns.tolist() == ["a;b", "c"]
    with pytest.raises(ConfigError, match="one character"):
        read_text("a;b\n", delimiter=";;")


def test_short_rows_are_padded():
    assert cells(read_text("a;b;c\n1\n1;2\n1;2;3\n")) == [["1", None, None], ["1", "2", None], ["1", "2", "3"]]


@pytest.mark.parametrize("at", [1, 2, 300])
def test_a_row_wider_than_the_heading_is_named_and_not_cut(at):
    lines = ["a;b", '1;"2\n3"', *["1;2"] * 400]
    lines[at] = "1;2;3"
    line = "\n".join(lines[:at]).count("\n") + 2
    with pytest.raises(ConfigError, match=f"Line {line} of The table has 3 cells, the heading has 2"):
        read_text("\n".join(lines))


def test_a_row_with_blank_cells_past_the_heading_loses_nothing():
    assert cells(read_text("a;b\n1;2;\n3;4;;\n5;6\n")) == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_a_title_above_the_heading_is_refused_with_advice():
    with pytest.raises(ConfigError, match=r"Line 2 .* delete lines that stand above the heading"):
        read_text("Отчёт за май\nid;phone;stage\n1;2;3\n4;5;6\n")


def test_a_quote_that_is_never_closed_is_named():
    with pytest.raises(ConfigError, match=r"row that begins at line 3 .* never closed"):
        read_text('a;b\n1;2\n3;"ООО Ромашка\n5;6\n7;8\n')


@pytest.mark.parametrize(
    "text",
    [
        ";".join(["a"] * 20_000) + "\n1;2\n",
        "a;b\n1;2" + ";" * 20_000 + "\n3;4\n",
        ";".join(["a"] * 16_385),
    ],
    ids=["heading", "row of blanks", "one line"],
)
def test_more_columns_than_a_sheet_has_are_refused(text):
    with pytest.raises(ConfigError, match=r"Line \d of .* has (20,00\d|16,385) cells; at most 16,384 are read"):
        read_text(text)


def test_as_many_columns_as_a_sheet_has_are_read():
    assert read_text(";".join(f"c{number}" for number in range(16_384)) + "\n1;2\n").shape == (1, 16_384)
