"""Pictures in a page follow its style sheet, whatever the settings of matplotlib are."""

import base64
import io
import re

from matplotlib import pyplot as plt
from matplotlib.image import imread
from plot_reading import results
from shown_previews import shown_preview

from ctnb.views.charts import plots, timeline
from ctnb.views.charts.svg import draw_png, draw_svg

FRAME = results(900)


def drawn(draw, **size):
    return draw_svg(draw, name="it", **({"width": 7.4, "height": 4.0} | size)).svg


def colours_of(svg):
    """The colours that are not variables."""
    return set(re.findall(r"(?<!, )#[0-9a-f]{6}\b", svg))


def test_ink_and_grid_are_variables_and_nothing_is_white():
    for draw in (
        lambda ax: plots.match_rates(FRAME, ax=ax),
        lambda ax: plots.waterfall(FRAME, ax=ax),
        lambda ax: timeline.timeline(FRAME, ax=ax),
        lambda ax: shown_preview().plot.depth(ax=ax),
    ):
        svg = drawn(draw)
        assert "fill: var(--ctnb-ink, #1f2328)" in svg
        assert "var(--ctnb-quiet, #" in svg
        assert "stroke: var(--ctnb-line, #" in svg
        assert not colours_of(svg) & {"#ffffff", "#000000", "#1f2328"}
        for text in re.findall(r"<text [^>]*>", svg):
            assert "fill: var(--ctnb-" in text


def test_hatches_are_of_the_face_of_the_page():
    assert "stroke: var(--ctnb-face, #ffffff)" in drawn(lambda ax: plots.match_rates(FRAME, ax=ax))


def test_a_dark_style_changes_no_picture_of_a_page():
    light = drawn(lambda ax: plots.waterfall(FRAME, ax=ax)), png()
    with plt.style.context("dark_background"):
        assert (drawn(lambda ax: plots.waterfall(FRAME, ax=ax)), png()) == light


def png():
    return draw_png(lambda ax: plots.match_rates(FRAME, ax=ax), width=7.4, height=4)[1]


def test_a_png_has_a_white_face():
    with plt.style.context("dark_background"):
        corner = imread(io.BytesIO(base64.b64decode(png())))[0, 0]
    assert corner.tolist() == [1, 1, 1, 1]
