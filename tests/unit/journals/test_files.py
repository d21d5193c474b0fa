import json

import pandas as pd
import pytest

from ctnb.exceptions import ColumnNotFoundError, ConfigError, JournalError
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.files import as_table, form_of, read_journal_source, write_journal

RECORD = {
    "callId": 7,
    "callerNumber": "79157771122",
    "timestamp": 1772345100,
    "callTags": [{"names": ["a, b", "c"]}],
    "comments": [{"commentId": 3, "comment": "=1+1", "partyName": None}],
}


def read(source):
    return read_journal_source(source, CALL_FORM, "Europe/Moscow").frame


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".xlsx", ".parquet"])
def test_what_is_written_is_read_again(tmp_path, ending):
    frame = read(pd.DataFrame([RECORD, {"callId": 8}]))
    write_journal(frame, tmp_path / f"calls{ending}")
    pd.testing.assert_frame_equal(read(tmp_path / f"calls{ending}"), frame)


def test_a_list_is_written_as_people_read_it_where_that_loses_nothing():
    frame = read(pd.DataFrame([{**RECORD, "callTags": [{"names": ["a", "c"]}]}]))
    assert as_table(frame, keep_lists=False)["callTags"].tolist() == ["a, c"]


@pytest.mark.parametrize("whole", [[RECORD], {"records": [RECORD], "pageTotal": 1}], ids=["array", "page"])
def test_a_file_of_the_vendors_json_is_read(tmp_path, whole):
    file = tmp_path / "calls.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert read(file)["callTags"].tolist() == [["a, b", "c"]]
    assert form_of(file) is CALL_FORM


def test_a_file_that_holds_the_vendors_error_is_refused(tmp_path):
    (tmp_path / "calls.json").write_text('{"errorCode": "500", "message": "Ошибка"}', encoding="utf-8")
    with pytest.raises(JournalError, match=r"'calls.json': the vendor's error 'Ошибка \(code 500\)' is in it"):
        read(tmp_path / "calls.json")


def test_a_russian_export_is_read(tmp_path):
    file = tmp_path / "export.csv"
    file.write_bytes(
        "ID звонка;Дата и время;Номер звонящего;Уникальный звонок;Теги\r\n"
        "0017;01.03.2026 9:05:00;8 (915) 777-11-22;Да;VIP, Москва\r\n".encode("cp1251")
    )
    assert form_of(file) is CALL_FORM
    row = read(file).iloc[0]
    assert (row["callId"], row["callerNumber"], row["uniqueCall"]) == ("0017", "8 (915) 777-11-22", True)
    assert str(row["date"]) == "2026-03-01 06:05:00+00:00"


def test_which_journal_a_file_holds_is_told_by_its_columns(tmp_path):
    for name, form in (("callId", CALL_FORM), ("ID заявки", REQUEST_FORM)):
        (tmp_path / "journal.csv").write_text(f"{name},date\n1,\n", encoding="utf-8")
        assert form_of(tmp_path / "journal.csv") is form
    (tmp_path / "deals.csv").write_text("deal,date\n1,\n", encoding="utf-8")
    with pytest.raises(ColumnNotFoundError, match="There is no column 'callId'"):
        form_of(tmp_path / "deals.csv")


def test_a_file_that_is_not_there_and_a_thing_that_is_no_frame_are_refused(tmp_path):
    for missing in ("calls.json", "calls.csv"):
        with pytest.raises(FileNotFoundError, match="There is no file"):
            read(tmp_path / missing)
    with pytest.raises(ConfigError, match="Expected a pandas DataFrame, got list"):
        read([1])
