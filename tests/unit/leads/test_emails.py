import pandas as pd
import pytest

from ctnb.leads.emails import emails_in, parse_emails


@pytest.mark.parametrize(
    "cell",
    [
        "ivan@mail.ru",
        " Ivan@Mail.RU ",
        "ivan@mail.ru.",
        "ivan@mail.ru,",
        "ivan@mail.ru;",
        "mailto:ivan@mail.ru",
        "MAILTO:ivan@mail.ru?subject=Заявка",
        "Иван <ivan@mail.ru>",
        '"Петров, Иван" <ivan@mail.ru>',
        "<ivan@mail.ru>",
        "'ivan@mail.ru",
        '="ivan@mail.ru"',
        "e-mail:ivan@mail.ru",
        "/ivan@mail.ru",
        "[ivan@mail.ru](mailto:ivan@mail.ru)",
        "«ivan@mail.ru»",
        "\u200bivan@mail.ru\ufeff",
        "ivan@mail.ru, IVAN@mail.ru",
        ["ivan@mail.ru", None],
        {"ivan@mail.ru"},
    ],
)
def test_one_address_is_read_however_it_is_written(cell):
    assert emails_in(cell) == (("ivan@mail.ru",), None)


@pytest.mark.parametrize(
    "separator",
    [
        ",",
        ";",
        " ",
        "\n",
        ", ",
        " ; ",
        "\r\n",
        "\u00a0",
        ",,",
        "/",
        "|",
        "\\",
        " / ",
        " |",
        "/ ",
        "; /",
        " и ",
        " or ",
        " & ",
    ],
)
def test_several_addresses_come_in_order_without_repeats(separator):
    cell = separator.join(["b@mail.ru", "a@mail.ru", "B@MAIL.RU", "<c@mail.ru>"])
    assert emails_in(cell) == (("b@mail.ru", "a@mail.ru", "c@mail.ru"), None)


@pytest.mark.parametrize(
    "address",
    [
        "x@x.x",
        "i.p+tag@mail.ru",
        "o'neil@x.ie",
        "ivan@почта.рф",
        "иван@почта.рф",
        "иван.петров-1@mail.ru",
        "a/b@mail.ru",
        "a_b-c@sub.mail.co.uk",
        "1@2.ru",
        "a@xn--80a1acny.xn--p1ai",
    ],
)
def test_usual_and_unicode_domain_addresses_are_valid(address):
    assert emails_in(address) == ((address,), None)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("ivan", "not an e-mail address"),
        ("https://a@b.ru/x", "a link is not an e-mail address"),
        ("http://a@b.ru", "a link is not an e-mail address"),
        ("HTTPS://e.mail.ru/compose?To=ivan@mail.ru", "a link is not an e-mail address"),
        ("www.b.ru/ivan@mail.ru", "a link is not an e-mail address"),
        ("ivan @mail.ru", "blank beside the @"),
        ("ivan@ mail.ru", "blank beside the @"),
        ("ivan@mail", "x@x.x"),
        ("ivan@", "x@x.x"),
        ("@mail.ru", "before the @"),
        ("i..v@mail.ru", "before the @"),
        (".iv@mail.ru", "before the @"),
        ("iv.@mail.ru", "before the @"),
        ("Иван/ivan@mail.ru", "before the @"),
        ("(ivan)petr@mail.ru", "before the @"),
        ("ivan@mail..ru", "after the @"),
        ("ivan@.mail.ru", "after the @"),
        ("ivan@-mail.ru", "after the @"),
        ("ivan@mail_x.ru", "after the @"),
        ("ivan@1.2.3.4", "x@x.x"),
        ("ivan@petr@mail.ru", "more than one @"),
        pytest.param("a" * 65 + "@mail.ru", "too long", id="long 65"),
        pytest.param("a@" + "b." * 130 + "ru", "too long", id="long 130"),
        pytest.param("a@" + "b" * 64 + ".ru", "after the @", id="long 64"),
        pytest.param("a@b.ru " * 1000, "at most 2000", id="long 1000"),
        (5, "type int"),
        (True, "type bool"),
        ({}, "type dict"),
    ],
)
def test_a_broken_address_is_a_problem_and_is_not_mended(cell, reason):
    found = emails_in(cell)
    assert found.contacts == ()
    assert reason in found.problem
    assert len(found.problem) < 250


@pytest.mark.parametrize(
    "cell",
    [
        "a@b.ru/c@d.ru",
        "mailto:a@b.ru/mailto:c@d.ru",
        "<a@b.ru>/<c@d.ru>",
        "Анна <a@b.ru> | Вера <c@d.ru>",
        "a@b.ru/<C@D.ru>/",
        "mailto:a@b.ru?subject=x/y; c@d.ru",
    ],
)
def test_addresses_between_slashes_and_bars_are_several(cell):
    assert emails_in(cell) == (("a@b.ru", "c@d.ru"), None)
    assert parse_emails(pd.Series([cell])).values.to_pylist() == [["a@b.ru", "c@d.ru"]]


def test_an_address_before_a_named_one_is_kept():
    assert emails_in("a@b.ru Иван <c@d.ru>").contacts == ("a@b.ru", "c@d.ru")
    assert emails_in('"ivan@mail.ru" <ivan@mail.ru>') == (("ivan@mail.ru",), None)


def test_the_length_limit_is_254():
    domain = ".".join(["b" * 63, "b" * 63, "b" * 62])
    longest = f"{'a' * 61}@{domain}.r"
    assert len(longest) == 254
    assert emails_in(longest).contacts == (longest,)
    assert emails_in("a" + longest).contacts == ()


@pytest.mark.parametrize("cell", [None, float("nan"), pd.NA, "", " ", "-", "нет", "None", "nan", [], ", ;"])
def test_a_missing_cell_is_no_address_and_no_problem(cell):
    assert emails_in(cell) == ((), None)


def test_a_broken_part_is_named_beside_the_good_one_and_shows_no_contact():
    found = emails_in("ivan@mail.ru, petrov @mail.ru, sidorov, 89157771122")
    assert found.contacts == ("ivan@mail.ru",)
    assert "blank beside the @" in found.problem
    assert not any(secret in found.problem for secret in ("ivan@", "petrov", "sidorov", "7771122"))


@pytest.mark.parametrize("dtype", [object, "string", "category", "str"])
def test_a_column_keeps_rows_and_order_whatever_its_dtype_and_index(dtype):
    cells = pd.Series(["a@b.ru", None, "junk", "a@b.ru"], dtype=dtype, index=[5, 5, 1, 0])
    found = parse_emails(cells)
    assert found.values.tolist() == [["a@b.ru"], [], [], ["a@b.ru"]]
    assert [problem is None for problem in found.problems] == [True, True, False, True]


def test_a_mixed_column_equals_its_cells_one_by_one():
    cells = ["A@b.ru", ["c@d.ru"], {"e@f.ru": 1}, 1, True, 1.0, None, pd.NA, "\ud800@b.ru", b"a@b.ru"]
    found = parse_emails(pd.Series(cells, dtype=object))
    assert list(zip(map(tuple, found.values.tolist()), found.problems, strict=True)) == [
        emails_in(cell) for cell in cells
    ]


@pytest.mark.parametrize("words", ["не указан", "нет, уточнить", "спросить у жены"])
def test_words_without_an_address_are_one_problem(words):
    found = emails_in(words)
    assert found.contacts == ()
    assert found.problem.count("not an e-mail address") == 1


def test_an_address_beside_a_link_is_read():
    found = emails_in("ivan@mail.ru https://vk.com/petr@mail.ru")
    assert found.contacts == ("ivan@mail.ru",)
    assert "a link is not an e-mail address" in found.problem


@pytest.mark.parametrize("cell", ["Иван ivan@mail.ru", "ivan@mail.ru Иван", "e-mail: ivan@mail.ru"])
def test_a_word_beside_an_address_is_no_part_of_it(cell):
    assert emails_in(cell).contacts == ("ivan@mail.ru",)
