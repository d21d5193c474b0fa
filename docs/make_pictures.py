"""Make the pictures that the README shows, from the sample deals (``python docs/make_pictures.py``).

The dashboard and the studio are shown in JupyterLab by Chromium; without Chromium their pictures stay as they are.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from matplotlib.figure import Figure

import ctnb
from ctnb.rulebooks import load_rulebook
from ctnb.tables.samples import sample

HERE = Path(__file__).parent
# The tests know how to open a notebook in a browser.
sys.path.append(str(HERE.parent / "tests" / "tools"))

if TYPE_CHECKING:
    import pandas as pd

SHOW_RESULTS = """
import ctnb
import pandas as pd

ctnb.set_language("en")
done = pd.read_parquet("done.parquet")
"""
DASHBOARD = "done.calltouch.dashboard()"
READ_DEALS = """
import ctnb
from ctnb.tables.samples import sample

ctnb.set_language("en")
deals = ctnb.read_leads(sample("deals.csv"))
"""
STUDIO = 'deals.calltouch.studio(comment="{stage}: {manager}", key="deal_id")'
WIDTH = 1280


def main() -> None:
    """Comment the sample deals on an emulator without a rate limit, and draw the results."""
    ctnb.set_language("en")
    done = commented_deals()
    draw_rates(done)
    photograph_widgets(done)


def commented_deals() -> pd.DataFrame:
    """Return the sample deals with their answers."""
    book = load_rulebook(sample("rules.toml"))
    deals = ctnb.read_leads(sample("deals.csv"))
    with ctnb.Emulator(calls=sample("calls.csv"), requests=sample("requests.csv"), rate=None) as vendor:
        return ctnb.comment(
            deals, book.rules, book.comment or "", key=book.key, connection=vendor.connection, progress=False
        )


def draw_rates(done: pd.DataFrame) -> None:
    """Draw the match rate by type."""
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    done.calltouch.plot.match_rates(ax=figure.add_subplot())
    # Without the version and the date, the same picture is the same file.
    figure.savefig(HERE / "match_rates.png", dpi=150, metadata={"Software": None})


def photograph_widgets(done: pd.DataFrame) -> None:
    """Open the dashboard and the studio in JupyterLab, and save pictures of them."""
    from lab_server import LabServer, find_chromium
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    if chromium is None:
        return
    with tempfile.TemporaryDirectory() as folder, LabServer(Path(folder) / "home") as lab, sync_playwright() as player:
        done.to_parquet(lab.notebooks / "done.parquet")
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-proxy-server"])
        shown = opened(browser, lab, "dashboard", SHOW_RESULTS, DASHBOARD)
        dashboard = shown.output(1).locator(".ctnb-sheet")
        dashboard.locator(".ctnb-plot svg").wait_for()
        # The sheet measures its width and draws once more.
        shown.page.wait_for_timeout(1_000)
        shown.output(1).locator(".ctnb-sheet:not([aria-busy])").wait_for()
        shown.picture_of(dashboard, HERE / "dashboard.png")
        shown = opened(browser, lab, "studio", READ_DEALS, STUDIO)
        studio = shown.output(1).locator(".ctnb-studio")
        studio.get_by_role("button", name="2. Rules").click()
        studio.get_by_text("Look for").first.wait_for()
        shown.picture_of(studio, HERE / "studio.png")
        browser.close()


def opened(browser: Any, lab: Any, name: str, *cells: str) -> Any:
    """Return the page of a notebook of these cells, all of them run."""
    from lab_page import LabPage

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    shown = LabPage(page).open(lab.put(notebook, f"{name}.ipynb"))
    shown.run_all()
    return shown


if __name__ == "__main__":
    main()
