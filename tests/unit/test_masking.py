"""The masking of contacts: each text through every strength and every kind of column."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from ctnb.masking import Strength, masked, masked_phone

SCREEN, SHARED, STORED = Strength.SCREEN, Strength.SHARED, Strength.STORED
COLUMNS = ("text", "phones", "emails", "dates", "ids")

# A text, then how the analyst sees it, then how all others do.
TEXTS = [
    ("В работе: Анна", "В работе: Анна", "В работе: Анна"),
    ("", "", ""),
    # Phones that are one for everybody.
    ("+7(915)777-11-22", "+7(915)***-**-22", "+7(915)***-**-22"),
    ("8 915 777 11 22; 89157771122x", "8 915 *** ** 22; 8915*****22x", "8 915 *** ** 22; 8915*****22x"),
    ("8.915.777.11.22, 8–915–777–11–22", "8.915.***.**.22, 8–915–***–**–22", "8.915.***.**.22, 8–915–***–**–22"),
    ("8/915/777−11−22", "8/915/***−**−22", "8/915/***−**−22"),
    ("9157771122", "9157****22", "9157****22"),
    ("٧٩١٥٧٧٧١١٢٢", "٧٩١٥*****٢٢", "٧٩١٥*****٢٢"),
    ("79157771122 +79157771133", "7915*****22 +7915*****33", "7915*****22 +7915*****33"),
    ("1234567890123456", "1234**********56", "1234**********56"),
    ("777-11-22", "***-**-22", "***-**-22"),
    ("+5551122", "+*****22", "+*****22"),
    # Numbers that may be a phone without its code, and may be something else.
    ("7771122", "7771122", "*****22"),
    ("call 904500123", "call 904500123", "call *******23"),
    ("Сумма 1 500 000 ₽", "Сумма 1 500 000 ₽", "Сумма * *** *00 ₽"),
    ("900 000 of 12 345", "900 000 of 12 345", "900 000 of 12 345"),
    # E-mails.
    ("a.b@c.ru, ivan@mail.ru", "a***@c.ru, i***@mail.ru", "a***@c.ru, i***@mail.ru"),
    ("mailto:ivan.petrov+crm@mail.ru?", "mailto:i***@mail.ru?", "mailto:i***@mail.ru?"),
    ('"иван@почта.рф"', '"и***@почта.рф"', '"и***@почта.рф"'),
    ("a@b@c.ru", "a***@b@c.ru", "a***@b@c.ru"),
    ("ivan@@mail.ru, petr@", "i***@mail.ru, p***@", "i***@mail.ru, p***@"),
    ("89157771122@mail.ru", "8***@mail.ru", "8***@mail.ru"),
    ("ivan@79157771122.ru", "i***@7915*****22.ru", "i***@7915*****22.ru"),
    ("@ 12:30", "@ 12:30", "@ 12:30"),
    # What nobody sees hides nothing.
    ("8\u200b9157771122 iv\u2060an@mail.ru", "8915*****22 i***@mail.ru", "8915*****22 i***@mail.ru"),
    ("777\u00ad-11-22", "***-**-22", "***-**-22"),
    # Dates stay, wherever they stand.
    *(
        (text, text, text)
        for text in [
            "2024-03-01",
            "01.03.2024 и 1/3/2024.",
            "2026-03-02 08:32:08.123456789, 2026-03-02T08:32+03:00",
            "01.03.24 10:00",
            "0000-00-00 00:00:00",
            "31.02.2024, 2024-13-39",
            "01.03.2024-05.03.2024",
            "rows 12345 2024-03-01 10:00",
        ]
    ),
    ("02.03.2026 89157771122", "02.03.2026 8915*****22", "02.03.2026 8915*****22"),
    ("89157771122 02.03.2026", "8915*****22 02.03.2026", "8915*****22 02.03.2026"),
    # A part of a phone is not a date.
    ("+7 915 2024-11-22", "+7 915 ****-**-22", "+7 915 ****-**-22"),
    ("8 3952 21-11-22 10:00", "8 395* **-**-** 10:00", "8 395* **-**-** 10:00"),
    ("8-915-01.01.2024", "8-915-**.**.**24", "8-915-**.**.**24"),
    ("20240301", "20240301", "******01"),
]


@pytest.mark.parametrize(("text", "on_screen", "shared"), TEXTS)
def test_a_text_is_masked_by_the_strength(text, on_screen, shared):
    assert (masked(text, SCREEN), masked(text, SHARED)) == (on_screen, shared)


@pytest.mark.parametrize(("text", "on_screen", "shared"), TEXTS)
def test_what_is_masked_stays_as_it_is_when_it_is_masked_again(text, on_screen, shared):
    assert masked(on_screen, SCREEN) == on_screen
    assert masked(shared, SCREEN) == shared
    assert masked(shared, SHARED) == shared


@pytest.mark.parametrize(
    ("cell", "column", "on_screen", "shared"),
    [
        # Never a date in a column of phones, and never a number that is too short to be masked.
        ("777-11-22", "phones", "***-**-22", "***-**-22"),
        ("01.03.2024", "phones", "**.**.**24", "**.**.**24"),
        ("12-34", "phones", "**-**", "**-**"),
        ("8 915 777 11 22 доб. 5", "phones", "8 915 *** ** *2 доб. 5", "8 915 *** ** *2 доб. 5"),
        ("8\u200b9157771122", "phones", "8\u200b915*****22", "8\u200b915*****22"),
        ("ivan@mail.ru", "phones", "i***@mail.ru", "i***@mail.ru"),
        ("ivan@mail.ru", "emails", "i***@mail.ru", "i***@mail.ru"),
        ("ivan mail.ru", "emails", "i***", "i***"),
        ("ivan @mail.ru, petr@mail.ru", "emails", "i***@mail.ru", "i***@mail.ru"),
        ("79157771122", "emails", "7***", "7***"),
        ("i@79157771122", "emails", "i***@7915*****22", "i***@7915*****22"),
        ("3024-01-01, 01.03.24", "dates", "3024-01-01, 01.03.24", "3024-01-01, 01.03.24"),
        ("2024-45-67", "dates", "2024-45-67", "2024-45-67"),
        ("20240301", "dates", "20240301", "20240301"),
        ("20240301T1000", "dates", "20240301T1000", "20240301T1000"),
        ("777-11-22", "dates", "***-**-22", "***-**-22"),
        ("89157771122", "dates", "8915*****22", "8915*****22"),
        ("1904123497", "ids", "1904123497", "1904****97"),
        ("9157771122", "ids", "9157****22", "9157****22"),
        ("79157771122", "ids", "7915*****22", "7915*****22"),
        ("a-7", "ids", "a-7", "a-7"),
        ("ivan@mail.ru", "ids", "i***@mail.ru", "i***@mail.ru"),
    ],
)
def test_a_cell_is_masked_by_what_its_column_holds(cell, column, on_screen, shared):
    assert masked(cell, SCREEN, column=column) == on_screen
    assert masked(cell, SHARED, column=column) == shared


# Such a number is one that begins or ends with a date, as far as anybody can tell.
DATED = re.compile(r"\d{4}([./-])\d\d?\1\d|\d([./-])\d\d?\2\d{4}")
words = st.text(st.characters(exclude_categories=["Nd", "Cf"]), max_size=30)
gaps = st.lists(st.sampled_from(["", "", "", " ", "-", ") ", " (", ".", "/", "\u200b"]), min_size=15, max_size=15)
numbers = st.builds(
    lambda plus, digits, gaps: plus + "".join(map("".join, zip(digits, gaps, strict=False))),
    st.sampled_from(["", "+"]),
    st.text("0123456789", min_size=10, max_size=15),
    gaps,
).filter(lambda number: not DATED.search(number.replace("\u200b", "")))
names = st.text("abcdefghijklmnopqrstuvwxyzабвгд0123456789._+%-", min_size=2, max_size=64)


@given(words, numbers, words, st.sampled_from(Strength), st.sampled_from(("text", "phones", "emails", "ids")))
def test_no_phone_is_shown_whatever_stands_around_it(before, number, after, strength, column):
    shown = masked(f"{before} {number} {after}", strength, column=column)
    digits = re.sub(r"\D", "", number)
    assert digits[-7:] not in re.sub(r"\D", "", shown)


@given(words, names, words, st.sampled_from(Strength), st.sampled_from(COLUMNS))
def test_no_email_is_shown_whatever_stands_around_it(before, name, after, strength, column):
    assert f" {name}@mail.ru" not in masked(f"{before} {name}@mail.ru {after}", strength, column=column)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("strength", Strength)
@pytest.mark.parametrize(
    "repeated", ["a", "1", "1 ", "a@", "@", "+(", "- ", "1-", "01.01.", "2024-01-01 ", "01-01-2024-"]
)
@pytest.mark.timeout(20)
def test_a_huge_text_takes_no_more_than_its_length(repeated, strength, column):
    assert masked(repeated * 100_000, strength, column=column)


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("79157771122", "+7 915 ***-**-22"),
        ("74951234567", "+7 495 ***-**-67"),
        ("375291234567", "+375 29 ***-**-67"),
        ("14155552671", "+1 415-***-**71"),
        ("3725123456", "+372 *** **56"),
        ("4930901820", "+49 30 ****20"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_a_number_shows_its_country_its_code_and_two_digits(digits, shown):
    assert masked_phone(digits) == shown


EXAMPLES = {
    f"{region} {name}": example
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for name, kind in [("mobile", PhoneNumberType.MOBILE), ("fixed line", PhoneNumberType.FIXED_LINE)]
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_four_digits_at_the_least_are_hidden_in_every_country(example):
    digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    shown = masked_phone(digits)
    assert shown.count("*") >= min(4, len(str(example.national_number)) - 2)
    assert digits[-5:] not in "".join(filter(str.isdigit, shown))


SEPARATORS = [
    " ",
    "-",
    ".",
    ",",
    ":",
    "/",
    "\\",
    "_",
    "·",
    "•",
    "|",
    "~",
    "+",
    "#",
    "%20",
    "&nbsp;",
    "&#160;",
    "\u00a0",
    " - ",
    ") ",
    " ( ",
    "—",
    "\u2011",
    ".. ",
]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_seven_digits_in_a_row_are_stored_whatever_stands_between(separator):
    for number in ("89157771122", "7771122", "79157771122334"):
        kept = masked(f"лид {separator.join(number)} не найден", STORED)
        assert number[-7:] not in re.sub(r"\D", "", kept.replace("%20", "").replace("&#160;", ""))
        assert masked(kept, STORED) == kept


@pytest.mark.parametrize(
    "text",
    [
        "depth in [1, 525600]; 12, 345; 6789",
        "date 01-10-2020 12:00:00, 2026-03-02T08:32:08",
        "comments[12].callContactParams: 100 of 100",
        "HTTP 503: 404",
    ],
)
def test_what_is_no_phone_is_stored_as_it_is(text):
    assert masked(text, STORED) == text


@given(words, numbers, words)
def test_no_date_hides_a_part_of_a_phone_that_is_stored(before, number, after):
    shown = masked(f"{before} 8 {number[:3]} 2024-11-22 {number} {after}", STORED)
    assert "20241122" not in re.sub(r"\D", "", shown)


@pytest.mark.parametrize("at", ["%40", "%2540", "%252540", "@"])
@pytest.mark.parametrize("strength", Strength)
def test_an_email_in_percent_form_is_masked(at, strength):
    assert masked(f"to=ivan.petrov{at}mail.ru&x", strength) == f"to=i***{at}mail.ru&x"
