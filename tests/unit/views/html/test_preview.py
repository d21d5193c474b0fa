"""The card of a preview: its figures are those of the preview, its words are there, and no contact is."""

import re

import pytest
from shown_previews import EMAIL, shown_preview

import ctnb
from ctnb.views.html.preview import rate_text


@pytest.fixture(scope="module")
def preview():
    return shown_preview()


@pytest.fixture(params=["en", "ru"])
def language(request):
    ctnb.set_language(request.param)
    return request.param


def text(preview):
    return " ".join(re.sub("<[^>]*>", " ", preview._repr_html_()).split())


def test_the_figures_are_those_of_the_preview(preview):
    ctnb.set_language("en")
    shown, frame = text(preview), preview.frame
    matched, ready = int(frame["ct_matched"].sum()), int(frame["ct_matched"].notna().sum())
    assert f"Would match {matched} · {rate_text(matched, ready)}".replace("\u00a0", " ") in shown
    assert f"Would not match {ready - matched}" in shown
    for rule in preview.sweep([]).to_dict("records"):
        assert re.search(rf"\b{rule['rule']} \w+ \S+(?:\sh|\sd)? {rule['takes']} {rule['alone']} ", shown)


def test_it_says_that_nothing_was_sent(preview, language):
    wanted = {"en": "Predicted from the journals: nothing has been sent", "ru": "Предсказание по журналам"}
    assert wanted[language] in text(preview)


def test_reasons_add_up_to_the_rows_that_would_not_match(preview):
    summary = preview._summary  # what the card is made of
    assert sum(rows for _, rows in summary.unmatched) == summary.ready - summary.matched
    assert [rows for _, rows in summary.unmatched] == sorted((rows for _, rows in summary.unmatched), reverse=True)


def test_a_row_is_counted_by_the_rule_that_comes_nearest():
    # Nothing is near enough for the third of the deals whose requests are hours away.
    ctnb.set_language("en")
    shown = text(shown_preview(30, rules=[ctnb.RequestContact("created", phones="phone", depth="1m")]))
    assert re.search(r"the nearest lead is too far \d+", shown)
    assert re.search(r"contact not in the journal \d+", shown)


def test_no_contact_is_shown(preview, language):
    for shown in (preview._repr_html_(), repr(preview)):
        assert EMAIL not in shown
        assert "7915" not in shown


def test_the_repr_is_short_and_names_what_there_is_more(preview, language):
    lines = repr(preview).splitlines()
    assert len(lines) == 2
    assert all(len(line) <= 120 for line in lines)
    assert all(hasattr(preview, name) for name in re.findall(r"\.(\w+)", lines[1]))


def test_no_rows_and_no_ready_row_are_shown_as_such():
    for preview in (shown_preview(0), shown_preview(30, rules=[ctnb.Request("minutes")])):
        assert "0" in text(preview)
        assert repr(preview).startswith("<Preview: ")
