"""Wall-clock times as instants."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.matching.instants import NO_INSTANT, instants

ZONES = ["Europe/Berlin", "Europe/Moscow", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]


def clock(*texts):
    return np.array(texts, dtype="datetime64[s]")


def utc(found):
    return found.astype("datetime64[us]").astype("datetime64[s]").astype(str).tolist()


def test_a_time_that_the_clock_shows_twice_is_the_first():
    assert utc(instants(clock("2026-10-25T02:30:00"), ZoneInfo("Europe/Berlin"))) == ["2026-10-25T00:30:00"]


def test_a_time_that_the_clock_skips_is_moved_on():
    assert utc(instants(clock("2026-03-29T02:30:00"), ZoneInfo("Europe/Berlin"))) == ["2026-03-29T01:30:00"]


def test_no_time_is_no_instant():
    assert instants(clock("NaT"), ZoneInfo("Europe/Moscow")).tolist() == [NO_INSTANT]


def test_a_column_of_no_rows_stays_so():
    assert instants(clock(), ZoneInfo("Europe/Moscow")).tolist() == []


@pytest.mark.parametrize("zone", ZONES)
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), max_size=20))  # noqa: DTZ001 - wall clocks
def test_every_zone_is_read_as_pythons_own_clock_reads_it(zone, moments):
    # A column of times has no fold: the first of two is meant.
    moments = [moment.replace(fold=0) for moment in moments]
    found = instants(np.array(moments, dtype="datetime64[s]"), ZoneInfo(zone))
    seconds = [int(moment.replace(microsecond=0, tzinfo=ZoneInfo(zone)).timestamp()) for moment in moments]
    assert found.tolist() == [second * 1_000_000 for second in seconds]
