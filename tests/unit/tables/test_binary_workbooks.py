"""XLS and XLSB come in as XLSX does; the files are made by `tests/tools/workbook_files.py`."""

import io
import zipfile
from contextlib import suppress
from datetime import datetime
from random import Random

import pandas as pd
import pytest
from table_files import cells
from workbook_files import DATA

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.tables.files import read_leads


@pytest.fixture(params=["deals.xls", "deals.xlsb"])
def file(request):
    return DATA / request.param


@pytest.mark.timeout(30)
def test_numbers_dates_and_leading_zeros_stay(file):
    frame = read_leads(file)
    assert frame.columns.tolist() == ["Сделка", "Звонок", "Телефон", "Создана", "Оплачена"]
    assert frame["Создана"].tolist() == [datetime(2026, 3, 1, 10, 30), datetime(2026, 3, 2)]  # noqa: DTZ001
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


END_OF_CELLS = b"\x92\x01\x00"


def record(kind, content):
    return bytes([kind, len(content)]) + content


def number(value):
    return value.to_bytes(4, "little")


@pytest.mark.timeout(30)
def test_cells_too_far_apart_are_refused_and_end_no_process_of_the_users(tmp_path):
    file = tmp_path / "deals.xlsb"
    with zipfile.ZipFile(DATA / "deals.xlsb") as whole, zipfile.ZipFile(file, "w") as changed:
        for name in whole.namelist():
            part = whole.read(name)
            if name == "xl/worksheets/sheet1.bin":
                far = record(0, number(1_048_575) + b"\0" * 13) + record(5, number(16_383) + b"\0" * 12)
                part = part.replace(END_OF_CELLS, far + END_OF_CELLS)
            changed.writestr(name, part)
    with pytest.raises(ConfigError, match="too far apart"):
        read_leads(file)


def test_a_reader_that_ends_before_it_has_the_file_is_no_broken_pipe(file, monkeypatch):
    monkeypatch.setattr("ctnb.tables.binary_workbooks.START", "raise SystemExit")
    with pytest.raises(ConfigError, match="as XLSX or CSV"):
        read_leads(io.BytesIO(file.read_bytes() + b"\0" * 5_000_000))


@pytest.mark.timeout(60)
def test_a_damaged_file_is_read_or_refused_and_never_ends_the_process(file):
    whole = file.read_bytes()
    for seed in range(8):
        random = Random(seed)
        data = bytearray(whole)
        for _ in range(20):
            data[random.randrange(8, len(data))] = random.randrange(256)
        with suppress(ConfigError):
            read_leads(io.BytesIO(bytes(data)))
