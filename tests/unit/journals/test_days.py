import datetime as dt

import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.journals.days import DaySpan, checked_day, checked_days, clock_text, days_of, past_days, runs_of

FIRST = dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    "day",
    [
        "2026-03-01",
        "01.03.2026",
        " 2026-3-1 ",
        FIRST,
        dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC),
        pd.Timestamp("2026-03-01 9:00"),
    ],
)
def test_a_day_is_read_however_it_is_named(day):
    assert checked_day(day, "since") == FIRST


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "03/01/2026", 20260301, None, pd.NaT])
def test_another_thing_is_refused_with_its_name(day):
    with pytest.raises(ConfigError, match="since: expected a day such as '2026-03-01'"):
        checked_day(day, "since")


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ConfigError, match="since is 2026-03-02, after until, which is 2026-03-01"):
        checked_days("2026-03-02", "2026-03-01")


def test_the_halves_of_a_day_share_a_second_and_end_at_one():
    morning, evening = DaySpan(FIRST).halves()
    assert (clock_text(morning.until), clock_text(evening.since)) == ("11:59:59", "11:59:59")
    span, cuts = DaySpan(FIRST), 0
    while (halves := span.halves()) is not None:
        span, cuts = halves[1], cuts + 1
    assert (span.until - span.since, cuts) == (1, 17)


def test_days_to_come_are_left_out_of_a_period():
    first, last = past_days("2020-01-01", "9999-12-31", "Europe/Moscow")
    assert (first, last.year < 9999) == (dt.date(2020, 1, 1), True)
    with pytest.raises(ConfigError, match="since is 9999-01-01, and today is"):
        past_days("9999-01-01", "9999-12-31", "Europe/Moscow")


def test_days_without_a_gap_are_one_run_up_to_the_longest():
    days = days_of(FIRST, dt.date(2026, 3, 7))
    assert [len(run) for run in runs_of(days, 3)] == [3, 3, 1]
    assert runs_of([*days[:2], *days[4:]], 9) == [days[:2], days[4:]]
    assert runs_of([], 3) == []
