"""The pseudo-language itself finds what is not translated."""

import pytest
from pseudo_language import assert_translated, html_texts, untranslated

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import gettext, ngettext
from ctnb.i18n.message import lazy_gettext


@pytest.mark.usefixtures("pseudo")
def test_words_are_wrapped_and_values_are_not():
    inner = lazy_gettext("inner {x!r}", x=1)
    assert gettext("one {a} of {b:>3} two", a=inner, b="Ω") == "⟦one ⟧⟦inner ⟧1⟦ of ⟧  Ω⟦ two⟧"
    assert str(ConfigError("{wanted} is missing", wanted="the rule")) == "the rule⟦ is missing⟧"
    assert (ngettext("{n} row", "{n} rows", 1), ngettext("{n} row", "{n} rows", 2)) == ("1⟦ row⟧", "2⟦ rows⟧")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("⟦There is no column ⟧'Ωμέγα'⟦.⟧", []),
        ("⟦a ⟦b⟧ c⟧ 12 % 2026-03-01", []),
        ("ct_status commented call>callContact --json key= plan.frame", ["plan", "frame"]),
        ("the rule⟦ is missing⟧", ["the", "rule"]),
        ("⟦Rows⟧ всего", ["всего"]),
    ],
)
def test_words_outside_the_brackets_are_found(text, found):
    assert untranslated(text) == found


def test_attributes_are_read_and_style_sheets_are_not():
    source = '<style>a {color: red}</style><p title="⟦hint⟧" class="x">⟦text⟧<img alt="picture"></p>'
    assert html_texts(source) == ["⟦hint⟧", "⟦text⟧", "picture"]
    with pytest.raises(AssertionError, match="picture"):
        assert_translated(html_texts(source))


def test_a_page_without_a_translation_fails():
    with pytest.raises(AssertionError, match="nothing is translated"):
        assert_translated(["12", "34"])
