"""Parquet keeps the types of a table."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ctnb.exceptions import ConfigError
from ctnb.tables.files import read_leads, write_table


@pytest.mark.parametrize("ending", ["parquet", "pq"])
def test_what_is_written_comes_back_with_its_types(tmp_path, ending):
    frame = pd.DataFrame(
        {
            "id": ["007", "=1+1", None],
            "rule": pd.array([1234567890123456789, None, 3], dtype="Int64"),
            "status": pd.Categorical(["commented", None, "busy"], categories=["commented", "unmatched", "busy"]),
            "matched": pd.array([True, None, False], dtype="boolean"),
            "at": pd.to_datetime(["2026-03-01 10:30", None, "2026-03-02 11:00"]),
            "aware": pd.to_datetime(["2026-03-01 10:30", None, "2026-03-02 11:00"], utc=True),
            "text": pd.array(["a", None, "b"], dtype="string"),
        },
        index=[5, 5, 7],
    )
    frame.attrs["ctnb_notes"] = [{"code": "total", "rows": 1, "message": "of another reading"}]
    write_table(frame, tmp_path / f"out.{ending}")
    back = read_leads(tmp_path / f"out.{ending}")
    pd.testing.assert_frame_equal(back, frame.reset_index(drop=True))
    assert back.attrs == {}


def test_whole_numbers_with_a_gap_keep_every_digit():
    file = io.BytesIO()
    ids = pa.array([1234567890123456789, None], pa.int64())
    pq.write_table(pa.table({"id": ids, "small": pa.array([1, 2], pa.int32())}), file)
    frame = read_leads(io.BytesIO(file.getvalue()))
    assert frame["id"].tolist() == [1234567890123456789, pd.NA]


def test_what_parquet_has_no_type_for_is_written_as_text(tmp_path):
    frame = pd.DataFrame({"mixed": [1, "a", None], "moments": [pd.Timestamp(0), None, "x"], "lists": [["a"], [], None]})
    frame.columns = ["n", "n", 3]
    write_table(frame.set_index(pd.Index(["x", "y", "z"], name="deal")), tmp_path / "out.parquet")
    back = read_leads(tmp_path / "out.parquet")
    assert back.columns.tolist() == ["deal", "n", "n.1", "3"]
    assert back["n"].fillna("").tolist() == ["1", "a", ""]
    assert back["n.1"].fillna("").tolist() == ["1970-01-01 00:00:00", "", "x"]
    assert isinstance(back["3"][0], np.ndarray)


def test_rows_and_columns_are_chosen(tmp_path):
    write_table(pd.DataFrame({"a": [1, 2, 3], "b": list("xyz")}), tmp_path / "out.parquet")
    assert read_leads(tmp_path / "out.parquet", usecols=["b"], skiprows=1, nrows=1).to_dict("list") == {"b": ["y"]}


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not a Parquet file"):
        read_leads(io.BytesIO(b"PAR1junk"))
    (tmp_path / "deals.parquet").write_bytes(b"id;name\n1;a\n")
    with pytest.raises(ConfigError, match="is not a Parquet file"):
        read_leads(tmp_path / "deals.parquet")
