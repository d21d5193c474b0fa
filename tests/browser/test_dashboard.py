"""The dashboard in JupyterLab: what is chosen is what is shown."""

import json
import re

import pytest

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
"""
BY_MANAGER = """
matched = done[done["ct_matched"].notna()].groupby("manager")["ct_matched"].sum()
print(matched.astype(int).to_json(force_ascii=False))
"""
DASHBOARD = 2


@pytest.fixture
def shown(notebook, cells):
    opened = notebook(cells(SENT, BY_MANAGER, "done.calltouch.dashboard()"))
    opened.run_all()
    opened.output(DASHBOARD).locator(".ctnb-dashboard svg").first.wait_for()
    return opened


def test_another_grouping_changes_the_charts_data(shown):
    board = shown.output(DASHBOARD)
    chart, table = board.locator(".ctnb-plot svg:visible"), board.locator("table:visible").first
    before = chart.evaluate("svg => svg.outerHTML")
    assert "callContact" in table.inner_text() or "Call by phone" in table.inner_text()
    shown.picture("dashboard-by-type", DASHBOARD)
    board.get_by_label("By", exact=True).select_option("manager")
    board.get_by_text("Анна Ковылкина").first.wait_for()
    assert chart.evaluate("svg => svg.outerHTML") != before
    matched = json.loads(shown.output(1).inner_text())
    assert len(matched) == 8
    for manager, rows in matched.items():
        row = table.locator("tr", has_text=manager)
        assert re.search(rf"\b{rows}\b", row.inner_text()), row.inner_text()
    shown.picture("dashboard-by-manager", DASHBOARD)


def test_a_filter_leaves_the_rows_that_were_asked_for(shown):
    board = shown.output(DASHBOARD)
    status = board.get_by_label("Status", exact=True)
    unmatched = status.locator("option", has_text="911")
    status.select_option(unmatched.get_attribute("value"))
    board.get_by_text("911 of 3,000 rows").first.wait_for()
    board.get_by_role("tab", name="The rows").click()
    board.get_by_text("1–10 of 911").wait_for()
    shown.picture("dashboard-rows", DASHBOARD)
    board.get_by_role("button", name="Show all rows").click()
    board.get_by_text(re.compile("of 1,000")).wait_for()


def test_eyes_and_keyboard_get_through(shown):
    assert shown.barriers(DASHBOARD) == []
