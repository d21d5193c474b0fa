"""The chart of clocks: bars are the counts, and a source whose clock is off is seen to be."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from plot_reading import assert_legible, everything, texts
from shown_previews import shown_preview

from ctnb.exceptions import ColumnNotFoundError
from ctnb.views.charts.clock import shift_text


@pytest.fixture(scope="module")
def preview():
    return shown_preview()


def bars(ax):
    return {round(bar.get_x() + bar.get_width() / 2, 3): bar.get_height() for bar in ax.patches}


def test_bars_are_the_shares_by_half_hours(preview):
    table = preview.clock()
    drawn = bars(preview.plot.clock())
    assert len(drawn) == 57
    np.testing.assert_allclose([drawn[shift / 60] for shift in table.index], table["share"])


def test_what_stands_out_is_named_and_has_another_colour(preview):
    off = preview.clock().query("stands_out").index.tolist()
    assert off == [180]
    ax = preview.plot.clock()
    orange = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches if bar.get_hatch()]
    assert orange == pytest.approx([3])
    assert "+3\u00a0h" in ax.get_title()
    assert any(text.startswith("+3\u00a0h\n") for text in texts(ax))


def test_each_source_has_its_line_those_that_are_off_first(preview, language):
    ax = preview.plot.clock("source")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["crm", "site"]
    assert {"en": "1 group", "ru": "1 группы"}[language] in ax.get_title()


def test_groups_are_named_as_they_are_and_missing_ones_too():
    ax = shown_preview(hours_off=0).plot.clock("manager")
    assert {r"\$x\$", "(missing)", "Анна"} <= {label.get_text() for label in ax.get_yticklabels()}


def test_a_right_clock_has_no_shift():
    ax = shown_preview(hours_off=0).plot.clock()
    assert "no shift stands out" in everything(ax)
    assert not any(bar.get_hatch() for bar in ax.patches)


def test_a_column_that_is_not_there_is_refused(preview):
    with pytest.raises(ColumnNotFoundError):
        preview.plot.clock("nowhere")


def test_no_lead_near_is_said():
    assert "no lead near a deal" in texts(shown_preview(0).plot.clock())


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(180, "+3\u00a0h"), (-330, "\u22125\u00a0h\u00a030\u00a0min"), (30, "+30\u00a0min"), (0, "0\u00a0h")],
)
def test_a_shift_has_its_sign_and_unit(minutes, text):
    assert shift_text(minutes) == text


@pytest.mark.parametrize("size", [(7.4, 3.6), (3.9, 3.9)])
@pytest.mark.parametrize("by", [None, "manager"])
def test_all_texts_can_be_read(preview, language, size, by):
    _, ax = plt.subplots(figsize=size, layout="constrained")
    assert preview.plot.clock(by, ax=ax) is ax
    assert_legible(ax)
