"""The dashboard in JupyterLab: what is chosen is what is shown, by mouse, by keyboard, on a phone and in the dark."""

import json
import re
from io import BytesIO

import pytest
from lab_page import barriers
from playwright.sync_api import expect

import ctnb

SENT = """
import ctnb
from ctnb.tables.samples import sample

ctnb.set_language("en")
deals = ctnb.read_leads(sample("deals.csv"))
rules = ctnb.load_rulebook(sample("rules.toml")).rules
with ctnb.Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as vendor:
    done = deals.calltouch.comment(
        rules, "{stage}: {manager}", key="deal_id", connection=vendor.connection, progress=False
    )
    before = deals.calltouch.comment(rules[:1], "{stage}", key="deal_id", connection=vendor.connection, progress=False)
"""
BY_MANAGER = """
rows = done.groupby("manager")["ct_matched"].agg(["size", "count", "sum"])
print(rows.astype(int).to_json(orient="index", force_ascii=False))
"""
DASHBOARD = 2
SHEET = ".ctnb-sheet"
MANAGER = "Анна Ковылкина"


@pytest.fixture
def shown(notebook, cells):
    opened = notebook(cells(SENT, BY_MANAGER, "done.calltouch.dashboard(before=before, key='deal_id')"))
    opened.run_all()
    opened.output(DASHBOARD).locator(".ctnb-plot svg").first.wait_for()
    return opened


def rested(shown):
    """Wait until nothing is under way in the sheet."""
    shown.page.wait_for_timeout(300)
    expect(shown.page.locator(f"{SHEET}[aria-busy]")).to_have_count(0)


def choose_theme(page, theme):
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Theme").first.click()
    page.locator(".lm-Menu-item", has_text=f"JupyterLab {theme}").first.click()
    page.locator(f"body[data-jp-theme-light={'false' if theme == 'Dark' else 'true'}]").wait_for(state="attached")


def test_bars_filters_rows_and_downloads_go_together(shown):
    board = shown.output(DASHBOARD)
    counts = json.loads(shown.output(1).inner_text())
    assert len(counts) == 8
    rested(shown)
    board.get_by_label("by", exact=True).select_option(label="manager")
    bar = board.get_by_role("button", name=re.compile(f"^{MANAGER}: "))
    expect(bar).to_have_attribute("aria-pressed", "false")
    whole = counts[MANAGER]
    assert f"{whole['sum']} of {whole['count']}" in bar.get_attribute("aria-label")
    shown.picture("dashboard-by-manager", DASHBOARD)
    rested(shown)
    bar.click()
    expect(bar).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".ctnb-count")).to_have_text(f"{whole['size']} of 3,000 rows")
    expect(board.get_by_text(f"1–10 of {whole['size']}")).to_be_visible()
    shown.picture("dashboard-one-manager", DASHBOARD)
    rested(shown)
    for name, ending in (("Download CSV", "csv"), ("Download XLSX", "xlsx")):
        with shown.page.expect_download() as saved:
            board.get_by_role("button", name=name).click()
        assert saved.value.suggested_filename == f"ctnb_rows.{ending}"
        table = ctnb.read_leads(BytesIO(saved.value.path().read_bytes()))
        assert set(table["manager"]) == {MANAGER}
        assert len(table) == whole["size"]
        rested(shown)
    with shown.page.expect_download() as saved:
        board.get_by_role("button", name="Download PNG").click()
    assert saved.value.suggested_filename == "ctnb_match_rates.png"
    rested(shown)
    board.get_by_role("button", name="Before and after").click()
    expect(board.locator(".ctnb-plot svg")).to_have_attribute("aria-label", re.compile("before"))
    board.get_by_role("button", name=f"Remove the filter: manager: {MANAGER}").click()
    expect(board.locator(".ctnb-count")).to_have_text("3,000 of 3,000 rows")
    shown.picture("dashboard-before-and-after", DASHBOARD)


def test_the_keyboard_alone_gets_through(shown):
    board, keys = shown.output(DASHBOARD), shown.page.keyboard
    rested(shown)
    add = board.get_by_role("button", name="Add a filter")
    add.focus()
    keys.press("Enter")
    expect(board.get_by_role("searchbox", name="Search the columns")).to_be_focused()
    keys.type("stat")
    expect(board.locator(".ctnb-item:visible")).to_have_text(["Status"])
    keys.press("Enter")
    expect(board.get_by_role("checkbox").first).to_be_focused()
    assert barriers(shown.page, SHEET) == []
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    expect(board.locator(".ctnb-count")).to_have_text("911 of 3,000 rows")
    expect(add).to_be_focused()
    expect(board.get_by_text("911 answered rows, and none found its lead")).to_be_visible()
    assert barriers(shown.page, SHEET) == []
    board.get_by_role("button", name="Undo").focus()
    keys.press("Enter")
    expect(board.locator(".ctnb-count")).to_have_text("3,000 of 3,000 rows")
    add.focus()
    keys.press("Enter")
    keys.press("Enter")
    expect(board.get_by_role("checkbox").first).to_be_focused()
    keys.press("Escape")
    expect(board.locator(".ctnb-panel")).to_have_count(0)
    expect(add).to_be_focused()
    pick_columns(board, keys)
    choose_a_cell(shown, board, keys)
    bars = board.locator(".ctnb-bars button")
    bars.first.focus()
    keys.press("ArrowDown")
    expect(bars.nth(1)).to_be_focused()
    keys.press("Enter")
    expect(bars.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(bars.nth(1)).to_be_focused()
    heading = board.get_by_role("columnheader", name="deal_id")
    heading.get_by_role("button").focus()
    keys.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    keys.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(heading.get_by_role("button")).to_be_focused()


def pick_columns(board, keys):
    """Leave a column out of the rows, by the keyboard."""
    columns = board.get_by_role("button", name="Columns", exact=True)
    columns.focus()
    keys.press("Enter")
    expect(board.get_by_role("searchbox", name="Search the columns")).to_be_focused()
    keys.type("pipe")
    keys.press("Tab")
    expect(board.get_by_role("checkbox", name="pipeline")).to_be_focused()
    keys.press("Space")
    keys.press("Enter")
    expect(board.get_by_role("columnheader", name="pipeline")).to_have_count(0)
    expect(board.get_by_role("button", name=re.compile(r"Columns: \d+ of \d+"))).to_be_focused()


def choose_a_cell(shown, board, keys):
    """Choose rows by a cell of the heatmap, and leave the choice again, by the keyboard."""
    board.get_by_role("button", name="Heatmap").click()
    cells = board.locator(".ctnb-cells button")
    cells.first.focus()
    first = cells.first.get_attribute("aria-label")
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    focused = board.locator(".ctnb-cells button:focus")
    label = focused.get_attribute("aria-label")
    assert label.partition(" · ")[0] != first.partition(" · ")[0]
    assert re.fullmatch(r".* · .*: [\d.]+.% matched, [\d,]+ of [\d,]+ reached \(95 % interval .*\)", label)
    expect(board.locator(".ctnb-tip")).to_have_text(label)
    keys.press("Enter")
    expect(board.locator(".ctnb-chip")).to_have_count(2)
    expect(focused).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".ctnb-count")).to_contain_text(re.search(r"matched, ([\d,]+)", label)[1])
    assert barriers(shown.page, SHEET) == []
    shown.picture("dashboard-cell", DASHBOARD)
    rested(shown)
    keys.press("Enter")
    expect(board.locator(".ctnb-chip")).to_have_count(0)
    board.get_by_role("button", name="Match rates").click()
    rested(shown)


def test_a_phone_and_the_dark(shown):
    page = shown.page
    rested(shown)
    choose_theme(page, "Dark")
    assert barriers(page, SHEET) == []
    shown.picture("dashboard-dark", DASHBOARD)
    choose_theme(page, "Light")
    # JupyterLab's own bars would take most of a phone.
    page.set_viewport_size({"width": 390, "height": 844})
    shown.output(DASHBOARD).locator(".ctnb-dashboard").evaluate(
        """board => {
            const phone = document.createElement("div");
            phone.style.cssText = "position: fixed; inset: 0; z-index: 9999; overflow: auto; padding: 8px";
            phone.id = "phone";
            phone.append(board);
            document.body.append(phone);
        }"""
    )
    page.wait_for_function("document.querySelector('.ctnb-plot svg').viewBox.baseVal.width < 400")
    rested(shown)
    for chart in ("Match rates", "Funnel", "Rules", "Errors", "Over time", "Before and after"):
        page.locator(SHEET).get_by_role("combobox", name="Chart").select_option(label=chart)
        rested(shown)
        assert page.evaluate("document.querySelector('#phone').scrollWidth") <= 390
        assert (
            page.locator(".ctnb-plot").bounding_box()["y"]
            + page.evaluate(
                "document.querySelector('#phone').scrollTop + document.querySelector('.ctnb-plot').clientHeight"
            )
            < 1.5 * 844
        )
        small = page.locator(SHEET).evaluate(
            """sheet => [...sheet.querySelectorAll("button, select, input")].filter(each => each.offsetParent)
                .filter(each => each.getBoundingClientRect().height < 31.5 && each.closest(".ctnb-bars") === null)
                .map(each => each.outerHTML)"""
        )
        assert small == []
    assert barriers(page, SHEET) == []
    shown.picture_of(page.locator(SHEET), shown.picture("dashboard-phone"))
