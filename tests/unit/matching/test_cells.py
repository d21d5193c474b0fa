"""Cells of journals: several items, flags, dates."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ctnb.exceptions import ConfigError
from ctnb.matching.cells import CONTACT_SEPARATORS, TAG_SEPARATORS, flags_of, id_texts, instants_of, items_of
from ctnb.matching.instants import NO_INSTANT

HALF_PAST_NINE = 1_778_751_000_000_000
"""14 May 2026, 12:30 in Moscow."""


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("79165551101", ["79165551101"]),
        ("+7 916 555-11-01, 8 (915) 777-11-22", ["+7 916 555-11-01", "8 (915) 777-11-22"]),
        ("a; b / c | d\ne", ["a", "b", "c", "d", "e"]),
        (" ; ,", []),
        ("", []),
        (None, []),
        (np.nan, []),
        (79165551101, ["79165551101"]),
        (79165551101.0, ["79165551101"]),
        (["a ", None, "", "b"], ["a", "b"]),
        (("a",), ["a"]),
        (np.array(["a", "b"], dtype=object), ["a", "b"]),
        ([79165551101], ["79165551101"]),
        ([], []),
    ],
)
def test_several_items_of_a_cell_are_read_as_several(cell, items):
    assert items_of(pd.Series([cell], dtype=object), CONTACT_SEPARATORS).to_pylist() == [items]


def test_texts_lists_and_numbers_may_stand_in_one_column():
    column = pd.Series(["a, b", ["c"], None, 7], dtype=object)
    assert items_of(column, TAG_SEPARATORS).to_pylist() == [["a", "b"], ["c"], [], ["7"]]


@pytest.mark.parametrize(
    ("cells", "items"),
    [
        ([79165551101.0, "8 (916) 555-11-02"], [["79165551101"], ["8 (916) 555-11-02"]]),
        (["79165551101.0; 8 (916) 555-11-02", ["a"]], [["79165551101.0", "8 (916) 555-11-02"], ["a"]]),
        ([[79165551101.0, "+7 916 555-11-02", None], "a"], [["79165551101", "+7 916 555-11-02"], ["a"]]),
        (["7.5", 7.5, ["1e5", np.float64(7)]], [["7.5"], ["7.5"], ["1e5", "7"]]),
    ],
)
def test_no_item_is_lost_for_what_stands_beside_it(cells, items):
    assert items_of(pd.Series(cells, dtype=object), CONTACT_SEPARATORS).to_pylist() == items


def test_a_text_beside_lists_alone_is_not_taken_for_a_list_of_its_letters():
    column = pd.Series(["abc", ["d"], None], dtype=object)
    assert items_of(column, TAG_SEPARATORS).to_pylist() == [["abc"], ["d"], []]


@pytest.mark.parametrize("dtype", ["object", "string", "category", pd.ArrowDtype(pa.string())])
def test_the_dtype_of_texts_changes_nothing(dtype):
    column = pd.Series(["a, b", None, "c"], dtype=dtype)
    assert items_of(column, TAG_SEPARATORS).to_pylist() == [["a", "b"], [], ["c"]]


def test_arrows_lists_are_lists():
    column = pd.Series([["a", "b"], None], dtype=pd.ArrowDtype(pa.list_(pa.string())))
    assert items_of(column, TAG_SEPARATORS).to_pylist() == [["a", "b"], []]


@pytest.mark.parametrize(
    ("column", "truths"),
    [
        (pd.Series([True, False]), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [True, False]),
        (pd.Series([1, 0]), [True, False]),
        (pd.Series([1.0, np.nan]), [True, False]),
        (
            pd.Series(["True", "false", " 1 ", "Да", "нет", "", None], dtype=object),
            [True, False, True, True] + [False] * 3,
        ),
        (pd.Series(["yes", "no"], dtype="category"), [True, False]),
    ],
)
def test_flags_are_read_in_every_form(column, truths):
    assert flags_of(column).tolist() == truths


def test_an_id_is_read_as_the_deals_ids_are():
    assert id_texts(pd.Series([123.0, np.nan])).to_pylist() == ["123", None]
    assert id_texts(pd.Series(["1767261234.5512", " x ", ""], dtype=object)).to_pylist() == [
        "1767261234.5512",
        "x",
        None,
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "14-05-2026 12:30:00",
        "14.05.2026 12:30",
        "2026-05-14 12:30:00",
        "2026-05-14T09:30:00Z",
        "2026-05-14 11:30:00+02:00",
        dt.datetime(2026, 5, 14, 12, 30),  # noqa: DTZ001 - the account's clock
        dt.datetime(2026, 5, 14, 9, 30, tzinfo=dt.UTC),
        pd.Timestamp("2026-05-14 12:30"),
    ],
)
def test_every_form_of_date_is_the_same_instant(cell):
    column = pd.Series([cell, None], dtype=object)
    assert instants_of(column, "Europe/Moscow", "calls").tolist() == [HALF_PAST_NINE, NO_INSTANT]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Moscow"])
def test_datetimes_are_read_whatever_their_unit(unit, zone):
    clock = pd.Series(pd.to_datetime(["2026-05-14 12:30", None])).astype(f"datetime64[{unit}]")
    column = clock if zone is None else clock.dt.tz_localize("Europe/Moscow").dt.tz_convert(zone)
    assert instants_of(column, "Europe/Moscow", "calls").tolist() == [HALF_PAST_NINE, NO_INSTANT]


def test_fractions_of_a_second_are_kept():
    column = pd.Series(pd.to_datetime(["2026-05-14 12:30:00.250"]))
    assert instants_of(column, "Europe/Moscow", "calls").tolist() == [HALF_PAST_NINE + 250_000]


def test_an_aware_date_is_its_instant_though_the_clock_shows_it_twice():
    texts = pd.Series(["2026-10-25 02:30:00+02:00", "2026-10-25 02:30:00+01:00"])
    first, second = instants_of(texts, "Europe/Berlin", "calls").tolist()
    assert second - first == 3_600_000_000
    assert instants_of(pd.to_datetime(texts, utc=True), "Europe/Berlin", "calls").tolist() == [first, second]


def test_a_date_that_cannot_be_read_is_named_with_its_row():
    with pytest.raises(ConfigError, match=re.escape("journal of calls, row 1 (counted from 0)")) as error:
        instants_of(pd.Series(["14-05-2026 12:30", "soon", "31-02-2026"]), "Europe/Moscow", "calls")
    assert "'soon'" in str(error.value)
    assert "2 rows" in str(error.value)


@pytest.mark.parametrize("cell", ["8 (916) 555-11-01", 79165551101, "ivan.petrov@mail.ru"])
def test_a_contact_in_the_place_of_a_date_is_masked(cell):
    with pytest.raises(ConfigError) as error:
        instants_of(pd.Series([cell]), "Europe/Moscow", "calls")
    assert not re.search("555|petrov", str(error.value))
