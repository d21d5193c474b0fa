"""Workbooks come in as people see them."""

from datetime import datetime, time

import openpyxl
import pandas as pd
import pytest
from table_files import cells, notes, workbook
from workbook_files import changed_part

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.files import read_leads, write_table


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


def test_numbers_keep_the_digits_that_the_file_stores(tmp_path):
    file = workbook(tmp_path, ["n"], *[[number] for number in (1.5, 2.5, 3.5, 4.5, 5.5)])
    stored = [
        b"1711987200.1234567",
        b"1.23456789012346E+18",
        b"0.30000000000000004",
        b"7.9157771122E10",
        b"12345678901234567",
    ]
    shown = ["1711987200.1234567", "1.23456789012346E+18", "0.3", "79157771122", "12345678901234567"]
    changed_part(
        file, "sheets/sheet", *[(f"<v>{n}.5</v>".encode(), b"<v>%s</v>" % text) for n, text in enumerate(stored, 1)]
    )
    assert read_leads(file)["n"].tolist() == shown


def test_formulas_without_a_value_and_hidden_rows_are_noted(tmp_path, caplog):
    file = workbook(tmp_path, ["id", "n"], ["1", "=1+1"], ["2", 5], ["3", 6])
    changed_part(
        file, "sheets/sheet", (b'<row r="3"', b'<row hidden="1" r="3"'), (b'<row r="4"', b'<row hidden="0" r="4"')
    )
    frame = read_leads(file)
    assert cells(frame) == [["1", None], ["2", "5"], ["3", "6"]]
    assert notes(frame) == {"hidden_rows": 1, "formulas": 1}
    assert "perhaps by a filter, are read too: 1." in caplog.text
    assert "Formulas without a stored value are read as blank: 1." in caplog.text


def test_a_formula_with_a_stored_value_is_that(tmp_path):
    file = workbook(tmp_path, ["id", "n"], ["1", "=1+1"], ["2", "=A2"])
    changed_part(
        file,
        "sheets/sheet",
        (b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"),
        (b"<f>A2</f><v />", b"<f>A2</f><v></v>"),
        (b'<c r="B3"', b'<c r="B3" t="str"'),
    )
    assert cells(read_leads(file)) == [["1", "2"], ["2", None]]
    assert notes(read_leads(file)) == {}


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


def test_a_sheet_is_chosen_by_number_or_name(tmp_path):
    file = workbook(tmp_path, ["id"], ["1"])
    assert cells(read_leads(file, sheet_name="Сделки")) == [["1"]]
    for sheet in (1, "Лист2"):
        with pytest.raises(ConfigError, match="has 'Сделки'"):
            read_leads(file, sheet_name=sheet)


def test_a_workbook_without_openpyxl_says_what_to_install(tmp_path, monkeypatch):
    file = workbook(tmp_path, ["id"], ["1"])
    monkeypatch.setattr("ctnb.tables.workbooks.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ctnb\[excel\]"):
        read_leads(file)
    monkeypatch.setattr("ctnb.tables.written_workbook.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"xlsxwriter.*ctnb\[excel\]"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.xlsx")


def test_cells_of_every_kind_are_written_as_what_they_are(tmp_path):
    moment = pd.Timestamp("2026-03-01 12:30:45")
    frame = pd.DataFrame(
        {
            "text": ["007", "https://a.ru", None],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "id": [123456789012345678, 5, 7],
            "share": [0.5, float("nan"), float("inf")],
            "truth": pd.array([True, None, False], dtype="boolean"),
            "at": pd.Series([moment, pd.NaT, moment]).astype("datetime64[us]"),
            "old": pd.Series([datetime(1812, 9, 7), None, moment], dtype=object),  # noqa: DTZ001
            "kind": pd.Categorical(["a", None, "b"]),
        }
    )
    write_table(frame, tmp_path / "out.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[2]] == [
        "007", 1, "123456789012345678", 0.5, True, moment.to_pydatetime(), "1812-09-07 00:00:00", "a",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == ["https://a.ru", None, 5, None, None, None, None, None]
    assert [cell.value for cell in sheet[4]][:5] == [None, 3, 7, "inf", False]
    assert sheet["B3"].hyperlink is None


def test_a_workbook_named_csv_is_read_as_what_it_is(tmp_path):
    assert cells(read_leads(workbook(tmp_path, ["id"], ["1"], name="deals.csv"))) == [["1"]]


@pytest.mark.parametrize("value", [None, "", " "], ids=["styled", "empty", "blank"])
@pytest.mark.timeout(30)
def test_an_empty_far_corner_costs_nothing(tmp_path, value):
    file = workbook(tmp_path, ["id", "phone"], ["1", "2"], corner=value)
    assert cells(read_leads(file)) == [["1", "2"]]


@pytest.mark.timeout(30)
def test_a_far_corner_that_holds_something_is_one_cell(tmp_path):
    frame = read_leads(workbook(tmp_path, ["id", "phone"], ["1", "2"], corner="x"))
    assert frame.columns.tolist() == ["id", "phone", "Unnamed: 16383"]
    assert cells(frame) == [["1", "2", None], [None, None, "x"]]


def test_a_sheet_that_is_larger_than_a_sheet_is_refused(tmp_path):
    file = workbook(tmp_path, ["id"], ["1"])
    changed_part(file, "sheets/sheet", (b'<row r="2"', b'<row r="99999999999"'))
    with pytest.raises(ConfigError, match=r"more than the 1,048,576 rows and 16,384 columns of a sheet"):
        read_leads(file)


def test_an_error_of_a_formula_is_a_blank_cell(tmp_path):
    assert cells(read_leads(workbook(tmp_path, ["id", "n"], ["1", "#N/A"], ["2", "#REF!"], ["3", 4]))) == [
        ["1", None],
        ["2", None],
        ["3", "4"],
    ]
