"""Tables come in as they were typed, and go out so that nothing runs and nothing is lost."""

from __future__ import annotations

import io
from datetime import datetime, time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb.tables.files
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.files import check_writable, read_leads, write_table

DATA = Path(__file__).parents[3] / "data"
HEADING = "ID;Телефон;Ответственный"
ROWS = ["007;8 (915) 777-11-22;Иванов Иван", "008;+7 915 777-11-22;Щёкина Ольга"]


def text_file(folder, text, *, name="deals.csv", encoding="utf-8"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def workbook(folder, *rows, name="deals.xlsx", title="Сделки"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = folder / name
    book.save(file)
    return file


def cells(frame):
    """Rows as lists, missing as None."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.astype(object).to_numpy().tolist()]


def read_text(text, **options):
    return read_leads(io.BytesIO(text.encode("utf-8")), **options)


# --- what is typed stays ---


def test_ids_and_phones_stay_the_text_that_was_typed():
    typed = [
        "007",
        "79157771122.0",
        "7.9157771122E+10",
        "+79157771122",
        "1234567890123456789",
        "NA",
        "nan",
        "None",
        "-0",
    ]
    frame = read_text("id;n\n" + "".join(f"{value};1\n" for value in typed))
    assert frame["id"].tolist() == typed
    assert frame["n"].tolist() == ["1"] * len(typed)


def test_text_has_the_string_dtype_of_the_running_pandas():
    frame = read_text("id;blank\n1;\n")
    assert frame["id"].dtype == pd.Series(["a"]).dtype
    assert frame["blank"].dtype == pd.Series(["a"]).dtype


def test_blank_cells_are_missing_and_spaces_around_text_are_kept():
    frame = read_text('a;b;c\n;"";\u00a0 \n x ;y;z\n0;;\n')
    assert cells(frame) == [[" x ", "y", "z"], ["0", None, None]]


def test_wholly_blank_rows_and_nameless_empty_columns_are_left_out():
    frame = read_text("\n;;;\nid;;phone;\n1;;2;\n;;;\n\n3;;4;\n")
    assert frame.columns.tolist() == ["id", "phone"]
    assert cells(frame) == [["1", "2"], ["3", "4"]]
    assert frame.index.equals(pd.RangeIndex(2))


def test_a_named_column_without_data_is_kept():
    assert read_text("id;phone\n1;\n").columns.tolist() == ["id", "phone"]


def test_headings_are_cleaned_numbered_and_named():
    frame = read_text('\ufeff id \u00a0;phone;"Дата\nсоздания";phone;;e\u00a0mail\n1;2;3;4;5;6\n')
    assert frame.columns.tolist() == ["id", "phone", "Дата создания", "phone.1", "Unnamed: 4", "e mail"]


def test_a_file_of_headings_alone_is_a_frame_without_rows():
    frame = read_text("id;phone\n")
    assert frame.columns.tolist() == ["id", "phone"]
    assert len(frame) == 0


# --- encodings ---


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
    with pytest.raises(ConfigError, match="Python does not know"):
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


# --- delimiters and rows ---


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


# --- workbooks ---


def test_numbers_of_a_workbook_are_the_digits_that_people_see(tmp_path):
    file = workbook(
        tmp_path,
        ["телефон", "номер", 2024],
        [79157771122, 5.25, True],
        [79157771122.0, 0.1 + 0.2, False],
        [7.9157771122e10, 1e-7, "NA"],
        ["007", 1e22, time(12, 30)],
    )
    frame = read_leads(file)
    assert frame.columns.tolist() == ["телефон", "номер", "2024"]
    assert frame["телефон"].tolist() == ["79157771122"] * 3 + ["007"]
    assert frame["номер"].tolist() == ["5.25", "0.3", "0.0000001", "1" + "0" * 22]
    assert frame["2024"].tolist() == ["True", "False", "NA", "12:30:00"]
    assert (frame.dtypes == pd.Series(["a"]).dtype).all()


def test_a_column_of_dates_is_datetime_and_a_mixed_one_is_iso_text(tmp_path):
    moment = datetime(2024, 5, 1, 12, 30)  # noqa: DTZ001 - a workbook's dates have no zone
    frame = read_leads(workbook(tmp_path, ["all", "mixed"], [moment, moment], [None, "вчера"], [moment, 5]))
    assert frame["all"].dtype.kind == "M"
    assert frame["all"].tolist() == [pd.Timestamp(moment), pd.NaT, pd.Timestamp(moment)]
    assert frame["mixed"].tolist() == ["2024-05-01 12:30:00", "вчера", "5"]


def test_blank_rows_and_columns_of_a_workbook_are_left_out(tmp_path):
    frame = read_leads(workbook(tmp_path, [None], ["id", None, "phone"], [None, " "], ["1", None, 2, "note"]))
    assert frame.columns.tolist() == ["id", "phone", "Unnamed: 3"]
    assert cells(frame) == [["1", "2", "note"]]


def test_a_sheet_is_chosen_by_place_or_name(tmp_path):
    file = workbook(tmp_path, ["id"], ["1"])
    assert cells(read_leads(file, sheet="Сделки")) == [["1"]]
    for sheet in (1, "Лист2"):
        with pytest.raises(ConfigError, match="has 'Сделки'"):
            read_leads(file, sheet=sheet)


def test_a_workbook_without_openpyxl_says_what_to_install(tmp_path, monkeypatch):
    file = workbook(tmp_path, ["id"], ["1"])
    monkeypatch.setattr(ctnb.tables.files, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ctnb\[excel\]"):
        read_leads(file)
    with pytest.raises(MissingExtraError, match=r"ctnb\[excel\]"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.xlsx")


def test_a_workbook_named_csv_is_read_as_what_it_is(tmp_path):
    assert cells(read_leads(workbook(tmp_path, ["id"], ["1"], name="deals.csv"))) == [["1"]]


# --- files that cannot be read ---


def test_a_missing_file_names_the_nearest(tmp_path):
    text_file(tmp_path, "a\n1\n")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'deals\.csv'\?"):
        read_leads(tmp_path / "deal.csv")
    with pytest.raises(FileNotFoundError, match="no folder"):
        read_leads(tmp_path / "nowhere" / "deals.csv")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\r\n", b";;;\n;;;\n", "\u00a0\n".encode()])
def test_an_empty_file_is_refused(tmp_path, content):
    file = tmp_path / "deals.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="is empty"):
        read_leads(file)


def test_other_kinds_of_file_are_refused_with_advice(tmp_path):
    with pytest.raises(ConfigError, match="save it as XLSX or CSV"):
        read_leads(text_file(tmp_path, "<table>", name="deals.xls"))
    with pytest.raises(ConfigError, match="is a folder"):
        read_leads(tmp_path)
    for name, content in {
        "a.csv": b"\xd0\xcf\x11\xe0" + b"\0" * 9,
        "b.xlsx": b"id;phone\n",
        "c.xlsx": b"PK\x03\x04junk",
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError, match="as XLSX or CSV"):
            read_leads(tmp_path / name)


# --- writing ---


@pytest.fixture(params=["out.csv", "out.txt", "out.tsv", "out.xlsx"])
def target(request, tmp_path):
    return tmp_path / request.param


def test_what_is_written_comes_back(target):
    frame = pd.DataFrame(
        {
            "id": ["007", "1234567890123456789", "79157771122.0"],
            "phone": ["+7 (915) 777-11-22", "8 915; 8 916", None],
            "note": ['ООО "Ромашка"', "строка\nдругая", " с краёв "],
            "formula": ["=1+1", "'=1+1", "@SUM(A1)"],
            "status": pd.Categorical(["commented", "unmatched", None]),
            "rule": pd.array([1, None, 3], dtype="Int64"),
            "big": [1234567890123456789, 2, 3],
            "matched": pd.array([True, False, None], dtype="boolean"),
        },
        index=[5, 5, 5],
    )
    write_table(frame, target)
    expected = frame.astype(object).map(lambda cell: None if pd.isna(cell) else str(cell))
    back = read_leads(target)
    assert back.columns.tolist() == frame.columns.tolist()
    assert cells(back) == cells(expected)


def test_csv_is_what_a_russian_excel_opens(tmp_path):
    write_table(pd.DataFrame({"Имя": ["Ян"], "n": [1]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == "\ufeffИмя;n\r\nЯн;1\r\n".encode()


def test_lists_are_joined(target):
    array = np.array(["d", "c"], dtype=object)
    write_table(
        pd.DataFrame({"phones": [["79157771122", "79161112233"], (), {"b", "a"}, array], "n": [1, 2, 3, 4]}), target
    )
    assert read_leads(target)["phones"].fillna("").tolist() == ["79157771122, 79161112233", "", "a, b", "d, c"]


def test_moments_are_iso_text_in_csv_and_keep_their_zone(target):
    naive = pd.to_datetime(pd.Series(["2024-05-01 12:30:00", "2024-05-02 12:30:00"]))
    write_table(pd.DataFrame({"naive": naive, "aware": naive.dt.tz_localize("UTC")}), target)
    back = read_leads(target)
    assert back["naive"].astype(str).tolist() == ["2024-05-01 12:30:00", "2024-05-02 12:30:00"]
    assert back["aware"].tolist() == ["2024-05-01 12:30:00+00:00", "2024-05-02 12:30:00+00:00"]


RUN = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "+7-915-777-11-22",
    "+7 915 cmd|' /C calc'!A0",
    "+7 (915) A1",
    "-",
    "=",
]
HARMLESS = [
    "-5.3",
    "-5,3",
    "+79157771122",
    "+7.9E+10",
    "+7 915 777-11-22",
    "+7 (915) 777-11-22",
    "+7(915)7771122",
    "+7\u00a0915 7771122, +7 916 111-22-33",
    "a=1",
    "'-5",
    "'text",
]


@pytest.mark.parametrize("text", RUN)
def test_a_formula_gets_an_apostrophe(tmp_path, text):
    write_table(pd.DataFrame({"a": [text], text: ["b"]}), tmp_path / "out.tsv")
    written = pd.read_csv(tmp_path / "out.tsv", sep="\t", dtype=str, encoding="utf-8-sig")
    assert written.iloc[0, 0] == "'" + text
    assert written.columns[1] == "'" + text
    assert read_leads(tmp_path / "out.tsv").iloc[0, 0] == text


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_phones_are_left_alone(tmp_path, text):
    write_table(pd.DataFrame({"a": [text]}), tmp_path / "out.tsv")
    assert pd.read_csv(tmp_path / "out.tsv", sep="\t", dtype=str, encoding="utf-8-sig").iloc[0, 0] == text


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    write_table(pd.DataFrame({"=a": ["=1+1", "=HYPERLINK(1)"]}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr"}


TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n=+-@';\",| 7("), min_size=1, max_size=12
)


@given(st.lists(TEXTS.filter(lambda text: not text.isspace()), min_size=1, max_size=5))
def test_any_text_comes_back(tmp_path_factory, texts):
    file = tmp_path_factory.getbasetemp() / "any.csv"
    kept = [text.replace("\uffff", "?").replace("\ufffe", "?") for text in texts]
    write_table(pd.DataFrame({"id": range(len(kept)), "text": kept}), file)
    assert read_leads(file)["text"].tolist() == kept


def test_what_no_file_can_hold_is_replaced_and_the_rest_is_written(target):
    write_table(pd.DataFrame({"a": ["x\x00y\x01z\ud800", "b"]}, dtype=object), target)
    assert read_leads(target)["a"].tolist() == ["x\ufffdy\ufffdz\ufffd", "b"]


def test_a_named_index_is_written_and_an_unnamed_one_is_not(tmp_path):
    frame = pd.DataFrame({"a": ["x"]}, index=pd.Index(["k1"], name="deal"))
    write_table(frame, tmp_path / "named.csv")
    assert read_leads(tmp_path / "named.csv").to_dict("records") == [{"deal": "k1", "a": "x"}]
    write_table(frame.rename_axis(None), tmp_path / "plain.csv")
    assert read_leads(tmp_path / "plain.csv").columns.tolist() == ["a"]


def test_what_cannot_be_written_says_why(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"\.csv, \.txt, \.tsv, \.xlsx are written"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.ods")
    with pytest.raises(ConfigError, match="Write CSV"):
        write_table(pd.DataFrame({"a": ["x" * 32_768]}), tmp_path / "out.xlsx")
    monkeypatch.setattr(pd.DataFrame, "to_csv", refuse)
    with pytest.raises(ConfigError, match="close it there"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.csv")


def refuse(*args, **options):
    raise PermissionError(13, "Permission denied")


# --- the sample data ---


@pytest.mark.parametrize("name", ["deals.csv", "deals_bitrix24.csv"])
def test_the_sample_data_reads_without_options(name):
    if not (DATA / name).exists():
        pytest.skip("the sample data is not made yet")
    frame = read_leads(DATA / name)
    assert len(frame) > 1000
    assert frame.shape[1] >= 6
    assert all(pd.api.types.infer_dtype(frame[column], skipna=True) in {"string", "empty"} for column in frame)
    assert frame.astype(object).map(lambda cell: isinstance(cell, str) and "\ufffd" in cell).sum().sum() == 0


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        check_writable(tmp_path / "no such folder" / "out.csv")
    with pytest.raises(ConfigError, match=r"\.pdf"):
        check_writable(tmp_path / "out.pdf")
    check_writable(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
