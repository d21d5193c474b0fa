"""The page of the studio: sending goes on over a reload, leaving is warned of, and the focus finds its way."""

import re
import sys

import pytest
from lab_page import PICTURES, barriers
from page_server import served
from playwright.sync_api import expect

import ctnb
from ctnb.tables.samples import sample

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
COLOUR = "(part, name) => getComputedStyle(part).getPropertyValue(name).match(/[\\d.]+/g).slice(0, 3).map(Number)"
CUT_BUTTONS = """[...document.querySelectorAll(".ctnb-studio button:not(.ctnb-chip)")]
    .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""


@pytest.fixture(scope="module")
def vendor():
    with ctnb.Emulator(sample("calls.csv"), sample("requests.csv")) as started:
        yield started


@pytest.fixture(scope="module")
def address(vendor, tmp_path_factory):
    account = {
        "CALLTOUCH_SITE_ID": str(vendor.connection.site_id),
        "CALLTOUCH_ACCESS_TOKEN": str(vendor.connection.token),
        "CALLTOUCH_BASE_URL": vendor.connection.base_url,
    }
    folder = tmp_path_factory.mktemp("page")
    with served(folder, sample("deals.csv"), "--lang", "ru", **account) as (_, address):
        yield address.geturl()


def focused(page):
    return page.evaluate("document.activeElement.textContent")


def contrast(part):
    """Return the contrast of a part's text to the page, by the formula of WCAG."""
    page = part.page.locator("body")

    def luminance(colour):
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (each / 255 for each in colour)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted(
        (luminance(part.evaluate(COLOUR, "color")), luminance(page.evaluate(COLOUR, "background-color"))), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def test_a_run_is_found_again_after_a_reload_and_is_not_sent_twice(page, address, vendor):
    asked, faults, stay = [], [], []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss() if stay else dialog.accept()))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    page.locator("textarea").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.lang") == "ru"
    # Nothing goes on: nobody is warned, and the studio is as it was.
    page.get_by_role("button", name="3. Комментарий").click()
    page.get_by_label("Комментарий", exact=True).fill("{stage}: {manager}")
    page.get_by_text("Первые строки").wait_for()
    page.reload()
    expect(page.locator("button[aria-current]")).to_have_text("3. Комментарий")
    expect(page.get_by_label("Комментарий", exact=True)).to_have_value("{stage}: {manager}")
    assert asked == []

    page.get_by_role("button", name="5. Отправка").click()
    begin = page.get_by_role("button", name="Отправить…")
    begin.click()
    question = page.get_by_role("alertdialog")
    expect(question).to_be_focused()
    page.get_by_role("button", name="Не отправлять").click()
    expect(begin).to_be_focused()
    begin.press("Enter")
    page.get_by_role("button", name=re.compile("^Да, отправить")).click()
    expect(page.get_by_role("button", name="Остановить")).to_be_focused()
    page.locator(".ctnb-going", has_text="прокомментировано").wait_for()

    # Who stays has a page that lives on.
    stay.append(True)
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_event("dialog")
    counted = page.locator(".ctnb-going h3").inner_text()
    expect(page.locator(".ctnb-going h3")).not_to_have_text(counted)
    stay.clear()
    page.reload()
    assert asked == ["beforeunload", "beforeunload"]
    page.locator(".ctnb-going", has_text="прокомментировано").wait_for()
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "page-going.png")
    expect(begin).to_be_disabled()
    sent = vendor.posts["leads"].sum()
    page.get_by_text("Готово.").wait_for()
    assert vendor.posts["leads"].sum() > sent
    assert page.locator(".ctnb-going").is_hidden()
    ends = page.locator(".ctnb-studio .ctnb-figures dd").all_inner_texts()
    assert f"{len(vendor.comments):,}".replace(",", "\u00a0") in ends
    # Each comment went once, however often its request did.
    assert not vendor.comments.duplicated(["matched_by", "call_id", "request_id", "comment"]).any()
    page.reload()
    page.get_by_text("Готово.").wait_for()
    assert (len(asked), faults) == (2, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_every_step_can_be_read_in_light_and_dark_wide_and_narrow(page, address, width, scheme):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    steps = page.locator("button.ctnb-step")
    steps.first.wait_for()
    for number in range(5):
        steps.nth(number).click()
        expect(steps.nth(number)).to_have_attribute("aria-current", "step")
        assert page.locator("[aria-current]").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
        # No label of a button is cut off.
        assert page.evaluate(CUT_BUTTONS) == []
        page.screenshot(path=PICTURES / f"page-{width}-{scheme}-{number + 1}.png", full_page=True)
    steps.nth(1).hover()
    assert contrast(steps.nth(1)) >= 4.5
    assert (sum(page.locator("body").evaluate(COLOUR, "background-color")) < 150) == (scheme == "dark")


def test_the_focus_stays_with_a_rule_that_is_moved(page, address):
    page.goto(address)
    page.get_by_role("button", name="2. Правила").click()
    second = page.locator(".ctnb-card:visible").nth(1)
    kind = second.locator("select").first.input_value()
    second.get_by_role("button", name="↓").click()
    moved = page.locator(".ctnb-card:visible").nth(2)
    expect(moved.locator("select").first).to_have_value(kind)
    expect(moved.get_by_role("button", name="↓")).to_be_focused()
    moved.get_by_role("button", name="↑").click()
