"""Columns that rules need and a journal has not."""

import pytest
from preview_agreement import planned
from preview_frames import BY_CALL_ID, by_call, by_request, calls_of, deals_of, requests_of

from ctnb import Journal, RequestContact, col
from ctnb.matching.lacking import lacking_columns
from ctnb.matching.tables import JournalTables

DEALS = deals_of({"id": 11, "email": "a@mail.ru", "match": "nearestUniq"})


def lacking(rules, calls=None, requests=None):
    return lacking_columns(planned(DEALS, rules), JournalTables(calls, requests, "Europe/Moscow"))


@pytest.mark.parametrize(
    ("rule", "column"),
    [
        (by_call(), "callerNumber"),
        (by_call(match="nearestUniq"), "uniqueCall"),
        (by_call(match=col("match")), "uniqueCall"),
        (by_call(tags="VIP"), "callTags"),
        (by_request(), "phoneNumber"),
        (RequestContact("created", emails="email", depth=60, match="nearestUniqLead"), "uniqueRequest"),
        (RequestContact("created", emails="email", depth=60), "email"),
    ],
)
def test_a_column_that_a_rule_looks_by_is_missed(rule, column):
    whole = calls_of({}), requests_of({})
    assert lacking([BY_CALL_ID, rule], *whole) is None
    without = [frame.drop(columns=column, errors="ignore") for frame in whole]
    warning = lacking([BY_CALL_ID, rule, rule], *without)
    assert f"no column {column}, which rules 2, 3 look by" in warning


def test_what_no_rule_looks_by_is_not_missed():
    calls = calls_of({})[["callId", "date", "callerNumber"]]
    assert lacking([BY_CALL_ID, by_call()], calls) is None
    assert lacking([BY_CALL_ID], calls[["callId", "date"]]) is None


def test_a_journal_that_is_not_there_lacks_nothing():
    assert lacking([by_call()], None, requests_of({})) is None
    assert lacking([by_call()], calls_of({})[["callId", "date"]].iloc[:0]) is None


def test_a_preview_warns_of_it():
    calls = calls_of({}).rename(columns={"callerNumber": "Тел. клиента"})
    with pytest.warns(UserWarning, match="The journal of calls has no column callerNumber, which rule 1 looks by"):
        found = DEALS.calltouch.preview(by_call(), journal=Journal(calls))
    assert found.reasons["outcome"].tolist() == ["unknown_contact"]
