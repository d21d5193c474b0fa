"""The card of a comparison: its figures are those of the comparison, in both languages."""

import re

import pytest
from compared_frames import many, results

import ctnb
from ctnb.i18n.labels import change_label, unpaired_label
from ctnb.results.change import Change, Unpaired
from ctnb.views.html.comparison import points, points_interval

HOSTILE = "<script>alert(1)</script>"


def text(compared):
    shown = compared._repr_html_()
    assert "<script" not in shown
    return " ".join(re.sub("<[^>]*>", " ", shown).split()).replace("\u00a0", " ")


def test_the_figures_are_those_of_the_comparison():
    before, after = many()
    compared = ctnb.compare(after, before, "deal")
    row = compared.rates().loc["all"]
    shown = text(compared)
    assert "Rows before (predicted) 300 Rows after 300 Pairs 280 only before 20 only after 20" in shown
    assert f"Match rate before (predicted) {row['rate_before']:.1%}".replace("%", " %") in shown
    assert f"Difference {points(row['difference'])} (95 % interval".replace("\u00a0", " ") in shown
    assert "Without a partner Rows before (predicted) Rows after What to do" in shown
    assert "no such key on the other side 20 20 Look whether" in shown
    gained = compared.changes.loc["unmatched", "commented"]
    assert f"unmatched commented {gained}" in shown


def test_it_speaks_russian():
    before, after = many()
    ctnb.set_language("ru")
    shown = text(ctnb.compare(after, before, "deal"))
    assert "Сравнение двух результатов" in shown
    assert "Доля найденных до (предсказание)" in shown
    # But for the names of attributes there is no English word.
    assert set(re.findall("[A-Za-z]{3,}", shown)) <= {"rows", "unpaired"}


def test_nothing_of_the_cells_is_in_it():
    frame = results([(HOSTILE, "call"), ("79157771122", "call")], **{HOSTILE: HOSTILE})
    shown = text(ctnb.compare(frame, frame, "deal"))
    assert "alert" not in shown
    assert "7915" not in shown


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_change_and_reason_has_a_label_of_its_own(language):
    ctnb.set_language(language)
    for label, values in ((change_label, Change), (unpaired_label, Unpaired)):
        assert len({label(value) for value in values}) == len(values)
        assert all(label(value) != value.value for value in values)


def test_points_have_a_sign_and_minus_zero_has_none():
    ctnb.set_language("en")
    assert [points(value) for value in (0.059, -0.059, 0.0, -0.0004, float("nan"))] == [
        "+5.9 pp", "−5.9 pp", "0.0 pp", "0.0 pp", "–",
    ]  # fmt: skip
    assert points_interval(-0.1, 0.02) == "−10.0 to +2.0 pp"
    assert points_interval(float("nan"), float("nan")) == ""
