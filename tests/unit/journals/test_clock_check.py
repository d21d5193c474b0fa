import datetime as dt

import pandas as pd
import pytest

from ctnb.journals.clock_check import clock_check, clock_warning, offset_text
from ctnb.journals.columns import CALL_FORM
from ctnb.journals.records import CallRecord, flat_records


def calls(zone, *clocks):
    """Return calls whose clock shows three hours more than UTC."""
    records = []
    for number, clock in enumerate(clocks):
        at = dt.datetime.strptime(clock, "%d/%m/%Y %H:%M:%S").replace(tzinfo=dt.UTC) - dt.timedelta(hours=3)
        records.append(CallRecord(call_id=number, date=clock, timestamp=int(at.timestamp())))
    return [(CALL_FORM, flat_records([*records, CallRecord(call_id=99)], CALL_FORM, zone))]


def test_a_clock_that_agrees_with_the_zone():
    check = clock_check(calls("Europe/Moscow", "01/03/2026 12:00:00", "01/07/2026 12:00:00"), "Europe/Moscow")
    assert check.to_dict("records") == [
        {"journal": "calls", "offset": "+03:00", "expected": "+03:00", "leads": 2, "agrees": True}
    ]


def test_a_clock_of_another_zone_differs_by_season():
    days = ("01/03/2026 12:00:00", "02/03/2026 12:00:00", "01/07/2026 12:00:00")
    check = clock_check(calls("Europe/Athens", *days), "Europe/Athens")
    assert check[["expected", "leads", "agrees"]].to_numpy().tolist() == [["+02:00", 2, False], ["+03:00", 1, True]]


def test_a_clock_that_is_off_by_a_moment_agrees():
    (form, flat), *_ = calls("Europe/Moscow", "01/03/2026 12:00:00")
    flat.offsets[0] += 1.2
    assert clock_check([(form, flat)], "Europe/Moscow")["agrees"].tolist() == [True]


def test_a_few_odd_leads_are_shown_and_not_warned_of():
    check = pd.DataFrame({"leads": [9_990, 10], "agrees": [True, False], "offset": "+03:00", "expected": "+05:00"})
    assert clock_warning(check, "Asia/Omsk") is None
    assert "+03:00 where Asia/Omsk has +05:00, on 10 of 100 leads" in clock_warning(
        check.assign(leads=[90, 10]), "Asia/Omsk"
    )


@pytest.mark.parametrize(("minutes", "text"), [(180, "+03:00"), (-210, "-03:30"), (0, "+00:00")])
def test_an_offset_is_written_as_clocks_are(minutes, text):
    assert offset_text(minutes) == text
