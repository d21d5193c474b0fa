import math
import threading
import time

import pytest
from studio_driving import SEND, TEMPLATE, TIMEOUT, asked, checked, opened, sent
from widget_reading import every, seen

import ctnb
from ctnb import Connection, Emulator
from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample


def test_sending_asks_first_and_names_the_number_and_the_account(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    plan = checked(studio)
    studio.open(SEND)
    asked(studio)
    question = seen(studio.send.widget)
    assert f"Send {len(plan.sent)} comments?" in question
    assert f"Account {vendor.connection.site_id} at 127.0.0.1:" in question
    assert f"Yes, send {len(plan.sent)} comments" in question
    assert len(vendor.posts) == 0
    studio.send.cancel.click()
    assert f"Send {len(plan.sent)} comments?" not in seen(studio.send.widget)
    studio.send.confirm.click()
    assert studio.wait(TIMEOUT)
    assert len(vendor.posts) == 0


def test_a_change_takes_the_question_back(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    asked(studio)
    studio.comment_step.text.value = "another"
    studio.send.confirm.click()
    assert studio.wait(TIMEOUT)
    assert len(vendor.posts) == 0
    assert studio.result is None


def test_the_studio_sends_what_the_verb_sends(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    result = sent(studio)
    assert len(vendor.comments) == (result["ct_status"] == "commented").sum() > 0
    assert result["ct_status"].value_counts().sum() == len(deals)
    again = deals.calltouch.comment(studio.rules, TEMPLATE, key="deal_id", connection=vendor.connection, progress=False)
    assert again["ct_status"].tolist() == result["ct_status"].tolist()
    assert len(vendor.comments) == (result["ct_status"] == "commented").sum()
    assert "Done." in studio.send.message.text
    assert "not sent" not in repr(studio)
    studio.open(SEND)
    assert f"<ctnb dashboard of {len(deals)} rows>" in map(repr, every(studio.widget))


def test_a_stop_in_mid_run_leaves_counts_that_add_up(journals):
    many = read_leads(sample("deals.csv"))
    with Emulator(*journals, rate=5) as slow:
        studio = opened(many, connection=slow.connection)
        asked(studio)
        studio.send.confirm.click()
        wait_until(lambda: studio.send.bar.value > 0)
        studio.send.stop.click()
        assert studio.wait(TIMEOUT)
        counts = studio.result.calltouch.counts()
        assert counts.sum() == len(many)
        assert counts["unsent"] > 0
        assert counts["commented"] == len(slow.comments) > 0
        assert counts["uncertain"] == 0
        assert "Stopped." in studio.send.message.text
        assert f"{counts['unsent']:,} comments are unsent" in studio.send.message.text
        sending = [thread.name for thread in threading.enumerate() if thread.name == "ctnb-studio"]
        assert sending == []


def wait_until(reached):
    deadline = time.monotonic() + TIMEOUT
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_refused_token_is_shown_and_not_raised(deals, vendor):
    refused = Connection(4242, "another", base_url=vendor.connection.base_url, rate=math.inf, ledger=None)
    studio = opened(deals, connection=refused)
    result = sent(studio)
    assert "The run stopped: Access token не найден." in studio.send.message.text
    assert "Take a new token" in studio.send.message.text
    assert "carry on" not in studio.send.message.text
    assert 'role="alert"' in studio.send.message.widget.value
    assert (result["ct_status"] != "commented").all()


def test_an_error_of_the_run_is_shown_with_the_rows_as_they_are(deals, vendor, monkeypatch):
    async def broken(*_, **__):
        raise ctnb.LedgerError("the disk is full")

    monkeypatch.setattr("ctnb.run.deliver", broken)
    studio = opened(deals, connection=vendor.connection)
    result = sent(studio)
    assert "the disk is full" in studio.send.message.text
    assert len(result) == len(deals)


def test_a_change_while_the_question_is_made_ready_is_not_sent(deals, vendor, monkeypatch):
    plan = ctnb.planning.plan
    studio = opened(deals, connection=vendor.connection)

    def changed_meanwhile(*arguments, **settings):
        made = plan(*arguments, **settings)
        studio.comment_step.text.value = "another"
        return made

    monkeypatch.setattr("ctnb.planning.plan", changed_meanwhile)
    asked(studio)
    assert "press Send again" in studio.send.message.text
    studio.send.confirm.click()
    assert studio.wait(TIMEOUT)
    assert len(vendor.posts) == 0


def test_comments_without_a_match_are_sent_again_when_that_is_asked_for(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    unmatched = (sent(studio)["ct_status"] == "unmatched").sum()
    before = vendor.posts["leads"].sum()
    sent(studio)
    assert vendor.posts["leads"].sum() == before
    studio.send.resend.value = "unmatched"
    assert 'resend="unmatched"' in studio.code
    sent(studio)
    assert vendor.posts["leads"].sum() == before + unmatched > before


def test_a_dashboard_that_fails_does_not_hide_what_was_sent(deals, vendor, monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr("ctnb.views.dashboard.dashboard.dashboard", broken)
    studio = opened(deals, connection=vendor.connection)
    assert (sent(studio)["ct_status"] == "commented").sum() == len(vendor.comments) > 0
    assert "ZeroDivisionError" in studio.send.message.text


@pytest.mark.parametrize("job", ["", "second round"])
def test_comments_are_sent_under_the_job(deals, vendor, job):
    studio = opened(deals, connection=vendor.connection)
    sent(studio)
    before = vendor.posts["leads"].sum()
    studio.comment_step.job.value = job
    result = sent(studio)
    assert result["ct_replayed"].fillna(value=False).any() == (not job)
    assert (vendor.posts["leads"].sum() > before) == bool(job)
    again = deals.calltouch.comment(
        studio.rules, TEMPLATE, key="deal_id", job=job, connection=vendor.connection, progress=False
    )
    assert again.loc[again["ct_matched"].notna(), "ct_replayed"].all()
