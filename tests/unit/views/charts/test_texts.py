"""Labels are cut so that they fit and stay distinct."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from ctnb.views.charts.texts import clean, elide, fit_labels, width_of

BRANCHES = [f"Отдел продаж — Санкт-Петербург, Невский проспект, смена {at:02d}, старший" for at in range(60)]
ALPHABET = st.sampled_from("абв $xW")
SHARED = st.text(ALPHABET, max_size=40)


@st.composite
def labels_alike(draw):
    """Distinct labels that have a beginning and an end in common."""
    head, tail = draw(SHARED), draw(SHARED)
    middles = draw(st.lists(st.text(ALPHABET, min_size=1, max_size=12), min_size=2, max_size=12))
    return list(dict.fromkeys(clean(head + middle + tail) for middle in middles))


@given(labels_alike(), st.floats(0.4, 3), st.integers(1, 2))
def test_distinct_labels_stay_distinct_and_fit(labels, room, lines):
    shown = fit_labels(labels, 9, room, lines)
    assert len({" ".join(each.split()) for each in shown}) == len(labels)
    for each in shown:
        assert each.count("\n") < lines
        assert width_of(each, 9) <= max(room, width_of("W…W (12)", 9)) + 1e-9
        assert each.replace(r"\$", "").count("\\") == 0


def test_a_label_is_cut_in_the_middle():
    assert fit_labels(["Константинопольский Александр Владимирович"], 9, 1.6) == ["Констант…димирович"]
    assert fit_labels(["Ким Ли", "Ким Ли"], 9, 1.6) == ["Ким Ли", "Ким Ли"]


@pytest.mark.parametrize("lines", [1, 2])
def test_labels_that_differ_in_their_middle_show_it(lines):
    shown = fit_labels(BRANCHES, 9, 1.9, lines)
    assert len(set(shown)) == 60
    assert not any(each.endswith(")") for each in shown)


def test_what_does_not_fit_into_a_line_goes_on_in_a_second():
    shown = fit_labels(["Отдел продаж Москва", "Сверхдлиннаяфамилия-безпробела"], 9, 1.3, 2)
    assert shown == ["Отдел продаж\nМосква", "Сверхдлиннаяфам\nилия-безпробела"]


@pytest.mark.parametrize("text", ["Отдел продаж Москва", "WAVATo 17,5 %", "x", "a b"])
def test_widths_are_those_of_the_outlines_or_a_little_more(text):
    exact = text_to_path.get_text_width_height_descent(text, FontProperties(size=72), ismath=False)[0] / 72
    assert exact <= width_of(text, 72) <= 1.2 * exact + 0.2


def test_prose_is_cut_at_its_end():
    assert elide("Match rate by who: 66.5 % of 2,400 answered", 9, 1.6).startswith("Match rate by")
    assert elide("Match rate by who: 66.5 % of 2,400 answered", 9, 1.6).endswith("…")


def test_two_words_are_broken_between_them_though_the_first_is_short():
    room = width_of("Жанна Ельников", 9.0)
    assert fit_labels(["Жанна Ельникова"], 9.0, room, 2) == ["Жанна\nЕльникова"]
    long = "Я достопримечательность"
    assert fit_labels([long], 9.0, width_of(long[:14], 9.0), 2)[0].replace("\n", "") == long, "no sign is lost"
