import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.leads.moments.parse import parse_moments

MOSCOW = "Europe/Moscow"
NOON = "2020-10-01T12:00:00"


class BrokenZone(dt.tzinfo):
    pass


def read(cells, timezone=MOSCOW):
    column = cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=object)
    found = parse_moments(column, timezone, serials=False)
    assert found.local.dtype == "datetime64[s]"
    assert len(found.local) == len(found.problems) == len(column)
    return found


def read_one(cell, timezone=MOSCOW):
    found = read([cell], timezone)
    return str(found.local[0]), found.problems[0]


@pytest.mark.parametrize(
    "cell",
    [
        "01-10-2020 12:00:00",
        "1-10-2020 12:00",
        "2020-10-01 12:00:00",
        "2020-10-01T12:00:00",
        "2020-10-01T12:00",
        "2020-10-01 12:00:00.999999",
        "2020-10-01T12:00:00,9",
        "2020/10/01 12:00",
        "2020.10.01 12:00",
        "01.10.2020 12:00:00",
        "01.10.2020 12:00",
        "01.10.2020, 12:00",
        "01.10.2020 в 12:00",
        "01.10.2020, в 12:00",
        "01/10/2020 12:00",
        "01.10.20 12:00",
        "1 октября 2020 12:00",
        "1 Октября 2020 г. 12:00",
        "1 октября 2020 г., 12:00",
        "1 октября 2020 года в 12:00:00",
        "1 окт. 2020 12:00",
        "1 окт 2020, 12:00",
        "01.10.2020 г. 12:00",
        "  01.10.2020\u00a0 12:00 ",
        "'01.10.2020 12:00",
        '="01.10.2020 12:00"',
        "2020-10-01T09:00:00Z",
        "2020-10-01 09:00:00 UTC",
        "2020-10-01T12:00:00+03:00",
        "2020-10-01T12:00:00.5+0300",
        "2020-10-01T12:00+03",
        "2020-10-01T14:30:00+05:30",
        "2020-10-01 05:00:00-04:00",
        "2020-10-01 09:00:00 GMT",
        "2020-10-01 12:00 UTC+3",
        "2020-10-01 12:00 GMT+0300",
        "2020-10-01 12:00 GMT +03:00",
        "2020-10-01 12:00 MSK",
        "2020-10-01 12:00 +3",
        "2020-10-01 12:00 PM",
        "2020/10/01 12:00:00 p.m.",
        "01.10.2020 09:00Z",
        "01.10.2020 09:00 UTC",
        "01.10.2020 12:00 МСК",
        "01.10.2020 12:00 (МСК)",
        "01.10.2020 14:00 МСК+2",
        "01.10.2020 12:00 +03:00",
        "01.10.2020 12:00:00+0300",
        "01.10.2020 05:00 -04:00",
        "01.10.2020 05:00:00-04:00",
        "01.10.2020 12:00 PM",
        "01.10.2020 09:00 AM UTC",
        "1.10.20, 12:00pm",
        "01/10/2020 12:00 UTC+3",
        "1 октября 2020 г. в 12:00 UTC+3",
        "01.10.2020 12:00+3",
        "01.10.2020 12:00 +3:00",
        "01.10.2020 12:00:00 +0300 (MSK)",
        "01.10.2020 12:00 p. m.",
        "1 Oct 2020 12:00",
        "Oct 1, 2020 12:00 PM",
        "Thu Oct 01 2020 12:00:00 GMT+0300 (Moscow Standard Time)",
        "Thu, 01 Oct 2020 09:00:00 GMT",
        dt.datetime(2020, 10, 1, 12, 0, 0, 999999),  # noqa: DTZ001 - naive is the account's clock
        dt.datetime(2020, 10, 1, 9, 0, 0, 5, tzinfo=dt.UTC),
        dt.datetime(2020, 10, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=5))),
        pd.Timestamp("2020-10-01 12:00:00.123456789"),
        pd.Timestamp("2020-10-01 09:00:00.123456789", tz="UTC"),
        np.datetime64("2020-10-01T12:00:00.5"),
    ],
)
def test_every_accepted_form_gives_the_moment(cell):
    assert read_one(cell) == (NOON, None)


@pytest.mark.parametrize("cell", ["2020-10-01", "01.10.2020", "01.10.20", "1 октября 2020 г.", dt.date(2020, 10, 1)])
def test_a_date_alone_is_midnight(cell):
    assert read_one(cell) == ("2020-10-01T00:00:00", None)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("03.04.2020", "2020-04-03"),
        ("03/04/2020", "2020-04-03"),
        ("2020-03-04", "2020-03-04"),
        ("03.04.05", "2005-04-03"),
    ],
)
def test_day_first_unless_a_year_is(cell, day):
    assert read_one(cell) == (f"{day}T00:00:00", None)


@pytest.mark.parametrize(
    "cell",
    [
        "04/13/2020",  # the month would fit the other way round, and is not tried
        "2020-13-01",
        "2020-30-01",
        "31.02.2020",
        "29.02.2021",
        "00.10.2020",
        "01.00.2020",
        "01.10.2020 25:00",
        "01.10.2020 24:00",
        "01.10.2020 12:60",
        "01.10.2020 12:00:60",
        "01.10.2020 13:00 PM",
        "01.10.2020 0:00 PM",
        "01/10/2020 12:00 PM",  # who writes so may have the month first
        "10/01/2020 1:00 am",
        "10/01/20 1:00 am",
        "01.10.2020 10:00-12:00",  # a span
        "01.10.2020 12:00 - 13:00",
        "01.10.2020 12:00 +15:00",
        "01.10.2020 12:00 UTC+99",
        "01.10.2020 12:00 -3",
        "01.10.2020 12:00 EST",
        "01.10.2020 12:00 (EST)",
        "01.10.2020 12:00:00-05:00 MSK",
        "2020-10-01 12:00-13:00",
        "01-10.2020",
        "01-10-20",
        "01/10/20",
        "44105.5",
        "20201001",
        "1601542800",
        "1 foo 2020",
        "1 окно 2020",
        "31.12.1899",
        "01.01.2101",
        "2020-10-01T12:00+24:00",
        "2020-10-01T12:00+03:60",
        "вчера",
        "0\u0661.10.2020",
        44105.5,
        44105,
        pytest.param(10**5000, id="huge"),
        float("inf"),
        True,
        dt.time(12, 0),
        dt.timedelta(1),
        [NOON],
        {},
        b"2020-10-01",
        "\ud800",
        dt.datetime(1, 1, 1),  # noqa: DTZ001 - naive is the account's clock
        dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        dt.datetime(2020, 10, 1, tzinfo=BrokenZone()),
        np.datetime64(10**15, "Y"),
        pd.Period("2020-10"),
    ],
)
def test_what_does_not_fit_is_a_problem_that_names_the_accepted_forms(cell):
    moment, problem = read_one(cell)
    assert moment == "NaT"
    assert "01.10.2020 12:00" in problem
    assert "day first" in problem
    assert len(problem) < 300


@pytest.mark.parametrize(
    "cell",
    [
        "31.02.2020 12:00:00",
        "44105.5",
        44105.5,
        "44105.5208333333",
        "01/10/2020 12:00 PM",
        "01 10 2020 12:00",
        "2020.10.01.12.00",
        "2020-10-01-12-00-00",
        "01 октября 2020 12 00",
        "01.10.2020 12:00 UTC+99",
        "01.10.2020 10:00-12:00",
        "30.02.2024 10:00:00 +03:00",
    ],
)
def test_a_problem_names_the_value(cell):
    assert str(cell) in read_one(cell)[1]


def test_a_problem_says_what_a_value_may_be():
    assert "44105.5 may be 2020-10-01 12:00:00 as Excel stores it" in read_one(44105.5)[1]
    assert "may have the month first" in read_one("10/01/2020 1:00 am")[1]


@pytest.mark.parametrize(
    "cell", ["8 915 777-11-22", 89157771122, "ivan.petrov@mail.ru", "тел 89157771122", "01.10.2020 89157771122"]
)
def test_a_contact_in_the_wrong_column_is_not_shown(cell):
    problem = read_one(cell)[1]
    shown = problem[: problem.index(" is not a date")]
    assert "petrov" not in shown
    assert "7771122" not in "".join(sign for sign in shown if sign.isdigit())


@pytest.mark.parametrize(
    "cell", [None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), "", " ", "-", "нет", "NaT", '=""']
)
def test_a_missing_cell_is_no_moment_and_no_problem(cell):
    assert read_one(cell) == ("NaT", None)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_naive_datetime_column_is_the_wall_clock(unit):
    cells = pd.Series(np.array(["2020-10-01T12:00:00.7", "NaT", "1969-12-31T23:59:59.5"], dtype=f"datetime64[{unit}]"))
    assert read(cells).local.astype(str).tolist() == [NOON, "NaT", "1969-12-31T23:59:59"]
    assert read(cells).problems.tolist() == [None, None, None]


def test_an_aware_datetime_column_is_converted():
    cells = pd.Series(
        pd.to_datetime(["2020-10-01 09:00:00.7", None, "2020-07-01 00:00:00"], format="ISO8601", utc=True)
    )
    found = read(cells, "Europe/Berlin")
    assert found.local.astype(str).tolist() == ["2020-10-01T11:00:00", "NaT", "2020-07-01T02:00:00"]
    assert found.problems.tolist() == [None, None, None]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_years_out_of_range_in_a_datetime_column_are_problems(zone):
    cells = pd.Series(np.array(["1899-12-31", "2200-01-01"], dtype="datetime64[ns]")).dt.tz_localize(zone)
    found = read(cells)
    assert np.isnat(found.local).all()
    assert all("years 1900 to 2100" in problem for problem in found.problems)


def test_summer_time_far_ahead_follows_the_zone():
    assert read_one("2050-07-01T10:00:00Z", "Europe/Berlin") == ("2050-07-01T12:00:00", None)


@pytest.mark.parametrize("dtype", [object, "string", "category", "str"])
def test_a_text_column_keeps_rows_and_order_whatever_its_dtype_and_index(dtype):
    cells = pd.Series(["01.10.2020", None, "junk", "2020-10-01", "01.10.2020"], dtype=dtype, index=[3, 3, 2, 1, 0])
    found = read(cells)
    day = "2020-10-01T00:00:00"
    assert found.local.astype(str).tolist() == [day, "NaT", "NaT", day, day]
    assert [problem is None for problem in found.problems] == [True, True, False, True, True]


@pytest.mark.parametrize("dtype", ["timestamp[us][pyarrow]", "date32[pyarrow]", "category"])
def test_other_datetime_columns_are_read(dtype):
    cells = pd.Series(pd.to_datetime(["2020-10-01", None])).astype(dtype)
    assert read(cells).local.astype(str).tolist() == ["2020-10-01T00:00:00", "NaT"]


@pytest.mark.parametrize(
    "cells", [pd.Series([], dtype=object), pd.Series([], dtype="datetime64[ns]"), pd.Series([], dtype=float)]
)
def test_an_empty_column_gives_no_rows(cells):
    assert len(read(cells).local) == 0


@pytest.mark.parametrize("cells", [pd.Series([1, 2]), pd.Series([1.5, 2.5]), pd.Series([True, False])])
def test_a_column_of_numbers_is_all_problems(cells):
    assert all("is not a date" in problem for problem in read(cells).problems)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ConfigError, match="Europe/Moscow"):
        parse_moments(pd.Series(["01.10.2020"]), "Moscow")
