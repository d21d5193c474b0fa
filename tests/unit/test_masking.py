import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from ctnb.masking import masked_id, masked_phone, masked_text


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("В работе: Анна", "В работе: Анна"),
        ("Сумма 1 500 000 ₽ от 2024-03-01 10:00", "Сумма 1 500 000 ₽ от 2024-03-01 10:00"),
        ("01.03.2024 и 1/3/2024", "01.03.2024 и 1/3/2024"),
        ("тел +7(915)777-11-22", "тел +7(915)***-**-22"),
        ("8 915 777 11 22; 89157771122x", "8 915 *** ** 22; 8915*****22x"),
        ("777-11-22", "***-**-22"),
        ("a.b@c.ru, ivan@mail.ru", "a***@c.ru, i***@mail.ru"),
        ("89157771122@mail.ru", "****@mail.ru"),
        ("+79157771122ivan@mail.ru", "+***@mail.ru"),
    ],
)
def test_contacts_in_a_text_are_masked_and_dates_and_sums_are_not(text, shown):
    assert masked_text(text) == shown


def test_a_long_text_is_cut_before_it_is_read():
    assert len(masked_text("1" * 10**6)) <= 2_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1904123497", "1904123497"),
        ("7", "7"),
        ("a-7", "a-7"),
        ("9157771122", "9157****22"),
        ("79157771122", "7915*****22"),
        ("ivan@mail.ru", "i***@mail.ru"),
    ],
)
def test_an_id_is_shown_unless_it_may_be_a_contact(text, shown):
    assert masked_id(text) == shown
