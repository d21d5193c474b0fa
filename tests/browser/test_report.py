"""The report, opened as a file by somebody who has nothing else."""

import pytest
from lab_page import PICTURES, barriers

import ctnb
from ctnb.rulebooks import load_rulebook
from ctnb.tables.samples import sample


@pytest.fixture(scope="module")
def done():
    book = load_rulebook(sample("rules.toml"))
    deals = ctnb.read_leads(sample("deals.csv"))
    with ctnb.Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as vendor:
        return ctnb.comment(deals, book.rules, book.comment, key=book.key, connection=vendor.connection, progress=False)


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_the_report_asks_nobody_for_anything(done, context, page, tmp_path, width):
    asked, faults = [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    path = done.calltouch.report(
        tmp_path / "report.html", by="manager", rules=ctnb.load_rulebook(sample("rules.toml")).rules
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert faults == []
    assert "1,951" in page.locator("body").inner_text()
    # Nothing is cut off at the side.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"report-{width}.png", full_page=True)
    assert barriers(page) == []
