import datetime as dt

import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.journals.days import checked_day, checked_days, days_of, runs_of

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


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "03/01/2026", 20260301, None])
def test_another_thing_is_refused_with_its_name(day):
    with pytest.raises(ConfigError, match="since: expected a day such as '2026-03-01'"):
        checked_day(day, "since")


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ConfigError, match="since is 2026-03-02, after until, which is 2026-03-01"):
        checked_days("2026-03-02", "2026-03-01")


def test_days_without_a_gap_are_one_run_up_to_the_longest():
    days = days_of(FIRST, dt.date(2026, 3, 7))
    assert [len(run) for run in runs_of(days, 3)] == [3, 3, 1]
    assert runs_of([*days[:2], *days[4:]], 9) == [days[:2], days[4:]]
    assert runs_of([], 3) == []
