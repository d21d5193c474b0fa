"""The studio in JupyterLab: the whole journey by hand, against the emulator."""

import json
import re

import pytest
from playwright.sync_api import expect

SETUP = """
import os

import ctnb
from ctnb.tables.samples import sample

ctnb.set_language("en")
deals = ctnb.read_leads(sample("deals.csv"))
vendor = ctnb.Emulator(sample("calls.csv"), sample("requests.csv"), rate={rate}).start()
os.environ["CALLTOUCH_ACCESS_TOKEN"] = str(vendor.connection.token)
"""
STUDIO = """
studio = deals.calltouch.studio(connection=vendor.connection)
studio
"""
COUNTS = "print(studio.result.calltouch.counts().to_json(), len(vendor.comments), len(deals))"
SAME = 'print(done["ct_status"].equals(studio.result["ct_status"]), len(vendor.comments))'
REOPEN = """
from pathlib import Path
from ctnb.leads.rules_file import parse_rulebook

book = parse_rulebook(Path("by_hand.toml").read_text(encoding="utf-8"))
again = deals.calltouch.studio(book, connection=vendor.connection)
print(again.rulebook == studio.rulebook, *again.rules[2].phones)
"""
AT, COUNTED, COPIED, COMPARED, REOPENED = 1, 2, 3, 4, 5
TEXT = "{stage}: {manager}"


@pytest.fixture
def rate():
    """Requests in a second, the vendor's own; a test that reads months of journals asks for more."""
    return 5


@pytest.fixture
def opened(notebook, cells, rate):
    shown = notebook(cells(SETUP.format(rate=rate), STUDIO, COUNTS, "", SAME, REOPEN))
    shown.run(0)
    shown.run(AT)
    shown.output(AT).get_by_role("button", name="1. Columns").wait_for()
    return shown


@pytest.fixture
def studio(opened):
    return opened.output(AT).locator(".ctnb-studio")


def go_to(studio, step):
    """Open a step, and wait until the one before is out of sight."""
    studio.get_by_role("button", name=re.compile(rf"^\d\. {step}$")).click()
    expect(studio.locator("button.ctnb-here")).to_have_text([re.compile(step)])


def field(studio, label):
    return studio.get_by_label(label, exact=True).and_(studio.locator(":visible"))


def chosen(lists):
    """Return what each list of one choice shows; ipywidgets writes no-break spaces."""
    texts = [each.evaluate("list => list.selectedOptions[0].text") for each in lists.all()]
    return [text.replace("\xa0", " ") for text in texts]


def map_phones(studio, *columns):
    field(studio, "Phones").select_option(columns)
    wait_for_code(studio, f"phones={json.dumps(columns)}")


def wait_for_code(studio, part):
    """Wait until the kernel has taken a change to its end: JupyterLab may run what comes next on another thread."""
    expect(studio.locator(".ctnb-code textarea")).to_have_value(re.compile(re.escape(part)))


def in_line(table, label):
    """Return the number in the line of a table that begins so."""
    line = table.locator("tr", has_text=label).first.inner_text()
    return int(re.findall(r"[\d,]+$", line.strip())[0].replace(",", ""))


def checked(studio):
    go_to(studio, "Check")
    studio.get_by_text("comments to send").wait_for()
    return studio.locator("table:visible", has_text="Call by phone").first


def write_comment(studio):
    go_to(studio, "Comment")
    field(studio, "Comment").fill(TEXT)
    studio.get_by_text("The first rows").wait_for()
    wait_for_code(studio, TEXT)


def test_mapping_and_ordering_change_the_check(opened, studio):
    opened.picture("studio-columns", AT)
    write_comment(studio)
    rules = checked(studio)
    with_both = in_line(rules, "Call by phone")
    opened.picture("studio-check", AT)

    go_to(studio, "Columns")
    map_phones(studio, "phone_2")
    rules = checked(studio)
    assert 0 < in_line(rules, "Call by phone") < with_both

    go_to(studio, "Rules")
    kinds = field(studio, "Look for")
    before = chosen(kinds)
    studio.locator(".ctnb-card:visible").nth(1).get_by_role("button", name="↑").click()
    wanted = [before[1], before[0], *before[2:]]
    opened.until(lambda: chosen(kinds) == wanted)
    opened.picture("studio-rules", AT)
    rules = checked(studio)
    listed = [line.split("\t")[1] for line in rules.inner_text().splitlines() if re.match(r"\d", line)]
    assert listed == wanted


def test_sending_stops_carries_on_and_is_copied_as_code(opened, studio):
    write_comment(studio)
    go_to(studio, "Send")
    studio.get_by_role("button", name="Send…").click()
    studio.get_by_role("button", name=re.compile(r"^Yes, send [\d,]+ comments$")).click()
    studio.get_by_text(re.compile(r"commented: \d+")).wait_for()
    opened.picture("studio-sending", AT)
    studio.get_by_role("button", name="Stop", exact=True).click()
    studio.get_by_text(re.compile(r"Stopped\..* unsent")).wait_for()

    opened.run(COUNTED)
    printed = opened.output(COUNTED).inner_text()
    counts, commented, rows = re.match(r"(\{.*\}) (\d+) (\d+)", printed).groups()
    by_status = json.loads(counts)
    assert sum(by_status.values()) == int(rows)
    assert by_status["commented"] == int(commented) > 0
    assert by_status["unsent"] > 0
    assert by_status["uncertain"] == by_status["busy"] == 0
    opened.picture("studio-stopped", AT)

    studio.get_by_role("button", name="Send…").click()
    studio.get_by_role("button", name=re.compile(r"^Yes, send [\d,]+ comments$")).click()
    studio.get_by_text(re.compile(r"^Done\.")).wait_for()
    opened.picture("studio-done", AT)

    studio.get_by_role("button", name="Copy as code or save").click()
    studio.get_by_role("button", name="Copy", exact=True).click()
    studio.get_by_role("button", name="Copied").wait_for()
    opened.paste(COPIED)
    assert "deals.calltouch.comment(" in opened.source(COPIED)
    opened.run(COPIED)
    opened.run(COMPARED)
    same, comments = opened.output(COMPARED).inner_text().split()
    assert same == "True"
    opened.run(COUNTED)
    assert int(comments) == json.loads(opened.output(COUNTED).inner_text().rsplit(maxsplit=2)[0])["commented"]


def test_a_rulebook_is_copied_saved_and_opened_again(opened, studio):
    write_comment(studio)
    go_to(studio, "Columns")
    map_phones(studio, "phone_2")
    studio.get_by_role("button", name="Copy as code or save").click()
    studio.get_by_role("button", name="Copy the rulebook").click()
    studio.get_by_role("button", name="Copied").wait_for()
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert 'comment = "{stage}: {manager}"' in copied
    assert 'timezone = "Europe/Moscow"' in copied
    field(studio, "File of the rulebook").fill("by_hand")
    studio.get_by_role("button", name="Save the rulebook").click()
    studio.get_by_text("The rulebook is in by_hand.toml").wait_for()
    opened.picture("studio-rulebook", AT)
    opened.run(REOPENED)
    assert opened.output(REOPENED).inner_text().split() == ["True", "phone_2"]


def test_eyes_and_keyboard_get_through(opened, studio):
    for step in ("Columns", "Rules", "Comment", "Check", "Send"):
        go_to(studio, step)
        expect(studio.locator("button[aria-current=step]")).to_have_text([re.compile(step)])
        assert opened.barriers(AT) == [], step


def tab_to(page, wanted):
    """Go on with Tab until something has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {wanted}")


def test_the_whole_journey_goes_by_keyboard(opened, studio):
    page = opened.page
    studio.locator("button.ctnb-step").first.focus()
    for step in ("Rules", "Comment"):
        tab_to(page, studio.get_by_role("button", name="Next").and_(studio.locator(":visible")))
        page.keyboard.press("Enter")
        expect(studio.locator("button.ctnb-here")).to_have_text([re.compile(step)])
    tab_to(page, field(studio, "Comment"))
    page.keyboard.type(TEXT)
    wait_for_code(studio, TEXT)
    for step in ("Check", "Send"):
        tab_to(page, studio.get_by_role("button", name="Next").and_(studio.locator(":visible")))
        page.keyboard.press("Enter")
        expect(studio.locator("button.ctnb-here")).to_have_text([re.compile(step)])
    tab_to(page, studio.get_by_role("button", name="Send…"))
    page.keyboard.press("Enter")
    agree = studio.get_by_role("button", name=re.compile(r"^Yes, send [\d,]+ comments$"))
    agree.wait_for()
    if not agree.evaluate("element => element === document.activeElement"):
        tab_to(page, agree)
    page.keyboard.press("Enter")
    studio.get_by_text(re.compile(r"^Done\.")).wait_for()
    opened.run(COUNTED)
    assert json.loads(opened.output(COUNTED).inner_text().rsplit(maxsplit=2)[0])["commented"] > 0


@pytest.mark.parametrize("rate", [100])
def test_the_check_shows_what_would_match_and_takes_the_depths(opened, studio):
    write_comment(studio)
    checked(studio)
    studio.get_by_role("button", name="Read from the account").click()
    expect(studio.locator(".ctnb-explorer svg").first).to_be_visible(timeout=120_000)
    expect(studio.get_by_text("Predicted from the journals: nothing has been sent")).to_be_visible()
    opened.picture("studio-preview", AT)
    slider = studio.locator(".ctnb-explorer").get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        opened.page.keyboard.press("ArrowRight")
    expect(studio.locator(".ctnb-explorer .ctnb-value").nth(2)).to_have_text(re.compile(r"^[+\u2212]"))
    studio.locator(".ctnb-explorer").get_by_role("button", name="Use these rules").click()
    # Checked and looked up anew: the depths are those of the rules now.
    expect(studio.locator(".ctnb-explorer .ctnb-value").nth(2)).to_have_text("0")
    assert "created_at" in studio.locator(".ctnb-code textarea").input_value()
    opened.until(lambda: slider.get_attribute("aria-label"))
    assert opened.barriers(AT) == []
