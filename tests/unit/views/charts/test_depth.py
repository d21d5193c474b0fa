"""The chart by depth: its curves are those of the sweep, its ticks are words, and no text stands on another."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from plot_reading import assert_legible, everything, texts
from shown_previews import RULES, shown_preview

from ctnb import CallContact, col
from ctnb.exceptions import ConfigError


@pytest.fixture(scope="module")
def preview():
    return shown_preview()


def lines(ax):
    """The curves, without marks and what the legend draws."""
    return [line for line in ax.get_lines() if len(line.get_xdata()) > 2]


def marks(ax):
    return [
        (line.get_xdata()[0], round(line.get_ydata()[0], 9))
        for line in ax.get_lines()
        if len(line.get_xdata()) == 1 and line.get_marker() != "None"
    ]


def test_each_curve_has_the_shares_of_the_sweep(preview):
    ax, table, ready = preview.plot.depth(), preview.sweep(), int(preview.matched.plan.ready.sum())
    drawn = lines(ax)
    assert len(drawn) == 4
    for place, (rank, name) in enumerate([(2, "alone"), (2, "takes"), (3, "alone"), (3, "takes")]):
        of_rule = table[(table["rule"] == rank) & table["depth"].notna()]
        assert drawn[place].get_xdata().tolist() == of_rule["depth"].tolist()
        np.testing.assert_allclose(drawn[place].get_ydata(), of_rule[name] / ready)


def test_the_depths_of_the_rules_are_marked_at_what_they_find(preview):
    ready, as_set = int(preview.matched.plan.ready.sum()), preview.sweep([]).set_index("rule")
    assert set(marks(preview.plot.depth())) == {
        (minutes, round(as_set.loc[rank, name] / ready, 9))
        for rank, minutes in ((2, 120), (3, 1440))
        for name in ("alone", "takes")
    }


def test_precision_stands_under_the_curves_where_ids_measure_it(preview):
    panel = preview.plot.depth().child_axes[0]
    of_rule = preview.sweep().query("rule == 2 and depth.notna() and truths > 0")
    curve = next(line for line in panel.get_lines() if len(line.get_xdata()) == len(of_rule))
    np.testing.assert_allclose(curve.get_ydata(), of_rule["precision"])
    assert len(panel.collections) == 2


def test_without_ids_there_is_no_panel():
    assert shown_preview(rules=RULES[1:]).plot.depth().child_axes == []


def test_ticks_are_words_from_a_minute_to_a_year(preview, language):
    ticks = [label.get_text() for label in preview.plot.depth().get_xticklabels()]
    wanted = {
        "en": ("1\u00a0min", "1\u00a0h", "7\u00a0d", "1 year"),
        "ru": ("1\u00a0мин", "1\u00a0ч", "7\u00a0дн.", "1 год"),
    }
    assert set(wanted[language]) <= set(ticks)
    assert preview.plot.depth().get_xscale() == "log"


def test_the_title_says_that_it_is_predicted(preview, language):
    mark = {"en": "Predicted", "ru": "Предсказание"}[language]
    assert preview.plot.depth().get_title().startswith(mark)


def test_some_rules_may_be_asked_for(preview):
    assert len(lines(preview.plot.depth(3))) == 2
    assert len(lines(preview.plot.depth([2, 3]))) == 4
    for wrong in (0, 4, [2, 9]):
        with pytest.raises(ConfigError, match="from 1 to 3"):
            preview.plot.depth(wrong)


def test_a_depth_by_row_is_marked_at_no_depth():
    rules = [CallContact("phone", "created", depth=col("minutes"))]
    preview = shown_preview(40, rules=rules)
    ax, found = preview.plot.depth(), preview.sweep([])["alone"].iloc[0]
    assert "depth by row" in everything(ax)
    assert marks(ax) == [(525_600, round(found / 40, 9))]


def test_rules_by_id_alone_and_no_rows_have_no_curve(preview):
    assert "no rule by contact" in texts(shown_preview(rules=RULES[:1]).plot.depth())
    assert "no rule by contact" in texts(preview.plot.depth(1))


def test_the_texts_of_many_rules_can_be_read(language):
    rules = [CallContact("phone", "created", depth=5 * number) for number in range(1, 9)]
    _, ax = plt.subplots(figsize=(3.9, 4.7), layout="constrained")
    shown_preview(30, rules=rules).plot.depth(ax=ax)
    assert_legible(ax)


@pytest.mark.parametrize("size", [(6.4, 4.8), (3.9, 4.7)])
def test_all_texts_can_be_read(preview, language, size):
    _, ax = plt.subplots(figsize=size, layout="constrained")
    assert preview.plot.depth(ax=ax) is ax
    assert_legible(ax)
