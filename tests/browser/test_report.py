"""The report, opened as a file by somebody who has nothing else."""

import re

import numpy as np
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


MOST_PAGES = 5
SCREEN_AND_A_HALF = 1.5 * 844


@pytest.fixture(params=["en", "ru"])
def language(request):
    ctnb.set_language(request.param)
    return request.param


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_the_report_asks_nobody_for_anything(done, context, page, tmp_path, width, scheme):
    ctnb.set_language("ru" if scheme == "dark" else "en")
    asked, faults = [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    path = done.calltouch.report(
        tmp_path / "report.html", by="manager", rules=ctnb.load_rulebook(sample("rules.toml")).rules
    )
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(path.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert faults == []
    assert ("1,951" if scheme == "light" else "1\u00a0951") in page.locator("body").inner_text()
    box = page.locator("figure:visible").first.bounding_box()
    assert box["y"] + box["height"] < SCREEN_AND_A_HALF
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    # Nothing is cut off at the side, of the page or of a table.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_TABLES) == []
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"report-{width}-{scheme}.png", full_page=True)
    assert barriers(page) == []
    paper, ink = (brightness(page.locator("body").evaluate(COLOUR, name)) for name in ("background-color", "color"))
    assert (paper < 50) == (ink > 200) == (scheme == "dark")

    # No slab shows through: what is written in the pictures can be read on the page.
    inks = page.evaluate(INKS)
    assert inks
    assert {brightness(ink) > 120 for ink in inks} == {scheme == "dark"}


INKS = """[...document.querySelectorAll("figure svg text")].filter(each => each.getClientRects().length)
    .map(each => getComputedStyle(each).fill)"""
CUT_TABLES = """[...document.querySelectorAll(".ctnb-scroll")]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.getAttribute("aria-label"))"""
COLOUR = "(part, name) => getComputedStyle(part).getPropertyValue(name)"


def brightness(colour):
    """Return the mean of red, green and blue, 0 to 255."""
    return np.mean([float(part) for part in re.findall(r"[\d.]+", colour)[:3]])


def test_it_prints_light_and_in_a_few_pages(done, page, tmp_path, language):
    names = [f"Отдел продаж жилой недвижимости, группа {n}: Приморский район, первичные обращения" for n in range(30)]
    owners = done.assign(owner=np.resize(names, len(done)))
    rules = ctnb.load_rulebook(sample("rules.toml"))
    page.emulate_media(color_scheme="dark")
    for frame, by in ((done, [["manager"], ["pipeline"]]), (owners, "owner")):
        page.goto(frame.calltouch.report(tmp_path / "report.html", by=by, rules=rules).as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        assert 1 < len(re.findall(rb"/Type /Page\b", printed)) <= MOST_PAGES
    page.emulate_media(media="print")
    assert brightness(page.locator("body").evaluate(COLOUR, "background-color")) == 255
    assert page.locator("summary:visible").count() == 0
    # What must not be torn says so.
    for part in page.locator("figure, .ctnb-scroll, tr, .ctnb-facts > div").all():
        assert part.evaluate(COLOUR, "break-inside") == "avoid"
