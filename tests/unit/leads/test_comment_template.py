import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import Call, col
from ctnb.exceptions import ColumnNotFoundError, ConfigError, RuleError
from ctnb.leads.columns.arrow_text import strings_of
from ctnb.leads.columns.problems import Problems, first_of
from ctnb.leads.comment_template import Field, parse_template
from ctnb.leads.comment_texts import check_texts
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.outcomes import Reason


def rendered(comment, deals):
    """Return the texts of a frame and their problems."""
    texts, problems = parse_template(comment, list(deals.columns)).render(deals, len(deals))
    return texts.tolist(), problems.tolist()


def written(comment, **columns):
    """Return the texts of a frame of these columns."""
    return rendered(comment, pd.DataFrame(columns))[0]


def misfits(comment, **columns):
    """Return what did not fit its format."""
    return rendered(comment, pd.DataFrame(columns))[1]


def problems(*texts):
    """Check final texts that were written without a problem."""
    return checked(texts, [None] * len(texts))


def checked(texts, misfits):
    """Return problems and reasons, row by row."""
    found = check_texts(strings_of(texts), Problems.of(misfits))
    first = first_of([each.problems for each in found])
    reasons = [[each.reason for each in found if each.problems[row] is not None] for row in range(len(texts))]
    return first, [several[0] if several else None for several in reasons]


@pytest.mark.parametrize("name", ["stage", "Этап сделки", "a.b", "a[0]", "сумма, руб.", "1", "0"])
def test_a_field_may_have_any_name_that_braces_can_hold(name):
    assert written(f"< {{{name}}} >", **{name: ["Новый"]}) == ["< Новый >"]


def test_fields_literals_and_braces_come_in_order():
    deals = {"stage": ["Новый", "Успех"], "manager": ["Иванов", "Ким"]}
    assert written("{stage}: {manager} {{{stage}}}", **deals) == ["Новый: Иванов {Новый}", "Успех: Ким {Успех}"]
    assert parse_template("{a}-{b}{a:.2f}", ["a", "b"]).columns == ("a", "b")


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:.0f} ₽", 1234.6, "1235 ₽"),
        ("{x:,}", 1_234_567, "1,234,567"),
        ("{x:>5}", "ab", "   ab"),
        ("{x:%d.%m.%Y}", pd.Timestamp("2024-03-01"), "01.03.2024"),
        ("{x:%H:%M}", dt.time(9, 5), "09:05"),
        ("{x:.2f}", Decimal("1.005"), "1.00"),
    ],
)
def test_formats_are_those_of_python(template, value, text):
    assert written(template, x=[value]) == [text]


@pytest.mark.parametrize(
    ("values", "dtype", "texts"),
    [
        ([12345.0, np.nan, 0.5], "float64", ["12345", "", "0.5"]),
        ([1, None], "Int64", ["1", ""]),
        (["a", None], "string", ["a", ""]),
        (["a", None, np.nan, pd.NA, " "], object, ["a", "", "", "", ""]),
        ([1, 1.0, True, "1"], object, ["1", "1", "True", "1"]),
        ([Decimal("1.0"), Decimal("1.00"), Decimal("NaN")], object, ["1.0", "1.00", ""]),
        (["a", "b", None], "category", ["a", "b", ""]),
        (["2024-03-01 10:00", None], "datetime64[ns]", ["2024-03-01 10:00:00", ""]),
        ([True, None], "boolean", ["True", ""]),
        ([np.datetime64("NaT"), np.timedelta64("NaT")], object, ["", ""]),
    ],
)
def test_values_are_written_as_a_person_would(values, dtype, texts):
    assert written("{x}", x=pd.Series(values, dtype=dtype)) == texts


def test_col_takes_the_text_of_a_column_as_it_is():
    assert written(col("x"), x=["{stage} & {{x}}"]) == ["{stage} & {{x}}"]
    assert parse_template(col("x"), ["x"]).parts == (Field("x"),)


def test_a_literal_is_the_same_for_all_rows():
    assert written("Передано в отдел продаж", x=[1, 2]) == ["Передано в отдел продаж"] * 2
    assert written("{x}", x=[]) == []


@pytest.mark.parametrize("comment", ["stage", "{{stage}}"])
def test_a_literal_that_is_a_columns_name_is_refused_with_the_advice(comment):
    name = comment.replace("{{", "{").replace("}}", "}")
    with pytest.raises(RuleError) as refusal:
        parse_template(comment, [name, "manager"])
    assert f'Write col("{name}") or "{{{name}}}"' in str(refusal.value)


@pytest.mark.parametrize("comment", ["", " \n\t", "\u00a0"])
def test_a_blank_literal_is_refused(comment):
    with pytest.raises(RuleError, match=r"The comment is blank. Give a text, or a template"):
        parse_template(comment, ["stage"])


def test_a_literal_over_the_limit_is_refused_with_the_limit():
    assert parse_template("x" * COMMENT_LIMIT, []).parts == ("x" * COMMENT_LIMIT,)
    with pytest.raises(RuleError, match="has 10001 characters; at most 10000 are allowed"):
        parse_template("x" * (COMMENT_LIMIT + 1), [])


@pytest.mark.parametrize("comment", ["{", "}", "{a", "a}", "{}", "{a:{b}}", "{a:}{}"])
def test_braces_that_do_not_fit_are_refused_with_the_advice(comment):
    with pytest.raises(RuleError, match=r"cannot be read from .* Write \{\{ and \}\} for braces"):
        parse_template(comment, ["a", "b"])


@pytest.mark.parametrize("comment", [None, 5, ["{a}"], b"{a}"])
def test_a_comment_of_another_type_is_refused(comment):
    with pytest.raises(RuleError, match=r"a text with \{column\} fields is wanted, or col\(\"name\"\)"):
        parse_template(comment, ["a"])


@pytest.mark.parametrize("comment", ["{manger}", col("manger")])
def test_an_unknown_column_names_the_nearest(comment):
    with pytest.raises(ColumnNotFoundError, match=r"'manger', which the comment template .* Did you mean 'manager'"):
        parse_template(comment, ["stage", "manager"])


def test_a_column_that_stands_twice_is_refused():
    deals = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ConfigError, match=r"2 columns named 'a'. Rename them"):
        ctnb.plan(deals, Call("a"), "{a}")


def test_a_value_that_does_not_fit_its_format_is_a_problem_of_its_row():
    found = misfits("{x:.0f}", x=pd.Series([1.6, "+7 915 777-11-22", None, 10**400, [1]], dtype=object))
    assert found[0] is None
    assert found[1] == "a value of type str in the column 'x' does not fit the format '.0f'"
    assert found[2] is None
    assert "type int" in found[3]
    assert "type list" in found[4]
    assert misfits("{x}", x=pd.Series([10**5_000], dtype=object)) == [
        "a value of type int in the column 'x' does not fit a text"
    ]


def test_a_text_that_cannot_be_sent_has_a_problem_and_its_code():
    found, reasons = problems("ok", "", " \n", "x" * COMMENT_LIMIT, "x" * (COMMENT_LIMIT + 1), "\u00a0", "😀")
    assert reasons == [
        None,
        Reason.BLANK_COMMENT,
        Reason.BLANK_COMMENT,
        None,
        Reason.LONG_COMMENT,
        Reason.BLANK_COMMENT,
        None,
    ]
    assert found[4] == "the comment has 10001 characters; at most 10000 are allowed"
    assert [each is None for each in found] == [each is None for each in reasons]


@pytest.mark.parametrize("comment", ["{x}", "{x:>3}", "\ud800: {y}", col("x")])
def test_a_text_that_is_no_unicode_is_a_misfit(comment):
    halved = pd.Series(["a\ud800"], dtype=object)
    assert misfits(comment, x=halved, y=["b"]) == ["the comment holds a character that is not Unicode"]
    assert written(comment, x=halved, y=["b"])[0].endswith(("?", "b"))


def test_a_misfit_comes_before_anything_else():
    found, reasons = checked([""], ["does not fit"])
    assert (found[0], reasons[0]) == ("does not fit", Reason.BAD_TEXT)


@pytest.mark.parametrize("name", ["Контакт: Рабочий телефон", "Важно!", "UF_CRM.1", "a[0]", "x: y: z"])
def test_a_heading_may_hold_what_python_templates_take_for_something_else(name):
    deals = pd.DataFrame({name: [12.5], name.split(":")[0].strip() + " ": ["other"]})
    assert rendered(f"<{{{name}}}> {{{name}:.0f}} {{{{x}}}}", deals) == (["<12.5> 12 {x}"], [None])


def test_a_heading_that_is_a_number_is_named_by_its_text():
    plan = ctnb.plan(pd.DataFrame([["new", 5]]), Call("1"), "{0}: {1}")
    assert plan.leads()[0]["addComment"] == "new: 5"


TOO_WIDE = [
    "{deal:>1000000000}",
    "{deal:01001d}",
    "{deal:.1000000000f}",
    "{deal:*^1001.2f}",
    "{deal:%1000000000Y}",
    "{deal:%d.%-100000000m}",
    "{deal:" + "9" * 5_000 + "}",
]


@pytest.mark.parametrize("template", TOO_WIDE)
@pytest.mark.timeout(10)
def test_a_width_or_a_precision_that_takes_gigabytes_is_refused(template):
    with pytest.raises(RuleError, match="expected a width and a precision of at most 1,000") as refused:
        parse_template(template, ["deal"])
    assert len(str(refused.value)) < 200


def test_a_width_and_a_precision_of_a_thousand_are_taken():
    cells = {"n": pd.Series([1.5]), "day": pd.Series(pd.to_datetime(["2020-10-01"]))}
    texts, _ = parse_template("{n:>1000}{n:.1000f}{day:%d.%m.2024}", ["n", "day"]).render(cells, 1)
    assert (len(texts[0].as_py()), texts[0].as_py()[-10:]) == (1000 + 1002 + 10, "01.10.2024")


def test_a_field_within_a_format_is_refused():
    with pytest.raises(RuleError, match=r"cannot be read from '\{n:\{width\}\}'"):
        parse_template("{n:{width}}", ["n", "width"])


@pytest.mark.timeout(10)
def test_a_huge_decimal_does_not_fit_a_format():
    cells = {"n": pd.Series([Decimal("1e999999999"), Decimal("1.5")])}
    texts, problems = parse_template("{n:f}", ["n"]).render(cells, 2)
    assert texts.to_pylist() == ["", "1.5"]
    assert "does not fit the format 'f'" in problems.objects()[0]


def test_an_empty_cell_is_its_fields_default():
    managers = ["Иванов", None, " ", float("nan")]
    assert written("{manager|не назначен}", manager=managers) == ["Иванов", *["не назначен"] * 3]
    assert written("{n|нет}", n=pd.Series([5, None], dtype="Int64")) == ["5", "нет"]
    assert written("{n:.1f|нет} {n|нет:.1f}", n=[5, np.nan]) == ["5.0 5.0", "нет нет"]
    assert written("{at|в 10:00}", at=[""]) == ["в 10:00"]


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:|>5}", "ab", "|||ab"),
        ("{x:%H|%M}", dt.time(9, 5), "09|05"),
        ("{x:%H|}", dt.time(9, 5), "09|"),
        ("{x:|^4|нет}", "ab", "|ab|"),
    ],
)
def test_a_bar_within_a_format_is_a_part_of_it(template, value, text):
    assert written(template, x=[value]) == [text]


def test_a_heading_with_a_bar_is_a_column_all_the_same():
    assert written("{a|b} {a|c}", **{"a|b": ["whole"], "a": [None]}) == ["whole c"]


def test_a_template_none_of_whose_fields_has_a_value_is_blank():
    deals = {"id": [1, 2, 3], "stage": ["Новый", None, " "], "manager": [None, "Ким", None]}
    plan = ctnb.plan(pd.DataFrame(deals), Call("id"), "{stage}: {manager}")
    assert plan.texts.tolist() == ["Новый: ", ": Ким", ""]
    assert plan.reasons.tolist() == [None, None, Reason.BLANK_COMMENT]
    assert written("{stage}: {manager|нет}", **deals)[2] == ": нет"
    assert written("{{}}: {stage|}", **deals)[2] == ""
    assert written("Передано", **deals) == ["Передано"] * 3


def test_a_comment_is_a_series_of_the_frames_rows_or_what_makes_one():
    deals = pd.DataFrame({"id": [1, 2, 3], "comment": ["a", "b", None]}, index=[7, 7, 8])
    for comment in (deals["comment"] + "!", lambda frame: frame.assign(x="!").pipe(lambda f: f["comment"] + f["x"])):
        plan = ctnb.plan(deals, Call("id"), comment)
        assert plan.texts.fill_null("").tolist() == ["a!", "b!", ""]
        assert plan.reasons.tolist() == [None, None, Reason.BLANK_COMMENT]
    assert ctnb.plan(deals, Call("id"), pd.Series([5.0, 0.5, [1]], index=deals.index)).texts.tolist() == [
        "5",
        "0.5",
        "[1]",
    ]


def test_a_callable_does_not_change_the_frame():
    deals = pd.DataFrame({"id": [1]})

    def texts(frame):
        frame["new"] = "x"
        return frame["new"]

    assert ctnb.plan(deals, Call("id"), texts).texts.tolist() == ["x"]
    assert list(deals.columns) == ["id"]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        (pd.Series(["a", "b"]), "a Series of 2 rows: expected one with the index of the frame, which has 2 rows"),
        (pd.Series(["a"], index=[7]), "a Series of 1 rows"),
        (lambda frame: frame["id"].iloc[::-1], "The comment is a Series of 2 rows"),
        (lambda _: "text", "callable that makes the comment returned str: expected a Series"),
    ],
)
def test_texts_of_other_rows_are_refused(comment, message):
    with pytest.raises(RuleError, match=message):
        ctnb.plan(pd.DataFrame({"id": [1, 2]}, index=[7, 8]), Call("id"), comment)


def test_a_frames_comments_are_the_same_in_windows_of_any_size(monkeypatch):
    deals = pd.DataFrame({"id": range(10)})
    monkeypatch.setattr("ctnb.leads.plan.WINDOW", 3)
    assert ctnb.plan(deals, Call("id"), lambda frame: frame["id"] + 1).texts.tolist() == [str(n + 1) for n in range(10)]


@pytest.mark.parametrize("unseen", ["\u200b", " \u200b\ufeff ", "\u00ad"])
def test_a_cell_that_shows_nothing_is_empty(unseen):
    deals = pd.DataFrame({"call": [1, 2], "m": [unseen, "Анна"]})
    for template, first in (("{m}", None), ("{m}: {m}", None), ("{m|не назначен}", "не назначен")):
        plan = ctnb.plan(deals, ctnb.Call("call"), template)
        if first is None:
            assert plan.frame["problem_code"].tolist()[0] == "blank_comment"
        else:
            assert plan.leads(1)[0]["addComment"] == first
