"""What an analyst sees who opens the quickstart in JupyterLab and runs all its cells."""

import re
from pathlib import Path

import nbformat
import pytest

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"


@pytest.fixture
def quickstart():
    return nbformat.read(QUICKSTART, as_version=4)


def places(notebook, text):
    return [place for place, cell in enumerate(notebook.cells) if text in cell.source]


def test_the_quickstart_runs_to_its_end_and_shows_its_pictures(notebook, quickstart):
    shown = notebook(quickstart)
    shown.run_all()
    assert shown.errors().count() == 0
    for place in places(quickstart, ".plot."):
        picture = shown.output(place).locator("img")
        assert picture.evaluate("img => img.complete && img.naturalWidth > 400 && img.naturalHeight > 200")
    for place in places(quickstart, ".head("):
        assert shown.output(place).locator("table").is_visible()
    shown.picture("quickstart")
    cards = [*places(quickstart, "\nplan"), *places(quickstart, "vendor.connection")]
    assert [shown.barriers(place) for place in cards] == [[]] * len(cards)


def test_the_progress_bar_moves_and_ends_at_100_per_cent(notebook, quickstart):
    [sending, *_] = places(quickstart, "done = deals.calltouch.comment(")
    quiet = quickstart.cells[sending].source
    quickstart.cells[sending].source = quiet.replace(", progress=False", "")
    assert quickstart.cells[sending].source != quiet
    shown = notebook(quickstart)
    shown.run_all(wait=False)
    output = shown.output(sending)
    bar, filled = output.locator(".widget-hprogress"), output.locator(".progress-bar")
    bar.wait_for()
    shown.until(lambda: 0 < width(filled) < width(bar))
    shown.picture("progress-under-way", sending)
    assert re.search(r"\b\d{1,2}\s?%", output.inner_text())
    shown.wait_for_all()
    # What is left is text, which a saved notebook keeps.
    assert bar.count() == 0
    assert re.search(r"\b100\s?%", output.inner_text())
    shown.picture("progress-at-its-end", sending)


def width(bar):
    return bar.evaluate("bar => bar.getBoundingClientRect().width")
