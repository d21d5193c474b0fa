"""Saved notebooks in JupyterLab: widgets whose kernel is gone leave a static view, and nobody speaks of a model."""

import copy

import pytest
from lab_page import LabPage
from nbclient import NotebookClient

SENT = """
import ctnb
from ctnb.tables.samples import sample

ctnb.set_language("ru")
deals = ctnb.read_leads(sample("deals.csv"))
book = ctnb.load_rulebook(sample("rules.toml"))
journal = ctnb.Journal(calls=sample("calls.csv"), requests=sample("requests.csv"))
vendor = ctnb.Emulator(sample("calls.csv"), sample("requests.csv"), rate=None)
with vendor:
    done = deals.calltouch.comment(book, connection=vendor.connection, progress=False)
"""
DASHBOARD, EXPLORER, STUDIO = 1, 2, 3
VIEWS = {
    DASHBOARD: ("строк", ".ctnb-dashboard"),
    EXPLORER: ("Предсказание", ".ctnb-explorer"),
    STUDIO: ("Студия", ".ctnb-studio"),
}
LOST = "Error displaying widget"


@pytest.fixture(scope="module")
def saved(cells):
    """Run a notebook with one of each widget; what JupyterLab saves has no state of widgets in it."""
    notebook = cells(
        SENT,
        "done.calltouch.dashboard()",
        "deals.calltouch.preview(book, journal=journal).explorer()",
        "deals.calltouch.studio(book)",
    )
    NotebookClient(notebook, timeout=120, store_widget_state=False).execute()
    return notebook


def stand_beside_each_other(output):
    """Whether the figures do, and words at the left, without a style sheet too."""
    first, second = (output.locator(".ctnb-facts > div").nth(place).bounding_box() for place in (0, 1))
    begins = {cell.evaluate("cell => getComputedStyle(cell).textAlign") for cell in output.locator("tbody th").all()}
    return first["x"] + first["width"] <= second["x"] and begins == {"left"}


@pytest.mark.parametrize(
    ("trusted", "dark"),
    [(True, False), (True, True), (False, True)],
    ids=["trusted, light", "trusted, dark", "untrusted, dark"],
)
def test_a_saved_notebook_shows_its_widgets(lab, page, saved, trusted, dark):
    lab.choose_theme(dark=dark)
    notebook = copy.deepcopy(saved)
    # Trust goes by what is in a notebook.
    notebook.metadata["trusted"] = trusted
    opened = LabPage(page).open(lab.put_saved(notebook, f"saved-{trusted}.ipynb", trusted=trusted))
    try:
        for number, (text, widget) in VIEWS.items():
            output = opened.output(number)
            output.get_by_text(text).first.wait_for()
            assert not output.locator(widget).count()
            assert "model" not in output.inner_text().casefold()
            assert LOST not in output.inner_text()
            assert output.locator("img:visible").count() == (number != STUDIO)
            if number != STUDIO:
                assert stand_beside_each_other(output)
            opened.picture(f"saved-{trusted=}-{dark=}-{number}", number)
            assert not opened.barriers(number)
        if trusted and not dark:
            # Run again they live, and what stood for them is hidden.
            opened.run_all()
            for number, (_, widget) in VIEWS.items():
                opened.output(number).locator(widget).first.wait_for()
                assert not opened.output(number).locator(".ctnb-static:visible").count()
    finally:
        lab.choose_theme(dark=False)
        lab.end_kernels()
