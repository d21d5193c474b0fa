"""A totals row at the end is left out and noted; a deal never is."""

import pytest
from table_files import cells, notes, read_text, workbook

from ctnb.tables.files import read_leads

HEAD = "ID;Телефон;Имя;Сумма\n"
DEALS = "7;89157771122;Иванов;5000\n8;89157771123;Петров;6000,50\n"


@pytest.mark.parametrize(
    "row",
    [
        "Итого;;;11 000,50",
        "ИТОГО:;;;11000.50 ₽",
        "Итого;;;",
        ";;Итого:;11000",
        "Всего: 2;;;11000",
        "Всего 2 сделок;;;11000",
        "Общий итог;2;;11000",
        "Итого по отделу продаж;;;11000",
        "Total;;;11000",
        "Grand Total:;2;;11000",
        "2;;Всего;11000",
        "Итого, руб.;;;11000",
        "Итого;;;11000\nВсего;;;11000",
        "Итого;;;11000\nСформировано 01.04.2026",
    ],
)
def test_totals_at_the_end_are_left_out_and_noted(row):
    frame = read_text(HEAD + DEALS + row + "\n")
    assert cells(frame) == [line.split(";") for line in DEALS.splitlines()]
    assert notes(frame) == {"total": row.count("\n") + 1}
    assert frame.attrs["ctnb_notes"][0]["values"]["row"].startswith("4")


@pytest.mark.parametrize(
    "row",
    [
        "9;89157771124;Total;7000",
        ";89157771124;Итого;",
        ";8 915 777 11 24;Итого;",
        "1711987200123;;Всего;",
        "9;89157771124;Итого Групп;7000",
        "9;;Всего доброго;7000",
        "9;89157771124;Итого;перезвонить",
        "Тотал;;;5",
        "Итоговая встреча;;;5",
    ],
)
def test_a_deal_is_never_taken_for_a_total(row):
    frame = read_text(HEAD + DEALS + row + "\n")
    assert len(frame) == 3
    assert notes(frame) == {}


def test_a_total_that_rows_come_after_is_read_and_noted():
    frame = read_text(HEAD + DEALS + "Итого;;;11000\n9;89157771124;Сидоров;1\n")
    assert len(frame) == 4
    assert frame.attrs["ctnb_notes"][0]["values"] == {"row": 4}


def test_a_total_of_a_workbook(tmp_path, caplog):
    file = workbook(tmp_path, ["ID", "Имя", "Сумма"], ["7", "Ян", 5.5], ["8", None, 6], ["Итого", None, 11.5])
    assert len(read_leads(file)) == 2
    assert "The total at the end is left out: row 4." in caplog.text


def test_rows_are_counted_without_the_total():
    assert len(read_text(HEAD + DEALS + "Итого;;;1\n", nrows=9)) == 2
