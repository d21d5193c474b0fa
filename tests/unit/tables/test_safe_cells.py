"""No cell of a table that is written runs as a formula, and every text comes back."""

from datetime import UTC, date, datetime

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.tables.files import read_leads, write_table

RUN = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "+7-915-777-11-22",
    "+7 915 cmd|' /C calc'!A0",
    "+7 (915) A1",
    "-",
    "=",
    " =1+1",
    "\u00a0=1+1",
    "  \u00a0 +1-1",
    "\u200b=1",
    "\ufeff@SUM(1)",
    "\u3000-1+1",
    "\u2800\u2060＝1",
    " \t=1",
    "' =1",
]
HARMLESS = [
    " -5.3",
    " +7 915 777-11-22",
    "\u00a0+79157771122",
    " a=1",
    "-5.3",
    "-5,3",
    "+79157771122",
    "+7.9E+10",
    "+7 915 777-11-22",
    "+7 (915) 777-11-22",
    "+7(915)7771122",
    "+7\u00a0915 7771122, +7 916 111-22-33",
    "a=1",
    "'-5",
    "'text",
]


@pytest.mark.parametrize("text", RUN)
def test_a_formula_gets_an_apostrophe(tmp_path, text):
    write_table(pd.DataFrame({"a": [text], text: ["b"]}), tmp_path / "out.tsv")
    raw = pd.read_csv(tmp_path / "out.tsv", sep="\t", dtype=str, encoding="utf-8-sig")
    assert raw.iloc[0, 0] == "'" + text
    assert raw.columns[1] == "'" + text
    assert read_leads(tmp_path / "out.tsv").iloc[0, 0] == text


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_phones_are_left_alone(tmp_path, text):
    write_table(pd.DataFrame({"a": [text]}), tmp_path / "out.tsv")
    assert pd.read_csv(tmp_path / "out.tsv", sep="\t", dtype=str, encoding="utf-8-sig").iloc[0, 0] == text


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    write_table(pd.DataFrame({"=a": ["=1+1", "=HYPERLINK(1)"]}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr"}


TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n=+-@';\",| 7("), min_size=1, max_size=12
)


@given(st.lists(TEXTS.filter(lambda text: not text.isspace()), min_size=1, max_size=5))
def test_any_text_comes_back(tmp_path_factory, texts):
    file = tmp_path_factory.getbasetemp() / "any.csv"
    kept = [text.replace("\uffff", "?").replace("\ufffe", "?") for text in texts]
    write_table(pd.DataFrame({"id": range(len(kept)), "text": kept}), file)
    assert read_leads(file)["text"].tolist() == kept


ARROW = {
    "days": (pa.date32(), date(2026, 1, 2), "2026-01-02"),
    "days in milliseconds": (pa.date64(), date(2026, 1, 2), "2026-01-02"),
    "moments": (pa.timestamp("us", "UTC"), datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04:00+00:00"),
    "wall clocks": (pa.timestamp("us"), pd.Timestamp("2026-01-02 03:04"), "2026-01-02 03:04:00"),
}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(("kind", "value", "text"), ARROW.values(), ids=ARROW)
def test_dates_of_arrow_are_written_as_those_of_pandas(tmp_path, kind, value, text, ending):
    frame = pd.DataFrame({"when": pd.Series([value, None], dtype=pd.ArrowDtype(kind)), "id": ["1", "2"]})

    write_table(frame, tmp_path / f"table.{ending}")

    found = read_leads(tmp_path / f"table.{ending}")["when"]
    assert [str(found[0]), found.isna()[1]] == [text, True]
