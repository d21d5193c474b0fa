"""Tables come in as they were typed, and go out so that nothing is lost."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from table_files import cells, read_text, text_file

from ctnb.exceptions import ConfigError
from ctnb.tables.files import check_writable, read_leads, write_table

DATA = Path(__file__).parents[3] / "data"


# Reading


def test_ids_and_phones_stay_the_text_that_was_typed():
    typed = [
        "007",
        "79157771122.0",
        "7.9157771122E+10",
        "+79157771122",
        "1234567890123456789",
        "NA",
        "nan",
        "None",
        "-0",
    ]
    frame = read_text("id;n\n" + "".join(f"{value};1\n" for value in typed))
    assert frame["id"].tolist() == typed
    assert frame["n"].tolist() == ["1"] * len(typed)


def test_text_has_the_string_dtype_of_the_running_pandas():
    frame = read_text("id;blank\n1;\n")
    assert frame["id"].dtype == pd.Series(["a"]).dtype
    assert frame["blank"].dtype == pd.Series(["a"]).dtype


def test_blank_cells_are_missing_and_spaces_around_text_are_kept():
    frame = read_text('a;b;c\n;"";\u00a0 \n x ;y;z\n0;;\n')
    assert cells(frame) == [[" x ", "y", "z"], ["0", None, None]]


def test_wholly_blank_rows_and_nameless_empty_columns_are_left_out():
    frame = read_text("\n;;;\nid;;phone;\n1;;2;\n;;;\n\n3;;4;\n")
    assert frame.columns.tolist() == ["id", "phone"]
    assert cells(frame) == [["1", "2"], ["3", "4"]]
    assert frame.index.equals(pd.RangeIndex(2))


def test_a_named_column_without_data_is_kept():
    assert read_text("id;phone\n1;\n").columns.tolist() == ["id", "phone"]


def test_headings_are_cleaned_numbered_and_named():
    frame = read_text('\ufeff id \u00a0;phone;"Дата\nсоздания";phone;;e\u00a0mail\n1;2;3;4;5;6\n')
    assert frame.columns.tolist() == ["id", "phone", "Дата создания", "phone.1", "Unnamed: 4", "e mail"]


def test_a_file_of_headings_alone_is_a_frame_without_rows():
    frame = read_text("id;phone\n")
    assert frame.columns.tolist() == ["id", "phone"]
    assert len(frame) == 0


def test_a_missing_file_names_the_nearest(tmp_path):
    text_file(tmp_path, "a\n1\n")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'deals\.csv'\?"):
        read_leads(tmp_path / "deal.csv")
    with pytest.raises(FileNotFoundError, match="no folder"):
        read_leads(tmp_path / "nowhere" / "deals.csv")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\r\n", b";;;\n;;;\n", "\u00a0\n".encode()])
def test_an_empty_file_is_refused(tmp_path, content):
    file = tmp_path / "deals.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="is empty"):
        read_leads(file)


def test_other_kinds_of_file_are_refused_with_advice(tmp_path):
    with pytest.raises(ConfigError, match="save it as XLSX or CSV"):
        read_leads(text_file(tmp_path, "id", name="deals.pdf"))
    with pytest.raises(ConfigError, match="is a folder"):
        read_leads(tmp_path)
    for name, content in {
        "a.csv": b"\xd0\xcf\x11\xe0" + b"\0" * 9,
        "b.xlsx": b"id;phone\n",
        "c.xlsx": b"PK\x03\x04junk",
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError, match="as XLSX or CSV"):
            read_leads(tmp_path / name)


@pytest.mark.parametrize("name", ["deals.csv", "deals_bitrix24.csv"])
def test_the_sample_data_reads_without_options(name):
    frame = read_leads(DATA / name)
    assert len(frame) > 1000
    assert frame.shape[1] >= 6
    assert all(pd.api.types.infer_dtype(frame[column], skipna=True) in {"string", "empty"} for column in frame)
    assert frame.astype(object).map(lambda cell: isinstance(cell, str) and "\ufffd" in cell).sum().sum() == 0


# Writing


@pytest.fixture(params=["out.csv", "out.txt", "out.tsv", "out.xlsx"])
def target(request, tmp_path):
    return tmp_path / request.param


def test_what_is_written_comes_back(target):
    frame = pd.DataFrame(
        {
            "id": ["007", "1234567890123456789", "79157771122.0"],
            "phone": ["+7 (915) 777-11-22", "8 915; 8 916", None],
            "note": ['ООО "Ромашка"', "строка\nдругая", " с краёв "],
            "formula": ["=1+1", "'=1+1", "@SUM(A1)"],
            "status": pd.Categorical(["commented", "unmatched", None]),
            "rule": pd.array([1, None, 3], dtype="Int64"),
            "big": [1234567890123456789, 2, 3],
            "matched": pd.array([True, False, None], dtype="boolean"),
        },
        index=[5, 5, 5],
    )
    write_table(frame, target)
    expected = frame.astype(object).map(lambda cell: None if pd.isna(cell) else str(cell))
    back = read_leads(target)
    assert back.columns.tolist() == frame.columns.tolist()
    assert cells(back) == cells(expected)


def test_csv_is_what_a_russian_excel_opens(tmp_path):
    write_table(pd.DataFrame({"Имя": ["Ян"], "n": [1]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == "\ufeffИмя;n\r\nЯн;1\r\n".encode()


def test_lists_are_joined(target):
    array = np.array(["d", "c"], dtype=object)
    write_table(
        pd.DataFrame({"phones": [["79157771122", "79161112233"], (), {"b", "a"}, array], "n": [1, 2, 3, 4]}), target
    )
    assert read_leads(target)["phones"].fillna("").tolist() == ["79157771122, 79161112233", "", "a, b", "d, c"]


def test_moments_are_iso_text_in_csv_and_keep_their_zone(target):
    naive = pd.to_datetime(pd.Series(["2024-05-01 12:30:00", "2024-05-02 12:30:00"]))
    write_table(pd.DataFrame({"naive": naive, "aware": naive.dt.tz_localize("UTC")}), target)
    back = read_leads(target)
    assert back["naive"].astype(str).tolist() == ["2024-05-01 12:30:00", "2024-05-02 12:30:00"]
    assert back["aware"].tolist() == ["2024-05-01 12:30:00+00:00", "2024-05-02 12:30:00+00:00"]


def test_a_named_index_is_written_and_an_unnamed_one_is_not(tmp_path):
    frame = pd.DataFrame({"a": ["x"]}, index=pd.Index(["k1"], name="deal"))
    write_table(frame, tmp_path / "named.csv")
    assert read_leads(tmp_path / "named.csv").to_dict("records") == [{"deal": "k1", "a": "x"}]
    write_table(frame.rename_axis(None), tmp_path / "plain.csv")
    assert read_leads(tmp_path / "plain.csv").columns.tolist() == ["a"]


def test_what_cannot_be_written_says_why(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"\.csv \.txt \.tsv \.xlsx \.parquet \.pq, got"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.ods")
    with pytest.raises(ConfigError, match="Write CSV"):
        write_table(pd.DataFrame({"a": ["x" * 32_768]}), tmp_path / "out.xlsx")
    monkeypatch.setattr(pd.DataFrame, "to_csv", refuse)
    with pytest.raises(ConfigError, match="close it there"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out.csv")


def refuse(*args, **options):
    raise PermissionError(13, "Permission denied")


def test_what_no_file_can_hold_is_replaced_and_the_rest_is_written(target):
    write_table(pd.DataFrame({"a": ["x\x00y\x01z\ud800", "b"]}, dtype=object), target)
    assert read_leads(target)["a"].tolist() == ["x\ufffdy\ufffdz\ufffd", "b"]


def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        check_writable(tmp_path / "no such folder" / "out.csv")
    with pytest.raises(ConfigError, match=r"\.pdf"):
        check_writable(tmp_path / "out.pdf")
    check_writable(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_with_more_columns_than_a_sheet_has_is_not_written(tmp_path, ending):
    frame = pd.DataFrame([[1] * 16_385])
    with pytest.raises(ConfigError, match=r"The table has 16,385 columns; at most 16,384 are written"):
        write_table(frame, tmp_path / f"out.{ending}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx"])
def test_a_table_that_cannot_be_written_leaves_what_was_there(tmp_path, ending, monkeypatch):
    file = tmp_path / f"out.{ending}"
    file.write_bytes(b"before")

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", broken)
    monkeypatch.setattr("xlsxwriter.workbook.ZipFile.write", broken)
    with pytest.raises(ConfigError, match="cannot be written: No space left"):
        write_table(pd.DataFrame({"a": [1]}), file)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_check_leaves_no_trace_and_follows_no_link(tmp_path):
    target, link = tmp_path / "target.csv", tmp_path / "out.csv"
    link.symlink_to(target)
    check_writable(link)
    assert link.is_symlink()
    assert not target.exists()
    assert list(tmp_path.iterdir()) == [link]
