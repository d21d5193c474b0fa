"""The depth explorer in JupyterLab: a slider is moved, and the numbers follow."""

import json
import re

import pytest

PREVIEWED = """
import json

import ctnb
from ctnb.tables.samples import sample

ctnb.set_language("{language}")
deals = ctnb.read_leads(sample("deals.csv"))
journal = ctnb.Journal(calls=sample("calls.csv"), requests=sample("requests.csv"))
preview = deals.calltouch.preview(ctnb.load_rulebook(sample("rules.toml")), journal=journal)
explorer = preview.explorer()
"""
ANEW = """
depths = {rank: depth for rank, depth in explorer.depths.items() if depth}
anew = deals.calltouch.preview(
    ctnb.Rulebook(explorer.rules, comment="{stage}: {manager}", key="deal_id"), journal=journal
)
print(json.dumps({"depths": depths, "matched": int(anew.frame["ct_matched"].sum())}))
"""
EXPLORER, CHECK = 2, 3


@pytest.fixture(params=["en", "ru"])
def shown(notebook, cells, request):
    language = request.param
    opened = notebook(cells(PREVIEWED.replace("{language}", language), "preview", "explorer", ANEW))
    opened.run_all()
    opened.output(EXPLORER).locator(".ctnb-explorer svg").first.wait_for()
    return opened


def number_of(text):
    return int(re.sub(r"[^\d]", "", text))


def test_a_slider_that_is_moved_takes_the_numbers_and_the_chart_with_it(shown):
    board = shown.output(EXPLORER).locator(".ctnb-explorer")
    value = board.locator(".ctnb-value").nth(1)
    chart = board.locator(".ctnb-plot svg")
    before, drawn = value.inner_text(), chart.evaluate("svg => svg.outerHTML")
    shown.picture(f"explorer-{before}", EXPLORER)
    board.get_by_role("slider").first.focus()
    for _ in range(12):
        shown.page.keyboard.press("ArrowRight")
    shown.until(lambda: value.inner_text() != before)
    shown.until(lambda: not shown.page.locator(".jp-mod-busy").count())
    assert chart.evaluate("svg => svg.outerHTML") != drawn
    shown.run(CHECK)
    anew = json.loads(shown.output(CHECK).inner_text())
    assert anew["depths"]["3"] > 120
    assert anew["depths"]["4"] == 10_080
    assert number_of(value.inner_text()) == anew["matched"]
    board.get_by_role("button", name=re.compile("Use these rules|Взять эти правила")).click()
    code = board.locator("textarea")
    shown.until(lambda: "CallContact(" in code.input_value())
    shown.picture(f"explorer-moved-{before}", EXPLORER)


def test_eyes_and_keyboard_get_through(shown):
    slider = shown.output(EXPLORER).get_by_role("slider").first
    shown.until(lambda: slider.get_attribute("aria-label"))
    assert slider.get_attribute("aria-label").startswith("3.")
    assert shown.barriers(EXPLORER) == []
