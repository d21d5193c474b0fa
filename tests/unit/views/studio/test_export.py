"""The job taken along: a cell that does the same, and a rulebook that is saved and opened again."""

from dataclasses import replace

import pytest
from studio_driving import TEMPLATE, checked, opened, sent
from widget_reading import seen

import ctnb
from ctnb import Call, CallContact, Connection, col, run
from ctnb.exceptions import ConfigError
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import parse_rulebook

BOOK = Rulebook(
    (Call("call_id", tags=["VIP"]), CallContact(["phone_2"], "created_at", depth=col("amount"), match="nearest")),
    comment="{stage}",
    key="amount",
    job="april",
    region="KZ",
    timezone="Asia/Almaty",
)


def quiet(progress_bar):
    """Draw no bar, for the cell shows one."""

    def hidden(counts, *, shown, rows):
        return progress_bar(counts, shown=False, rows=rows)

    return hidden


def test_the_copied_cell_gives_the_same(deals, vendor, monkeypatch):
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", vendor.connection.token)
    monkeypatch.setattr(run, "progress_bar", quiet(run.progress_bar))
    studio = opened(deals, connection=vendor.connection)
    studio.rules_step.cards[0].down.click()
    studio.rules_step.cards[3].tags.value = "VIP"
    studio.comment_step.job.value = 'the "second" round'
    result = sent(studio)
    posted = len(vendor.posts)
    scope = {"deals": deals}
    exec(compile(studio.export.cell.value, "<cell>", "exec"), scope)
    assert scope["rules"] == list(studio.rules)
    assert scope["done"]["ct_status"].tolist() == result["ct_status"].tolist()
    assert len(vendor.posts) == posted
    assert vendor.connection.token not in studio.export.cell.value + studio.export.rulebook.value


def test_a_rulebook_is_opened_whole_and_written_whole(deals):
    studio = opened(deals, BOOK, comment="")
    assert studio.rulebook == BOOK
    assert parse_rulebook(studio.export.rulebook.value) == BOOK
    assert (studio.rules, studio.comment, studio.key) == (BOOK.rules, "{stage}", "amount")
    for part in ('job="april"', 'region="KZ"', 'timezone="Asia/Almaty"', 'key="amount"'):
        assert part in studio.export.cell.value


def test_the_plan_is_that_of_the_rulebook(deals):
    plan = checked(opened(deals, BOOK, comment=""))
    same = ctnb.plan(
        deals,
        BOOK.rules,
        BOOK.comment,
        key=BOOK.key,
        job=BOOK.job,
        region=BOOK.region,
        connection=Connection(1, "-", timezone=BOOK.timezone),
    )
    assert plan.counts == same.counts
    assert plan.leads(100) == same.leads(100)
    assert plan.job == "april"


def test_a_rulebook_of_rules_alone_leaves_the_rest_to_the_studio(deals):
    studio = opened(deals, Rulebook((Call("call_id"),)))
    assert studio.rules == (Call("call_id"),)
    assert (studio.comment, studio.key) == (TEMPLATE, "deal_id")
    book = parse_rulebook(studio.export.rulebook.value)
    assert (book.comment, book.key, book.region, book.timezone) == (TEMPLATE, "deal_id", "RU", "Europe/Moscow")


def test_arguments_win_over_the_rulebook(deals):
    studio = opened(deals, BOOK, comment="{manager}", key="deal_id")
    assert studio.rulebook == replace(BOOK, comment="{manager}", key="deal_id")


def test_the_time_zone_of_the_rulebook_wins_over_the_default_of_a_connection(deals):
    studio = opened(deals, BOOK, connection=Connection(4242, "token"))
    assert studio.rulebook.timezone == "Asia/Almaty"
    assert 'timezone="Asia/Almaty"' in studio.code
    same = opened(deals, BOOK, connection=Connection(4242, "token", timezone="Asia/Almaty"))
    assert same.rulebook.timezone == "Asia/Almaty"


def test_two_time_zones_are_refused(deals):
    with pytest.raises(ConfigError, match=r"'Asia/Omsk', and the rulebook 'Asia/Almaty'"):
        opened(deals, BOOK, connection=Connection(4242, "token", timezone="Asia/Omsk"))


def test_the_rulebook_is_saved_and_no_other_file_is_replaced(deals, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("mine")
    studio = opened(deals)
    studio.export.toggle.click()
    studio.export.save.click()
    assert "The rulebook is in rules.toml" in seen(studio.export.widget)
    studio.comment_step.text.value = "Стадия: {stage}"
    studio.export.save.click()
    assert parse_rulebook((tmp_path / "rules.toml").read_text(encoding="utf-8")) == studio.rulebook
    studio.export.file.value = "mine"
    studio.export.save.click()
    assert "is there already, and is not replaced" in studio.export.message.text
    assert (tmp_path / "mine.toml").read_text() == "mine"
    studio.export.file.value = "no/such/folder/rules.toml"
    studio.export.save.click()
    assert "cannot be written" in studio.export.message.text
    studio.export.file.value = " "
    studio.export.save.click()
    assert "The file has no name" in studio.export.message.text


def test_a_job_that_cannot_be_used_is_not_written(deals):
    studio = opened(deals)
    studio.rules_step.cards[2].depth.value = "an hour"
    assert studio.export.save.disabled
    assert studio.export.rulebook.value == ""
    assert "depth is 'an hour'" in studio.export.message.text
    studio.rules_step.cards[2].depth.value = "1h"
    assert not studio.export.save.disabled
    assert studio.export.message.text == ""
