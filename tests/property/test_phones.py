"""Phones are read as the library reads them, and a column as its cells one by one."""

import functools
import random

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messy_phones import messy_cell
from noted_phones import count_cells, some_cell
from phone_soak import soak
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from ctnb.leads.phones import numbering_plan, one_cell
from ctnb.leads.phones.api import parse_phones, phones_in

FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXAMPLES = [
    (region, number)
    for region in REGIONS
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
SEPARATORS = [",", ", ", ";", "; ", "|", " / ", "/", "\\", "\n", "\r\n", "\t", " и ", " или ", " or ", " AND "]

default_regions = st.sampled_from(["RU", "KZ", "BY", "US", "DE", "GB", "IT"])
signs = st.sampled_from(list("0123456789+()-. \u00a0\u2011９x#~*,;/доб"))


def library(text, region):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ()
    if not phonenumbers.is_valid_number(number):
        return ()
    return (phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:],)


def spellings(number):
    digits = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
    yield from (phonenumbers.format_number(number, form) for form in FORMATS)
    yield from (digits, phonenumbers.national_significant_number(number))


@st.composite
def russian_mobiles(draw):
    return f"79{draw(st.integers(10, 19))}{draw(st.integers(10**6, 10**7 - 1))}"


@pytest.mark.parametrize("region", REGIONS)
def test_every_format_of_every_region_is_read_as_the_library_reads_it(region):
    for home, number in EXAMPLES:
        if home == region:
            for text in spellings(number):
                for default in (region, "RU", "US", "DE"):
                    assert phones_in(text, default).contacts == library(text, default), (text, default)


@given(st.sampled_from(EXAMPLES), default_regions, st.sampled_from(range(6)), st.data())
def test_rewritten_numbers_are_read_as_the_library_reads_them(example, default, spelling, data):
    text = list(spellings(example[1]))[spelling]
    gaps = {" ": st.sampled_from([" ", "\u00a0", "-", "  ", "", "."]), "-": st.sampled_from(["-", "\u2011", " ", ""])}
    text = "".join(data.draw(gaps[sign]) if sign in gaps else sign for sign in text)
    if data.draw(st.booleans()):
        text = text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    if data.draw(st.booleans()):
        text = f" ({text}) "
    if not text.strip(" ()").startswith("tel") or ";" not in text:
        assert phones_in(text, default).contacts == library(text, default)


@given(st.text("0123456789", min_size=1, max_size=25), st.sampled_from(["", "+", "8 ", "00"]), default_regions)
def test_digit_strings_are_read_as_the_library_reads_them(digits, prefix, region):
    wanted = library(prefix + digits, region)
    # Where an 8 that stands alone is a trunk prefix, it begins no area code.
    is_trunk = prefix.strip() == PhoneMetadata.metadata_for_region(region).national_prefix
    is_swallowed = is_trunk and wanted and wanted[0].endswith("8" + digits)
    assert phones_in(prefix + digits, region).contacts == (() if is_swallowed else wanted)


@given(st.integers(0, 10**16), default_regions)
def test_numbers_are_read_as_their_digits(number, region):
    wanted = library(str(number), region)
    assert phones_in(number, region).contacts == wanted
    assert phones_in(np.int64(number), region).contacts == wanted
    if number < 2**53:
        assert phones_in(float(number), region).contacts == wanted
    if number >= 10**4:
        assert phones_in(f"{number}.0", region).contacts == wanted
        assert phones_in(f"{number},0", region).contacts == wanted


@given(russian_mobiles(), st.sampled_from(".,"), st.sampled_from(["E+", "e", "E"]))
def test_exponent_forms_with_all_their_digits_are_the_number(phone, point, exponent):
    text = f"{phone[0]}{point}{phone[1:]}{exponent}10"
    assert phones_in(text) == ((phone,), None)


@given(russian_mobiles(), st.integers(0, 6))
def test_exponent_forms_that_lost_digits_give_no_number(phone, kept):
    found = phones_in(f"{float(phone):.{kept}E}")
    assert found.contacts == ()
    assert "lost final digits" in found.problem


@given(st.sampled_from(REGIONS), st.data())
def test_numbers_between_separators_come_in_order_without_repeats(region, data):
    numbers = [number for home, number in EXAMPLES if home == region]
    form = data.draw(st.sampled_from(FORMATS))
    texts = [phonenumbers.format_number(number, form) for number in numbers if library_agrees(number, form, region)]
    if texts:
        texts = data.draw(st.lists(st.sampled_from(texts), min_size=2, max_size=5))
        wanted = tuple(dict.fromkeys(phone for text in texts for phone in library(text, region)))
        assert phones_in(data.draw(st.sampled_from(SEPARATORS)).join(texts), region).contacts == wanted


def library_agrees(number, form, region):
    digits = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
    return library(phonenumbers.format_number(number, form), region) == (digits,)


@given(
    st.lists(russian_mobiles(), min_size=2, max_size=6), st.sampled_from([*SEPARATORS, " "]), st.sampled_from(["", "+"])
)
def test_several_russian_numbers_are_all_found(phones, separator, plus):
    assert phones_in(separator.join(plus + phone for phone in phones)) == (tuple(dict.fromkeys(phones)), None)


junk = st.one_of(
    st.none(),
    st.just(pd.NA),
    st.just(pd.NaT),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.floats(width=32).map(np.float32),
    st.decimals(),
    st.complex_numbers(),
    st.binary(max_size=12),
    st.datetimes(),
    russian_mobiles(),
    russian_mobiles().map(float),
    st.text(signs, max_size=40),
    st.text(st.characters(), max_size=40),
)
cells = st.one_of(junk, st.lists(junk, max_size=3), st.sets(st.text(signs, max_size=20), max_size=3), st.tuples(junk))


@settings(deadline=None)
@given(st.lists(cells, max_size=12))
def test_a_mixed_column_equals_its_cells_one_by_one(items):
    column = pd.Series(items * 2, dtype=object)
    found = parse_phones(column)
    assert (
        list(zip(map(tuple, found.values.tolist()), found.problems, strict=True))
        == [phones_in(cell) for cell in items] * 2
    )


@pytest.mark.parametrize("dtype", [object, "string", "str", "category"])
@settings(deadline=None)
@given(items=st.lists(st.none() | russian_mobiles() | st.text(signs, max_size=40), max_size=12))
def test_a_text_column_of_any_dtype_equals_its_cells_one_by_one(dtype, items):
    column = pd.Series(items * 2, dtype=object).astype(dtype)
    found = parse_phones(column)
    assert list(zip(map(tuple, found.values.tolist()), found.problems, strict=True)) == [
        phones_in(cell) for cell in column
    ]


@settings(deadline=None)
@given(st.lists(st.floats() | russian_mobiles().map(float), max_size=12), st.sampled_from(["float64", "float32"]))
def test_a_float_column_equals_its_cells_one_by_one(items, dtype):
    with np.errstate(over="ignore"):
        column = pd.Series(np.array(items, dtype="float64").astype(dtype))
    found = parse_phones(column)
    assert list(zip(map(tuple, found.values.tolist()), found.problems, strict=True)) == [
        phones_in(cell) for cell in column.to_numpy()
    ]


@pytest.fixture
def eager(monkeypatch):
    """Make a table of the numbering plan for every kind of number, however few there are."""
    monkeypatch.setattr(numbering_plan, "FEWEST_STRINGS", 1)


@pytest.fixture
def remembered(monkeypatch):
    """Ask the library once about each text: the cells of these columns have many in common, and its answer is slow."""
    valid_phone, phones_of_note = functools.cache(one_cell.valid_phone), functools.cache(one_cell.phones_of_note)
    monkeypatch.setattr(one_cell, "valid_phone", valid_phone)
    monkeypatch.setattr(one_cell, "phones_of_note", phones_of_note)
    monkeypatch.setattr(numbering_plan, "valid_phone", valid_phone)


def pairs(found):
    return list(zip(map(tuple, found.values.tolist()), found.problems, strict=True))


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.usefixtures("remembered")
def test_a_column_of_every_format_equals_its_cells_one_by_one(region):
    texts = [text for home, number in EXAMPLES if home == region for text in spellings(number)]
    texts += [f" ({text}) доб. 12" for text in texts] + [f"{first}, {second}" for first in texts for second in texts]
    column = pd.Series(texts, dtype=object)
    for default in (region, "RU", "US", "DE"):
        assert pairs(parse_phones(column, default)) == [phones_in(text, default) for text in texts]


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["RU", "KZ", "BY", "US", "DE", "GB", "IT"]), st.integers(0, 2**32))
def test_a_messy_column_equals_its_cells_one_by_one(region, seed):
    rng = random.Random(seed)
    texts = [messy_cell(rng, region) for _ in range(25)]
    assert pairs(parse_phones(pd.Series(texts, dtype=object), region)) == [phones_in(text, region) for text in texts]


@pytest.mark.parametrize(
    "dtype", ["int64", "Int64", "uint64", "float64", "Float64", "int64[pyarrow]", "double[pyarrow]"]
)
@pytest.mark.usefixtures("eager")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2**53) | russian_mobiles().map(int) | st.integers(0, 10**12), max_size=12))
def test_a_column_of_numbers_equals_its_cells_one_by_one(dtype, items):
    column = pd.Series(items, dtype=dtype)
    assert pairs(parse_phones(column)) == [phones_in(cell) for cell in column]


@given(cells)
def test_whatever_is_found_is_valid_and_nothing_raises(cell):
    for phone in phones_in(cell).contacts:
        assert library(f"+{phone}", "RU") == (phone,)


@pytest.mark.parametrize("seed", range(3))
def test_one_written_number_gives_no_stranger(seed):
    counts = count_cells(lambda text: phones_in(text).contacts, 1_500, seed)
    print(f"right {counts.right}, other country {counts.country}, part {counts.part}, digit of a note {counts.note}")
    assert counts.examples == []
    assert counts.right > 400


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32))
def test_a_column_of_notes_equals_its_cells_one_by_one(seed):
    rng = random.Random(seed)
    texts = [some_cell(rng).text for _ in range(25)]
    assert pairs(parse_phones(pd.Series(texts, dtype=object))) == [phones_in(text) for text in texts]


@pytest.mark.parametrize("region", ["RU", "KZ", "BY", "US"])
def test_a_short_soak_finds_no_difference(region):
    assert soak(region, cells=1500, seed=1).mismatches == []
