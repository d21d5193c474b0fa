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


def test_progress_says_one_number_and_leaves_the_runs_card(notebook, quickstart):
    [sending, *_] = places(quickstart, "done = deals.calltouch.comment(")
    shown = notebook(quickstart)
    shown.run_all(wait=False)
    output = shown.output(sending)
    bar = output.locator("progress")
    bar.wait_for()
    shown.until(lambda: bar.count() and 0 < bar.evaluate("bar => bar.position") < 1)
    shown.picture("progress-under-way", sending)
    shown.wait_for_all()
    # What is left is the card, which a saved notebook keeps.
    assert bar.count() == 0
    assert "Запуск завершён" in output.inner_text()
    assert re.search(r"прокомментировано\s+1\s951", output.inner_text())
    shown.picture("progress-at-its-end", sending)
