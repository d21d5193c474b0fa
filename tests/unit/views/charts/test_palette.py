"""Plots can be read on whatever they stand on, and change no setting."""

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from plot_reading import failed, results, seen_texts
from shown_previews import shown_preview

from ctnb.views.charts import plots, timeline
from ctnb.views.charts.palette import Palette, contrast, seen

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#999999")
FRAME = results(900)
DRAWN = {
    "match_rates": lambda ax: plots.match_rates(FRAME, ax=ax),
    "errors": lambda ax: plots.errors(failed(600), ax=ax),
    "waterfall": lambda ax: plots.waterfall(FRAME, ax=ax),
    "timeline": lambda ax: timeline.timeline(FRAME, ax=ax),
    "nothing": lambda ax: plots.match_rates(results(0), ax=ax),
    "depth": lambda ax: shown_preview().plot.depth(ax=ax),
    "clock": lambda ax: shown_preview().plot.clock("source", ax=ax),
}
GROUNDS = {
    "light": {},
    "dark": {"style": "dark_background"},
    "solarized": {"style": "Solarize_Light2"},
    "own face": {"axes": "#203040"},
    "grey": {"figure": "#777777", "axes": "#777777"},
    "seen through": {"style": "dark_background", "figure": "none", "axes": "none"},
}


def ground_of(text, ax):
    """The colour under a text: that of the axes where it stands in them."""
    palette = Palette.of(ax)
    box, middle = ax.get_window_extent(), text.get_window_extent()
    inside = box.x0 <= (middle.x0 + middle.x1) / 2 <= box.x1 and box.y0 <= (middle.y0 + middle.y1) / 2 <= box.y1
    page = ax.figure.get_facecolor()
    return palette.face if inside and ax.axison else "#000000" if page[3] == 0 else to_hex(page)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("drawn", DRAWN)
def test_texts_have_a_contrast_of_four_and_a_half_and_what_is_drawn_three(drawn, ground):
    asked = GROUNDS[ground]
    with plt.style.context(asked.get("style", "default")):
        figure, ax = plt.subplots(layout="constrained")
        figure.set_facecolor(asked.get("figure", figure.get_facecolor()))
        ax.set_facecolor(asked.get("axes", ax.get_facecolor()))
        before = mpl.rcParams.copy()
        DRAWN[drawn](ax)
        assert mpl.rcParams == before
        faint = {
            text.get_text(): (text.get_color(), ground_of(text, ax))
            for text in seen_texts(ax)
            if contrast(to_hex(text.get_color()), ground_of(text, ax)) < 4.5
        }
        assert not faint
        fills = {to_hex(patch.get_facecolor()) for patch in ax.patches if patch.get_facecolor()[3]}
        for colour in fills | {to_hex(line.get_color()) for line in ax.lines if line.get_linestyle() != "None"}:
            assert contrast(colour, Palette.of(ax).face) >= 3


@pytest.mark.parametrize("face", ["#ffffff", "#111111", "#212121", "#777777"])
def test_series_keep_their_hue_where_they_can_be_seen(face):
    for colour in OKABE_ITO:
        assert contrast(seen(colour, face), face) >= 3
        if contrast(colour, face) >= 3:
            assert seen(colour, face) == colour.lower() or seen(colour, face) == to_hex(colour)


def test_colours_for_white_are_seen_on_a_dark_notebook_too():
    # A picture in a page is drawn once for light and dark.
    for colour in OKABE_ITO:
        assert contrast(seen(colour, "#ffffff"), "#111111") >= 3


def test_settings_of_the_user_are_followed():
    with mpl.rc_context({"text.color": "#003366", "axes.labelcolor": "#660000"}):
        ax = plots.match_rates(FRAME)
    assert ax.title.get_color() == "#003366"
    red, green, blue = mpl.colors.to_rgb(ax.xaxis.label.get_color())
    assert red > green == blue


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
