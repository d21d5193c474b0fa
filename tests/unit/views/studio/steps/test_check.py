import math
import threading

import pandas as pd
from studio_driving import CHECK, RULES, TEMPLATE, TIMEOUT, checked, opened
from widget_reading import markup, seen, text

import ctnb


def tables(studio):
    return text(studio.check.widget)


def test_the_check_adds_up_and_changes_with_the_rules(deals):
    studio = opened(deals)
    plan = checked(studio)
    expected = ctnb.plan(deals, studio.rules, TEMPLATE, key="deal_id")
    assert plan.counts == expected.counts
    shown = tables(studio)
    assert f"Rows {len(plan)} " in shown
    assert f"Ready {plan.counts['ready']} " in shown
    assert f"Not ready {plan.counts['invalid']} " in shown
    assert f"Requests {plan.requests} " in shown
    assert "row 10" in shown or "rows 10" in shown
    studio.open(RULES)
    for _ in range(3):
        studio.rules_step.cards[0].remove.click()
    assert studio.plan is None
    fewer = checked(studio)
    assert len(fewer.rules) == 1
    assert fewer.counts["ready"] <= plan.counts["ready"]


def test_the_check_shows_what_the_data_says(deals):
    studio = opened(deals.assign(Офис="8 (495) 123-88-07"))
    studio.columns.key.value = ""
    checked(studio)
    assert "No key is given" in tables(studio)
    assert "grave" in tables(studio)


def test_a_plan_that_is_out_of_date_is_taken_away(deals):
    studio = opened(deals)
    checked(studio)
    studio.open(RULES)
    studio.rules_step.cards[0].remove.click()
    assert studio.check.message.text == "Something was changed: check again."
    assert "<table" not in "".join(widget.value for widget in studio.check.widget.children if hasattr(widget, "value"))


def test_reasons_are_counted_with_their_first_rows():
    phones = ["x", "89157771122", None, "x", "x", "x", "y\0z", "y"]
    deals = pd.DataFrame({"phone": phones, "date": "02.03.2026", "key": range(8)})
    plan = checked(studio := opened(deals, ctnb.CallContact(["phone"], "date", depth="2h"), comment="x", key="key"))
    assert plan.counts == {"ready": 1, "invalid": 7}
    shown = tables(studio)
    assert "Rows that are not sent" in shown
    assert "rows 1, 4, 5: " in shown


def test_a_change_during_the_check_is_checked_too(deals, monkeypatch):
    studio = opened(deals)
    plan = ctnb.planning.plan

    def changed(*given, **settings):
        monkeypatch.setattr("ctnb.planning.plan", plan)
        studio.rules_step.cards[0].remove.click()
        return plan(*given, **settings)

    monkeypatch.setattr("ctnb.planning.plan", changed)
    found = checked(studio)
    assert found.rules == studio.rules
    assert "Rows " in tables(studio)


def test_a_change_that_comes_late_is_checked_where_the_check_is_open(deals):
    studio = opened(deals)
    checked(studio)
    studio.rules_step.cards[0].remove.click()
    assert studio.wait(TIMEOUT)
    assert studio.plan.rules == studio.rules
    assert "Rows " in tables(studio)


def test_a_value_that_a_browser_sends_again_is_no_change(deals):
    studio = opened(deals)
    plan = checked(studio)
    card = studio.rules_step.cards[2]
    for depth in ("3h", "2h"):
        studio.open(RULES)
        card.depth.value = depth
    assert studio.plan is None
    again = checked(studio)
    assert again.counts == plan.counts
    card.depth.value = "120m"
    assert studio.plan is again
    assert "Rows " in tables(studio)


def test_a_check_does_not_hold_the_kernel(deals, monkeypatch):
    studio = opened(deals)
    plan, go_on = ctnb.planning.plan, threading.Event()

    def slow(*given, **settings):
        assert go_on.wait(TIMEOUT)
        return plan(*given, **settings)

    monkeypatch.setattr("ctnb.planning.plan", slow)
    studio.open(CHECK)
    assert studio.check.button.disabled
    assert studio.check.message.text == "Checking…"
    assert not studio.wait(0)
    go_on.set()
    assert studio.wait(TIMEOUT)
    assert len(studio.plan) == len(deals)
    assert not studio.check.button.disabled


def test_an_unexpected_error_of_the_check_is_shown(deals, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("of 89157771122")

    monkeypatch.setattr("ctnb.planning.plan", broken)
    studio = opened(deals)
    checked(studio)
    assert studio.check.message.text == "Unexpected: ZeroDivisionError. of 8915*****22"


def test_no_step_shows_a_contact(deals):
    studio = opened(deals, comment="{phone} {email}")
    shown = ""
    for step in range(5):
        studio.open(step)
        assert studio.wait(TIMEOUT)
        shown += seen(studio.widget)
    values = [str(cell) for name in ("phone", "email") for cell in deals[name].dropna().head(50) if len(str(cell)) > 9]
    assert len(values) > 20
    assert [value for value in values if value in shown] == []


def test_a_messy_frame_is_looked_at_without_an_error():
    messy = pd.DataFrame(
        [[["89157771122"], "<b>x</b>", None, 0.5], [{"a": 1}, pd.NaT, "нет", math.inf]],
        columns=["Телефон <script>", "{x}", 0, "y"],
        index=["one", "one"],
    )
    studio = opened(messy, comment="{Телефон <script>} {0}")
    assert "<script>" not in markup(studio.columns.widget)
    assert "<b>x</b>" not in markup(studio.columns.widget)
    assert checked(studio) is None or len(studio.plan) == 2
    assert studio.check.message.text


def test_dates_are_read_in_the_time_zone_of_the_account():
    aware = pd.DataFrame({"phone": ["89157771122"], "date": pd.to_datetime(["2026-03-02 10:00"]).tz_localize("UTC")})
    studio = opened(aware, comment="x")
    assert "02-03-2026 13:00:00" in str(checked(studio).leads())
    studio.send.account.timezone.value = "Asia/Almaty"
    assert studio.plan is None
    assert "02-03-2026 15:00:00" in str(checked(studio).leads())
    assert 'timezone="Asia/Almaty"' in studio.code
    studio.send.account.timezone.value = "Mars"
    assert checked(studio) is None
    assert "'Mars' is not known" in studio.check.message.text
