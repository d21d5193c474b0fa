"""The preview in the studio's check: a journal is given as by hand, and what would match is read back."""

import datetime as dt
import time
from pathlib import Path

import pandas as pd
import pytest
from studio_driving import TEMPLATE, TIMEOUT, checked, opened
from widget_reading import text

import ctnb
from ctnb.tables.samples import sample
from ctnb.views.studio import journal_source
from ctnb.views.studio.journal_source import days_searched

RULES = [
    ctnb.CallContact(["phone", "phone_2"], "created_at", depth="2h"),
    ctnb.RequestContact("created_at", depth="7d", phones=["phone", "phone_2"], emails=["email"]),
]


@pytest.fixture
def studio(deals):
    return opened(deals, RULES, key="deal_id", connection=ctnb.Connection(1, "token"))


@pytest.fixture(scope="module")
def files():
    return [str(sample("calls.csv")), str(sample("requests.csv"))]


def read_by_path(studio, *files):
    studio.check.source.paths.value = "; ".join(files)
    studio.check.source.read.click()
    assert studio.wait(TIMEOUT)


def matched(studio):
    return studio.check.preview.explorer.headline.value


def expected(deals, rules, files):
    journal = ctnb.Journal.read(*files)
    return deals.calltouch.preview(rules, TEMPLATE, key="deal_id", journal=journal).frame["ct_matched"].sum()


def test_without_a_journal_the_plan_stands_alone(studio):
    checked(studio)
    assert studio.check.preview.explorer is None
    assert studio.check.preview.card.value == ""


def test_files_that_are_named_show_what_would_match_beside_the_plan(studio, deals, files):
    checked(studio)
    read_by_path(studio, *files)
    assert "Journal: " in studio.check.source.message.text
    assert "rows would find their lead" in text(studio.check.preview.widget)
    assert f'ctnb-value">{expected(deals, RULES, files)}<' in matched(studio)
    assert "Predicted from the journals" in studio.check.preview.card.value


def test_files_that_are_uploaded_are_read_and_leave_the_widget(studio, deals, files):
    checked(studio)
    upload = studio.check.source.upload
    upload.value = tuple(
        {
            "name": Path(file).name,
            "type": "text/csv",
            "size": Path(file).stat().st_size,
            "content": memoryview(Path(file).read_bytes()),
            "last_modified": dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        }
        for file in files
    )
    assert studio.wait(TIMEOUT)
    assert upload.value == ()
    assert f'ctnb-value">{expected(deals, RULES, files)}<' in matched(studio)


def test_one_journal_is_enough(studio, deals, files):
    checked(studio)
    read_by_path(studio, files[0])
    assert f'ctnb-value">{expected(deals, RULES, files[:1])}<' in matched(studio)


def test_other_rules_are_previewed_anew(studio, deals, files):
    checked(studio)
    read_by_path(studio, *files)
    studio.rules_step.cards[1].remove.click()
    assert studio.check.preview.explorer is None
    checked(studio)
    assert f'ctnb-value">{expected(deals, RULES[:1], files)}<' in matched(studio)


def test_the_depths_that_were_found_become_the_rules(studio, deals, files):
    checked(studio)
    read_by_path(studio, *files)
    studio.check.preview.explorer.sliders[1].value = 1440
    studio.check.preview.explorer.take.click()
    assert studio.wait(TIMEOUT)
    assert [rule.depth for rule in studio.rules] == [1440, 10_080]
    assert 'depth="1d"' in studio.code
    assert studio.check.preview.explorer.depths == {1: 1440, 2: 10_080}
    assert f'ctnb-value">{expected(deals, studio.rules, files)}<' in matched(studio)


def seen(look):
    """What a look finds, once it finds something."""
    end = time.monotonic() + TIMEOUT
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_the_days_to_read_are_those_that_the_rules_look_through(studio, deals):
    plan = checked(studio)
    source = studio.check.source
    dates = pd.to_datetime(deals["created_at"], dayfirst=True, errors="coerce")
    assert (source.since.value, source.until.value) == days_searched(plan)
    assert source.since.value == (dates.min() - pd.Timedelta(days=7)).date()
    assert source.until.value == (dates.max() + pd.Timedelta(days=7)).date()


def test_days_that_were_chosen_stay(studio):
    checked(studio)
    studio.check.source.since.value = dt.date(2026, 1, 1)
    studio.check.outdate()
    studio.plan = None
    checked(studio)
    assert studio.check.source.since.value == dt.date(2026, 1, 1)


def test_the_account_is_read_over_the_days_that_stand_there(deals, vendor):
    studio = opened(deals, RULES, key="deal_id", connection=vendor.connection)
    checked(studio)
    studio.check.source.download.click()
    assert studio.wait(TIMEOUT)
    assert studio.check.source.message.text.startswith("Journal: ")
    since, until = studio.check.source.since.value, studio.check.source.until.value
    journal = ctnb.Journal.download(vendor.connection, since=since, until=until, progress=False)
    preview = deals.calltouch.preview(RULES, TEMPLATE, key="deal_id", journal=journal)
    assert f'ctnb-value">{preview.frame["ct_matched"].sum()}<' in matched(studio)


def test_reading_the_account_shows_how_far_it_is_and_can_be_stopped(deals):
    with ctnb.Emulator(sample("calls.csv"), sample("requests.csv"), rate=5) as vendor:
        studio = opened(deals, RULES, key="deal_id", connection=vendor.connection)
        checked(studio)
        source = studio.check.source
        assert source.stop.layout.display == "none"
        source.download.click()
        shown = seen(lambda: source.message.text.startswith("Reading the journal: ") and source.message.text)
        assert source.stop.layout.display == ""
        source.stop.click()
        assert studio.wait(TIMEOUT)
        reads = len(vendor.reads)
    days = (source.until.value - source.since.value).days + 1
    assert f" of {2 * days} days" in shown
    assert source.message.text.startswith("Stopped.")
    assert 0 < reads < days
    assert (source.stop.layout.display, source.download.disabled) == ("none", False)
    assert studio.check.preview.explorer is None


def test_what_cannot_be_read_is_said_and_can_be_tried_again(studio, files, tmp_path):
    checked(studio)
    read_by_path(studio, str(tmp_path / "nowhere.csv"))
    source = studio.check.source
    assert "nowhere.csv" in source.message.text
    assert studio.check.preview.explorer is None
    read_by_path(studio, files[0], files[0])
    assert "one file for the journal of calls" in source.message.text
    source.paths.value = " ; "
    source.read.click()
    assert source.message.text == "Name a file of calls, of requests, or both."
    read_by_path(studio, *files)
    assert studio.check.preview.explorer is not None


def test_an_account_that_is_not_known_is_asked_for(deals, monkeypatch, tmp_path):
    for name in ("CALLTOUCH_SITE_ID", "CALLTOUCH_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    studio = opened(deals, RULES, key="deal_id")
    checked(studio)
    studio.check.source.download.click()
    assert "CALLTOUCH_SITE_ID" in studio.check.source.message.text


def test_a_journal_of_another_time_zone_is_not_looked_into(deals, files):
    studio = opened(deals, RULES, key="deal_id")
    checked(studio)
    read_by_path(studio, *files)
    studio.send.account.timezone.value = "Asia/Yekaterinburg"
    checked(studio)
    assert "Asia/Yekaterinburg" in studio.check.preview.message.text
    assert studio.check.preview.explorer is None
    read_by_path(studio, *files)
    assert studio.check.preview.explorer is not None


def test_a_failure_of_the_preview_leaves_the_plan(studio, files, monkeypatch):
    from ctnb.views.studio import preview_pane

    plan = checked(studio)
    monkeypatch.setattr(preview_pane, "build_preview", lambda *_: 1 / 0)
    read_by_path(studio, *files)
    assert "ZeroDivisionError" in studio.check.preview.message.text
    assert studio.plan is plan


def test_a_slow_reader_lets_nothing_else_begin(studio, files, monkeypatch):
    checked(studio)
    source = studio.check.source
    seen = []

    def reader(paths, zone):
        seen.extend((source.read.disabled, source.upload.disabled, source.download.disabled))
        return ctnb.Journal.read(*paths, timezone=zone)

    monkeypatch.setattr(journal_source, "read_files", reader)
    read_by_path(studio, *files)
    assert seen == [True, True, True]
    assert not source.read.disabled
