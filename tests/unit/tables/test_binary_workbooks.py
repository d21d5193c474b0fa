"""XLS and XLSB come in as XLSX does; the files are made by `tests/tools/workbook_files.py`."""

import io
from datetime import datetime

import pandas as pd
import pytest
from table_files import cells
from workbook_files import DATA

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.binary_workbooks import far_corner
from ctnb.tables.files import read_leads


@pytest.fixture(params=["deals.xls", "deals.xlsb"])
def file(request):
    return DATA / request.param


@pytest.mark.timeout(30)
def test_numbers_dates_and_leading_zeros_stay(file):
    frame = read_leads(file)
    assert frame.columns.tolist() == ["Сделка", "Звонок", "Телефон", "Создана", "Оплачена"]
    assert frame["Создана"].tolist() == [datetime(2026, 3, 1, 10, 30), datetime(2026, 3, 2, 11, 0)]  # noqa: DTZ001
    assert cells(frame.drop(columns="Создана")) == [
        ["007", "1711987200.123456", "79157771122", "True"],
        # A double has no place for its final digits: another id must not be made up.
        ["008", "1.2345678901234568E+18", "8 (915) 777-11-22", "False"],
    ]


def test_the_content_decides_not_the_ending(file, tmp_path):
    (tmp_path / "deals.xlsx").write_bytes(file.read_bytes())
    pd.testing.assert_frame_equal(read_leads(tmp_path / "deals.xlsx"), read_leads(file))
    pd.testing.assert_frame_equal(read_leads(io.BytesIO(file.read_bytes())), read_leads(file))


def test_a_sheet_is_chosen_by_number_or_name():
    assert read_leads(DATA / "deals.xls", sheet_name="Прочее").columns.tolist() == ["id"]
    assert read_leads(DATA / "deals.xls", sheet_name=1).columns.tolist() == ["id"]
    with pytest.raises(ConfigError, match="has 'Сделки', 'Прочее'"):
        read_leads(DATA / "deals.xls", sheet_name=2)


def test_rows_and_columns_are_chosen_as_elsewhere(file):
    assert cells(read_leads(file, usecols=["Сделка", "Телефон"], nrows=1)) == [["007", "79157771122"]]


def test_without_calamine_the_message_says_what_to_install(file, monkeypatch):
    monkeypatch.setattr("ctnb.tables.binary_workbooks.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"python-calamine.*ctnb\[excel\]"):
        read_leads(file)


def test_a_damaged_workbook_is_refused(file):
    data = file.read_bytes()
    with pytest.raises(ConfigError, match="as XLSX or CSV"):
        read_leads(io.BytesIO(data[: len(data) // 2]))


def test_a_password_names_itself(tmp_path):
    file = tmp_path / "deals.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(ConfigError, match="protected by a password"):
        read_leads(file)


def record(kind, content):
    return bytes([kind, len(content)]) + content


def number(value):
    return value.to_bytes(4, "little")


def test_the_corner_of_a_sheet_is_that_of_its_last_cell_that_holds_something():
    sheet = b"".join(
        [
            record(0, number(0) + b"\0" * 13),
            record(7, number(3) + b"\0" * 8),
            bytes([0x80 | 0x14, 0x01, 0x81, 0x01]) + b"\0" * 129,
            record(0, number(1_048_575) + b"\0" * 13),
            record(1, number(16_383) + b"\0" * 4),
        ]
    )
    assert far_corner(sheet) == (1, 4)
    assert far_corner(sheet + record(5, number(16_383) + b"\0" * 12)) == (1_048_576, 16_384)


@pytest.mark.timeout(30)
def test_cells_too_far_apart_are_refused_before_there_is_no_room_for_them(tmp_path):
    import zipfile

    file = tmp_path / "deals.xlsb"
    with zipfile.ZipFile(DATA / "deals.xlsb") as whole, zipfile.ZipFile(file, "w") as changed:
        for name in whole.namelist():
            part = whole.read(name)
            if name == "xl/worksheets/sheet1.bin":
                part += record(0, number(1_048_575) + b"\0" * 13) + record(5, number(16_383) + b"\0" * 12)
            changed.writestr(name, part)
    with pytest.raises(ConfigError, match="too far apart, in 1,048,576 rows and 16,384 columns"):
        read_leads(file)
