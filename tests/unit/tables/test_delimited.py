"""Text tables: the delimiter is found out, and no row is cut."""

import pytest
from table_files import cells, read_text

from ctnb.exceptions import ConfigError
from ctnb.tables import delimited, files


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


def test_a_heading_of_another_width_than_the_rows_is_refused_with_advice():
    with pytest.raises(ConfigError, match=r"Line 2 .* or header=\.\.\. if the heading is another line"):
        read_text("Отчёт за май\n7;8;9\n1;2;3\n4;5;6\n")


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


def test_as_many_columns_as_are_allowed_are_read(monkeypatch):
    for module in (delimited, files):
        monkeypatch.setattr(module, "MOST_COLUMNS", 100)
    columns = [f"c{number}" for number in range(101)]
    assert read_text(";".join(columns[:-1]) + "\n1;2\n").shape == (1, 100)
    with pytest.raises(ConfigError, match="has 101 cells; at most 100 are read"):
        read_text(";".join(columns) + "\n1;2\n")


@pytest.mark.parametrize(
    "text",
    [
        'id;name;phone\n1;"Иван;79157771122\n2;Пётр;79157771123\n3;"Анна";79157771124\n',
        'id;name;phone\r\n1;Пётр;7\r\n2;"Иван;79157771122\r\n3;"Анна";79157771124\r\n',
        'name,phone\n"Иван,79157771122\n"Анна",79157771124\n',
    ],
)
def test_a_quote_in_which_rows_would_be_lost_is_refused_with_its_line(text):
    opened = next(number for number, line in enumerate(text.splitlines(), start=1) if '"Иван' in line)
    with pytest.raises(ConfigError, match=f"opens in line {opened} of .* rows would be lost"):
        read_text(text)


@pytest.mark.parametrize(
    "text",
    [
        'id;name;phone\n1;"Иван\nПетрович; ""младший""";79157771122\n2;Пётр;7\n',
        'id;name\n1;"ООО "Ромашка""\n2;"a\nb"\n',
        'id;name\n1;say "a\n2;b" c\n3;"x\ny"\n',
    ],
)
def test_cells_of_several_lines_and_quotes_within_a_line_are_read(text):
    assert len(read_text(text)) >= 2
