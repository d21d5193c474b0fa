"""The heading is found below a title, and nothing else is taken for one."""

import pytest
from table_files import cells, notes, read_text, workbook

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads

HEADING = ["№", "Телефон", "Этап", "UTM 2024"]
ROWS = [["7", "8 915 777-11-22", "Новая", "Иванов"], ["8", "8 915 777-11-23", "Сделка", "Петров"]]
TITLES = {
    "title": [["Выгрузка сделок"]],
    "blank": [["Выгрузка сделок"], [], []],
    "padded": [["Выгрузка сделок", "", "", ""]],
    "period": [["Отчёт"], ["Период", "01.03.2026 - 31.03.2026"], []],
    "filters": [["Отчёт"], ["Фильтр", "Все"], ["Сформирован", "01.04.2026 10:00", "Сидоров И."]],
    "groups": [["Сделка", "", "Работа", ""]],
    "indented": [["", "", "Выгрузка сделок"]],
}


@pytest.mark.parametrize("title", TITLES.values(), ids=list(TITLES))
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_heading_below_a_title_is_found_in_text(title, delimiter):
    frame = read_text("\n".join(delimiter.join(row) for row in [*title, HEADING, *ROWS]))
    assert frame.columns.tolist() == HEADING
    assert cells(frame) == ROWS
    assert list(notes(frame)) == ["title"]


@pytest.mark.parametrize("title", TITLES.values(), ids=list(TITLES))
def test_a_heading_below_a_title_is_found_in_a_workbook(title, tmp_path):
    rows = [[cell or None for cell in row] or [None] for row in title]
    file = workbook(tmp_path, *rows, HEADING, *ROWS, merged="A1:D1" if title[0][0] else None)
    frame = read_leads(file)
    assert frame.columns.tolist() == HEADING
    assert cells(frame) == ROWS
    assert frame.attrs["ctnb_notes"][0]["values"] == {"row": len(title) + 1}


@pytest.mark.parametrize(
    "rows",
    [
        ["ID;;;", "Иванов;Москва;Новая;да", "Петров;Тверь;Сделка;нет"],
        ["ID;Телефон;;", "7;8 915 777-11-22;Новая;Иванов"],
        ["Телефон", "8 915 777-11-22", "Иван"],
        ["a;b;c", "x;y;z", "p;q;r"],
        ["2024;2025;2026", "Имя;Этап;Город", "1;2;3"],
        ["ID;Имя;Телефон", "7;;", ";;", "8;;89157771122"],
    ],
)
def test_a_first_row_that_may_be_the_heading_is_it(rows):
    first = rows[0].split(";")
    frame = read_text("\n".join(rows))
    assert [name for name in frame.columns if not name.startswith("Unnamed")] == [name for name in first if name]
    assert notes(frame) == {}


def test_a_title_is_told_in_the_log(caplog):
    read_text("Выгрузка\n\nID;Телефон;Этап\n1;89157771122;Новая\n")
    assert "The heading is in row 3; what stands above it is left out" in caplog.text


# Named


TITLED = "Выгрузка\n\nID;Телефон\n1;89157771122\n2;89157771123\n"


@pytest.mark.parametrize("header", [1, 2])
def test_a_heading_is_named_by_its_row_and_blank_ones_may_be_counted_or_not(header):
    assert read_text(TITLED, header=header).columns.tolist() == ["ID", "Телефон"]


def test_the_row_is_counted_after_those_that_are_passed_over(tmp_path):
    assert read_text(TITLED, skiprows=1, header=1).columns.tolist() == ["ID", "Телефон"]
    file = workbook(tmp_path, ["Выгрузка"], [None], ["ID", "Имя"], ["1", "Ян"])
    assert read_leads(file, skiprows=1, header=1).columns.tolist() == ["ID", "Имя"]
    assert read_leads(file, header=2).columns.tolist() == ["ID", "Имя"]
    assert read_leads(file, header=0).columns.tolist() == ["Выгрузка", "Unnamed: 1"]


def test_a_table_without_a_heading_has_numbers(tmp_path):
    assert cells(read_text("1;89157771122\n2;89157771123;x\n", header=None)) == [
        ["1", "89157771122", None],
        ["2", "89157771123", "x"],
    ]
    frame = read_leads(workbook(tmp_path, [None, 1, 2], [None, 3, 4]), header=None)
    assert frame.columns.tolist() == [1, 2]
    assert cells(frame) == [["1", "2"], ["3", "4"]]


def test_a_heading_behind_the_last_row_is_refused():
    with pytest.raises(ConfigError, match="header: expected the 0-based number of a row, got 9"):
        read_text("a;b\n1;2\n", header=9)
