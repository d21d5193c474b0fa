import datetime as dt

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import CallContact, Request, RequestContact
from ctnb.leads.moments.parse import parse_moments
from ctnb.leads.moments.two_columns import in_one_column

NOON = "2020-10-01T12:00:00"


def read(dates, times, *, serials=False):
    """Return the moments of two columns, and whether each has a problem."""
    dates, times = (
        cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=object) for cells in (dates, times)
    )
    found = parse_moments(in_one_column(dates, times, serials=serials), "Europe/Moscow", serials=False)
    return found.local.astype(str).tolist(), [problem is not None for problem in found.problems]


@pytest.mark.parametrize(
    "date",
    [
        "01.10.2020",
        "2020-10-01",
        "1 октября 2020 г.",
        '="01.10.2020"',
        "01.10.2020 00:00:00",
        "01.10.2020 0:00",
        "2020-10-01T00:00:00",
        dt.date(2020, 10, 1),
        dt.datetime(2020, 10, 1),  # noqa: DTZ001 - wall clock
        pd.Timestamp("2020-10-01"),
        np.datetime64("2020-10-01"),
    ],
)
@pytest.mark.parametrize(
    "time",
    [
        "12:00",
        " 12:00:00 ",
        "'12:00",
        "12:00:00.5",
        "12:00 PM",
        "09:00 UTC",
        "09:00Z",
        "14:00 +05:00",
        "01.01.0001 12:00:00",
        "1899-12-30 12:00",
        "0,5",
        dt.time(12, 0),
        dt.timedelta(hours=12),
        np.timedelta64(12, "h"),
        0.5,
        pd.Timestamp("1970-01-01 12:00"),
        dt.datetime(1899, 12, 30, 12),  # noqa: DTZ001 - wall clock
    ],
)
def test_a_date_and_a_time_of_any_type_are_one_moment(date, time):
    assert read([date], [time]) == ([NOON], [False])


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_columns_of_texts_are_read_whole(dtype):
    dates = pd.Series(["01.10.2020", "02.10.2020", None, "-", "03.10.2020"], dtype=dtype, index=[3, 3, 1, 0, 2])
    times = pd.Series(["12:00", None, "12:00", "13:00", "нет"], dtype=dtype, index=[3, 3, 1, 0, 2])
    moments = [NOON, "2020-10-02T00:00:00", "NaT", "NaT", "2020-10-03T00:00:00"]
    assert read(dates, times) == (moments, [False] * 5)


def test_a_column_of_datetimes_and_one_of_durations():
    dates = pd.Series(np.array(["2020-10-01", "NaT", "2020-10-02T10:00"], dtype="datetime64[ns]"))
    times = pd.Series(pd.to_timedelta(["12:00:00", "12:00:00", None]))
    assert read(dates, times) == ([NOON, "NaT", "2020-10-02T10:00:00"], [False] * 3)


def test_serials_and_fractions_of_a_day():
    assert read(pd.Series([44105, 44105]), pd.Series([0.5, 0.99999999]), serials=True) == (
        [NOON, "2020-10-01T23:59:59"],
        [False, False],
    )


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("01.10.2020", "25:00"),
        ("01.10.2020", "утром"),
        ("31.02.2020", "12:00"),
        ("01.10.2020 10:00", "12:00"),
        ("01.10.2020", "02.10.2020 12:00"),
        ("01.10.2020", 12),
        ("01.10.2020", dt.timedelta(days=2)),
        ("01.10.2020", True),
        ("01.10.2020", "12:00-13:00"),
        ("12:00", "01.10.2020"),
        (pd.Timestamp("2020-10-01", tz="UTC"), "12:00"),
        (44105, "12:00"),
        ([1], {}),
        pytest.param("01.10.2020", 10**5000, id="huge"),
    ],
)
def test_what_is_no_moment_together_is_a_problem_of_its_row(date, time):
    local, problems = read(pd.Series([date, "01.10.2020"], dtype=object), pd.Series([time, "12:00"], dtype=object))
    assert local == ["NaT", NOON]
    assert problems == [True, False]


def test_a_rule_takes_two_columns():
    deals = pd.DataFrame(
        {
            "phone": ["89157771122"] * 4,
            "day": ["01.10.2020", "02.10.2020", "", "03.10.2020"],
            "at": ["12:00", "", "12:00", "25:00"],
        }
    )
    rules = [
        CallContact("phone", ["day", "at"], depth="2h"),
        RequestContact(["day", "at"], depth="2h", phones="phone"),
        Request("phone"),
    ]
    plan = ctnb.plan(deals, rules[:2], "won")
    assert plan.offers[0].dates is plan.offers[1].dates
    assert plan.ready.tolist() == [True, True, False, False]
    assert plan.leads(1)[0]["matching"][0]["callContactParams"]["date"] == "01-10-2020 12:00:00"
    assert plan.frame["problem"].tolist()[2] == "no rule has its data in this row: wanted is phone with day and at"
    assert "'03.10.2020 25:00' is not a date" in plan.frame["problem"][3]


def test_a_column_of_serials_is_one_whatever_the_windows(monkeypatch):
    monkeypatch.setattr("ctnb.leads.plan.WINDOW", 2)
    deals = pd.DataFrame({"phone": "89157771122", "at": ["44105,5", "44106", "44107", "44108"]})
    rule = CallContact("phone", "at", depth="2h")
    plan = ctnb.plan(deals, rule, "{at:%d.%m.%Y %H:%M}")
    assert plan.texts.tolist()[:2] == ["01.10.2020 12:00", "02.10.2020 00:00"]
    assert plan.offers[0].dates.astype(str).tolist()[0] == NOON
    mixed = ctnb.plan(deals.assign(at=["44105", "44106", "44107", "01.10.2020"]), rule, "won")
    assert mixed.ready.tolist() == [False, False, False, True]
    assert "44106 may be 2020-10-02 00:00:00 as Excel stores it" in mixed.frame["problem"][1]
