"""A notebook in a browser: run its cells, read what they show, use their widgets, take pictures, ask axe-core."""

import math
import re
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

PICTURES = Path(__file__).parents[2] / "build" / "browser"
LONGEST_WAIT = 120
"""Seconds that a notebook may take."""

CHROME = 300
"""Pixels of JupyterLab's own bars above and below a notebook, and some to spare."""

ERRORS = ("error", "stderr")
NAMED_AND_READABLE = (
    "aria-allowed-attr",
    "aria-input-field-name",
    "aria-required-attr",
    "aria-toggle-field-name",
    "aria-valid-attr-value",
    "button-name",
    "color-contrast",
    "duplicate-id-aria",
    "image-alt",
    "input-button-name",
    "label",
    "link-name",
    "nested-interactive",
    "role-img-alt",
    "scrollable-region-focusable",
    "select-name",
    "svg-img-alt",
    "tabindex",
    "th-has-data-cells",
)
"""The rules of axe-core by which a keyboard and a screen reader get through, and eyes can read."""


class LabPage:
    """One notebook, open in JupyterLab; cells are counted from 0, with those of text.

    Parameters
    ----------
    page : playwright.sync_api.Page
        A page of its own.
    """

    def __init__(self, page):
        self.page = page

    def open(self, address):
        """Open a notebook, and wait until its kernel is there to run it."""
        self.page.goto(address)
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=LONGEST_WAIT * 1000)
        # Without a kernel the light is idle as well.
        toolbar = self.page.locator(".jp-NotebookPanel-toolbar", has_text="Python 3")
        toolbar.locator("[data-status='idle']").wait_for(timeout=LONGEST_WAIT * 1000)
        return self

    def run_all(self, *, wait=True):
        """Run every cell from the top; with `wait`, until the last one has ended."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile(r"^Run All Cells")).click()
        if wait:
            self.wait_for_all()

    def run(self, number):
        """Run one cell, and wait for its end."""
        before = self.prompt(number)
        self.cell(number).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")
        self.until(lambda: self.prompt(number) != before and re.fullmatch(r"\[\d+\]:", self.prompt(number)))

    def paste(self, number):
        """Put what is in the clipboard into a cell, in place of what is there."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Control+V")

    def source(self, number):
        """Return what is written in a cell."""
        return self.cell(number).locator(".cm-content").inner_text()

    def prompt(self, number):
        return self.cell(number).locator(".jp-InputPrompt").inner_text().strip()

    def cell(self, number):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number):
        """Return the output area of a cell."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def prompts(self):
        """Return the prompts of the code cells, such as ``[3]:``; one that is running or waits has a star."""
        return [prompt.strip() for prompt in self.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()]

    def errors(self):
        return self.page.locator(",".join(f'[data-mime-type="application/vnd.jupyter.{name}"]' for name in ERRORS))

    def wait_for_all(self):
        """Wait until every code cell has been run; raise as soon as one shows an error."""
        self.until(lambda: all(re.fullmatch(r"\[\d+\]:", prompt) for prompt in self.prompts()))

    def until(self, done):
        """Wait until something is so; raise as soon as a cell shows an error."""
        deadline = time.monotonic() + LONGEST_WAIT
        while not done():
            if self.errors().count():
                raise AssertionError("\n".join(self.errors().all_inner_texts()))
            if time.monotonic() > deadline:
                raise AssertionError(f"The notebook has not ended after {LONGEST_WAIT} s: {self.prompts()}")
            self.page.wait_for_timeout(50)

    def picture(self, name, number=None):
        """Write a picture of the page, or of a cell's output, for somebody to look at; return its path."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        if number is None:
            self.page.screenshot(path=path, animations="disabled")
        else:
            self.picture_of(self.output(number), path)
        return path

    def picture_of(self, part, path):
        """Write a picture of a part of the page, the whole of it: JupyterLab scrolls inside, and cuts off the rest."""
        window = self.page.viewport_size
        self.page.set_viewport_size(window | {"height": math.ceil(part.bounding_box()["height"]) + CHROME})
        part.scroll_into_view_if_needed()
        part.screenshot(path=path, animations="disabled")
        self.page.set_viewport_size(window)

    def barriers(self, number):
        """Return what axe-core finds in a cell's output; see `barriers`."""
        mark = f"ctnb-cell-{number}"
        self.output(number).evaluate("(area, mark) => area.setAttribute('data-axe', mark)", mark)
        return barriers(self.page, f'[data-axe="{mark}"]')


def barriers(page, part=None):
    """Return what axe-core finds in a page or the part under a selector, a line for each element; empty when all is
    well.
    """
    rules = {"type": "rule", "values": list(NAMED_AND_READABLE)}
    found = Axe().run(page, context=part, options={"resultTypes": ["violations"], "runOnly": rules})
    return [
        f"{violation['id']}: {node['html']}: {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
