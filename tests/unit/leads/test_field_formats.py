import datetime as dt
import locale
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ctnb.leads.comment_template import parse_template
from ctnb.leads.field_formats import number_in


def written(template, *values):
    """Return the texts of a template over one column, and what did not fit."""
    cells = pd.Series(values, dtype=object)
    texts, problems = parse_template(template, ["x"]).render({"x": cells}, len(cells))
    return texts.tolist(), problems.tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("229 000,50", "229000.50"),
        ("229\u00a0000,50", "229000.50"),
        ("229\u202f000", "229000"),
        ("229000.50", "229000.50"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("1,234.5", "1234.5"),
        ("1.234", "1.234"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("1 234,567", "1234.567"),
        (" \u22125 ", "-5"),
        ("'5", "5"),
        ("12 000 ₽", "12000"),
        ("12 000,00 руб.", "12000.00"),
    ],
)
def test_a_number_is_read_as_exports_write_it(text, number):
    assert str(number_in(text)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "12 34",
        "1,234",
        "1.234.56",
        "1 2345",
        "1e5",
        "5%",
        "1,2,3",
        "$5",
        "٥",
        "8 (915) 777-11-22",
        "--5",
        "+79157771122",
    ],
)
def test_what_is_no_plain_number_is_not_read(text):
    with pytest.raises(ValueError, match=r"^$"):
        number_in(text)


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:.0f}", "229 000,50", "229000"),
        ("{x:.2f}", "2,675", None),
        ("{x:.2f}", "229 000,5", "229000.50"),
        ("{x:,.1f}", "229 000,50", "229,000.5"),
        ("{x:d}", "5 000", "5000"),
        ("{x:d}", "5,5", None),
        ("{x:.1%}", "0,5", "50.0%"),
        ("{x:n}", "229 000,50", "229 000,5"),
        ("{x:n}", 229000.5, "229 000,5"),
        ("{x:n}", 1234567, "1 234 567"),
        ("{x:n}", Decimal("5000.00"), "5 000"),
        ("{x:n}", 0.1 + 0.2, "0,3"),
        ("{x:n}", np.float32(0.1), "0,1"),
        ("{x:n}", -0.0, "0"),
        ("{x:.2n}", 5000, "5 000,00"),
        ("{x:>9n}", 5000, "    5 000"),
        ("{x:*<+9n}", 5000, "+5 000***"),
        ("{x:n}", float("inf"), None),
        ("{x:n}", "abc", None),
        ("{x:n}", True, None),
        ("{x:>4}", "5", "   5"),
        ("{x:.2}", "229 000", "22"),
    ],
)
def test_a_format_of_numbers_reads_numbers_that_are_text(template, value, text):
    texts, problems = written(template, value)
    assert (texts[0], problems[0] is None) == (text or "", text is not None)


def test_what_a_number_may_say_is_told():
    _, problems = written("{x:n}", "1,234")
    assert problems == ["a number in the column 'x' may have a fraction or thousands behind its comma"]


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:%d.%m}", "01.10.2020 12:00", "01.10"),
        ("{x:%d.%m.%Y %H:%M}", "2020-10-01T09:00:00Z", "01.10.2020 09:00"),
        ("{x:%Y}", "1 октября 2020 г.", "2020"),
        ("{x:%d.%m}", np.datetime64("2020-10-01"), "01.10"),
        ("{x:%d.%m}", dt.date(2020, 10, 1), "01.10"),
        ("{x:%d.%m}", "вчера", None),
        ("{x:%d.%m}", "31.02.2020", None),
        ("{x:%d.%m}", 5, None),
    ],
)
def test_a_format_of_dates_reads_dates_that_are_text(template, value, text):
    texts, problems = written(template, value)
    assert (texts[0], problems[0] is None) == (text or "", text is not None)


def test_what_exports_write_into_an_empty_cell_is_empty_for_a_format():
    assert written("{x:n|нет} {x:%d.%m|нет}", "-", None) == (["нет нет"] * 2, [None] * 2)
    assert written("{x|нет}", "-")[0] == ["-"]


NAMES = "%a %A %b %B %h %p %c %x %X %% %d %-d %^b %Od"
IN_ENGLISH = "Thu Thursday Oct October Oct PM Thu Oct  1 13:05:00 2020 10/01/20 13:05:00 % 01 1 OCT 01"


@pytest.mark.parametrize(
    "moment", [dt.datetime(2020, 10, 1, 13, 5, tzinfo=dt.UTC), pd.Timestamp("2020-10-01 13:05"), "01.10.2020 13:05"]
)
@pytest.mark.parametrize("name", ["C", "ru_RU.UTF-8"])
def test_names_of_months_and_days_do_not_follow_the_locale(name, moment, request):
    before = locale.setlocale(locale.LC_ALL)
    request.addfinalizer(lambda: locale.setlocale(locale.LC_ALL, before))
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pytest.skip(f"this machine has no locale {name}")
    assert written(f"{{x:{NAMES}}}", moment) == ([IN_ENGLISH], [None])
