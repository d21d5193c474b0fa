import datetime as dt

import pytest

from ctnb.journals.clock_check import clock_check, offset_text
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


def test_a_clock_of_another_zone_is_told_apart_by_season():
    days = ("01/03/2026 12:00:00", "02/03/2026 12:00:00", "01/07/2026 12:00:00")
    check = clock_check(calls("Europe/Athens", *days), "Europe/Athens")
    assert check[["expected", "leads", "agrees"]].to_numpy().tolist() == [["+02:00", 2, False], ["+03:00", 1, True]]


@pytest.mark.parametrize(("minutes", "text"), [(180, "+03:00"), (-210, "-03:30"), (0, "+00:00")])
def test_an_offset_is_written_as_clocks_are(minutes, text):
    assert offset_text(minutes) == text
