"""The part of a file that is asked for, in pandas' words."""

import pytest
from table_files import cells, read_text, workbook

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.tables.files import read_leads

TEXT = "id;phone;name\n1;89157771122;a\n2;89157771123;b\n3;89157771124;c\n"


@pytest.fixture(params=["text", "workbook"])
def read(request, tmp_path):
    if request.param == "text":
        return lambda **options: read_text(TEXT, **options)
    file = workbook(tmp_path, *(line.split(";") for line in TEXT.splitlines()))
    return lambda **options: read_leads(file, **options)


@pytest.mark.parametrize(
    "usecols",
    [
        ["phone", "id"],
        {"id", "phone"},
        (0, 1),
        [1, 0],
        "A:B",
        "a, b",
        lambda name: name != "name",
    ],
)
def test_columns_are_chosen_and_come_in_the_order_of_the_file(read, usecols):
    assert read(usecols=usecols).columns.tolist() == ["id", "phone"]


@pytest.mark.parametrize("skiprows", [[2], {2}, lambda row: row == 2])
def test_rows_are_passed_over_by_number(read, skiprows):
    assert read(skiprows=skiprows)["id"].tolist() == ["1", "3"]


def test_the_first_rows_are_passed_over(read):
    assert read(skiprows=1).columns.tolist()[1:] == ["89157771122", "a"]


@pytest.mark.parametrize(("nrows", "ids"), [(0, []), (2, ["1", "2"]), (9, ["1", "2", "3"])])
def test_so_many_rows_are_read(read, nrows, ids):
    assert read(nrows=nrows)["id"].tolist() == ids


def test_lines_that_are_passed_over_may_be_anything_and_count_in_messages():
    assert cells(read_text('junk "\na;b;c;d;e\nid;name\n1;x\n', skiprows=2)) == [["1", "x"]]
    with pytest.raises(ConfigError, match="Line 4 "):
        read_text("junk\na;b\n1;2\n1;2;3\n", skiprows=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"header": -1}, "header: expected"),
        ({"header": True}, "header: expected"),
        ({"header": "first"}, "header: expected"),
        ({"header": [0, 1]}, "header: expected"),
        ({"nrows": -1}, "nrows: expected"),
        ({"nrows": 1.5}, "nrows: expected"),
        ({"skiprows": "1"}, "skiprows: expected"),
        ({"usecols": "phone"}, "usecols: expected a list of names"),
        ({"usecols": 3}, "usecols: expected"),
        ({"usecols": [9]}, "usecols: expected numbers below 3"),
    ],
)
def test_another_kind_of_option_is_refused(read, options, message):
    with pytest.raises(ConfigError, match=message):
        read(**options)


def test_a_column_that_is_not_there_names_the_nearest(read):
    with pytest.raises(ColumnNotFoundError, match=r"'phones', which usecols needs\. Did you mean 'phone'"):
        read(usecols=["phones"])
