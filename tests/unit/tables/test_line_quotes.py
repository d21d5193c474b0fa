"""Lines that were quoted whole are read as what is in the quotes."""

import pytest
from table_files import cells, notes, read_text

ROWS = [["id", "Телефон", "Имя"], ["1", "8 915 777-11-22", 'ООО "Ромашка"'], ["2", "89157771123", "а;б,в"]]


def line(row, delimiter):
    return delimiter.join('"' + cell.replace('"', '""') + '"' if set(cell) & set('";,') else cell for cell in row)


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("tail", ["", ";;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_around_whole_lines_are_undone(delimiter, tail, end):
    frame = read_text(end.join(quoted(line(row, delimiter)) + tail for row in ROWS) + end)
    assert frame.columns.tolist() == ROWS[0]
    assert cells(frame) == ROWS[1:]
    assert notes(frame) == {"quotes": 3}


def test_quotes_around_those_lines_alone_that_have_quotes_in_them():
    lines = [line(row, ",") for row in ROWS]
    frame = read_text("\n".join([lines[0], quoted(lines[1]), lines[2]]))
    assert cells(frame) == ROWS[1:]
    assert notes(frame) == {"quotes": 1}


@pytest.mark.parametrize(
    "text",
    [
        '"Имя, фамилия"\n"Иван, Петров"\n"Яна, Щёкина"\n',
        '"id";"name"\n"1";"a"\n',
        'id;name\n"Иванов; Пётр";\n2;b\n',
        '"id";"name"\n"";""\n',
        '"a"\n"b;c"\n',
    ],
)
def test_quotes_of_single_cells_stay(text):
    assert notes(read_text(text)) == {}
