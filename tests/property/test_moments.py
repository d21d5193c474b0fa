"""Moments come back from every form in which they are written, and no cell raises."""

import datetime as dt
import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctnb.leads.moments.parse import parse_moments
from ctnb.leads.moments.two_columns import in_one_column

MOSCOW = "Europe/Moscow"
MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
SHORT_MONTHS = ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]

moments = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2099, 12, 31, 23, 59, 59))  # noqa: DTZ001 - wall clock

FORMS = {
    "vendor": lambda m: m.strftime("%d-%m-%Y %H:%M:%S"),
    "iso": lambda m: m.replace(microsecond=0).isoformat(),
    "iso with a blank": lambda m: m.strftime("%Y-%m-%d %H:%M:%S"),
    "iso with a fraction": lambda m: m.isoformat(timespec="microseconds"),
    "dots": lambda m: m.strftime("%d.%m.%Y %H:%M:%S"),
    "slashes": lambda m: m.strftime("%d/%m/%Y %H:%M:%S"),
    "comma": lambda m: m.strftime("%d.%m.%Y, %H:%M:%S"),
    "at": lambda m: m.strftime("%d.%m.%Y в %H:%M:%S"),
    "no leading zeros": lambda m: f"{m.day}.{m.month}.{m.year} {m.hour}:{m:%M:%S}",
    "halves of the day": lambda m: f"{m:%d.%m.%Y} {m.hour % 12 or 12}:{m:%M:%S} {'AM' if m.hour < 12 else 'PM'}",
    "Moscow's name": lambda m: m.strftime("%d.%m.%Y %H:%M:%S МСК"),
    "an offset behind": lambda m: m.strftime("%d.%m.%Y %H:%M:%S +03:00"),
    "in words": lambda m: f"{m.day} {MONTHS[m.month - 1]} {m.year} г. {m:%H:%M:%S}",
    "in short words": lambda m: f"{m.day} {SHORT_MONTHS[m.month - 1]}. {m.year}, {m:%H:%M:%S}",
    "object": lambda m: m,
    "timestamp": pd.Timestamp,
    "numpy": np.datetime64,
}
SHIFTED = {"Moscow's name", "an offset behind"}


def read(cells, dtype=object, timezone=MOSCOW):
    return parse_moments(pd.Series(cells, dtype=object).astype(dtype), timezone, serials=False)


@pytest.mark.parametrize("form", FORMS)
@given(wanted=st.lists(moments, min_size=1, max_size=8))
def test_a_moment_comes_back_from_every_form_to_the_second(form, wanted):
    found = read([FORMS[form](moment) for moment in wanted])
    expected = [moment.replace(microsecond=0) for moment in wanted]
    if form in SHIFTED:
        # Moscow's clock was not always three hours ahead.
        aware = [moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=3))) for moment in expected]
        expected = [moment.astimezone(zoneinfo.ZoneInfo(MOSCOW)).replace(tzinfo=None) for moment in aware]
    assert found.local.tolist() == expected
    assert not any(found.problems)


@given(moment=moments, apart=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y"]))
def test_a_moment_comes_back_from_two_columns(moment, apart):
    dates, times = pd.Series([moment.strftime(apart)]), pd.Series([moment.strftime("%H:%M:%S")])
    for written in (dates, pd.Series([pd.Timestamp(moment).normalize()])):
        for clock in (
            times,
            pd.Series([moment.time()]),
            pd.Series([pd.Timestamp(moment) - pd.Timestamp(moment).normalize()]),
        ):
            found = parse_moments(in_one_column(written, clock, serials=False), MOSCOW)
            assert found.local.tolist() == [moment.replace(microsecond=0)]


@given(st.integers(36_526 * 86_400, 73_051 * 86_400 - 1))
def test_a_serial_comes_back_to_the_second(seconds):
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=seconds)  # noqa: DTZ001 - wall clock
    number = seconds / 86_400
    for cells in ([number], [str(number)], [f"{number:.6f}".replace(".", ",")]):
        assert parse_moments(pd.Series(cells), MOSCOW).local.tolist() == [moment]


@given(wanted=st.lists(moments.filter(lambda m: m.year >= 2000), min_size=1))
def test_a_two_digit_year_is_of_this_century(wanted):
    found = read([moment.strftime("%d.%m.%y %H:%M") for moment in wanted])
    assert found.local.tolist() == [moment.replace(second=0, microsecond=0) for moment in wanted]


@pytest.mark.parametrize("zone", [MOSCOW, "UTC", "Asia/Kathmandu", "America/New_York", "Europe/Berlin"])
@given(wanted=st.lists(moments, min_size=1, max_size=8), minutes=st.sampled_from([0, 180, -240, 330, 345, -570, 840]))
def test_an_aware_moment_comes_back_as_the_wall_clock_of_the_zone(zone, wanted, minutes):
    aware = [moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes))) for moment in wanted]
    clock = [moment.astimezone(zoneinfo.ZoneInfo(zone)) for moment in aware]
    expected = [moment.replace(microsecond=0, tzinfo=None) for moment in clock]
    for cells in (
        aware,
        [moment.isoformat() for moment in aware],
        [moment.strftime("%Y-%m-%d %H:%M:%S%z") for moment in aware],
    ):
        found = read(cells, timezone=zone)
        assert found.local.tolist() == expected
        assert not any(found.problems)
    column = pd.Series(pd.to_datetime(pd.Series(aware), utc=True))
    assert parse_moments(column, zone).local.tolist() == expected


@pytest.mark.parametrize("dtype", ["string", "str", "category"])
@given(wanted=st.lists(moments, max_size=8))
def test_every_text_dtype_gives_the_same(dtype, wanted):
    cells = [FORMS["vendor"](moment) for moment in wanted] + [None, "junk"]
    found, plain = read(cells, dtype), read(cells)
    np.testing.assert_array_equal(found.local, plain.local)
    assert found.problems.tolist() == plain.problems.tolist()


@given(st.integers(1, 12), st.integers(1, 31), st.integers(1970, 2099), st.sampled_from("./-"))
def test_day_and_month_are_never_swapped(month, day, year, mark):
    texts = [f"{day:02d}{mark}{month:02d}{mark}{year}", f"{year}{mark}{month:02d}{mark}{day:02d}"]
    try:
        wanted = dt.datetime(year, month, day)  # noqa: DTZ001 - wall clock
    except ValueError:
        wanted = None
    assert read(texts).local.tolist() == [wanted, wanted]


@given(
    day=st.integers(0, 40),
    month=st.integers(0, 20),
    year=st.integers(1900, 2100),
    hour=st.integers(0, 30),
    minute=st.integers(0, 70),
    second=st.integers(0, 70),
)
@example(day=29, month=2, year=2100, hour=0, minute=0, second=0)
@example(day=29, month=2, year=2000, hour=23, minute=59, second=59)
def test_the_vendors_form_is_read_as_strptime_reads_it(*, day, month, year, hour, minute, second):
    text = f"{day:02d}-{month:02d}-{year:04d} {hour:02d}:{minute:02d}:{second:02d}"
    try:
        wanted = dt.datetime.strptime(text, "%d-%m-%Y %H:%M:%S")  # noqa: DTZ007 - wall clock
    except ValueError:
        wanted = None
    found = read([text])
    assert found.local.tolist() == [wanted]
    assert (found.problems[0] is None) == (wanted is not None)


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.timedeltas(),
    st.lists(st.integers(), max_size=2),
    moments.map(FORMS["vendor"]),
    st.text(st.sampled_from(list("0123456789.-/: TZв+г,я")), max_size=25),
    st.text(st.characters(), max_size=20),
)


@given(st.lists(junk, max_size=12))
def test_no_cell_raises_and_each_is_read_by_itself(cells):
    found = read(cells)
    alone = [read([cell]) for cell in cells]
    np.testing.assert_array_equal(found.local, np.array([one.local[0] for one in alone], dtype="datetime64[s]"))
    assert found.problems.tolist() == [one.problems[0] for one in alone]
    assert not (~np.isnat(found.local) & (found.problems.codes >= 0)).any()
