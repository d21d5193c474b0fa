"""OpenDocument sheets come in as the file stores them."""

from datetime import datetime

import pytest
from table_files import cells, notes
from workbook_files import ods_cell, ods_row, open_document

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads

MOMENT = datetime(2026, 3, 1, 10, 30)  # noqa: DTZ001  a sheet's dates have no zone


def test_values_are_those_that_the_file_stores(tmp_path):
    frame = read_leads(
        open_document(
            tmp_path,
            [None, "ID", "Звонок", "Создана", "Да", "Время"],
            [None, "007", 79157771122, MOMENT, True, ods_time("PT10H30M00S")],
            [None, "a\nb", 1711987200.123456, MOMENT, False, None],
            [None, "x", 1234567890123456789, None, None, "1.5"],
        )
    )
    assert frame["Создана"].tolist()[:2] == [MOMENT, MOMENT]
    assert cells(frame.drop(columns="Создана")) == [
        ["007", "79157771122", "True", "10:30:00"],
        ["a\nb", "1711987200.123456", "False", None],
        ["x", "1234567890123456789", None, "1.5"],
    ]


def ods_time(text):
    return (
        f'<table:table-cell office:value-type="time" office:time-value="{text}"><text:p>x</text:p></table:table-cell>'
    )


def test_spaces_tabs_and_spans_of_a_text_are_kept(tmp_path):
    cell = (
        '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b<text:tab/>'
        "<text:span>c<text:line-break/>d</text:span>e</text:p></table:table-cell>"
    )
    assert cells(read_leads(open_document(tmp_path, ["ID"], [cell]))) == [["a  b\tc\nde"]]


@pytest.mark.timeout(30)
def test_an_empty_far_corner_costs_nothing(tmp_path):
    blank = '<table:table-cell table:number-columns-repeated="16383"/>'
    frame = read_leads(
        open_document(
            tmp_path,
            ods_row("ID", "Имя", blank),
            ods_row("1", "Ян"),
            ods_row(blank, number_rows_repeated=1_048_570),
        )
    )
    assert cells(frame) == [["1", "Ян"]]


@pytest.mark.timeout(30)
def test_a_far_corner_that_holds_something_is_one_cell(tmp_path):
    blank = '<table:table-cell table:number-columns-repeated="16383"/>'
    rows = [
        ods_row("ID", "Имя"),
        ods_row("1", "Ян"),
        ods_row(None, number_rows_repeated=1_048_573),
        ods_row(blank, "x"),
    ]
    frame = read_leads(open_document(tmp_path, *rows))
    assert frame.columns.tolist() == ["ID", "Имя", "Unnamed: 16383"]
    assert cells(frame) == [["1", "Ян", None], [None, None, "x"]]


@pytest.mark.parametrize(
    "rows",
    [
        [ods_row("ID"), ods_row("1", number_rows_repeated=2_000_000_000)],
        [ods_row("ID"), ods_row(ods_cell("1", number_columns_repeated=2_000_000_000))],
    ],
)
@pytest.mark.timeout(30)
def test_more_than_a_sheet_holds_is_refused(tmp_path, rows):
    with pytest.raises(ConfigError, match="has more than the"):
        read_leads(open_document(tmp_path, *rows))


def test_rows_that_a_filter_hides_and_formulas_without_a_value_are_noted(tmp_path):
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    frame = read_leads(
        open_document(
            tmp_path,
            ["ID", "Имя"],
            ods_row("1", "Ян", visibility="filter"),
            ods_row("2", formula),
            ["3", "x"],
        )
    )
    assert cells(frame)[:2] == [["1", "Ян"], ["2", None]]
    assert notes(frame) == {"hidden_rows": 1, "formulas": 1}


def test_a_sheet_is_chosen_by_number_or_name(tmp_path):
    file = open_document(tmp_path, ["ID"], ["1"], titles=("Первый", "Второй"))
    assert cells(read_leads(file, sheet_name=1)) == cells(read_leads(file, sheet_name="Второй")) == [["1"]]
    with pytest.raises(ConfigError, match="has 'Первый', 'Второй'"):
        read_leads(file, sheet_name="Третий")
