"""HTML that is called a workbook is read as the table that it is."""

import io

import pytest
from table_files import cells, notes, text_file

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type"
content="text/html; charset=windows-1251"><style>td {mso-number-format:"\\@"}</style></head><body>
<table><tr><td>меню</td></tr></table>
<table border=1>
<tr><th colspan=3>Выгрузка сделок</th></tr>
<tr><th>ID<th>Телефон<th>Имя&nbsp;клиента</tr>
<tr><td>007</td><td x:num="79157771122">7,91578E+10</td><td>ООО &laquo;Ромашка&raquo;<br>Иванов</td></tr>
<tr style="display: none"><td>008</td><td>
  8 (915)  777-11-22 </td><td> <b>Ян</b> </td></tr>
<tr><td colspan=2>Итого</td><td>2</td></tr>
</table></body></html>"""


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16"])
def test_a_page_called_xls_is_read_as_its_table(tmp_path, encoding):
    frame = read_leads(text_file(tmp_path, PAGE, name="deals.xls", encoding=encoding))
    assert frame.columns.tolist() == ["ID", "Телефон", "Имя клиента"]
    assert cells(frame) == [["007", "79157771122", "ООО «Ромашка»\nИванов"], ["008", "8 (915) 777-11-22", "Ян"]]
    assert notes(frame) == {"tables": 2, "hidden_rows": 1, "title": 1, "total": 1}


def read(text, **options):
    return read_leads(io.BytesIO(text.encode()), **options)


def test_a_cell_that_reaches_down_stands_in_each_of_its_rows():
    frame = read(
        "<table><tr><td>ID<td>Имя<td>Телефон<tr><td rowspan=2>1<td>Ян<td>89157771122<tr><td>Яна<td>89157771123"
        "<tr><td>2<td>Лев<td></table>"
    )
    assert cells(frame) == [["1", "Ян", "89157771122"], ["1", "Яна", "89157771123"], ["2", "Лев", None]]


def test_a_page_that_breaks_off_is_read_as_far_as_it_goes():
    assert cells(read("<table><tr><td>ID<td>Имя<tr><td>1<td>Ян")) == [["1", "Ян"]]


def test_tables_in_tables_are_tables():
    inner = "<table><tr><td>ID<td>Имя</tr><tr><td>1<td>Ян</tr></table>"
    assert cells(read(f"<table><tr><td>{inner}</td></tr></table>")) == [["1", "Ян"]]


@pytest.mark.timeout(30)
def test_spans_cost_nothing_and_too_many_columns_are_refused():
    assert cells(read("<table><tr><td colspan=9>ID<tr><td rowspan=1000000000>1</table>")) == [["1"]]
    with pytest.raises(ConfigError, match="more than the 16,384 columns"):
        read("<table><tr><td>a<td colspan=1000000000>b</table>")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<html><body>Войдите в систему</body></html>", "HTML page without a table"),
        (
            '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "XML Spreadsheet 2003",
        ),
        ("%PDF-1.4", "a PDF"),
        ("{\\rtf1", "RTF"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related\n", "MHTML"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name(tmp_path, text, named):
    with pytest.raises(ConfigError, match=f"{named}.*as XLSX or CSV"):
        read_leads(text_file(tmp_path, text, name="deals.xls"))


def test_text_called_xls_is_read_as_text(tmp_path):
    file = text_file(tmp_path, "ID\tИмя\n007\tЯн\n", name="deals.xls", encoding="cp1251")
    assert cells(read_leads(file)) == [["007", "Ян"]]
