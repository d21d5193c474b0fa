import pandas as pd
import pytest

from ctnb.exceptions import ColumnNotFoundError, ConfigError, JournalError
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.flat import empty_journal, flat_journal, joined_journals

ZONE = "Asia/Yekaterinburg"


def calls(**columns):
    return flat_journal(pd.DataFrame(columns), CALL_FORM, ZONE).frame


def test_naive_dates_are_the_accounts_and_aware_ones_are_kept():
    frame = calls(callId=[1, 2, 3], date=["01.03.2026 12:00:00", "2026-03-01T12:00:00+03:00", None])
    assert list(map(str, frame["date"])) == ["2026-03-01 07:00:00+00:00", "2026-03-01 09:00:00+00:00", "NaT"]
    assert str(frame["date"].dtype) == "datetime64[us, UTC]"


def test_a_time_that_stands_apart_from_its_date_belongs_to_it():
    frame = calls(**{"ID звонка": ["1"], "Дата": ["01.03.2026"], "Время": ["12:30:05"], "Номер абонента": ["8 915"]})
    assert frame["date"].astype(str).tolist() == ["2026-03-01 07:30:05+00:00"]
    assert list(frame.columns) == ["callId", "callerNumber", "date"]


def test_a_time_beside_whole_moments_changes_nothing():
    frame = calls(**{"ID звонка": ["1"], "Дата": ["01.03.2026 09:00:00"], "Время": ["12:30:05"]})
    assert frame["date"].astype(str).tolist() == ["2026-03-01 04:00:00+00:00"]


def test_columns_that_the_source_has_not_are_left_out_and_others_of_its_own_too():
    frame = flat_journal(
        pd.DataFrame({"Город": ["x"], "requestId": [5], "date": [None], "email": ["a@b.ru"]}), REQUEST_FORM, ZONE
    ).frame
    assert list(frame.columns) == ["requestId", "date", "email"]


def test_a_journal_without_a_row_has_all_columns():
    for frame in (empty_journal(CALL_FORM).frame, calls(callId=[]), joined_journals(CALL_FORM, []).frame):
        assert tuple(frame.columns) == CALL_FORM.names
        assert str(frame["date"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize("missing", ["callId", "date"])
def test_id_and_date_are_needed(missing):
    columns = {"callId": [1], "date": [None]}
    del columns[missing]
    with pytest.raises(ColumnNotFoundError, match=f"no column '{missing}', which the journal of calls needs"):
        calls(**columns)


def test_a_row_without_an_id_is_refused_with_its_number():
    with pytest.raises(JournalError, match=r"calls, row 1 \(counted from 0\).*expected an id in callId.*2 rows are so"):
        calls(callId=["1", None, "<не указано>"], date=[None] * 3)


def test_a_date_that_cannot_be_read_is_refused():
    with pytest.raises(ConfigError, match="journal of calls, row 0"):
        calls(callId=["1"], date=["soon"])


def test_of_a_lead_that_comes_twice_the_last_is_kept():
    tables = (pd.DataFrame({"callId": ids, "date": [None] * 2}) for ids in ([1, 2], [2, 3]))
    parts = [flat_journal(table, CALL_FORM, ZONE) for table in tables]
    assert joined_journals(CALL_FORM, parts).frame["callId"].tolist() == ["1", "2", "3"]
