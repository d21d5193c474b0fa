"""Numbers stay inside axes of any size, and a title of the user's replaces that of the plot."""

import io

import pytest
from matplotlib import pyplot as plt
from plot_reading import failed, results, seen_texts

from ctnb.views.charts import plots, timeline

LONG = [f"Отдел продаж — Санкт-Петербург, Невский проспект, смена {at:02d}" for at in range(60)]
FRAME = results(1200).assign(who=[LONG[at % 60] for at in range(1200)])
DRAWN = {
    "by column": lambda ax: plots.match_rates(FRAME, by="who", ax=ax),
    "by type": lambda ax: plots.match_rates(FRAME, ax=ax),
    "errors": lambda ax: plots.errors(failed(600), ax=ax),
    "waterfall": lambda ax: plots.waterfall(FRAME, ax=ax),
    "timeline": lambda ax: timeline.timeline(FRAME, ax=ax),
}


def assert_inside(ax):
    """Every number and label stands in the axes, or beside them in the figure, and on no other."""
    shown = seen_texts(ax)
    figure = ax.figure.bbox
    for text in shown:
        box = text.get_window_extent()
        assert figure.x0 - 1 <= box.x0 <= box.x1 <= figure.x1 + 1, text
        assert figure.y0 - 1 <= box.y0 <= box.y1 <= figure.y1 + 1, text
    own, axes = [text for text in ax.texts if text in shown and text.get_window_extent().y1 <= ax.bbox.y1], ax.bbox
    for text in own:
        assert axes.x1 + 1 >= text.get_window_extent().x1, text
    ticks = [text for text in ax.get_yticklabels() if text in shown]
    for label in ticks:
        assert not any(label.get_window_extent().overlaps(text.get_window_extent()) for text in own), label


@pytest.mark.parametrize("names", [("by column", "by type", "waterfall", "timeline"), ("errors",)])
@pytest.mark.parametrize("layout", [None, "tight", "constrained"])
def test_four_plots_on_six_inches_by_four(names, layout):
    figure, axes = plt.subplots(2, 2, figsize=(6, 4), layout=layout)
    drawn = list(zip(names, axes.flat, strict=False))
    for name, ax in drawn:
        DRAWN[name](ax)
    if layout is None:
        figure.tight_layout()
    for _, ax in drawn:
        assert_inside(ax)
    figure.savefig(io.BytesIO(), bbox_inches="tight")


@pytest.mark.parametrize("name", DRAWN)
def test_axes_that_become_small_are_fitted_anew(name):
    figure, ax = plt.subplots(figsize=(10, 8))
    DRAWN[name](ax)
    figure.set_size_inches(4, 5)
    assert_inside(ax)


@pytest.mark.parametrize("where", ["center", "left", "right"])
@pytest.mark.parametrize("name", DRAWN)
def test_a_title_of_the_user_replaces_ours_and_the_note(name, where):
    _, ax = plt.subplots(layout="constrained")
    DRAWN[name](ax)
    ax.set_title("x", loc=where)
    shown = seen_texts(ax)
    own = next(text for text in shown if text.get_text() == "x")
    assert [ax.get_title(loc=each) for each in ("left", "center", "right") if ax.get_title(loc=each)] == ["x"]
    box = own.get_window_extent()
    middle = {"left": ax.bbox.x0, "center": (ax.bbox.x0 + ax.bbox.x1) / 2, "right": ax.bbox.x1}[where]
    assert box.x0 - 2 <= middle <= box.x1 + 2
    above = [text.get_text() for text in shown if text.get_window_extent().y0 > ax.bbox.y1]
    assert above == ["x"]


def test_a_plot_replaces_a_title_that_the_axes_had():
    _, ax = plt.subplots()
    ax.set_title("mine", loc="left")
    plots.match_rates(FRAME, ax=ax)
    assert "mine" not in {text.get_text() for text in seen_texts(ax)}
    assert ax.get_title().startswith("Match rate")
