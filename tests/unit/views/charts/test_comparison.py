"""The plot of a comparison: its numbers are those of the rates, and no text stands on another."""

import matplotlib as mpl
import pytest
from compared_frames import many, results
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from plot_reading import assert_legible, everything

import ctnb
from ctnb.i18n.language import percent
from ctnb.views.html.comparison import short_points

GROUPS = [None, "manager", "type", ["manager", "type"]]


def compared(**options):
    before, after = many(**options)
    return ctnb.compare(after, before, "deal")


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("by", GROUPS)
def test_it_is_legible_and_shows_the_rates(by):
    found = compared()
    ax = found.plot(by)
    assert_legible(ax)
    seen = everything(ax)
    for row in found.rates(by).to_dict("records"):
        for text in (
            short_points(row["difference"], row["low"], row["high"]),
            percent(row["rate_before"]),
            percent(row["rate_after"]),
        ):
            assert text in seen


def test_bars_are_after_and_marks_are_before():
    found = compared()
    table = found.rates("manager").sort_values("pairs", ascending=False, kind="stable")
    ax = found.plot("manager")
    assert [bar.get_width() for bar in ax.patches] == table["rate_after"].tolist()
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert marks == table["rate_before"].tolist()


@pytest.mark.usefixtures("language")
def test_the_side_that_was_predicted_is_called_so():
    ctnb.set_language("en")
    seen = everything(compared().plot())
    assert "before (predicted)" in seen
    assert "after (predicted)" not in seen
    assert "predicted" not in everything(compared(predicted=False).plot()).lower()


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("by", [None, "type"])
def test_no_pairs_leave_the_axes_bare(by):
    found = ctnb.compare(results([(1, "call")]), results([(2, "call")]), "deal")
    ax = found.plot(by)
    assert not ax.axison
    assert_legible(ax)


def test_given_axes_are_drawn_on_and_no_figure_is_opened():
    ax = Figure(figsize=(6.4, 4.8)).subplots()
    before = mpl.rcParams.copy()
    assert compared().plot("manager", ax=ax) is ax
    assert plt.get_fignums() == []
    assert mpl.rcParams == before


def test_the_largest_groups_are_drawn_and_the_rest_is_counted():
    found = compared()
    ax = found.plot("deal")
    assert len(ax.patches) == 20
    ctnb.set_language("en")
    assert "the 20 largest of 280 groups" in everything(found.plot("deal"))
